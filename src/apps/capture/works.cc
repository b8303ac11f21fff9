// apps/capture/works.cc: threads, and a folder.

#include "apps/capture/works.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "apps/capture/disk.h"
#include "apps/capture/naming.h"
#include "apps/capture/phrases.h"

namespace lares::capture {

namespace {

/// Both read the archive at the disk's speed.
constexpr std::size_t most_at_once = 2;
constexpr std::size_t most_listed = 100;
/// What is made lies on the archive's disk: people take it away, and then remove it.
constexpr std::size_t most_files = 100;
constexpr std::size_t most_words = 64u << 10;
constexpr std::string_view unfinished = ".part";

struct Running {
    std::mutex mutex;
    Work work;  // under the mutex
    bool is_stopped = false;
    std::unique_ptr<App> app;
    std::thread thread;
};

class ThreadedWorks : public Works {
public:
    explicit ThreadedWorks(App& app) : app_(app), folder_(app.home + "/exports") {
        for (auto const& file : disk::files_in(folder_))
            if (file.ends_with(unfinished)) (void)disk::remove(folder_ + "/" + file);
    }
    ~ThreadedWorks() override {
        for (auto& each : works_) {
            {
                std::lock_guard lock(each->mutex);
                each->is_stopped = true;
            }
            if (each->thread.joinable()) each->thread.join();
        }
    }

    Result<std::int64_t> begin(Order order) override {
        if (count_busy() >= most_at_once)
            return fault(Error::Kind::conflict, Phrase::busy, {std::to_string(most_at_once)});
        forget_old();
        auto running = std::make_unique<Running>();
        running->work = {.number = ++last_,
                         .kind = order.kind,
                         .capture = order.capture,
                         .who = order.who,
                         .file = {},
                         .draft = order.draft,
                         .began_ms = app_.now().wall_ms,
                         .progress = {},
                         .words = {}};
        if (!order.suffix.empty())
            running->work.file = TRY(fresh_name(order.capture, order.suffix));
        running->app = app_.beside();
        listen(*running);
        auto& at = *running;
        at.thread = std::thread([this, &at, run = std::move(order.run), file = at.work.file,
                                 files = order.files] { carry_out(at, run, file, files); });
        works_.push_back(std::move(running));
        return last_;
    }

    std::vector<Work> all() override {
        std::vector<Work> out;
        for (auto& each : works_) {
            std::lock_guard lock(each->mutex);
            out.push_back(each->work);
        }
        std::ranges::reverse(out);
        return out;
    }
    bool is_busy() override { return count_busy() > 0; }
    std::size_t room() override {
        return most_files - std::min(most_files, disk::files_in(folder_).size());
    }

    std::vector<File> files() override {
        auto names = disk::files_in(folder_);
        std::ranges::sort(names, std::greater<>());
        std::vector<File> out;
        for (auto const& name : names) {
            if (name.ends_with(unfinished)) continue;
            auto const size = disk::size_of(folder_ + "/" + name);
            out.push_back({name, size ? *size : 0});
        }
        return out;
    }
    std::string path_of(std::string const& file) override {
        // Looked up among what is there, never put together from what was asked.
        for (auto const& each : files())
            if (each.name == file) return folder_ + "/" + each.name;
        return {};
    }
    Result<> remove(std::string const& file) override {
        auto const path = path_of(file);
        if (path.empty()) return fault(Error::Kind::not_found, Phrase::no_file, {file});
        return disk::remove(path);
    }

private:
    /// What it says and how far it is, as the page may see it at any time.
    static void listen(Running& at) {
        at.app->progress = [&at](Progress const& reach) {
            std::lock_guard lock(at.mutex);
            at.work.progress = reach;
            return !at.is_stopped;
        };
        at.app->print = [&at](std::string_view text) {
            std::lock_guard lock(at.mutex);
            if (at.work.words.size() < most_words) at.work.words.append(text);
        };
    }
    void carry_out(Running& at, std::function<Result<>(App&, std::string const&)> const& run,
                   std::string const& file, Order::Files files) {
        auto const stem = file.substr(0, file.rfind('.'));
        bool const is_split = files == Order::Files::many;
        auto const part = folder_ + "/" + (is_split ? stem : file) + std::string(unfinished);
        auto done = run(*at.app, part);
        if (is_split)
            done = finish_parts(std::move(done), stem, file.substr(stem.size()));
        else if (done && !file.empty())
            done = disk::rename_new(part, folder_ + "/" + file);
        if (!done && !file.empty()) (void)disk::remove(part);
        std::lock_guard lock(at.mutex);
        at.work.state = done ? Work::State::finished : Work::State::failed;
        // What was said before it failed tells which ones.
        if (!done) at.work.words += without_hint(done.error().what);
        at.app->database_held.reset();
    }
    /// "posts-0001.part" becomes "posts-0001.csv"; where it failed, none of them stays.
    Result<> finish_parts(Result<> done, std::string const& stem, std::string const& suffix) {
        for (auto const& name : disk::files_in(folder_)) {
            if (!name.starts_with(stem + "-") || !name.ends_with(unfinished)) continue;
            auto const whole = name.substr(0, name.size() - unfinished.size());
            if (whole.find_first_not_of("0123456789", stem.size() + 1) != whole.npos) continue;
            auto const part = folder_ + "/" + name;
            if (done) done = disk::rename_new(part, folder_ + "/" + whole + suffix);
            if (!done) (void)disk::remove(part);
        }
        return done;
    }
    Result<std::string> fresh_name(std::string const& capture, std::string const& suffix) {
        TRY(check_source_name(capture));
        TRY(disk::make_folders(folder_));
        if (disk::files_in(folder_).size() >= most_files)
            return fault(Error::Kind::conflict, Phrase::files_full, {std::to_string(most_files)});
        auto stamp = print_utc(app_.now().wall_ms / 1000);
        std::erase_if(stamp, [](char c) { return c == ':' || c == '-'; });
        for (int number = 1;; ++number) {
            auto name = stamp + "-" + capture + (number > 1 ? "-" + std::to_string(number) : "") +
                        "." + suffix;
            auto const is_under_way = std::ranges::any_of(
                works_, [&](auto const& each) { return each->work.file == name; });
            if (!is_under_way && !disk::exists(folder_ + "/" + name)) return name;
        }
    }
    std::size_t count_busy() {
        return static_cast<std::size_t>(std::ranges::count_if(works_, [](auto& each) {
            std::lock_guard lock(each->mutex);
            return each->work.state == Work::State::running;
        }));
    }
    void forget_old() {
        for (auto at = works_.begin(); works_.size() >= most_listed && at != works_.end();) {
            bool const is_over = [&] {
                std::lock_guard lock((*at)->mutex);
                return (*at)->work.state != Work::State::running;
            }();
            if (is_over) (*at)->thread.join();
            at = is_over ? works_.erase(at) : at + 1;
        }
    }

    App& app_;
    std::string folder_;
    std::int64_t last_ = 0;
    std::vector<std::unique_ptr<Running>> works_;
};

}  // namespace

std::optional<Work> Works::find(std::int64_t number) {
    for (auto& each : all())
        if (each.number == number) return each;
    return std::nullopt;
}

std::unique_ptr<Works> make_works(App& app) { return std::make_unique<ThreadedWorks>(app); }

}  // namespace lares::capture
