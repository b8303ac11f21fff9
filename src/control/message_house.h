// control/message_house.h: what the operations over channels, deliveries and alerts ask of the
// daemon.
//
// Everything runs on the loop's thread; every callback comes once. What is only read is asked of
// the store.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/settings.h"
#include "core/alert.h"
#include "core/budget.h"
#include "core/delivery.h"
#include "core/message.h"
#include "core/outbox.h"

namespace lares::control {

using Done = std::function<void(Result<>)>;

/// A message as a person or a script gives it.
struct NewMessage {
    std::vector<std::string> channels;  // one delivery each
    message::Message message;           // its files are in `files`, not in the message
    std::vector<std::pair<std::string, std::string>> files;  // name, bytes
    std::string key;  // told once for good in each channel; empty: none
    std::string thread;
    std::string source;  // "notify", "test"
    WallTime not_before{}, expires{};
};

struct ChannelInfo {
    config::ChannelSettings const* settings = nullptr;  // until the next turn
    outbox::ChannelStanding standing;
    std::string no_sender = {};  // why nothing goes out by any channel; empty: it does
};

struct AlertInfo {
    alert::AlertRow row;
    std::vector<alert::MemberRow> members;
};

/// A budget as it stands.
struct BudgetInfo {
    config::BudgetSettings const* settings = nullptr;  // until the next turn
    budget::Standing standing;
    budget::State state;
    std::vector<std::string> channels;  // that spend it
};

/// What is done with a budget. Amounts as people write them ("12.50"), or a number of units that
/// have a price.
struct BudgetUse {
    enum class What { set, reset, block, unblock, reserve, commit, release } what = What::set;
    std::string budget;
    std::string id;      // of a reservation
    std::string amount;  // commit: empty: as reserved
    std::string unit;    // instead of an amount: so many of it
    std::int64_t count = 1;
    std::string why;
};

/// A week in words.
struct LetterText {
    WallTime from{}, to{};
    std::string title, text;
    std::string page;  // HTML by itself, fit for printing
};

class MessageHouse {
public:
    virtual ~MessageHouse() = default;

    /// not_found: no such channel. Answered when the deliveries are on the disk; those whose key
    /// was there have the id of that one.
    virtual void notify(NewMessage, std::string who,
                        std::function<void(Result<std::vector<delivery::Id>>)>) = 0;
    /// Told once the delivery has ended, or at once when it has.
    virtual void when_delivered(delivery::Id, std::function<void(Result<delivery::Delivery>)>) = 0;
    virtual void retry_delivery(delivery::Id, std::string who, Done) = 0;
    virtual void drop_delivery(delivery::Id, std::string who, Done) = 0;
    virtual std::optional<std::string> why_delivery(delivery::Id) const = 0;
    virtual std::vector<ChannelInfo> channels() const = 0;
    virtual void pause_channel(std::string name, bool is_paused, std::string who, Done) = 0;

    virtual std::vector<BudgetInfo> budgets() const = 0;
    /// Answered when it is on the disk, with how the budget stands then. not_found: no such budget,
    /// reservation or price; unavailable: not enough is left.
    virtual void use_budget(BudgetUse, std::string who,
                            std::function<void(Result<BudgetInfo>)>) = 0;

    /// The seven days before `to`; epoch: those until now. `language`: "" is [lares] language.
    virtual void letter(WallTime to, std::string language,
                        std::function<void(Result<LetterText>)>) = 0;

    virtual std::vector<AlertInfo> open_alerts() const = 0;
    /// `span` 0: the policy's.
    virtual void acknowledge(job::Id, std::string who, Duration span, Done) = 0;
    virtual void resolve_alert(job::Id, std::string who, Done) = 0;
    /// What stands in the link of a message: whoever has it may acknowledge that one alert.
    virtual bool is_acknowledge_token(job::Id, std::string_view token) const = 0;
};

}  // namespace lares::control
