// store/reader.cc: a queue, a thread, a transaction for each question.

#include "store/reader.h"

#include <utility>

#include "base/limits.h"

namespace lares::store {

Reader::~Reader() {
    {
        std::lock_guard lock(mutex_);
        is_ending_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

bool Reader::ask(Question question) {
    {
        std::lock_guard lock(mutex_);
        if (questions_.size() >= limits::store_questions) return false;
        questions_.push_back(std::move(question));
    }
    if (!thread_.joinable()) thread_ = std::thread([this] { work(); });
    changed_.notify_one();
    return true;
}

void Reader::work() {
    std::unique_lock lock(mutex_);
    while (wait(lock)) {
        Question question = std::move(questions_.front());
        questions_.pop_front();
        lock.unlock();
        Result<Database*> ready = begin();
        question(ready);
        // After a failure the next one begins with a new connection.
        if (!ready || !database_->execute("commit")) database_.reset();
        question = nullptr;
        lock.lock();
    }
}

/// False: the end.
bool Reader::wait(std::unique_lock<std::mutex>& lock) {
    auto has_work = [this] { return is_ending_ || !questions_.empty(); };
    if (database_ && !changed_.wait_for(lock, settings_.idle_after, has_work)) database_.reset();
    changed_.wait(lock, has_work);
    return !is_ending_;
}

Result<Database*> Reader::begin() {
    if (database_ && !database_->has_its_name()) database_.reset();
    if (!database_) {
        Access access{.kind = Access::Kind::read,
                      .busy_timeout = settings_.busy_timeout,
                      .cache_kilobytes = 1'024};
        database_ = TRY(Database::open(settings_.path, access));
    }
    TRY(database_->execute("begin"));
    return database_.get();
}

}  // namespace lares::store
