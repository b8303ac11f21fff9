// cli/top_reader_test.h: a house that does not move and a reader in front of it, for the tests of
// `lares top`.

#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "cli/top_draw.h"
#include "cli/top_keys.h"
#include "cli/top_words.h"

namespace lares::cli::top_view {

using text::Array;
using text::Struct;
using Kind = ports::Key::Kind;

inline constexpr double noon = 1'774'785'600;  // 2026-03-29 12:00:00 UTC

inline Look look(text::Charset charset = text::Charset::utf8) {
    return {.charset = charset, .clock = [](double at) {
                auto const seconds = std::int64_t(at) % 86400;
                char text[16];
                std::snprintf(text, sizeof text, "%02d:%02d:%02d", int(seconds / 3600 % 24),
                              int(seconds / 60 % 60), int(seconds % 60));
                return std::string(text);
            }};
}

inline api::Process process(std::string name, std::string state, std::int64_t pid = 0) {
    return {.group = name, .name = name, .state_name = std::move(state), .pid = pid};
}

inline text::Value task(std::string name, double next) {
    return Struct{{"task", std::move(name)},
                  {"ready", 2},
                  {"delayed", 1},
                  {"running", 1},
                  {"blocks", Array{}},
                  {"next", next},
                  {"next_by", "schedule 15 * * * *"},
                  {"last_end", noon - 60},
                  {"last_state", "done"},
                  {"last_run", "7"},
                  {"done", 10},
                  {"failed", 0},
                  {"usual", 4.2}};
}

inline Snapshot house() {
    Snapshot snapshot;
    snapshot.is_new = false;
    snapshot.now = noon;
    snapshot.who = "alice";
    snapshot.role = "operator";
    snapshot.status = {.pid = 100,
                       .identifier = "supervisor",
                       .state = "RUNNING",
                       .started = std::int64_t(noon) - 3600};
    auto web = process("web", "RUNNING", 41);
    web.uptime_seconds = 3600;
    auto db = process("db", "FATAL");
    db.why = "exited too quickly";
    snapshot.status.processes = {db, web};
    snapshot.usage["web"] = {
        .pid = 41, .seconds = 36, .at = noon, .percent = 12.34, .memory = 3'500'000};
    snapshot.answers["tasks"] = Array{task("report", noon + 900), task("yearly", noon + 1e7)};
    snapshot.answers["work"] = Struct{{"ready", 3}, {"running", 1}, {"dead", 0}, {"parked", 0}};
    snapshot.answers["audit"] = Struct{{"unexplained", 0}};
    snapshot.answers["running"] = Array{Struct{{"job", "812"},
                                               {"task", "import"},
                                               {"started", noon - 4},
                                               {"progress", 40},
                                               {"progress_words", "page 4 of 10"}}};
    snapshot.answers["recent"] = Struct{{"events", Array{Struct{{"event", "9"},
                                                                {"at", noon - 2},
                                                                {"kind", "job.done"},
                                                                {"subject", "job/811"},
                                                                {"words", "done"}}}}};
    return snapshot;
}

inline std::string picture(State state, Snapshot const& snapshot, ports::ScreenSize size = {80, 24},
                           text::Charset charset = text::Charset::utf8) {
    settle(state, snapshot, look(charset), size);
    std::string text;
    for (auto const& line : draw(state, snapshot, look(charset), size))
        text += plain_text(line) + "\n";
    return text;
}

/// The lines of a picture that hold `words`.
inline std::string line_with(std::string const& text, std::string_view words) {
    auto const at = text.find(words);
    if (at == text.npos) return "not there:\n" + text;
    auto const begin = text.rfind('\n', at) + 1;
    return text.substr(begin, text.find('\n', at) - begin);
}

inline ports::Key letter(char32_t code) { return {Kind::character, code}; }

/// A reader in front of a house that does not move.
struct Reader {
    State state;
    Snapshot snapshot = house();
    ports::ScreenSize size{80, 24};

    Effect press(ports::Key key) {
        settle(state, snapshot, look(), size);
        return top_view::press(state, snapshot, look(), key, size);
    }
    Effect press(char32_t code) { return press(letter(code)); }
    void type(std::string_view text) {
        for (char const c : text) press(letter(char32_t(c)));
    }
    std::string see() { return picture(state, snapshot, size); }
};

}  // namespace lares::cli::top_view
