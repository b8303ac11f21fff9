// cli/top.cc: `lares top`: asks the daemon and the terminal; everything between is top_*.h's.
//
// One thread, and no key waits for the daemon: a question ends as soon as a key is there, and is
// asked again after it.

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <ctime>

#include "cli/fields.h"
#include "cli/session.h"
#include "cli/top_actions.h"
#include "cli/top_answers.h"
#include "cli/top_draw.h"
#include "cli/top_keys.h"
#include "cli/top_marks.h"
#include "cli/top_words.h"

namespace lares::cli {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using namespace top_view;
using text::Value;

/// Between two questions.
constexpr Duration period = 1s;
/// Even when somebody goes through the views with a finger on Tab.
constexpr Duration least_period = 200ms;
/// A daemon that lives answers from memory; one that is silent for so long is told as lost.
constexpr Duration ask_limit = 3s;
constexpr Duration act_limit = 10s;
constexpr std::size_t acts_at_once = 50;

std::string variable(Doors const& doors, std::string_view name) {
    for (auto const& [key, value] : doors.world.environment)
        if (key == name) return value;
    return {};
}

/// As setlocale(3) looks for it.
text::Charset charset_of(Doors const& doors) {
    for (char const* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        std::string const value = folded(variable(doors, name));
        if (value.empty()) continue;
        bool const is_utf8 = value.find("utf-8") != value.npos || value.find("utf8") != value.npos;
        return is_utf8 ? text::Charset::utf8 : text::Charset::ascii;
    }
    return text::Charset::ascii;
}

/// Short: what is not of today has its date, and no seconds.
std::string clock_words(double at, std::int64_t now) {
    std::time_t const when = std::time_t(at), today = std::time_t(now);
    std::tm parts{}, of_today{};
    ::localtime_r(&when, &parts);
    ::localtime_r(&today, &of_today);
    bool const is_today = parts.tm_year == of_today.tm_year && parts.tm_yday == of_today.tm_yday;
    char text[32];
    return {text, std::strftime(text, sizeof text, is_today ? "%H:%M:%S" : "%d %b %H:%M", &parts)};
}

Look look_of(Doors const& doors) {
    return {.charset = charset_of(doors),
            .clock = [&doors](double at) { return clock_words(at, doors.now()); }};
}

/// One moment's questions and their answers. The Error is the daemon's, or that a key came.
Result<> poll(Session& session, api::Client& client, Snapshot& snapshot, State const& state) {
    snapshot.now = double(session.doors.now());
    if (!(snapshot.log.source == state.log)) snapshot.log = Log{.source = state.log};
    bool const is_new = snapshot.is_new;
    auto const asked = questions(state, snapshot);
    auto answer = client.call("system.multicall", as_one(asked), ask_limit);
    if (!answer) return answer.error();
    if (auto good = take(snapshot, asked, std::move(answer).take()); !good) return good;
    if (!is_new) return {};
    // Who one is here, and may do; an older daemon does not tell, and refuses by itself.
    if (auto const who = client.get("/api/v1/session", ask_limit)) {
        snapshot.who = text_of(*who, "name");
        snapshot.role = text_of(*who, "role");
    }
    return {};
}

/// The screen and what is on it, until its reader goes.
class Watch {
public:
    Watch(Session& session, ports::Screen& screen, State state, Snapshot snapshot)
        : session_(session),
          screen_(screen),
          asking_(session.doors.http, session.found.server, screen.keys()),
          acting_(session.doors.http, session.found.server, screen.end()),
          look_(look_of(session.doors)),
          state_(std::move(state)),
          snapshot_(std::move(snapshot)),
          asked_(screen.now()),
          answered_(asked_),
          due_(asked_ + period) {}

    void run() {
        while (true) {
            show();
            if (!take_keys()) return;
            if (screen_.now() >= due_) ask();
        }
    }

private:
    void show() {
        snapshot_.now = double(session_.doors.now());
        if (!snapshot_.trouble.empty()) snapshot_.lost = silence();
        auto const size = screen_.size();
        settle(state_, snapshot_, look_, size);
        screen_.draw(draw(state_, snapshot_, look_, size));
    }

    /// Waits for one, then takes all there are. False: the reader goes.
    bool take_keys() {
        auto const left = std::clamp(due_ - screen_.now(), Duration(0), period);
        auto key = screen_.wait(left);
        for (; key.kind != ports::Key::Kind::none; key = screen_.wait(Duration(0))) {
            auto const size = screen_.size();
            settle(state_, snapshot_, look_, size);
            Effect effect = press(state_, snapshot_, look_, key, size);
            if (effect.kind == Effect::Kind::quit) return false;
            follow(std::move(effect));
        }
        return true;
    }

    void follow(Effect effect) {
        switch (effect.kind) {
        case Effect::Kind::none:
        case Effect::Kind::quit:
            return;
        case Effect::Kind::poll:
            due_ = std::max(screen_.now(), asked_ + least_period);
            return;
        case Effect::Kind::act:
            return do_order(effect.order);
        case Effect::Kind::read:
            return read(effect.act);
        }
    }

    void ask() {
        std::size_t const lines = snapshot_.log.begun;
        Result<> const good = poll(session_, asking_, snapshot_, state_);
        // A key is there: it first, then the question again.
        if (!good && good.error().kind == Error::Kind::conflict) return;
        asked_ = screen_.now();
        due_ = asked_ + period;
        if (good)
            answered_ = asked_;
        else
            lose(snapshot_, good.error().what, silence());
        // Who reads further up goes on reading there.
        bool const is_same = snapshot_.log.begun >= lines;
        if (state_.log_back > 0 && is_same) state_.log_back += snapshot_.log.begun - lines;
    }

    void do_order(Order const& order) {
        tell(state_, order, done(order));
        due_ = screen_.now();
    }

    /// In pieces, so that no answer is long in coming, and that one sees how far it is.
    std::vector<Told> done(Order const& order) {
        std::vector<Told> told;
        for (std::size_t i = 0; i < order.acts.size(); i += acts_at_once) {
            if (i > 0) {
                state_.note = {
                    fmt::format("{}: {} of {}", order.acts[i].words, i, order.acts.size()),
                    Style::quiet};
                show();
            }
            auto const first = order.acts.begin() + std::ptrdiff_t(i);
            auto const last = first + std::ptrdiff_t(std::min(acts_at_once, order.acts.size() - i));
            do_piece({first, last}, told);
        }
        return told;
    }

    void do_piece(std::vector<Act> const& acts, std::vector<Told>& told) {
        bool const is_one = acts.size() == 1;
        auto const answer = is_one ? acting_.call(acts[0].method, acts[0].params, act_limit)
                                   : acting_.call("system.multicall", calls_of(acts), act_limit);
        auto const* answers = answer && !is_one ? answer->array() : nullptr;
        for (std::size_t i = 0; i < acts.size(); ++i) {
            bool const has_own = answers != nullptr && i < answers->size();
            if (answer && (is_one || has_own)) {
                for (Told& each : told_by(acts[i], is_one ? *answer : (*answers)[i]))
                    told.push_back(std::move(each));
                continue;
            }
            std::string const why =
                answer ? "the daemon said nothing of it" : plain_words(answer.error().what);
            for (Thing const& thing : acts[i].things) told.push_back({thing, why, false});
        }
    }

    void read(Act const& act) {
        auto const answer = acting_.call(act.method, act.params, act_limit);
        if (!answer) {
            state_.note = {act.words + ": " + plain_words(answer.error().what), Style::bad};
            return;
        }
        std::vector<std::string> lines;
        for (Value const& line : list_of(*answer, "lines"))
            if (line.text() != nullptr) lines.push_back(*line.text());
        state_.reading = {act.words, std::move(lines), 0};
        state_.mode = Mode::reading;
    }

    /// For how long nothing was heard of the daemon, in seconds.
    double silence() const { return double((screen_.now() - answered_).count()) / 1000; }

    Session& session_;
    ports::Screen& screen_;
    api::Client asking_;
    api::Client acting_;
    Look look_;
    State state_;
    Snapshot snapshot_;
    Instant asked_;
    Instant answered_;
    Instant due_;
};

/// A number of the environment, as watch(1) sets it.
std::size_t size_word(Doors const& doors, std::string_view name, std::size_t otherwise) {
    std::string const text = variable(doors, name);
    std::size_t number = 0;
    auto const end = std::from_chars(text.data(), text.data() + text.size(), number);
    bool const is_good = end.ec == std::errc() && number >= 10 && number <= 1000;
    return is_good ? number : otherwise;
}

ports::ScreenSize printed_size(Doors const& doors) {
    Terminal const terminal = doors.terminal();
    ports::ScreenSize size{std::size_t(std::max(terminal.columns, 20)),
                           std::size_t(std::max(terminal.rows, 10))};
    if (terminal.is_tty) return size;
    return {size_word(doors, "COLUMNS", size.columns), size_word(doors, "LINES", size.rows)};
}

int print_once(Session& session, State state, Snapshot const& snapshot) {
    ports::ScreenSize size = printed_size(session.doors);
    Look const look = look_of(session.doors);
    settle(state, snapshot, look, size);
    Lines lines = draw(state, snapshot, look, size);
    lines.pop_back();  // what keys do
    std::string text;
    for (auto const& line : lines) text += plain_text(line) + "\n";
    text.erase(text.find_last_not_of('\n') + 1);
    print(session.doors, text);
    return exit_status::done;
}

int print_values(Session& session, State const& state, Snapshot const& snapshot) {
    auto const asked = questions(state, snapshot);
    auto const answer = session.client.call("system.multicall", as_one(asked));
    if (!answer) return fail_plainly(session, answer.error());
    text::Struct values;
    for (std::size_t i = 0; answer->array() != nullptr && i < answer->array()->size(); ++i)
        values.emplace_back(asked.at(i).name, (*answer->array())[i]);
    print_json(session.doors, values);
    return exit_status::done;
}

int watch_house(Session& session, State state, Snapshot snapshot) {
    Doors const& doors = session.doors;
    bool const has_colours = colour_of(doors, session.request) == Colour::yes;
    auto screen =
        doors.open_screen({.type = variable(doors, "TERM"),
                           .colours = has_colours ? ports::Colours::yes : ports::Colours::no,
                           .is_utf8 = charset_of(doors) == text::Charset::utf8});
    if (!screen)
        return wrong_use(
            session,
            screen.error().what + "; 'lares status -w' and 'lares top --once' need none of that");
    Watch(session, **screen, std::move(state), std::move(snapshot)).run();
    return exit_status::done;
}

}  // namespace

int top(Session& session) {
    State state;
    for (std::string const& word : session.request.words) {
        auto const view = view_called(word);
        if (!view)
            return wrong_use(session, "there is no view '" + word +
                                          "'; there are overview, programs, tasks, folders, "
                                          "queue, runs, events, messages and log");
        state.view = *view;
    }
    Snapshot snapshot;
    if (session.request.json) return print_values(session, state, snapshot);
    bool const is_once = session.request.one_screen;
    if (!is_once && !(session.doors.terminal().is_tty && session.doors.keyboard.is_tty()))
        return wrong_use(session,
                         "this is no terminal to watch on; 'lares top --once' prints one screen, "
                         "'lares status' a table");
    // Who cannot reach it at all is told so on a clean terminal, as by every other command.
    if (auto good = poll(session, session.client, snapshot, state); !good)
        return fail_plainly(session, good.error());
    return is_once ? print_once(session, std::move(state), snapshot)
                   : watch_house(session, std::move(state), std::move(snapshot));
}

}  // namespace lares::cli
