// core/settle.h: when a file in a hot folder is complete, and what else is to be done about it.
//
// Pure, though it remembers what was seen: no clock, no file system. The intake tells what lies
// there, this says for each thing (a file, a sub-folder, a set of files): it waits (why, and when
// to look again), it is ready, it went away, or something is wrong with it. Whether it is known
// already, and what its job is, is daemon/hot_folders.h's.
//
// Three independent signs (spec/triggers.md §6): its writer closed it or it was renamed into place;
// size and time did not change for `settle`; nobody has it open for writing, where the file system
// can tell. The first alone is enough only with settle = 0; a rename into place is, because who
// renames has finished. No clock of a file system is compared with ours: only changes count.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/time.h"

namespace lares::settle {

/// What a file stays while it is renamed. Its number alone is not enough: that is used again as
/// soon as the file is removed, by ext4 for the very next one. So when it was made belongs to it,
/// where the file system says that (0: it does not).
struct Identity {
    std::uint64_t device = 0, inode = 0;
    std::int64_t birth_ns = 0;
    auto operator<=>(Identity const&) const = default;
};
/// Both have one number; they are one file unless their births say otherwise.
inline bool have_one_number(Identity const& a, Identity const& b) {
    return a.device == b.device && a.inode == b.inode;
}
inline bool may_be_one(Identity const& a, Identity const& b) {
    bool is_told = a.birth_ns != 0 && b.birth_ns != 0;
    return have_one_number(a, b) && (!is_told || a.birth_ns == b.birth_ns);
}

/// How one entry of the folder looked (ports::FolderEntry says what the fields mean).
struct Seen {
    std::string path;
    Identity identity;
    std::int64_t size = 0, mtime_ns = 0, ctime_ns = 0;
    bool is_folder = false, is_special = false, is_readable = true;
    bool closed = false, moved_in = false;
    bool looked = false, is_open = false, can_tell_open = false;
    std::int64_t files = 0, newest_ns = 0;
};

enum class Unit { file, folder, set };
enum class Order { name, oldest, newest, arrival, size };

struct Rules {
    Duration settle{2'000};
    bool check_open = true;
    bool may_be_special = false;
    Unit unit = Unit::file;
    std::vector<std::string> set;  // patterns with one '*' each, which stands for the common part
    Duration set_timeout{600'000};
    Order order = Order::arrival;
    std::size_t most = limits::folder_files;
};

/// How long a file that no notification told to be closed must look the same with settle = 0: it
/// may have been made this instant, by a writer that has not opened it yet.
inline constexpr Duration least_settle{1'000};
/// The kernel tells of a close a moment before it counts the writer as gone: with settle = 0 that
/// moment is waited for, and not a second.
inline constexpr Duration close_under_way{5};
/// Between two looks at something that is open, or empty: at most.
inline constexpr Duration most_between_looks{60'000};

/// A thing that is complete. A file or folder has one member; a set one for each pattern, in order.
struct Claim {
    std::string key;  // path; of a set "folder/common part"
    std::vector<Seen> members;
    std::uint64_t arrival = 0;
};

/// Something that a person must see. Told once; again only after it changed.
struct Problem {
    std::string key;
    Seen seen;  // of a set: the member that came first
    std::string words;
    bool is_orphan = false;  // a set whose other members do not come; it still waits for them
};

struct Decisions {
    std::vector<std::string> look;  // paths to be looked at now
    std::vector<Problem> problems;
    std::vector<Seen> withdrawn;      // went away before they were ready or taken
    std::vector<std::string> solved;  // keys of problems that are none any more
};

class Settler {
public:
    explicit Settler(Rules);

    void see(Seen const&, Instant now);
    /// Nothing is at this path any more.
    void lose(std::string_view path, Instant now);
    /// Between the two every entry that is there is seen; the others are lost.
    void begin_whole();
    void end_whole(Instant now);
    /// Forgets it without a word: it is somebody else's now.
    void forget(std::string_view path);

    /// What is to be done since the last call.
    Decisions decide(Instant now);
    /// The first `most` that are ready, in order. They are forgotten here.
    std::vector<Claim> take(std::size_t most);
    /// A claim that could not be made use of: ready again, with its place in the order.
    void put_back(Claim, Instant now);
    std::size_t ready() const { return ready_.size(); }

    /// When decide() has something to say without anything being seen; none: not by time alone.
    std::optional<Instant> deadline() const;

    /// Entries that are held: waiting, ready or wrong.
    std::size_t size() const { return entries_.size(); }
    bool holds(std::string_view path) const { return entries_.contains(std::string(path)); }
    std::size_t problems() const { return problems_; }
    /// Some were left out because there were too many, and there is room again: read the folder
    /// once more. True once.
    bool wants_rescan();

    struct Wait {
        std::string path, words;
        std::optional<Instant> until;  // none: something must happen first
    };
    /// Why things wait; at most `most`, in the order of their paths' hashes (any).
    std::vector<Wait> reasons(Instant now, std::size_t most) const;
    std::optional<Wait> reason(std::string_view path, Instant now) const;

private:
    enum class State { settling, open, empty, partial, ready, wrong };
    struct Entry {
        Seen seen;
        State state = State::settling;
        Instant stable_since{};
        std::optional<Instant> due;          // to be looked at
        std::optional<Instant> asked_at;     // a look is under way since
        Duration patience{0};                // before the next look at what is open or empty
        bool closed = false, moved = false;  // and its contents are the same since
        bool was_tracked = false;            // under this or another name, before it was renamed
        std::uint64_t arrival = 0;
        std::uint32_t generation = 0;
        std::string set;        // key of the set it belongs to
        std::size_t place = 0;  // of the pattern that it matches
        std::string words;      // of a problem
    };
    struct Set {
        Instant first{};
        std::vector<std::string> members;  // paths by pattern; "" while missing
        std::uint64_t arrival = 0;
        bool is_told = false;  // as an orphan
    };
    using Rank = std::tuple<std::int64_t, std::string, std::uint64_t, std::string>;

    Entry& enter(Seen const&, Instant now);
    void judge(Entry&, Instant now);
    void judge_stability(Entry&, Instant now);
    std::string wrong_with(Seen const&) const;
    bool is_complete_by_sign(Entry const&) const;
    void settle_now(Entry&);
    void wait_again(Entry&, State, Instant now);
    void set_due(Entry&, std::optional<Instant>);
    void leave_ready(Entry const&);
    bool join_set(Entry&, Instant now);
    void complete_set(std::string const& key);
    void leave_set(Entry const&);
    void mark_wrong(Entry&, std::string words);
    void mark_right(Entry&);
    void erase(std::string const& path);
    void hand_over(Entry& from, Entry& to);
    Claim claim_of(std::string const& thing) const;
    Rank rank(std::string const& thing) const;
    std::string words_of(Entry const&, Instant now) const;
    void tell_orphans(Instant now, Decisions&);

    Rules rules_;
    std::unordered_map<std::string, Entry> entries_;
    std::multimap<Identity, std::string> paths_;
    std::map<std::string, Set> sets_;
    std::set<std::pair<Instant, std::string>> due_;         // entries to look at
    std::set<std::pair<Instant, std::string>> orphan_due_;  // sets
    std::set<Rank> ready_;
    std::map<std::string, Rank> ready_rank_;
    Decisions pending_;
    std::size_t problems_ = 0;
    std::uint64_t arrivals_ = 0;
    std::uint32_t generation_ = 0;
    bool left_out_ = false;
};

/// What is between the prefix and suffix around the pattern's '*'; none when it does not match. A
/// name that starts with a dot matches only a pattern that does.
std::optional<std::string_view> common_part(std::string_view pattern, std::string_view name);

/// Why a folder cannot have that `done` or `failed` folder, in words; empty when it can. All are
/// absolute and normal (no "..", no slash at the end); `target` empty: none.
std::string target_problem(std::string_view option, std::string_view folder,
                           std::string_view target);

}  // namespace lares::settle
