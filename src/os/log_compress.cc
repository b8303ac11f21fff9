// os/log_compress.cc: gzip by zlib, streaming, at the lowest priority, so that a log of any size
// costs little memory.

#include "os/log_compress.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <vector>

#include "os/fd.h"
#include "os/log_rotation.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

struct CloseGzip {
    void operator()(gzFile file) const { ::gzclose(file); }
};
using Gzip = std::unique_ptr<gzFile_s, CloseGzip>;

constexpr std::size_t chunk_bytes = 256u << 10;

LogFileIdentity identity_of(struct stat const& file) { return {file.st_dev, file.st_ino}; }

Error throw_away(Compression const& job, Error error) {
    ::unlink(compression_path(job.log).c_str());
    return error;
}

Result<> copy(int from, gzFile to, Compression const& job, std::atomic<bool> const& stopping) {
    std::vector<char> chunk(chunk_bytes);
    for (;;) {
        if (stopping) return Error{Error::Kind::unavailable, "stopping"};
        ssize_t size = ::read(from, chunk.data(), chunk.size());
        if (size < 0) return system_error("cannot compress", job.source);
        if (size == 0) return {};
        errno = 0;
        if (::gzwrite(to, chunk.data(), static_cast<unsigned>(size)) != size) {
            return system_error("cannot compress", job.source, errno ? errno : EIO);
        }
    }
}

/// The times are kept because retention goes by them.
void keep_attributes(int to, struct stat const& source) {
    timespec times[2] = {source.st_atim, source.st_mtim};
    // Owner first: changing it clears mode bits. Not being allowed to is no reason to fail.
    if (::fchown(to, source.st_uid, source.st_gid) != 0) errno = 0;
    ::fchmod(to, source.st_mode & 07777);
    ::futimens(to, times);
}

Result<> write_gzip(int from, struct stat const& source, Compression const& job,
                    std::atomic<bool> const& stopping) {
    std::string path = compression_path(job.log);
    ::unlink(path.c_str());
    Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return system_error("cannot compress", job.source);
    Gzip gzip(::gzdopen(::fcntl(file.get(), F_DUPFD_CLOEXEC, 3), "wb6"));
    if (!gzip) return Error{Error::Kind::unavailable, "cannot compress: no memory"};
    TRY(copy(from, gzip.get(), job, stopping));
    errno = 0;
    if (::gzclose(gzip.release()) != Z_OK) {
        return system_error("cannot compress", job.source, errno ? errno : EIO);
    }
    keep_attributes(file.get(), source);
    if (::fsync(file.get()) != 0) return system_error("cannot compress", job.source);
    return {};
}

}  // namespace

std::string compression_path(std::string const& log) { return log + ".gz.part"; }

std::optional<Compression> find_compression(std::string const& log, int backups) {
    for (int number = backups; number >= 1; --number) {
        std::string source = sibling_path(log, number, /*compressed=*/false);
        struct stat now{};
        if (::lstat(source.c_str(), &now) != 0 || !S_ISREG(now.st_mode)) continue;
        Fd fd(::open(source.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
        if (!fd || ::fstat(fd.get(), &now) != 0) continue;
        return Compression{.log = log,
                           .source = source,
                           .fd = std::move(fd),
                           .identity = identity_of(now),
                           .bytes = now.st_size};
    }
    return std::nullopt;
}

Result<> compress(Compression const& job, std::atomic<bool> const& stopping) {
    struct stat source{};
    if (::fstat(job.fd.get(), &source) != 0) return system_error("cannot compress", job.source);
    auto written = write_gzip(job.fd.get(), source, job, stopping);
    if (!written) return throw_away(job, std::move(written).error());
    return {};
}

Result<> finish_compression(Compression const& job, int backups) {
    for (int number = 1; number <= backups; ++number) {
        std::string source = sibling_path(job.log, number, /*compressed=*/false);
        struct stat now{};
        if (::lstat(source.c_str(), &now) != 0 || identity_of(now) != job.identity) continue;
        if (now.st_size != job.bytes) {
            return throw_away(job, {Error::Kind::conflict, "'" + source + "' grew"});
        }
        std::string whole = sibling_path(job.log, number, /*compressed=*/true);
        if (::rename(compression_path(job.log).c_str(), whole.c_str()) != 0) {
            return throw_away(job, system_error("cannot compress", source));
        }
        ::unlink(source.c_str());
        return {};
    }
    return throw_away(job, {Error::Kind::not_found, "'" + job.source + "' is no longer there"});
}

}  // namespace lares::os
