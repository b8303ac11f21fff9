// mail_server.h: a mail server that can be away, and the lares-deliver that speaks with it, in the
// simulated world.
//
// As slow and as unhelpful as the real ones: a connection is refused, or nobody answers for half a
// minute; the server has taken a mail some time before the sender hears of it, the receipt is on
// the disk some time after that, and only then is it said. TERM and the end of its input let what
// is under way end. Receipts outlive both; a file that is removed goes on under its writer's hand.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/delivery.h"
#include "sim/world.h"

namespace lares::runs {

/// A mail that the server took.
struct Taken {
    std::string key, title, text;  // the text with the fields and details
    delivery::Id id = 0;
    Instant at{};
};

class MailServer {
public:
    explicit MailServer(sim::World& world) : world_(world) {}

    void set_up(bool is_up) { is_up_ = is_up; }
    std::vector<Taken> const& taken() const { return taken_; }
    /// Exchanges begun, those in vain included.
    int exchanges() const { return exchanges_; }
    /// A mail was taken whose receipt is not written yet.
    bool has_unnoted() const { return !unnoted_.empty(); }
    /// Of a lares-deliver that is being spawned.
    sim::Script script(ports::SpawnRequest const&);
    Result<std::string> read(std::string const& path) const;
    Result<> remove(std::string const& path);

private:
    class Deliver;
    struct Receipts {
        std::string bytes;
        std::optional<ports::RunId> owner;  // who has it locked, while that lives
    };

    sim::World& world_;
    bool is_up_ = true;
    int exchanges_ = 0;
    std::vector<Taken> taken_;
    std::set<delivery::Id> unnoted_;
    std::map<std::string, std::shared_ptr<Receipts>> files_;
};

}  // namespace lares::runs
