// cli/top_command_test.cc: `lares top` on a scripted machine: a screen whose keys are a list, and a
// daemon that answers by script.

#include <doctest/doctest.h>

#include <algorithm>

#include "cli/scripted_test.h"
#include "cli/top_words.h"

namespace lares::cli {
namespace {

using namespace top_view;
using text::Array;
using text::Struct;
using text::Value;
using Kind = ports::Key::Kind;

ports::Key letter(char32_t code) { return {Kind::character, code}; }

/// Gives keys by script, keeps pictures.
class FakeScreen : public ports::Screen {
public:
    FakeScreen(std::vector<ports::Key>& keys, std::vector<std::string>& pictures, Instant& now)
        : keys_(keys), pictures_(pictures), now_(now) {}
    ports::ScreenSize size() const override { return {80, 24}; }
    void draw(std::vector<ports::ScreenLine> const& lines) override {
        std::string text;
        for (auto const& line : lines) text += plain_text(line) + "\n";
        pictures_.push_back(text);
    }
    /// `none` in the script is time that passes.
    ports::Key wait(Duration span) override {
        if (span == Duration(0)) return {};
        if (keys_.empty()) return {Kind::over, 0};
        ports::Key const key = keys_.front();
        keys_.erase(keys_.begin());
        if (key.kind == Kind::none) now_ += span;
        return key;
    }
    int keys() const override { return -1; }
    int end() const override { return -1; }
    Instant now() const override { return now_; }

private:
    std::vector<ports::Key>& keys_;
    std::vector<std::string>& pictures_;
    Instant& now_;
};

/// The machine with a screen, and a daemon that answers several questions at once.
struct TopMachine : Machine {
    std::vector<ports::Key> keys;
    std::vector<std::string> pictures;
    Instant monotonic{};
    std::optional<ports::ScreenWish> wish;
    bool is_dumb = false;

    TopMachine() {
        terminal = {.is_tty = true, .columns = 80, .rows = 24};
        has_editor = true;
        environment = {{"TERM", "xterm"}, {"LANG", "de_DE.UTF-8"}};
        daemon.answer("lares.status", status_value({{.group = "web", .name = "web", .pid = 41}}));
        daemon.methods["system.multicall"] = [this](std::vector<Value> const& params) {
            Array answers;
            for (Value const& call : *params.at(0).array()) {
                auto const method = daemon.methods.find(*call.find("methodName")->text());
                if (method == daemon.methods.end()) {
                    answers.push_back(Struct{{"faultCode", 1}, {"faultString", "UNKNOWN_METHOD"}});
                    continue;
                }
                answers.push_back(std::get<Value>(method->second(*call.find("params")->array())));
            }
            return text::XmlRpcAnswer(Value(std::move(answers)));
        };
        daemon.route = [](api::HttpCall const&) {
            return api::HttpAnswer{200, R"({"name":"alice","role":"operator"})"};
        };
    }

    int top(std::vector<char const*> words) {
        pictures.clear();
        words.insert(words.begin(), {"lares", "top"});
        Doors doors = this->doors();
        doors.open_screen =
            [this](ports::ScreenWish const& wanted) -> Result<std::unique_ptr<ports::Screen>> {
            wish = wanted;
            if (is_dumb) return Error{Error::Kind::invalid, "TERM is 'dumb'"};
            return std::unique_ptr<ports::Screen>(
                std::make_unique<FakeScreen>(keys, pictures, monotonic));
        };
        out.clear();
        err.clear();
        return cli::run(int(words.size()), words.data(), doors);
    }
};

constexpr ports::Key second{Kind::none, 0};

TEST_CASE("top asks once a second in one request, and who one is once") {
    TopMachine machine;
    machine.keys = {second, second, second};
    CHECK(machine.top({"programs"}) == 0);
    CHECK(machine.daemon.count_of("system.multicall") == 4);
    CHECK(machine.daemon.requests.size() == 5);
    CHECK(machine.pictures.back().find("alice (operator)") != std::string::npos);
    CHECK(machine.wish->is_utf8);
    CHECK(machine.wish->colours == ports::Colours::yes);
}

TEST_CASE("top does what was confirmed and says what became of it") {
    TopMachine machine;
    machine.daemon.answer("lares.stop", Array{outcome("web", "web", 80, "OK")});
    machine.keys = {letter('x'), letter('y'), letter('?')};
    CHECK(machine.top({"programs"}) == 0);
    CHECK(machine.daemon.params_of("lares.stop") == "[[\"web\"],false]");
    CHECK(machine.pictures[2].ends_with("stop web: asked\n"));
    machine.daemon.fault("lares.stop", 30, "FAILED: uid 7 is a viewer; lares.stop needs operator");
    machine.keys = {letter('x'), letter('y'), letter('?')};
    machine.top({"programs"});
    CHECK(
        machine.pictures[2].ends_with("stop web: uid 7 is a viewer; lares.stop needs operator\n"));
}

TEST_CASE("top shows why a thing is so, as lares why tells it") {
    TopMachine machine;
    machine.daemon.answer("lares.why", Struct{{"lines", Array{"it runs", "since noon"}}});
    machine.keys = {letter('w'), {Kind::escape, 0}};
    CHECK(machine.top({"programs"}) == 0);
    CHECK(machine.daemon.params_of("lares.why") == "[\"program/web\"]");
    CHECK(machine.pictures[1].find("it runs\nsince noon\n") != std::string::npos);
    CHECK(machine.pictures[2].find("since noon") == std::string::npos);
}

TEST_CASE("top goes on through the absence of the daemon and greets the next one") {
    TopMachine machine;
    int asked = 0;
    machine.daemon.trouble = [&]() -> std::optional<Error> {
        ++asked;
        if (asked == 3 || asked == 4) return Error{Error::Kind::unavailable, "connection refused"};
        return std::nullopt;
    };
    machine.keys = {second, second, second, second};
    CHECK(machine.top({"tasks"}) == 0);
    CHECK(machine.pictures[1].starts_with(" lares supervisor  not reachable since 1.0s"));
    CHECK(machine.pictures[2].find("not reachable since 2.0s") != std::string::npos);
    CHECK(machine.pictures[3].find("alice (operator)") != std::string::npos);
}

TEST_CASE("an interrupted question is asked again at once, and nobody is called lost for it") {
    TopMachine machine;
    int asked = 0;
    machine.daemon.trouble = [&]() -> std::optional<Error> {
        if (++asked == 3) return Error{Error::Kind::conflict, "interrupted"};
        return std::nullopt;
    };
    machine.keys = {second, letter('j'), letter('j')};
    CHECK(machine.top({"programs"}) == 0);
    CHECK(asked == 4);  // once more, before the second j
    for (auto const& each : machine.pictures)
        CHECK(each.find("not reachable") == std::string::npos);
}

TEST_CASE("top on no terminal, a dumb one, or with nobody listening says what else there is") {
    TopMachine machine;
    machine.is_dumb = true;
    CHECK(machine.top({}) == 2);
    CHECK(machine.err ==
          "lares: TERM is 'dumb'; 'lares status -w' and 'lares top --once' need none of that\n");
    machine.terminal.is_tty = false;
    CHECK(machine.top({}) == 2);
    CHECK(machine.err.find("lares top --once") != std::string::npos);
    machine.terminal.is_tty = true;
    CHECK(machine.top({"kitchen"}) == 2);
    machine.daemon.trouble = [] { return std::optional(Error{Error::Kind::unavailable, "x"}); };
    CHECK(machine.top({}) == 3);
    CHECK(machine.pictures.empty());
}

TEST_CASE("top --once prints one plain screen, of the size that watch(1) tells") {
    TopMachine machine;
    machine.terminal = {};
    machine.environment = {{"COLUMNS", "60"}, {"LINES", "12"}, {"LANG", "C"}};
    CHECK(machine.top({"--once", "Programs"}) == 0);
    CHECK(machine.out.find("web") != std::string::npos);
    CHECK(machine.out.find("help") == std::string::npos);
    CHECK(std::ranges::count(machine.out, '\n') <= 12);
    CHECK(machine.pictures.empty());
    machine.daemon.trouble = [] { return std::optional(Error{Error::Kind::unavailable, "x"}); };
    CHECK(machine.top({"--once"}) == 3);
}

TEST_CASE("top asks for no colours where NO_COLOR is set") {
    TopMachine machine;
    machine.environment.emplace_back("NO_COLOR", "1");
    machine.top({});
    CHECK(machine.wish->colours == ports::Colours::no);
}

}  // namespace
}  // namespace lares::cli
