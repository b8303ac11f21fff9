// cli/tail.cc: `lares tail`: the end of a log, and what is added to it.

#include "cli/tail.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/limits.h"
#include "cli/session.h"
#include "text/quantity.h"

namespace lares::cli {
namespace {

constexpr std::size_t default_lines = 20;
/// The first guess at how many bytes hold the lines asked for; enough for most logs.
constexpr std::int64_t first_reading = 16 << 10;
/// Bytes of the past that a stream begins with (supervisord's /logtail).
constexpr std::size_t stream_past = 1024;

struct Amount {
    std::optional<std::int64_t> bytes;
    std::size_t lines = default_lines;
};

Error usage(std::string what) { return {Error::Kind::invalid, std::move(what)}; }

Result<Amount> amount_of(Request const& request) {
    Amount amount;
    if (!request.bytes.empty()) {
        Result<std::int64_t> const bytes = text::parse_size(request.bytes);
        if (!bytes) return usage("--bytes " + request.bytes + ": " + bytes.error().what);
        amount.bytes = std::min(*bytes, limits::log_read_bytes);
    }
    if (!request.lines.empty()) {
        Result<long long> const lines = text::parse_integer(request.lines);
        if (!lines || *lines < 0)
            return usage("--lines " + request.lines + ": must be a number, 0 or more");
        amount.lines = std::size_t(*lines);
    }
    return amount;
}

/// One log: a process's stream, or the daemon's own.
struct Log {
    bool main = false;
    std::string name;
    api::Stream stream = api::Stream::out;
};

Log log_of(Request const& request) {
    if (request.main) return {.main = true};
    bool const err = request.words.size() > 1 && request.words[1] == "stderr";
    return {.name = request.words[0], .stream = err ? api::Stream::err : api::Stream::out};
}

Result<api::LogPiece> read_end(Session& session, Log const& log, std::int64_t bytes) {
    if (!log.main) return session.client.tail(log.name, log.stream, bytes);
    if (bytes == 0) return api::LogPiece{};
    std::string text = TRY(session.client.tail_main(bytes));
    // This operation does not tell the log's size: a full answer may have been cut.
    bool const full = std::int64_t(text.size()) >= bytes;
    return api::LogPiece{.text = std::move(text), .size = 0, .cut = full};
}

/// Reads as much as the amount asks, and no less than `least` bytes where the log has them.
Result<api::LogPiece> read_amount(Session& session, Log const& log, Amount const& amount,
                                  std::size_t least) {
    auto const floor = std::int64_t(least);
    if (amount.bytes) return read_end(session, log, std::max(*amount.bytes, floor));
    std::int64_t bytes = first_reading;
    while (true) {
        api::LogPiece piece = TRY(read_end(session, log, bytes));
        auto const lines = std::size_t(std::ranges::count(piece.text, '\n'));
        // One newline more than lines: the first line may be cut.
        if (!piece.cut || lines > amount.lines || bytes >= limits::log_read_bytes) return piece;
        bytes = std::min(bytes * 8, limits::log_read_bytes);
    }
}

std::string_view wanted_part(std::string_view text, Amount const& amount) {
    if (!amount.bytes) return last_lines(text, amount.lines);
    auto const bytes = std::min(text.size(), std::size_t(*amount.bytes));
    return text.substr(text.size() - bytes);
}

void print_piece(Session const& session, std::string_view text) {
    if (text.empty()) return;
    if (session.request.json) {
        session.doors.out(text::to_json(text::Struct{{"text", std::string(text)}}) + "\n");
    } else {
        session.doors.out(text);
    }
}

int fail_of(Session& session, Log const& log, Error const& error) {
    if (log.main || error.kind != Error::Kind::not_found) return fail(session, error);
    Result<api::Status> const found = session.client.status({log.name});
    if (!found || found->processes.size() == 1) return fail(session, error);
    if (found->processes.empty()) {
        complain_of_unknown(session, {log.name});
        return exit_status::refused;
    }
    return fail(session,
                {Error::Kind::not_found,
                 "'" + log.name + "' means " + std::to_string(found->processes.size()) +
                     " processes; name one, as '" + found->processes.front().full_name() + "'"});
}

/// Passes the stream on without what `shown` showed already. The past that a stream begins with may
/// come in several pieces, so they are collected first.
class Follower {
public:
    Follower(Session const& session, std::string_view shown)
        : session_(session), shown_(shown), past_(std::min(shown.size(), stream_past)) {}

    bool take(std::string_view piece) {
        if (past_ == 0) {
            print_piece(session_, piece);
            return true;
        }
        collected_ += piece;
        if (collected_.size() < past_) return true;
        past_ = 0;
        print_piece(session_, std::string_view(collected_).substr(overlap(shown_, collected_)));
        collected_.clear();
        return true;
    }

private:
    Session const& session_;
    std::string_view shown_;
    std::size_t past_;
    std::string collected_;
};

int follow(Session& session, Log const& log, std::string_view shown) {
    Follower follower(session, shown);
    auto const take = [&](std::string_view piece) { return follower.take(piece); };
    Result<> const ended = log.main ? session.client.follow_main(take)
                                    : session.client.follow(log.name, log.stream, take);
    if (!ended) return fail_of(session, log, ended.error());
    complain(session.doors, "the log has ended: the daemon was stopped, or the process removed");
    return exit_status::refused;
}

}  // namespace

std::string_view last_lines(std::string_view text, std::size_t count) {
    if (count == 0) return {};
    std::size_t at = text.size();
    if (text.ends_with('\n')) --at;
    for (; count > 0; --count) {
        std::size_t const newline = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
        if (newline == std::string_view::npos) return text;
        at = newline;
    }
    return text.substr(at + 1);
}

std::size_t overlap(std::string_view shown, std::string_view stream) {
    for (std::size_t length = std::min(shown.size(), stream.size()); length > 0; --length)
        if (shown.substr(shown.size() - length) == stream.substr(0, length)) return length;
    return 0;
}

int tail(Session& session) {
    Result<Amount> const amount = amount_of(session.request);
    if (!amount) return fail(session.doors, session.request, amount.error(), exit_status::usage);
    Log const log = log_of(session.request);
    std::size_t const least = session.request.follow ? stream_past : 0;
    Result<api::LogPiece> const piece = read_amount(session, log, *amount, least);
    if (!piece) return fail_of(session, log, piece.error());
    std::string_view const text = wanted_part(piece->text, *amount);
    print_piece(session, text);
    if (session.request.follow) return follow(session, log, piece->text);
    bool const unended = !text.empty() && !text.ends_with('\n') && !session.request.json;
    if (unended && session.doors.terminal().is_tty) session.doors.out("\n");
    return exit_status::done;
}

}  // namespace lares::cli
