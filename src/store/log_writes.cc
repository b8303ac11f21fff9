// store/log_writes.cc: a layer below SQLite (sqlite.org/vfs.html) for two kinds of files.
//
// The log: its writes are gathered. The database: all goes through; only, when its lock for writing
// is let go (or it is told to others that there is something new), what was gathered is written. A
// commit with synchronous = full asks for a sync before it tells anybody, so that nobody ever looks
// for what is still here; without that pragma this layer may not be used.

#include "store/log_writes.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <string>

#include "base/check.h"

namespace lares::store::log_writes {

namespace {

/// More than a transaction of some jobs has; SQLite's own layer takes less than 128 KB at a time.
constexpr std::size_t most_gathered = 124u << 10;
/// sqlite3's WAL_WRITE_LOCK: part of the format of its shared memory, and so for good.
constexpr int writing_lock = 0;

std::atomic<long> asked_count = 0, made_count = 0;

struct Log;

/// What SQLite gives us room for, before the room that the system's own layer asks for.
struct File {
    sqlite3_file head;  // its methods; must be first
    sqlite3_file* real;
};

struct Base : File {
    Log* log;  // of the same connection; may come and go
};

struct Log : File {
    Base* base;
    std::string gathered;
    sqlite3_int64 at;  // where it goes
};

constexpr std::size_t own_bytes = (std::max(sizeof(Base), sizeof(Log)) + 15) / 16 * 16;

sqlite3_vfs* parent() {
    static sqlite3_vfs* const found = sqlite3_vfs_find(nullptr);
    return found;
}

sqlite3_file* real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real; }
Log& log_of(sqlite3_file* file) { return *static_cast<Log*>(reinterpret_cast<File*>(file)); }
Base& base_of(sqlite3_file* file) { return *static_cast<Base*>(reinterpret_cast<File*>(file)); }

/// Whatever becomes of it, it is not kept: a transaction whose log could not be written is undone.
int write_gathered(Log& log) {
    if (log.gathered.empty()) return SQLITE_OK;
    ++made_count;
    int code = log.real->pMethods->xWrite(log.real, log.gathered.data(),
                                          static_cast<int>(log.gathered.size()), log.at);
    log.gathered.clear();
    return code;
}

// ---- the log

int log_close(sqlite3_file* file) {
    Log& log = log_of(file);
    (void)write_gathered(log);
    if (log.base != nullptr) log.base->log = nullptr;
    int code = log.real->pMethods->xClose(log.real);
    log.~Log();
    return code;
}

int log_read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) {
    if (int code = write_gathered(log_of(file)); code != SQLITE_OK) return code;
    return real(file)->pMethods->xRead(real(file), to, bytes, at);
}

int log_write(sqlite3_file* file, void const* from, int bytes, sqlite3_int64 at) {
    Log& log = log_of(file);
    ++asked_count;
    auto size = static_cast<sqlite3_int64>(log.gathered.size());
    bool follows = size > 0 && at == log.at + size;
    if (!follows || log.gathered.size() + static_cast<std::size_t>(bytes) > most_gathered)
        if (int code = write_gathered(log); code != SQLITE_OK) return code;
    if (log.gathered.empty()) log.at = at;
    try {
        log.gathered.append(static_cast<char const*>(from), static_cast<std::size_t>(bytes));
    } catch (std::bad_alloc const&) {
        return SQLITE_IOERR_NOMEM;
    }
    return SQLITE_OK;
}

int log_truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (int code = write_gathered(log_of(file)); code != SQLITE_OK) return code;
    return real(file)->pMethods->xTruncate(real(file), size);
}

int log_sync(sqlite3_file* file, int flags) {
    if (int code = write_gathered(log_of(file)); code != SQLITE_OK) return code;
    return real(file)->pMethods->xSync(real(file), flags);
}

int log_size(sqlite3_file* file, sqlite3_int64* size) {
    if (int code = write_gathered(log_of(file)); code != SQLITE_OK) return code;
    return real(file)->pMethods->xFileSize(real(file), size);
}

// ---- both

int lock(sqlite3_file* file, int kind) { return real(file)->pMethods->xLock(real(file), kind); }
int unlock(sqlite3_file* file, int kind) { return real(file)->pMethods->xUnlock(real(file), kind); }
int is_reserved(sqlite3_file* file, int* answer) {
    return real(file)->pMethods->xCheckReservedLock(real(file), answer);
}
int control(sqlite3_file* file, int what, void* value) {
    return real(file)->pMethods->xFileControl(real(file), what, value);
}
int sector(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int device(sqlite3_file* file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }

// ---- the database

int base_close(sqlite3_file* file) {
    Base& base = base_of(file);
    if (base.log != nullptr) base.log->base = nullptr;
    return real(file)->pMethods->xClose(real(file));
}
int base_read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) {
    return real(file)->pMethods->xRead(real(file), to, bytes, at);
}
int base_write(sqlite3_file* file, void const* from, int bytes, sqlite3_int64 at) {
    return real(file)->pMethods->xWrite(real(file), from, bytes, at);
}
int base_truncate(sqlite3_file* file, sqlite3_int64 size) {
    return real(file)->pMethods->xTruncate(real(file), size);
}
int base_sync(sqlite3_file* file, int flags) {
    return real(file)->pMethods->xSync(real(file), flags);
}
int base_size(sqlite3_file* file, sqlite3_int64* size) {
    return real(file)->pMethods->xFileSize(real(file), size);
}
int map_shared(sqlite3_file* file, int region, int bytes, int extend, void volatile** memory) {
    return real(file)->pMethods->xShmMap(real(file), region, bytes, extend, memory);
}

// What is left of a transaction that was undone may not be written later, over another's.
int lock_shared(sqlite3_file* file, int first, int count, int flags) {
    Base& base = base_of(file);
    bool ends_writing =
        (flags & SQLITE_SHM_UNLOCK) != 0 && first <= writing_lock && writing_lock < first + count;
    if (ends_writing && base.log != nullptr) base.log->gathered.clear();
    return real(file)->pMethods->xShmLock(real(file), first, count, flags);
}
void barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
int unmap_shared(sqlite3_file* file, int remove) {
    return real(file)->pMethods->xShmUnmap(real(file), remove);
}
int fetch(sqlite3_file* file, sqlite3_int64 at, int bytes, void** memory) {
    return real(file)->pMethods->xFetch(real(file), at, bytes, memory);
}
int unfetch(sqlite3_file* file, sqlite3_int64 at, void* memory) {
    return real(file)->pMethods->xUnfetch(real(file), at, memory);
}

// clang-format off
constexpr sqlite3_io_methods log_methods = {
    1, log_close, log_read, log_write, log_truncate, log_sync, log_size,
    lock, unlock, is_reserved, control, sector, device,
    nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};
constexpr sqlite3_io_methods base_methods = {
    3, base_close, base_read, base_write, base_truncate, base_sync, base_size,
    lock, unlock, is_reserved, control, sector, device,
    map_shared, lock_shared, barrier, unmap_shared, fetch, unfetch};
// clang-format on

/// The system's own file, behind ours. `made`: ours, begun.
int open_real(File* made, char const* path, int flags, int* out) {
    made->real = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(made) + own_bytes);
    made->real->pMethods = nullptr;
    return parent()->xOpen(parent(), path, made->real, flags, out);
}

int open_base(char const* path, sqlite3_file* file, int flags, int* out) {
    auto* base = new (file) Base{};
    int code = open_real(base, path, flags, out);
    if (code != SQLITE_OK) return code;
    bool knows_all = base->real->pMethods->iVersion >= 3;
    CHECK(knows_all);  // SQLite's own since 2013
    base->head.pMethods = &base_methods;
    return code;
}

int open_log(char const* path, sqlite3_file* file, int flags, int* out) {
    auto* log = new (file) Log{};
    int code = open_real(log, path, flags, out);
    if (code != SQLITE_OK) {
        log->~Log();
        file->pMethods = nullptr;
        return code;
    }
    log->head.pMethods = &log_methods;
    log->base = &base_of(sqlite3_database_file_object(path));
    log->base->log = log;
    return code;
}

int open(sqlite3_vfs*, char const* path, sqlite3_file* file, int flags, int* out) {
    file->pMethods = nullptr;
    if ((flags & SQLITE_OPEN_MAIN_DB) != 0) return open_base(path, file, flags, out);
    if ((flags & SQLITE_OPEN_WAL) != 0) return open_log(path, file, flags, out);
    return parent()->xOpen(parent(), path, file, flags, out);
}

}  // namespace

bool set_up() {
    static bool const is_done = [] {
        if (parent() == nullptr) return false;
        static sqlite3_vfs ours = *parent();
        ours.zName = name;
        ours.pNext = nullptr;
        ours.szOsFile += static_cast<int>(own_bytes);
        ours.xOpen = open;
        return sqlite3_vfs_register(&ours, /*makeDflt=*/0) == SQLITE_OK;
    }();
    return is_done;
}

Counts counts() { return {asked_count, made_count}; }

}  // namespace lares::store::log_writes
