// control/scripted_messages_test.h: messages for tests of operations: says what it was asked, and
// answers as it was told to.

#pragma once

#include <fmt/core.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/message_house.h"

namespace lares::control {

class ScriptedMessages final : public MessageHouse {
public:
    std::vector<std::string> notes;
    std::vector<NewMessage> given;
    std::vector<ChannelInfo> all_channels;
    std::vector<AlertInfo> alerts;
    std::vector<BudgetInfo> all_budgets;
    std::vector<BudgetUse> used;
    std::map<delivery::Id, delivery::Delivery> ends;
    Result<> result;
    std::string token = "secret";

    void notify(NewMessage message, std::string who,
                std::function<void(Result<std::vector<delivery::Id>>)> done) override {
        notes.push_back("notify by " + who);
        if (!result) return done(Error{result.error().kind, result.error().what});
        std::vector<delivery::Id> ids;
        for (std::size_t i = 0; i < message.channels.size(); ++i) ids.push_back(100 + i);
        given.push_back(std::move(message));
        done(std::move(ids));
    }
    void when_delivered(delivery::Id id,
                        std::function<void(Result<delivery::Delivery>)> done) override {
        auto end = ends.find(id);
        if (end != ends.end()) return done(end->second);
        done(Error{Error::Kind::not_found, fmt::format("there is no delivery {}", id)});
    }
    void retry_delivery(delivery::Id id, std::string who, Done done) override {
        note(fmt::format("retry {} by {}", id, who), done);
    }
    void drop_delivery(delivery::Id id, std::string who, Done done) override {
        note(fmt::format("drop {} by {}", id, who), done);
    }
    std::optional<std::string> why_delivery(delivery::Id) const override { return "its turn"; }
    std::vector<ChannelInfo> channels() const override { return all_channels; }
    void pause_channel(std::string name, bool is_paused, std::string who, Done done) override {
        note(fmt::format("{} {} by {}", is_paused ? "pause" : "resume", name, who), done);
    }
    std::vector<BudgetInfo> budgets() const override { return all_budgets; }
    void use_budget(BudgetUse use, std::string who,
                    std::function<void(Result<BudgetInfo>)> done) override {
        notes.push_back("budget " + use.budget + " by " + who);
        used.push_back(std::move(use));
        if (!result) return done(Error{result.error().kind, result.error().what});
        done(all_budgets.front());
    }
    void letter(WallTime to, std::string language,
                std::function<void(Result<LetterText>)> done) override {
        notes.push_back("letter in '" + language + "'");
        done(LetterText{to - std::chrono::hours(168), to, "the week", "all was well\n", "<p>"});
    }
    std::vector<AlertInfo> open_alerts() const override { return alerts; }
    void acknowledge(job::Id id, std::string who, Duration span, Done done) override {
        note(fmt::format("ack {} for {} ms by {}", id, span.count(), who), done);
    }
    void resolve_alert(job::Id id, std::string who, Done done) override {
        note(fmt::format("resolve {} by {}", id, who), done);
    }
    bool is_acknowledge_token(job::Id id, std::string_view given_token) const override {
        return id == 7 && given_token == token;
    }

private:
    void note(std::string words, Done const& done) {
        notes.push_back(std::move(words));
        done(result ? Result<>() : Result<>(Error{result.error().kind, result.error().what}));
    }
};

}  // namespace lares::control
