// mail_server.cc: orders in, exchanges, receipts, answers out.

#include "mail_server.h"

#include <deque>
#include <utility>

#include "delivery/wire_form.h"

namespace lares::runs {

using delivery::Answer;
using delivery::Outcome;

class MailServer::Deliver final : public sim::Program,
                                  public std::enable_shared_from_this<Deliver> {
public:
    Deliver(MailServer& server, std::string path) : server_(server), path_(std::move(path)) {}

    void begin(ports::RunId run) override {
        run_ = run;
        auto& file = server_.files_[path_];
        if (!file) file = std::make_shared<Receipts>();
        if (file->owner && processes().lives(*file->owner)) return processes().leave(run_, 1);
        file->owner = run_;
        receipts_ = file;
    }
    void take_line(std::string const& line) override {
        auto order = deliver::parse_order(line);
        if (!order) return kernel().complain("lares-deliver got no order: " + order.error().what);
        waiting_.push_back(std::move(*order));
        begin_exchanges();
    }
    void take_end_of_input() override { end(); }
    void take_signal(int) override { end(); }

private:
    sim::Kernel& kernel() { return server_.world_.kernel; }
    sim::Processes& processes() { return server_.world_.processes; }
    /// What it does later, if it lives then.
    void after(Duration wait, std::function<void(Deliver&)> deed) {
        kernel().after(wait, [self = shared_from_this(), deed = std::move(deed)] {
            if (self->processes().lives(self->run_)) deed(*self);
        });
    }
    Duration drawn(int least, int below) { return Duration(least + kernel().pick(below - least)); }

    void end() {
        is_ending_ = true;
        if (under_way_ == 0) processes().leave(run_, 0);
    }

    void begin_exchanges() {
        while (!is_ending_ && !waiting_.empty() &&
               under_way_ < waiting_.front().channel.connections) {
            auto order = std::move(waiting_.front());
            waiting_.pop_front();
            under_way_ += 1;
            server_.exchanges_ += 1;
            exchange(std::move(order));
        }
    }

    void exchange(deliver::Order order) {
        Answer answer{.id = order.id, .attempt = order.attempt};
        if (!server_.is_up_) {
            bool is_silent = kernel().pick(8) == 0;
            answer.outcome = kernel().pick(4) == 0 ? Outcome::later : Outcome::blocked;
            answer.words = is_silent ? "no answer within 30 s" : "connection refused";
            return after(is_silent ? order.channel.timeout : drawn(1, 50),
                         [answer](Deliver& self) { self.write(answer); });
        }
        after(drawn(20, 3'000), [order = std::move(order), answer](Deliver& self) mutable {
            self.server_take(order);
            self.server_.unnoted_.insert(order.id);
            answer.outcome = Outcome::sent;
            answer.provider = "<" + order.key + "@example.org>";
            answer.words = "250 2.0.0 Ok";
            self.after(self.drawn(1, 300), [answer](Deliver& then) { then.write(answer); });
        });
    }

    void server_take(deliver::Order const& order) {
        std::string text = order.message.text + "\n" + order.message.details;
        for (auto const& field : order.message.fields)
            text += "\n" + field.label + ": " + field.value;
        kernel().note("the server takes " + order.key + ": " + order.message.title);
        server_.taken_.push_back({.key = order.key,
                                  .title = order.message.title,
                                  .text = std::move(text),
                                  .id = order.id,
                                  .at = kernel().time()});
    }

    void write(Answer const& answer) {
        after(drawn(1, 30), [answer](Deliver& self) {
            self.receipts_->bytes += deliver::print(answer) + "\n";
            self.server_.unnoted_.erase(answer.id);
            self.after(self.drawn(0, 20), [answer](Deliver& then) { then.say(answer); });
        });
    }

    void say(Answer const& answer) {
        processes().say(run_, deliver::print(answer) + "\n");
        under_way_ -= 1;
        if (is_ending_) return end();
        begin_exchanges();
    }

    MailServer& server_;
    std::string path_;
    ports::RunId run_{};
    std::shared_ptr<Receipts> receipts_;
    std::deque<deliver::Order> waiting_;
    int under_way_ = 0;
    bool is_ending_ = false;
};

sim::Script MailServer::script(ports::SpawnRequest const& request) {
    sim::Script script;
    script.fork_takes = Duration(1 + world_.kernel.pick(20));
    if (request.argv.size() != 3 || request.argv[1] != "--receipts") {
        world_.kernel.complain("lares-deliver is started with other arguments than it knows");
        return script;
    }
    script.program = std::make_shared<Deliver>(*this, request.argv[2]);
    return script;
}

Result<std::string> MailServer::read(std::string const& path) const {
    auto file = files_.find(path);
    if (file == files_.end()) return Error{Error::Kind::not_found, "No such file or directory"};
    return file->second->bytes;
}

Result<> MailServer::remove(std::string const& path) {
    if (files_.erase(path) == 0) return Error{Error::Kind::not_found, "No such file or directory"};
    return {};
}

}  // namespace lares::runs
