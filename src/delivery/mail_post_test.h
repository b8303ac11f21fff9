// delivery/mail_post_test.h: a Post that writes down what it was asked and answers as it was told,
// for the tests of mail and command.

#pragma once

#include <string>
#include <vector>

#include "ports/post.h"

namespace lares::deliver {

struct MailPost : ports::Post {
    std::vector<ports::MailCall> mails;
    std::vector<ports::WebCall> calls;
    std::vector<ports::CommandCall> commands;
    Result<ports::MailAnswer> mail_answer = ports::MailAnswer{250, "250 2.0.0 Ok", {}};
    Result<ports::WebAnswer> web_answer = ports::WebAnswer{200, {}, "{}"};
    Result<ports::CommandAnswer> command_answer = ports::CommandAnswer{};

    Result<ports::WebAnswer> call(ports::WebCall const& each) override {
        calls.push_back(each);
        return web_answer;
    }
    Result<ports::MailAnswer> mail(ports::MailCall const& each) override {
        mails.push_back(each);
        return mail_answer;
    }
    Result<ports::CommandAnswer> run(ports::CommandCall const& each) override {
        commands.push_back(each);
        return command_answer;
    }
    std::string hmac(Digest, std::string_view, std::string_view) override { return {}; }
    std::string random_bytes(std::size_t count) override { return std::string(count, 'r'); }
};

}  // namespace lares::deliver
