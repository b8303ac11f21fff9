// store/reader.h: the thread that answers questions, on a connection that never writes.
//
// It sees one moment for as long as one question, or several asked together, take; nothing it does
// holds the writer up. Without questions it closes its connection after a while.

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "store/settings.h"
#include "store/sql.h"

namespace lares::store {

class Reader {
public:
    /// `answer`: called on the thread, with the connection in a transaction, or with what stood in
    /// the way of that.
    using Question = std::function<void(Result<Database*>)>;

    explicit Reader(Settings const& settings) : settings_(settings) {}
    /// Waits for the question under way; what has not begun is dropped.
    ~Reader();

    /// False: too many wait.
    bool ask(Question);

private:
    void work();
    Result<Database*> begin();
    bool wait(std::unique_lock<std::mutex>&);

    Settings settings_;
    std::unique_ptr<Database> database_;  // the thread's own

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Question> questions_;
    bool is_ending_ = false;
    std::thread thread_;
};

}  // namespace lares::store
