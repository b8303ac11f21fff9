// store/sql.cc: SOCI behind sql.h. The only unit that includes it; its exceptions end here.
//
// A slot is bound once, when the statement is prepared; what is set later is written into it. Where
// SOCI hides what SQLite can say (result codes, memory, an early reset) its own handle is asked.

#include "store/sql.h"

// SOCI puts SQLite's own declarations into a namespace; nothing may include them before it.
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "store/dialect.h"
#include "store/disk.h"

namespace lares::store {

namespace {

/// Statements that are kept: all that the room has of fixed text, and the usual questions.
constexpr std::size_t most_statements = 64;

/// Small pieces that a connection has at hand instead of asking malloc: 75 KB.
constexpr int lookaside_bytes = 1'200, lookaside_slots = 64;

struct Slot {
    long long number = 0;
    std::string text;
};

sqlite_api::sqlite3* handle(soci::session& session) {
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

/// What the exception under way says. Only inside a catch clause.
Error translate(std::string const& path, sqlite_api::sqlite3* database) {
    int system = database == nullptr ? errno : sqlite_api::sqlite3_system_errno(database);
    try {
        throw;
    } catch (soci::sqlite3_soci_error const& error) {
        return dialect::error(path, error.result(), system, error.get_error_message());
    } catch (soci::soci_error const& error) {
        // Its constructor throws this one when it cannot open; the code is in the words alone.
        return dialect::error(path, SQLITE_ERROR, system, error.get_error_message());
    }
}

bool is_number(char letter) { return letter == 'n'; }

}  // namespace

struct Statement::Impl {
    Impl(soci::session& of, std::string const& at, std::string_view parameter_letters,
         std::string_view column_letters)
        : session(of),
          path(at),
          letters(parameter_letters),
          statement(of),
          parameters(parameter_letters.size()),
          columns(column_letters.size()) {
        for (std::size_t i = 0; i < parameters.size(); ++i) {
            if (is_number(parameter_letters[i]))
                statement.exchange(soci::use(parameters[i].number));
            else
                statement.exchange(soci::use(parameters[i].text));
        }
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (is_number(column_letters[i]))
                statement.exchange(soci::into(columns[i].number));
            else
                statement.exchange(soci::into(columns[i].text));
        }
    }

    void prepare(std::string const& sql) {
        statement.alloc();
        statement.prepare(sql);
        statement.define_and_bind();
    }
    sqlite_api::sqlite3_stmt* native() {
        return static_cast<soci::sqlite3_statement_backend*>(statement.get_backend())->stmt_;
    }

    int bind(sqlite_api::sqlite3_stmt* native, std::size_t place) {
        Slot const& slot = parameters[place];
        auto number = static_cast<int>(place) + 1;
        if (is_number(letters[place]))
            return sqlite_api::sqlite3_bind_int64(native, number, slot.number);
        return sqlite_api::sqlite3_bind_text(native, number, slot.text.data(),
                                             static_cast<int>(slot.text.size()), SQLITE_STATIC);
    }

    soci::session& session;
    std::string const& path;
    std::string letters;  // of the parameters
    soci::statement statement;
    std::vector<Slot> parameters, columns;
    bool in_rows = false;
};

Statement::Statement(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Statement::~Statement() = default;

void Statement::set(std::size_t place, std::int64_t number) {
    impl_->parameters[place].number = number;
}
void Statement::set(std::size_t place, std::string_view text) {
    impl_->parameters[place].text.assign(text);
}

// Not by SOCI: it copies each text into a new buffer at each execution. The slots stay as they are
// until the statement has been reset.
Result<std::int64_t> Statement::run() {
    sqlite_api::sqlite3_stmt* native = impl_->native();
    sqlite_api::sqlite3* database = handle(impl_->session);
    sqlite_api::sqlite3_reset(native);
    int code = SQLITE_OK;
    for (std::size_t i = 0; i < impl_->parameters.size() && code == SQLITE_OK; ++i)
        code = impl_->bind(native, i);
    if (code == SQLITE_OK) do
            code = sqlite_api::sqlite3_step(native);
        while (code == SQLITE_ROW);
    if (code == SQLITE_DONE) {
        std::int64_t changed = sqlite_api::sqlite3_changes(database);
        reset();
        return changed;
    }
    Error error = dialect::error(impl_->path, code, sqlite_api::sqlite3_system_errno(database),
                                 sqlite_api::sqlite3_errmsg(database));
    reset();
    return error;
}

Result<bool> Statement::next() {
    try {
        bool got = impl_->in_rows ? impl_->statement.fetch() : impl_->statement.execute(true);
        impl_->in_rows = got;
        return got;
    } catch (soci::soci_error const&) {
        Error error = translate(impl_->path, handle(impl_->session));
        reset();
        return error;
    }
}

void Statement::reset() {
    impl_->in_rows = false;
    sqlite_api::sqlite3_reset(impl_->native());
}

std::int64_t Statement::number(std::size_t column) const { return impl_->columns[column].number; }
std::string const& Statement::text(std::size_t column) const { return impl_->columns[column].text; }

struct Database::Impl {
    soci::session session;
    FileIdentity file;
};

Database::Database(std::unique_ptr<Impl> impl, std::string path)
    : impl_(std::move(impl)), path_(std::move(path)) {}

Database::~Database() = default;

namespace {

Error trouble(std::string const& path, std::string const& words) {
    return {Error::Kind::unavailable, "database '" + path + "': " + words};
}

/// What SQLite would only call "unable to open", in words; and the file itself, for its owner
/// alone.
Result<> make_ready(std::string const& path, Access::Kind kind) {
    struct stat there{};
    if (::stat(path.c_str(), &there) == 0) {
        if (S_ISREG(there.st_mode)) return {};
        return trouble(path, S_ISDIR(there.st_mode) ? "is a folder; a file was expected"
                                                    : "is not a regular file");
    }
    if (errno != ENOENT) return trouble(path, std::strerror(errno));
    std::string folder = folder_of(path);
    if (::stat(folder.c_str(), &there) != 0)
        return trouble(path,
                       "folder '" + folder + "': " + std::strerror(errno) + "; make it first");
    if (kind != Access::Kind::create) return trouble(path, "there is no such file");
    // Never opened here when it is there: closing it would drop the locks this process has on it.
    int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return trouble(path, "cannot be made: " + std::string(std::strerror(errno)));
    ::close(fd);
    return {};
}

/// Before the first connection of the process: each of ours is used by one thread at a time, and
/// nobody asks how much memory SQLite has. A tenth of an insert's time otherwise.
void configure() {
    static bool const is_done = [] {
        sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
        sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        return true;
    }();
    (void)is_done;
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open(std::string const& path, Access access) {
    configure();
    TRY(make_ready(path, access.kind));
    auto impl = std::make_unique<Impl>();
    try {
        impl->session.open(soci::sqlite3, dialect::connection(path, access.kind));
    } catch (soci::soci_error const&) {
        return dialect::error(path, SQLITE_CANTOPEN, errno, "");
    }
    // Before its first statement; a connection that has used it already keeps what it has.
    sqlite_api::sqlite3_db_config(handle(impl->session), SQLITE_DBCONFIG_LOOKASIDE, nullptr,
                                  lookaside_bytes, lookaside_slots);
    struct stat there{};
    if (::stat(path.c_str(), &there) != 0) return trouble(path, std::strerror(errno));
    impl->file = {there.st_dev, there.st_ino};
    std::unique_ptr<Database> database(new Database(std::move(impl), path));
    for (std::string const& each : dialect::settings(access)) TRY(database->execute(each));
    bool is_read_only = sqlite_api::sqlite3_db_readonly(handle(database->impl_->session), "main");
    if (access.kind != Access::Kind::read && is_read_only)
        return dialect::error(path, SQLITE_READONLY, 0, "");
    return database;
}

Result<Statement*> Database::statement(std::string_view sql, std::string_view parameters,
                                       std::string_view columns) {
    if (auto known = statements_.find(sql); known != statements_.end()) return known->second.get();
    if (statements_.size() >= most_statements) statements_.clear();
    try {
        auto impl = std::make_unique<Statement::Impl>(impl_->session, path_, parameters, columns);
        impl->prepare(std::string(sql));
        auto kept = std::make_unique<Statement>(std::move(impl));
        return statements_.emplace(sql, std::move(kept)).first->second.get();
    } catch (soci::soci_error const&) {
        return translate(path_, handle(impl_->session));
    }
}

Result<> Database::execute(std::string const& sql) {
    // Not by SOCI, which takes one step only: "pragma incremental_vacuum" frees a page a step.
    sqlite_api::sqlite3* native = handle(impl_->session);
    int code = sqlite_api::sqlite3_exec(native, sql.c_str(), nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return {};
    return dialect::error(path_, code, sqlite_api::sqlite3_system_errno(native),
                          sqlite_api::sqlite3_errmsg(native));
}

Result<std::int64_t> Database::number_of(std::string_view sql) {
    Statement* statement = TRY(this->statement(sql, "", "n"));
    bool got = TRY(statement->next());
    std::int64_t number = got ? statement->number(0) : 0;
    statement->reset();
    return number;
}

Result<std::string> Database::text_of(std::string_view sql) {
    Statement* statement = TRY(this->statement(sql, "", "t"));
    bool got = TRY(statement->next());
    std::string text = got ? statement->text(0) : std::string();
    statement->reset();
    return text;
}

FileIdentity Database::identity() const { return impl_->file; }

bool Database::has_its_name() const {
    struct stat there{};
    return ::stat(path_.c_str(), &there) == 0 &&
           FileIdentity{there.st_dev, there.st_ino} == impl_->file;
}

void Database::trim() {
    statements_.clear();
    sqlite_api::sqlite3_db_release_memory(handle(impl_->session));
}

}  // namespace lares::store
