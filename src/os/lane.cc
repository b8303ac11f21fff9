// os/lane.cc: threads that nobody waits for longer than he must.

#include "os/lane.h"

#include <utility>

namespace lares::os {

namespace {

/// Pieces of at most some thousand entries each that wait for the loop.
constexpr std::size_t most_outstanding = 32;

}  // namespace

bool Bridge::is_closed() {
    std::lock_guard lock(mutex_);
    return !loop_;
}

void Bridge::post(std::function<void()> action) {
    std::lock_guard lock(mutex_);
    if (!loop_) return;
    loop_->post([self = shared_from_this(), action = std::move(action)] {
        if (!self->is_closed()) action();
    });
}

void Bridge::post_bounded(std::function<void()> action) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !loop_ || outstanding_ < most_outstanding; });
    if (!loop_) return;
    outstanding_++;
    loop_->post([self = shared_from_this(), action = std::move(action)] {
        {
            std::lock_guard inner(self->mutex_);
            self->outstanding_--;
            if (!self->loop_) return;
        }
        self->changed_.notify_all();
        action();
    });
}

void Bridge::close() {
    {
        std::lock_guard lock(mutex_);
        loop_ = nullptr;
    }
    changed_.notify_all();
}

PatientThread::PatientThread(std::function<void()> work) : state_(std::make_shared<State>()) {
    thread_ = std::thread([state = state_, work = std::move(work)]() mutable {
        work();
        work = nullptr;  // what it holds goes before its end is told
        std::lock_guard lock(state->mutex);
        state->is_ended = true;
        state->changed.notify_all();
    });
}

PatientThread::~PatientThread() {
    if (thread_.joinable()) end(Duration{0});
}

bool PatientThread::is_ended() const {
    if (!state_) return true;
    std::lock_guard lock(state_->mutex);
    return state_->is_ended;
}

void PatientThread::end(Duration patience) {
    if (!thread_.joinable()) return;
    bool is_over;
    {
        std::unique_lock lock(state_->mutex);
        is_over = state_->changed.wait_for(lock, patience, [this] { return state_->is_ended; });
    }
    if (is_over) {
        thread_.join();
    } else {
        thread_.detach();
    }
}

Lane::Lane() : state_(std::make_shared<State>()) {}

void Lane::run(std::function<void()> work) {
    std::unique_lock lock(state_->mutex);
    state_->work.push_back(std::move(work));
    if (state_->is_working) return;
    state_->is_working = true;
    lock.unlock();
    thread_.end(Duration{1'000});  // one that has no work any more ends at once
    thread_ = PatientThread([state = state_] { work_off(state); });
}

void Lane::work_off(std::shared_ptr<State> const& state) {
    std::unique_lock lock(state->mutex);
    while (!state->work.empty()) {
        std::function<void()> work = std::move(state->work.front());
        state->work.pop_front();
        lock.unlock();
        work();
        work = nullptr;
        lock.lock();
    }
    state->is_working = false;
}

bool Lane::is_idle() const {
    std::lock_guard lock(state_->mutex);
    return !state_->is_working;
}

void Lane::end(Duration patience) {
    if (!state_) return;
    {
        std::lock_guard lock(state_->mutex);
        state_->work.clear();
    }
    thread_.end(patience);
}

}  // namespace lares::os
