// apps/capture/session.cc: connect, read, note what was missed, connect again.

#include "apps/capture/session.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "apps/capture/disk.h"
#include "apps/capture/doubles.h"
#include "apps/capture/matcher.h"
#include "apps/capture/phrases.h"
#include "apps/capture/reading.h"
#include "apps/capture/recover.h"
#include "apps/capture/sse.h"
#include "apps/capture/verify.h"
#include "apps/capture/whole_number.h"
#include "text/query.h"

namespace lares::capture {

namespace {

/// Keys that are remembered while a stream runs: minutes of the busiest one with cursors.
constexpr std::size_t remembered = 65'536;

class Session {
public:
    Session(Plan const& plan, Doors const& doors, GapBook book)
        : plan_(plan),
          doors_(doors),
          book_(std::move(book)),
          reader_(plan.language),
          matcher_(plan.is_filtered_here ? plan.filter : Filter{}),
          known_(remembered) {}

    Result<> begin(std::string_view reason);
    Result<SessionReport> run();

private:
    bool has_cursor() const {
        return !plan_.cursor_parameter.empty() || !plan_.cursor_header.empty();
    }
    std::string cursor_path() const {
        return source_folder(plan_.writer.archive, plan_.name) + "/.cursor";
    }
    Result<> remember_from_archive(Standing const&);
    Result<Ending> connect_once();
    Result<Ending> read_stream(ports::Stream&);
    Result<> read_file();
    void take_bytes(std::string_view bytes);
    Result<> take(std::string_view message);
    Result<> judge_gap(bool is_double, Facts const&);
    Result<> tend();
    Result<> lost(std::string reason);
    Result<> finish();

    Plan const& plan_;
    Doors const& doors_;
    GapBook book_;
    DialectReader reader_;
    Matcher matcher_;
    Doubles known_;
    std::unique_ptr<Writer> writer_;
    LineSplitter splitter_;
    SseReader sse_;
    Backoff backoff_;
    Bound last_;  // of all that was received
    std::string saved_cursor_;
    SessionReport report_;
    Result<> trouble_;  // of the message within a batch
    bool is_new_connection_ = false;
};

std::string words_for(Ending const& ending) {
    switch (ending.kind) {
    case Ending::Kind::network:
        return phrase(Phrase::gap_network);
    case Ending::Kind::stall:
        return phrase(Phrase::gap_stall);
    case Ending::Kind::http:
        return phrase(Phrase::gap_http, {std::to_string(ending.status)});
    case Ending::Kind::by_peer:
        return phrase(Phrase::gap_by_peer);
    case Ending::Kind::stopped:
        return phrase(Phrase::gap_stopped);
    }
    return "";
}

std::optional<Duration> retry_after(ports::Headers const& headers) {
    for (auto const& [name, value] : headers)
        if (name == "retry-after")
            if (auto seconds = whole_number(value))
                return std::chrono::seconds(std::clamp<std::int64_t>(*seconds, 0, 86'400));
    return std::nullopt;
}

Result<> Session::begin(std::string_view reason) {
    auto standing = TRY(find_standing(plan_.writer.archive, plan_.name));
    if (standing) {
        last_ = standing->last;
        if (has_cursor()) TRY(remember_from_archive(*standing));
        // With a filter most messages are passed over; how far they came was noted beside.
        if (disk::exists(cursor_path())) {
            auto noted = TRY(disk::read_all(cursor_path()));
            if (whole_number(noted).value_or(0) > whole_number(last_.cursor).value_or(0))
                last_ = {.cursor = noted};
        }
        TRY(book_.begin_again(
            {.from = standing->at_ms, .after = last_, .reason = std::string(reason)}));
    } else if (auto const& open = book_.open_gap()) {
        TRY(book_.begin_again({.from = open->from, .reason = std::string(reason)}));
    }
    writer_ = TRY(Writer::open(plan_.writer, book_, doors_.now()));
    return {};
}

Result<> Session::remember_from_archive(Standing const& standing) {
    DialectReader reader(plan_.language);
    TRY(read_messages(plan_.writer.archive + "/" + standing.file, [&](std::string_view message) {
        reader.read(message);
        known_.meet(reader.key());
        return true;
    }));
    return {};
}

Result<> Session::judge_gap(bool is_double, Facts const& facts) {
    if (!book_.open_gap()) return {};
    // A service that begins where we were, or before, leaves nothing out. Anything else is a gap.
    auto const was = whole_number(last_.cursor), is = whole_number(facts.cursor);
    bool const is_joined = has_cursor() && (is_double || (was && is && *is <= *was));
    if (is_joined) return book_.cover();
    return book_.close(doors_.now().wall_ms,
                       {std::string(facts.id), std::string(facts.time), std::string(facts.cursor)});
}

Result<> Session::take(std::string_view message) {
    if (message.empty()) return {};
    auto const& facts = reader_.read(message);
    ++report_.received;
    bool is_double = false;
    if (has_cursor()) is_double = known_.meet(reader_.key()) == Doubles::Met::again;
    if (book_.open_gap() && facts.kind != Kind::unreadable) TRY(judge_gap(is_double, facts));
    if (is_new_connection_) {
        is_new_connection_ = false;
        backoff_.succeeded();
    }
    if (is_double) {
        ++report_.doubles;
        return {};
    }
    if (!facts.id.empty() || !facts.cursor.empty()) {
        last_.id.assign(facts.id);
        last_.time.assign(facts.time);
        if (!facts.cursor.empty()) last_.cursor.assign(facts.cursor);
    }
    if (!matcher_.match(facts)) return {};
    ++report_.written;
    return writer_->add(message, facts, doors_.now());
}

void Session::take_bytes(std::string_view bytes) {
    auto one = [&](std::string_view message) {
        if (trouble_) trouble_ = take(message);
        return trouble_.ok();
    };
    if (plan_.form == Form::sse) {
        sse_.add(bytes, one);
        return;
    }
    splitter_.add(bytes, one);
    if (splitter_.rest().size() > longest_message) {
        doors_.log("a line of more than 8 MB was passed over");
        splitter_.clear();
    }
}

Result<> Session::tend() {
    auto const now = doors_.now();
    if (now.tick < writer_->next_look()) return {};
    TRY(writer_->tend(now));
    if (!has_cursor() || plan_.filter.takes_everything() || last_.cursor == saved_cursor_)
        return {};
    // All that came before it lasts or was passed over: a power cut must not leave a cursor that
    // is ahead of the archive.
    TRY(writer_->settle());
    TRY(disk::replace(cursor_path(), last_.cursor));
    saved_cursor_ = last_.cursor;
    return {};
}

Result<Ending> Session::read_stream(ports::Stream& stream) {
    splitter_.clear();
    sse_.clear();
    std::string bytes;
    auto heard = doors_.now().tick;
    for (;;) {
        auto now = doors_.now();
        auto until = std::min(heard + plan_.stall, writer_->next_look());
        auto wait = std::clamp<Duration>(until - now.tick, 0ms, 60s);
        bytes.clear();
        auto got = stream.read(bytes, wait);
        if (!bytes.empty()) {
            heard = doors_.now().tick;
            take_bytes(bytes);
            TRY(std::move(trouble_));
        }
        if (!got) {
            doors_.log("the connection broke: " + got.error().what);
            return Ending{.kind = Ending::Kind::network};
        }
        switch (*got) {
        case ports::Stream::Got::interrupted:
            return Ending{.kind = Ending::Kind::stopped};
        case ports::Stream::Got::ended:
            return Ending{.kind = Ending::Kind::by_peer};
        case ports::Stream::Got::bytes:
        case ports::Stream::Got::nothing:
            break;
        }
        TRY(tend());
        if (doors_.now().tick >= heard + plan_.stall) return Ending{.kind = Ending::Kind::stall};
    }
}

Result<Ending> Session::connect_once() {
    ports::StreamCall call{.url = plan_.url,
                           .headers = plan_.headers,
                           .ca_file = plan_.ca_file,
                           .until = doors_.until};
    if (has_cursor() && !last_.cursor.empty()) {
        auto cursor = rewound(last_.cursor, plan_.rewind);
        if (!plan_.cursor_parameter.empty())
            call.url = with_parameter(call.url, plan_.cursor_parameter, cursor);
        else
            call.headers.emplace_back(plan_.cursor_header, cursor);
    }
    if (doors_.prepare) {
        auto prepared = doors_.prepare(plan_);
        if (!prepared) {
            doors_.log("the service's rules could not be set: " + prepared.error().what);
            return Ending{.kind = Ending::Kind::http,
                          .status = prepared.error().kind == Error::Kind::unavailable ? 503 : 500};
        }
    }
    auto opened = doors_.streams.open(call);
    if (!opened) {
        if (opened.error().kind == Error::Kind::conflict)
            return Ending{.kind = Ending::Kind::stopped};
        doors_.log("no connection: " + opened.error().what);
        return Ending{.kind = Ending::Kind::network};
    }
    if (!opened->stream) {
        doors_.log("the service answered " + std::to_string(opened->status) + ": " +
                   opened->body.substr(0, 300));
        return Ending{.kind = Ending::Kind::http,
                      .status = opened->status,
                      .retry_after = retry_after(opened->headers)};
    }
    ++report_.connections;
    is_new_connection_ = true;
    doors_.log("connected");
    return read_stream(*opened->stream);
}

Result<> Session::lost(std::string reason) {
    writer_->connection_ended();
    if (last_ == Bound{}) return {};  // nothing was ever received: there is nothing to miss between
    return book_.begin({.from = doors_.now().wall_ms, .after = last_, .reason = std::move(reason)});
}

Result<> Session::read_file() {
    auto done = read_messages(plan_.url, [&](std::string_view message) {
        trouble_ = take(message);
        if (trouble_ && report_.received % 1024 == 0) trouble_ = tend();
        return trouble_.ok() && !(report_.received % 1024 == 0 && doors_.wait(0ms));
    });
    TRY(std::move(trouble_));
    auto const reading = TRY(std::move(done));
    if (!reading.trouble.empty()) doors_.log("'" + plan_.url + "' " + reading.trouble);
    return {};
}

Result<> Session::finish() {
    TRY(writer_->close(doors_.now()));
    if (has_cursor() && !plan_.filter.takes_everything() && !last_.cursor.empty())
        TRY(disk::replace(cursor_path(), last_.cursor));
    return {};
}

Result<SessionReport> Session::run() {
    if (plan_.form == Form::file) {
        TRY(read_file());
        TRY(finish());
        return report_;
    }
    for (;;) {
        auto ending = TRY(connect_once());
        TRY(lost(words_for(ending)));
        if (ending.kind == Ending::Kind::stopped) break;
        auto const wait = backoff_.after(ending);
        doors_.log(words_for(ending) + ", connecting again in " + std::to_string(wait.count()) +
                   " ms");
        bool is_stopped = false;
        for (auto const end = doors_.now().tick + wait; !is_stopped && doors_.now().tick < end;) {
            TRY(tend());
            auto until = std::min(end, writer_->next_look());
            is_stopped = doors_.wait(std::clamp<Duration>(until - doors_.now().tick, 1ms, 60s));
        }
        if (is_stopped) break;
    }
    TRY(finish());
    return report_;
}

}  // namespace

std::string with_parameter(std::string const& url, std::string const& name,
                           std::string const& value) {
    return url + (url.find('?') == url.npos ? "?" : "&") + text::encode_percent(name) + "=" +
           text::encode_percent(value);
}

std::string rewound(std::string const& cursor, std::int64_t rewind) {
    auto at = whole_number(cursor);
    return at ? std::to_string(std::max<std::int64_t>(0, *at - rewind)) : cursor;
}

Result<SessionReport> run_session(Plan const& plan, std::string const& locks, Doors const& doors) {
    auto const& archive = plan.writer.archive;
    std::optional<disk::Lock> credential;
    if (!plan.credential.empty() && streams_per_credential(plan.service) > 0) {
        auto taken =
            disk::Lock::take(locks + "/credential-" + plan.credential + ".lock", plan.name);
        if (!taken && taken.error().kind == Error::Kind::conflict)
            return Error{Error::Kind::conflict, "the credential '" + plan.credential +
                                                    "' is in use by '" + taken.error().what +
                                                    "'; " + plan.service + " allows one stream"};
        credential = TRY(std::move(taken));
    }
    auto taken = disk::Lock::take(lock_path(archive, plan.name), "capture");
    if (!taken && taken.error().kind == Error::Kind::conflict)
        return Error{Error::Kind::conflict,
                     "'" + plan.name + "' is being captured or mended already"};
    auto const lock = TRY(std::move(taken));
    auto const recovered = TRY(recover(archive, plan.name, plan.language));
    for (auto const& each : recovered)
        doors.log("finished '" + each.file + "', which was left behind with " +
                  std::to_string(each.messages) + " messages");
    Session session(plan, doors, TRY(GapBook::open(gap_path(archive, plan.name))));
    TRY(session.begin(phrase(recovered.empty() ? Phrase::gap_stopped : Phrase::gap_killed)));
    return session.run();
}

}  // namespace lares::capture
