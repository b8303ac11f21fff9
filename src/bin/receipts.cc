// bin/receipts.cc: append and fdatasync, several answers at a time.

#include "bin/receipts.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace lares::bin {

namespace {

Error trouble(std::string_view what, std::string_view path = {}) {
    auto words = std::string(what) + (path.empty() ? "" : " '" + std::string(path) + "'") + ": ";
    return {Error::Kind::io, words + std::generic_category().message(errno)};
}

bool ends_in_a_line(int file) {
    struct stat facts;
    char last = '\n';
    if (::fstat(file, &facts) != 0 || facts.st_size == 0) return true;
    return ::pread(file, &last, 1, facts.st_size - 1) != 1 || last == '\n';
}

}  // namespace

Result<Receipts> Receipts::open(std::string const& path) {
    Receipts receipts;
    receipts.file_ = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (receipts.file_ < 0) return trouble("open", path);
    if (::flock(receipts.file_, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return trouble("lock", path);
        return Error{Error::Kind::conflict, "'" + path + "' belongs to another lares-deliver"};
    }
    if (!ends_in_a_line(receipts.file_)) TRY(receipts.append("\n"));
    return receipts;
}

Receipts::~Receipts() {
    if (file_ >= 0) ::close(file_);
}

Receipts::Receipts(Receipts&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

Receipts& Receipts::operator=(Receipts&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
}

Result<> Receipts::append(std::string_view lines) {
    if (file_ < 0) return {};
    while (!lines.empty()) {
        ssize_t count = ::write(file_, lines.data(), lines.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return trouble("write receipts");
        lines.remove_prefix(static_cast<std::size_t>(count));
    }
    if (::fdatasync(file_) != 0) return trouble("flush receipts");
    return {};
}

}  // namespace lares::bin
