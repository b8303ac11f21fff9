// store/world_test.h: a loop, an inbox and a folder for the tests of the store.

#pragma once

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/sqlite.h"

namespace lares::store::testing {

class Folder {
public:
    Folder() {
        char const* base = std::getenv("TMPDIR");
        path_ = std::string(base == nullptr ? "/tmp" : base) + "/lares-store-XXXXXX";
        if (::mkdtemp(path_.data()) == nullptr) std::abort();
    }
    ~Folder() {
        ::nftw(
            path_.c_str(),
            [](char const* path, struct stat const*, int, FTW*) { return ::remove(path); }, 16,
            FTW_DEPTH | FTW_PHYS);
    }
    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;
    std::string operator/(std::string const& name) const { return path_ + "/" + name; }
    std::string const& path() const { return path_; }

private:
    std::string path_;
};

inline std::string read_file(std::string const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}
inline void write_file(std::string const& path, std::string const& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

/// The loop's thread is the test's.
class Loop final : public ports::Inbox {
public:
    Post post() {
        return [this](std::function<void()> function) {
            std::lock_guard lock(mutex_);
            functions_.push_back(std::move(function));
            posts += 1;
            changed_.notify_one();
        };
    }
    void push(ports::Event event) override {
        if (auto* changed = std::get_if<ports::StoreChanged>(&event)) told.push_back(*changed);
    }
    /// False: a minute is over.
    template <class Done>
    bool run_until(Done done) {
        std::unique_lock lock(mutex_);
        while (!done()) {
            if (!changed_.wait_for(lock, std::chrono::seconds(60),
                                   [this] { return !functions_.empty(); }))
                return false;
            auto function = std::move(functions_.front());
            functions_.pop_front();
            lock.unlock();
            function();
            lock.lock();
        }
        return true;
    }

    std::vector<ports::StoreChanged> told;
    std::size_t posts = 0;

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> functions_;
};

/// A store and its loop; calls wait for their answers.
class House {
public:
    explicit House(std::string path) : House(Settings{.path = std::move(path)}) {}
    explicit House(Settings settings) : store(make_sqlite(std::move(settings), loop, loop.post())) {
        store->open();
        loop.run_until([this] { return !loop.told.empty(); });
    }

    Result<ports::Committed> commit(ports::Commit commit) {
        return wait<ports::Committed>(
            [&](auto done) { store->commit(std::move(commit), std::move(done)); });
    }
    /// All at once: as many of them in one transaction as the writer finds there.
    std::vector<Result<ports::Committed>> commit_all(std::vector<ports::Commit> commits) {
        std::vector<Result<ports::Committed>> answers;
        for (ports::Commit& commit : commits)
            store->commit(std::move(commit), [&answers](Result<ports::Committed> done) {
                answers.push_back(std::move(done));
            });
        loop.run_until([&] { return answers.size() == commits.size(); });
        return answers;
    }
    Result<ports::Found> read(ports::Question question) {
        return wait<ports::Found>(
            [&](auto done) { store->read(std::move(question), std::move(done)); });
    }
    Result<ports::Pruned> prune(ports::Retention keep, WallTime now) {
        return wait<ports::Pruned>([&](auto done) { store->prune(keep, now, std::move(done)); });
    }
    void flush() {
        bool is_done = false;
        store->flush([&] { is_done = true; });
        loop.run_until([&] { return is_done; });
    }

    Loop loop;
    std::unique_ptr<ports::Store> store;

private:
    template <class Answer, class Ask>
    Result<Answer> wait(Ask ask) {
        std::optional<Result<Answer>> answer;
        ask([&](Result<Answer> got) { answer = std::move(got); });
        loop.run_until([&] { return answer.has_value(); });
        if (!answer) return Error{Error::Kind::io, "no answer"};
        return std::move(*answer);
    }
};

inline WallTime at(std::int64_t ms) { return WallTime(Duration(ms)); }

inline job::Job a_job(job::Id id, std::string once = "") {
    job::Job job;
    job.id = id;
    job.task = "report";
    job.once = std::move(once);
    job.created = at(1'000);
    return job;
}
inline ports::EventRow an_event(job::Id id, std::string subject = "job/1") {
    ports::EventRow event;
    event.id = id;
    event.at = at(1'000);
    event.kind = "job.accepted";
    event.subject = std::move(subject);
    return event;
}
template <class... Writes>
ports::Commit a_commit(ports::Commit::Kind kind, Writes... writes) {
    ports::Commit commit;
    commit.kind = kind;
    (commit.writes.emplace_back(std::move(writes)), ...);
    return commit;
}
template <class... Writes>
ports::Commit ask(Writes... writes) {
    return a_commit(ports::Commit::Kind::ask, std::move(writes)...);
}
template <class... Writes>
ports::Commit must(Writes... writes) {
    return a_commit(ports::Commit::Kind::must, std::move(writes)...);
}

}  // namespace lares::store::testing
