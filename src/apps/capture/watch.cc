// apps/capture/watch.cc: the thread that asks Lares, and what it saw last, under one mutex.

#include "apps/capture/watch.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "apps/capture/phrases.h"
#include "apps/capture/reconcile.h"
#include "text/json_value.h"
#include "text/value.h"

namespace lares::capture {

namespace {

/// A sight that is younger is shown as it is.
constexpr std::int64_t fresh_ms = 2'000;
/// How long a page waits for a newer one. Who hangs is told of as Lares was last.
constexpr std::chrono::milliseconds page_patience{1'000};

/// A daemon that answers does so in milliseconds.
constexpr Duration users_patience{3'000};

Sight::Users ask_users(App& app) {
    auto const answer = app.http.call({.server = app.lares,
                                       .cafile = {},
                                       .method = "GET",
                                       .target = "/api/v1/users",
                                       .headers = {},
                                       .body = {},
                                       .timeout = users_patience,
                                       .until = app.until});
    if (!answer) return Sight::Users::unknown;
    // Whom Lares knows is no business of ours: it distinguishes people.
    if (answer->status == 401 || answer->status == 403) return Sight::Users::some;
    if (answer->status != 200) return Sight::Users::unknown;
    auto const said = text::parse_json(answer->body);
    auto const* users = said ? said->find("users") : nullptr;
    if (users == nullptr || users->array() == nullptr) return Sight::Users::unknown;
    return users->array()->empty() ? Sight::Users::none : Sight::Users::some;
}

class ThreadedWatch : public Watch {
public:
    ThreadedWatch(App& app, Sight::Asks asks)
        : app_(app.beside()), asks_(asks), thread_([this] { live(); }) {}
    ~ThreadedWatch() override {
        {
            std::lock_guard lock(mutex_);
            is_over_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }

    Sight look() override {
        std::unique_lock lock(mutex_);
        if (app_->now().wall_ms - asked_ms_ >= fresh_ms) ask(lock);
        auto seen = sight_;
        auto const silent = silence();
        if (silent > page_patience && seen.trouble.empty())
            seen.trouble = phrase(Phrase::silence, {std::to_string(silent.count() / 1'000)});
        return seen;
    }
    void edited() override {
        std::unique_lock lock(mutex_);
        ask(lock);
        asked_ms_ = 0;  // what starts has come further by the time the next page is drawn
    }

private:
    void ask(std::unique_lock<std::mutex>& lock) {
        auto const round = ++wanted_;
        changed_.notify_all();
        // Who hangs is waited for once, not by each page.
        if (silence() > page_patience) return;
        changed_.wait_for(lock, page_patience, [&] { return done_ >= round || is_over_; });
    }
    /// How long Lares has been asked and says nothing.
    std::chrono::milliseconds silence() const {
        return std::chrono::milliseconds(began_ms_ == 0 ? 0 : app_->now().wall_ms - began_ms_);
    }
    void live() {
        std::unique_lock lock(mutex_);
        while (!is_over_) {
            auto const round = wanted_;
            began_ms_ = app_->now().wall_ms;
            lock.unlock();
            auto const users =
                asks_ == Sight::Asks::users_too ? ask_users(*app_) : Sight::Users::unknown;
            auto said = bring_programs(*app_);
            lock.lock();
            began_ms_ = 0;
            take(std::move(said));
            if (users != Sight::Users::unknown) sight_.users = users;
            done_ = round;
            changed_.notify_all();
            changed_.wait_for(lock, look_again, [&] { return wanted_ > done_ || is_over_; });
        }
    }
    void take(Result<api::Status> said) {
        auto const now = asked_ms_ = app_->now().wall_ms;
        if (!said) {
            // Said once, not every ten seconds.
            if (said.error().what != sight_.trouble)
                app_->log("Lares cannot be asked, trying again: " + said.error().what);
            sight_.trouble = said.error().what;
            return;
        }
        sight_ = {.trouble = {}, .programs = {}, .at_ms = now, .users = sight_.users};
        constexpr std::string_view prefix = "capture-";
        for (auto const& each : said->processes)
            if (each.group.starts_with(prefix))
                sight_.programs.insert_or_assign(each.group.substr(prefix.size()), each);
    }

    std::unique_ptr<App> app_;  // the thread's own
    Sight::Asks asks_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Sight sight_;
    std::int64_t asked_ms_ = 0, began_ms_ = 0;  // began: of the round under way
    std::uint64_t wanted_ = 0, done_ = 0;
    bool is_over_ = false;
    std::thread thread_;  // the last: it begins when all is there
};

}  // namespace

std::unique_ptr<Watch> make_watch(App& app, Sight::Asks asks) {
    return std::make_unique<ThreadedWatch>(app, asks);
}

}  // namespace lares::capture
