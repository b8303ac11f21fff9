// apps/capture/allowance.cc: headers, a row of the table, and patience.

#include "apps/capture/allowance.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "apps/capture/pace.h"
#include "apps/capture/phrases.h"
#include "delivery/web_answer.h"

namespace lares::capture {

namespace {

/// A window that begins anew at a second begins a little later by our clock.
constexpr std::int64_t after_reset_ms = 1'000;
/// Times that differ by less name the same window.
constexpr std::int64_t same_window_ms = 5'000;
constexpr std::int64_t first_refusal_ms = 60'000, longest_refusal_ms = 960'000;
constexpr std::int64_t slice_ms = 10'000;

std::string_view first_header(ports::WebAnswer const& answer,
                              std::initializer_list<std::string_view> names) {
    for (auto name : names)
        if (auto value = deliver::header(answer, name); !value.empty()) return value;
    return {};
}

}  // namespace

Allowance allowance_in(ports::WebAnswer const& answer, std::int64_t now_ms, std::int64_t refusals) {
    WallTime const now{Duration(now_ms)};
    Allowance out;
    auto const left = first_header(
        answer, {"x-rate-limit-remaining", "x-ratelimit-remaining", "ratelimit-remaining"});
    auto const reset =
        first_header(answer, {"x-rate-limit-reset", "x-ratelimit-reset", "ratelimit-reset"});
    std::from_chars(left.data(), left.data() + left.size(), out.remaining);
    out.remaining = std::max<std::int64_t>(out.remaining, -1);
    if (auto const wait = deliver::until(reset, now); wait.count() > 0)
        out.until_ms = now_ms + wait.count() + after_reset_ms;
    if (answer.status != 429 && answer.status != 420) return out;
    out.remaining = 0;
    if (auto const wait = deliver::retry_after(answer, now); wait.count() > 0)
        out.until_ms = now_ms + wait.count();
    else if (out.until_ms == 0)
        out.until_ms = now_ms + std::min(longest_refusal_ms,
                                         first_refusal_ms << std::min<std::int64_t>(refusals, 6));
    return out;
}

Result<std::int64_t> reserve_call(Database& database, std::string const& name,
                                  std::int64_t now_ms) {
    std::int64_t wait = 0;
    auto done = database.together([&]() -> Result<> {
        auto const known = TRY(
            database.rows("select remaining, until from allowances where name = :n", {name}, "nn"));
        if (known.empty()) return {};
        auto const remaining = number_in(known[0], 0), until = number_in(known[0], 1);
        if (remaining == 0 && until > now_ms) {
            wait = until - now_ms;
            return {};
        }
        // The window is over, or nobody said how long it is: the next answer tells.
        auto const left = until <= now_ms || remaining < 0 ? -1 : remaining - 1;
        TRY(database.run("update allowances set remaining = :r where name = :n", {left, name}));
        return {};
    });
    TRY(std::move(done));
    return wait;
}

Result<> note_answer(Database& database, std::string const& name, ports::WebAnswer const& answer,
                     std::int64_t now_ms) {
    return database.together([&]() -> Result<> {
        auto const known = TRY(database.rows(
            "select remaining, until, refusals from allowances where name = :n", {name}, "nnn"));
        auto const refusals = known.empty() ? 0 : number_in(known[0], 2);
        auto said = allowance_in(answer, now_ms, refusals);
        bool const is_refusal = answer.status == 429 || answer.status == 420;
        // Calls of others that are under way were counted here, and not yet there.
        bool const is_same_window =
            !known.empty() && number_in(known[0], 0) >= 0 &&
            std::abs(number_in(known[0], 1) - said.until_ms) < same_window_ms;
        if (is_same_window && said.remaining >= 0)
            said.remaining = std::min(said.remaining, number_in(known[0], 0));
        if (said.remaining < 0 && known.empty()) return {};
        TRY(database.run(
            "insert into allowances values (:n, :r, :u, :f) on conflict (name) do update set "
            "remaining = excluded.remaining, until = excluded.until, refusals = excluded.refusals",
            {name, said.remaining, said.until_ms, is_refusal ? refusals + 1 : 0}));
        return {};
    });
}

std::string allowance_name(std::string const& url, std::string const& credential,
                           std::string const& kind) {
    auto const begin = std::min(url.find("://"), url.size() - std::min<std::size_t>(url.size(), 3));
    auto const host = url.substr(begin + 3, url.find('/', begin + 3) - begin - 3);
    return host + " " + (credential.empty() ? "-" : credential) + " " + kind;
}

namespace {

/// In slices, so that a job's heart goes on.
Result<> wait_so_long(App& app, std::int64_t ms, std::function<Result<>()> const& beat) {
    auto const end = app.now().tick + Duration(ms);
    for (auto now = app.now().tick; now < end; now = app.now().tick) {
        TRY(beat());
        if (app.wait(std::min<Duration>(end - now, Duration(slice_ms))))
            return fault(Error::Kind::conflict, Phrase::told_to_stop);
    }
    return {};
}

}  // namespace

Result<ports::WebAnswer> ask_politely(App& app, std::string const& allowance,
                                      ports::WebCall const& call,
                                      std::function<Result<>()> const& beat, int tries) {
    auto* database = TRY(app.database());
    Backoff backoff;
    for (int tried = 1;; ++tried) {
        for (;;) {
            if (app.wait(Duration(0))) return fault(Error::Kind::conflict, Phrase::told_to_stop);
            auto const wait = TRY(reserve_call(*database, allowance, app.now().wall_ms));
            if (wait == 0) break;
            app.log("the service lets '" + allowance + "' ask again in " +
                    std::to_string((wait + 999) / 1000) + " s");
            TRY(wait_so_long(app, wait, beat));
        }
        auto answer = app.post.call(call);
        if (answer) TRY(note_answer(*database, allowance, *answer, app.now().wall_ms));
        bool const is_refusal = answer && (answer->status == 429 || answer->status == 420);
        bool const is_trouble = answer ? answer->status >= 500
                                       : answer.error().kind == Error::Kind::unavailable ||
                                             answer.error().kind == Error::Kind::io;
        if ((!is_trouble && !is_refusal) || tried >= tries) return answer;
        // A refusal's wait is the allowance's.
        if (is_refusal) continue;
        Ending const ending{.kind = answer ? Ending::Kind::http : Ending::Kind::network,
                            .status = answer ? answer->status : 0};
        TRY(wait_so_long(app, backoff.after(ending).count(), beat));
    }
}

}  // namespace lares::capture
