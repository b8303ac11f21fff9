// cli/scripted_test.h: a machine for tests of the command line: files, a terminal, and a daemon
// that answers by script. Nothing here touches the real machine.

#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/main.h"
#include "text/xmlrpc.h"

namespace lares::cli {

/// One process as the daemon lists it.
struct FakeProcess {
    std::string group;
    std::string name;
    std::string state = "RUNNING";
    std::int64_t pid = 0;
    std::int64_t uptime = 0;
    std::int64_t restarts = 0;
    std::string why;
    std::string waits_for;
    std::string description;
};

inline std::int64_t number_of(std::string const& state) {
    static std::map<std::string, std::int64_t> const numbers = {
        {"STOPPED", 0},   {"STARTING", 10}, {"RUNNING", 20}, {"BACKOFF", 30},
        {"STOPPING", 40}, {"EXITED", 100},  {"FATAL", 200}};
    return numbers.at(state);
}

inline text::Value value_of(FakeProcess const& p) {
    return text::Struct{{"name", p.name},           {"group", p.group},
                        {"program", p.group},       {"state", number_of(p.state)},
                        {"statename", p.state},     {"pid", p.pid},
                        {"uptime", p.uptime},       {"why", p.why},
                        {"waits_for", p.waits_for}, {"ready", p.state == "RUNNING"},
                        {"restarts", p.restarts},   {"description", p.description}};
}

inline text::Value status_value(std::vector<FakeProcess> const& processes,
                                std::vector<std::string> const& unknown = {}) {
    text::Array list;
    for (FakeProcess const& process : processes) list.push_back(value_of(process));
    return text::Struct{
        {"version", "0.1.0"},           {"pid", 100},
        {"identifier", "supervisor"},   {"state", "RUNNING"},
        {"processes", std::move(list)}, {"unknown", text::Array(unknown.begin(), unknown.end())}};
}

inline text::Value outcome(std::string name, std::string group, int status, std::string words) {
    return text::Struct{{"name", std::move(name)},
                        {"group", std::move(group)},
                        {"status", status},
                        {"description", std::move(words)}};
}

/// Answers by method name; keeps what it was asked.
class FakeDaemon : public api::HttpClient {
public:
    using Method = std::function<text::XmlRpcAnswer(std::vector<text::Value> const&)>;
    std::map<std::string, Method> methods;
    std::vector<std::pair<std::string, std::vector<text::Value>>> asked;
    std::vector<api::HttpCall> requests;
    /// Comes instead of an answer when it gives one.
    std::function<std::optional<Error>()> trouble = [] { return std::nullopt; };
    int status = 200;
    std::function<api::HttpAnswer(api::HttpCall const&)> route;  // of other paths than /RPC2
    std::vector<std::string> pieces;                             // of a stream

    void answer(std::string const& method, text::Value value) {
        methods[method] = [value](auto const&) { return text::XmlRpcAnswer(value); };
    }
    void fault(std::string const& method, int code, std::string const& words) {
        methods[method] = [=](auto const&) {
            return text::XmlRpcAnswer(text::XmlRpcFault{code, words});
        };
    }

    Result<api::HttpAnswer> call(api::HttpCall const& request) override {
        requests.push_back(request);
        if (std::optional<Error> error = trouble()) return *error;
        if (route && request.target != "/RPC2") return route(request);
        if (status != 200) return api::HttpAnswer{status, ""};
        Result<text::XmlRpcCall> parsed = text::parse_call(request.body);
        if (!parsed) return api::HttpAnswer{400, ""};
        asked.emplace_back(parsed->method, parsed->params);
        auto const method = methods.find(parsed->method);
        text::XmlRpcAnswer const given = method == methods.end()
                                             ? text::XmlRpcFault{1, "UNKNOWN_METHOD"}
                                             : method->second(parsed->params);
        return api::HttpAnswer{200, text::write_answer(given)};
    }

    Result<api::HttpAnswer> stream(api::HttpCall const& request,
                                   std::function<bool(std::string_view)> const& take) override {
        requests.push_back(request);
        if (status != 200) return api::HttpAnswer{status, "no such log"};
        for (std::string const& piece : pieces)
            if (!take(piece)) break;
        return api::HttpAnswer{200, ""};
    }

    /// The parameters of the only call of `method`, as JSON.
    std::string params_of(std::string const& method) const {
        for (auto const& [name, params] : asked)
            if (name == method) return text::to_json(text::Array(params));
        return "not asked";
    }
    int count_of(std::string const& method) const {
        return int(std::ranges::count(asked, method, &decltype(asked)::value_type::first));
    }
};

/// The machine. run() gives what the shell would see.
struct Machine {
    std::map<std::string, std::string> files = {
        {"/etc/supervisord.conf",
         "[unix_http_server]\nfile=/run/lares.sock\n[supervisord]\npidfile=/run/lares.pid\n"}};
    FakeDaemon daemon;
    Terminal terminal;
    std::map<std::string, FileLook> looks;
    std::vector<std::int64_t> alive;
    text::Variables environment;
    std::string out, err;
    std::vector<std::string> writes;  // to standard output, one each
    int pauses_left = 1000;           // then Ctrl-C
    int pauses = 0;
    std::function<void(int)> on_pause = [](int) {};  // what happens meanwhile
    bool interrupt_caught = false;
    std::optional<UpRequest> started;
    std::vector<std::string> typed;  // lines at the prompt, then the end of input
    bool has_editor = false;         // a terminal to type on
    bool is_interrupted = false;     // Ctrl-C was pressed
    ports::Completer complete;       // of the last editor
    ports::Zones* zones = nullptr;
    std::int64_t now = 1'774'742'400;  // 2026-03-29, UTC
    DatabaseTools database;

    config::World world() const {
        config::World world;
        world.read_file = [this](std::string const& path) -> Result<std::string> {
            auto const file = files.find(path);
            if (file == files.end()) return Error{Error::Kind::not_found, "no such file"};
            return file->second;
        };
        world.glob = [this](std::string const& pattern) {
            std::vector<std::string> found;
            std::string const start = pattern.substr(0, pattern.find('*'));
            for (auto const& [path, text] : files)
                if (path.starts_with(start) &&
                    (path.ends_with(".conf") || path.starts_with("/var/log/")))
                    found.push_back(path);
            return found;
        };
        world.is_directory = [](std::string const&) { return true; };
        world.find_user = [](std::string const& name) -> std::optional<config::User> {
            if (name != "root") return std::nullopt;
            return config::User{"root", 0, 0, "/root", "/bin/sh"};
        };
        world.find_group = [](std::string const&) { return std::nullopt; };
        world.environment = environment;
        world.directory = "/home/alice";
        world.host_name = "host";
        world.home = "/home/alice";
        world.temporary = "/tmp";
        return world;
    }

    Doors doors() {
        return Doors{
            .http = daemon,
            .world = world(),
            .program_directory = "/usr/bin",
            .user = "alice",
            .version = "0.1.0",
            .commit = "a1b2c3d",
            .out =
                [this](std::string_view bytes) {
                    out += bytes;
                    writes.emplace_back(bytes);
                },
            .err = [this](std::string_view bytes) { err += bytes; },
            .terminal = [this] { return terminal; },
            .pause =
                [this](Duration) {
                    on_pause(++pauses);
                    return pauses_left-- > 0;
                },
            .catch_interrupt = [this] { interrupt_caught = true; },
            .look_at =
                [this](std::string const& path) {
                    auto const look = looks.find(path);
                    if (look != looks.end()) return look->second;
                    return FileLook{.exists = files.contains(path)};
                },
            .is_alive = [this](std::int64_t pid) { return std::ranges::count(alive, pid) > 0; },
            .up =
                [this](UpRequest const& request) {
                    started = request;
                    return 7;
                },
            .keyboard = keyboard(),
            .hash_password = [](std::string const& password) -> Result<std::string> {
                return "hash of " + password;
            },
            .beside =
                [](Beside const& work) {
                    work(-1);
                    return [] {};
                },
            .zones = zones,
            .now = [this] { return now; },
            .database = database,
            .read_lines = [this](std::string const& path,
                                 std::function<void(std::string_view)> const& take) -> Result<> {
                if (path == "-") {
                    while (auto const line = next_typed()) take(*line);
                    return {};
                }
                auto const file = files.find(path);
                if (file == files.end())
                    return Error{Error::Kind::not_found, "open '" + path + "': no such file"};
                std::string_view rest = file->second;
                while (!rest.empty()) {
                    auto const line = rest.substr(0, rest.find('\n'));
                    take(line);
                    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
                }
                return {};
            },
        };
    }

    Keyboard keyboard() {
        return {
            .is_tty = [this] { return has_editor; },
            .read_line = [this] { return next_typed(); },
            .read_secret =
                [this](std::string_view prompt) {
                    out += prompt;
                    return next_typed();
                },
            .interrupts = [] { return -1; },
            .take_interrupt = [this] { return std::exchange(is_interrupted, false); },
            .open_editor =
                [this](std::vector<std::string> history, ports::Completer completer) {
                    complete = std::move(completer);
                    return std::make_unique<FakeEditor>(*this, std::move(history));
                },
            .write_file = [this](std::string const& path, std::string_view text) -> Result<> {
                files[path] = text;
                return {};
            },
        };
    }

    std::optional<std::string> next_typed() {
        if (typed.empty()) return std::nullopt;
        std::string line = typed.front();
        typed.erase(typed.begin());
        return line;
    }

    /// Gives the lines of `typed` and remembers them.
    class FakeEditor : public ports::LineEditor {
    public:
        FakeEditor(Machine& machine, std::vector<std::string> history)
            : machine_(machine), history_(std::move(history)) {}
        std::optional<std::string> read(std::string const& prompt) override {
            machine_.out += prompt;
            std::optional<std::string> line = machine_.next_typed();
            if (line) history_.push_back(*line);
            return line;
        }
        std::vector<std::string> history() const override { return history_; }

    private:
        Machine& machine_;
        std::vector<std::string> history_;
    };

    int run(std::vector<char const*> words) {
        words.insert(words.begin(), "lares");
        return run_as(std::move(words));
    }
    /// With the name it is called by as the first word.
    int run_as(std::vector<char const*> words) {
        out.clear();
        err.clear();
        writes.clear();
        return cli::run(int(words.size()), words.data(), doors());
    }
};

}  // namespace lares::cli
