// os/fd.h: a file descriptor that closes itself, and pipes made of two of them.

#pragma once

#include <utility>

#include "base/result.h"

namespace lares::os {

/// Owns one descriptor; -1 when empty.
class Fd {
public:
    Fd() = default;
    explicit Fd(int number) : number_(number) {}
    Fd(Fd&& other) noexcept : number_(other.release()) {}
    Fd& operator=(Fd&& other) noexcept {
        reset(other.release());
        return *this;
    }
    ~Fd() { reset(); }

    int get() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }
    int release() { return std::exchange(number_, -1); }
    void reset(int number = -1);

private:
    int number_ = -1;
};

struct Pipe {
    Fd read;
    Fd write;
};

/// A pipe whose ends are closed at exec. unavailable when this process or the machine has too many
/// open files.
Result<Pipe> make_pipe();
void set_nonblocking(int fd);

}  // namespace lares::os
