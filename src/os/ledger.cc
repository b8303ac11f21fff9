// os/ledger.cc: appending, reading back, and writing anew.

#include "os/ledger.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <thread>

#include "base/limits.h"
#include "os/files.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view magic = "lares ledger 1\n";
constexpr std::size_t header_bytes = 64;
constexpr std::size_t frame_bytes = 8;  // length and checksum
constexpr std::uint8_t kind_keep = 1, kind_drop = 2;
constexpr std::size_t most_record_bytes = 1 << 20;
constexpr std::size_t most_file_bytes = std::size_t{1} << 30;
/// Rewritten when larger than this and twice what lives in it.
constexpr std::int64_t least_rewritten = 1 << 20;
/// After a failed write, until the next try to write everything anew.
constexpr auto try_again_after = 1s;
/// How long a child that a dead predecessor was making may take to execute its program: as long as
/// opening its files and reading the program from a slow disk.
constexpr auto patience_with_the_dead = 10'000ms;
constexpr auto look_again_after = 2ms;

void put_number(std::string& out, std::uint64_t number, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i) & 0xff);
}

std::uint64_t get_number(std::string_view from, int bytes) {
    std::uint64_t number = 0;
    for (int i = bytes; i-- > 0;)
        number = number << 8 | static_cast<unsigned char>(from[static_cast<std::size_t>(i)]);
    return number;
}

std::uint64_t checksum(std::string_view bytes) {
    return ::crc32_z(0, reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size());
}

std::string header(std::string const& boot) {
    std::string out(magic);
    out += boot.substr(0, header_bytes - magic.size());
    out.resize(header_bytes, '\0');
    return out;
}

/// Appends one framed record to `out`.
void frame(std::string& out, std::uint8_t kind, std::string_view key, std::string_view record) {
    std::size_t start = out.size();
    out.append(frame_bytes, '\0');
    out += static_cast<char>(kind);
    put_number(out, key.size(), 2);
    out += key;
    out += record;
    auto payload = std::string_view(out).substr(start + frame_bytes);
    std::string front;
    put_number(front, payload.size(), 4);
    put_number(front, checksum(payload), 4);
    out.replace(start, frame_bytes, front);
}

std::int64_t framed_bytes(std::string_view key, std::string_view record) {
    return static_cast<std::int64_t>(frame_bytes + 3 + key.size() + record.size());
}

Result<> write_whole(int file, std::string_view bytes, std::string const& path) {
    while (!bytes.empty()) {
        auto written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return system_error("write", path);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

/// No such process, or one whose end nobody has noted yet.
bool is_gone(pid_t pid) {
    auto stat = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
    if (!stat) return true;
    auto name_end = stat->rfind(") ");
    return name_end != std::string::npos && name_end + 2 < stat->size() &&
           ((*stat)[name_end + 2] == 'Z' || (*stat)[name_end + 2] == 'X');
}

}  // namespace

std::string boot_id() {
    auto text = read_file("/proc/sys/kernel/random/boot_id", 100);
    if (!text) return "";
    return text->substr(0, text->find('\n'));
}

Ledger::Ledger(std::string directory, std::string boot)
    : directory_(std::move(directory)), path_(directory_ + "/ledger"), boot_(std::move(boot)) {
    auto opened = lock();
    is_ours_ = opened.ok();
    if (opened) opened = open();
    if (!opened) fail(opened.error());
    for (auto const& [key, kept] : in_order()) left_.emplace_back(key, kept->record);
}

// A POSIX lock, so that children do not have it. But one that is just being made shares our table
// of descriptors until it executes its program (os/child.cc), and the lock belongs to that table:
// when a predecessor was killed at that moment, its lock outlives it for as long.
Result<> Ledger::lock() {
    std::string path = directory_ + "/lock";
    lock_.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock_) return system_error("open", path);
    for (auto waited = 0ms;; waited += look_again_after) {
        struct flock whole{};
        whole.l_type = F_WRLCK;
        whole.l_whence = SEEK_SET;
        if (::fcntl(lock_.get(), F_SETLK, &whole) == 0) return {};
        if (errno != EACCES && errno != EAGAIN) return system_error("lock", path);
        bool is_known = ::fcntl(lock_.get(), F_GETLK, &whole) == 0;
        bool is_free = is_known && whole.l_type == F_UNLCK;
        bool is_left = is_known && !is_free && is_gone(whole.l_pid);
        if ((is_free || is_left) && waited < patience_with_the_dead) {
            std::this_thread::sleep_for(look_again_after);
            continue;
        }
        std::string who = is_known ? " (process " + std::to_string(whole.l_pid) + ")" : "";
        return Error{Error::Kind::conflict,
                     "'" + directory_ + "' belongs to another daemon that runs" + who};
    }
}

Result<> Ledger::open() {
    auto bytes = read_file(path_, most_file_bytes);
    bool is_missing = !bytes && bytes.error().kind == Error::Kind::not_found;
    if (!bytes && !is_missing) return std::move(bytes).error();
    // What is no ledger of this boot, or not whole, is written anew: an append must follow a whole
    // record. So is one that has grown.
    bool is_whole = bytes && read(*bytes);
    if (!is_whole || file_bytes_ > std::max(least_rewritten, 2 * live_bytes_)) return rewrite();
    file_.reset(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW));
    if (!file_) return system_error("open", path_);
    return {};
}

/// Takes every whole record. False when something else than whole records is in it.
bool Ledger::read(std::string_view bytes) {
    if (bytes.substr(0, header_bytes) != header(boot_)) return false;
    file_bytes_ = static_cast<std::int64_t>(bytes.size());
    bytes.remove_prefix(header_bytes);
    while (bytes.size() >= frame_bytes) {
        std::size_t length = get_number(bytes, 4);
        if (length < 3 || length > bytes.size() - frame_bytes) return false;
        auto payload = bytes.substr(frame_bytes, length);
        if (checksum(payload) != get_number(bytes.substr(4), 4)) return false;
        take_record(payload);
        bytes.remove_prefix(frame_bytes + length);
    }
    return bytes.empty();
}

void Ledger::take_record(std::string_view payload) {
    std::size_t key_bytes = get_number(payload.substr(1), 2);
    if (key_bytes > payload.size() - 3) return;
    std::string key(payload.substr(3, key_bytes));
    auto record = payload.substr(3 + key_bytes);
    auto known = kept_.find(key);
    if (known != kept_.end()) live_bytes_ -= framed_bytes(key, known->second.record);
    if (payload[0] == kind_drop) {
        if (known != kept_.end()) kept_.erase(known);
        return;
    }
    if (payload[0] != kind_keep) return;  // of a later version
    live_bytes_ += framed_bytes(key, record);
    if (known != kept_.end())
        known->second.record = record;
    else
        kept_.emplace(std::move(key), Kept{std::string(record), next_order_++});
}

std::vector<std::pair<std::string_view, Ledger::Kept const*>> Ledger::in_order() const {
    std::vector<std::pair<std::string_view, Kept const*>> all;
    for (auto const& [key, kept] : kept_) all.emplace_back(key, &kept);
    std::ranges::sort(all, {}, [](auto const& one) { return one.second->order; });
    return all;
}

// Whole under another name first: whoever reads "ledger" finds the old one or the new one.
Result<> Ledger::rewrite() {
    std::string bytes = header(boot_);
    for (auto const& [key, kept] : in_order()) frame(bytes, kind_keep, key, kept->record);
    std::string fresh = path_ + ".new";
    Fd file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                   0600));
    if (!file) return system_error("open", fresh);
    auto written = write_whole(file.get(), bytes, fresh);
    if (written && ::rename(fresh.c_str(), path_.c_str()) != 0)
        written = system_error("rename", fresh);
    if (!written) {
        (void)::unlink(fresh.c_str());
        return written;
    }
    // Room for the changes to come, so that a disk that fills up meanwhile harms nothing so soon.
    (void)::fallocate(file.get(), FALLOC_FL_KEEP_SIZE, 0,
                      static_cast<off_t>(bytes.size()) + least_rewritten);
    file_ = std::move(file);
    file_bytes_ = static_cast<std::int64_t>(bytes.size());
    live_bytes_ = file_bytes_;
    return {};
}

void Ledger::keep(std::string_view key, std::string_view record) {
    if (!is_ours_) return;
    if (record.size() > most_record_bytes || key.size() > UINT16_MAX)
        return fail({Error::Kind::invalid, "a record of " + std::to_string(record.size()) +
                                               " bytes is too long to be kept"});
    auto [known, is_new] = kept_.try_emplace(std::string(key), Kept{"", next_order_});
    if (is_new) ++next_order_;
    if (!is_new && known->second.record == record && trouble_.empty()) return;
    if (!is_new) live_bytes_ -= framed_bytes(key, known->second.record);
    live_bytes_ += framed_bytes(key, record);
    known->second.record = record;
    append(kind_keep, key, record);
}

void Ledger::drop(std::string_view key) {
    if (!is_ours_) return;
    auto known = kept_.find(std::string(key));
    if (known == kept_.end()) return;
    live_bytes_ -= framed_bytes(key, known->second.record);
    kept_.erase(known);
    append(kind_drop, key, {});
}

void Ledger::append(std::uint8_t kind, std::string_view key, std::string_view record) {
    if (!trouble_.empty() || !file_) return mend();
    buffer_.clear();
    frame(buffer_, kind, key, record);
    if (auto written = write_whole(file_.get(), buffer_, path_); !written)
        return fail(written.error());
    file_bytes_ += static_cast<std::int64_t>(buffer_.size());
    if (file_bytes_ <= std::max(least_rewritten, 2 * live_bytes_)) return;
    // The old one is whole and goes on being written to when there is no room for another.
    if (auto rewritten = rewrite(); !rewritten) fail(rewritten.error());
}

/// What the file holds now is not what we know, and may end in half a record: it is cut off, and
/// everything is written anew as soon as that works.
void Ledger::fail(Error const& error) {
    trouble_ = error.what;
    next_try_ = std::chrono::steady_clock::now() + try_again_after;
    // Where even that fails, the next one to read it cuts it off.
    [[maybe_unused]] bool is_cut =
        file_ && ::ftruncate(file_.get(), static_cast<off_t>(file_bytes_)) == 0;
}

void Ledger::mend() {
    if (std::chrono::steady_clock::now() < next_try_) return;
    auto rewritten = rewrite();
    if (!rewritten) return fail(rewritten.error());
    trouble_.clear();
}

std::vector<std::pair<std::string, std::string>> Ledger::take_left() {
    return std::exchange(left_, {});
}

}  // namespace lares::os
