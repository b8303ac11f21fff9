// control/scripted_test.h: a house, its logs and a wire that do what a test says, when it says so.
//
// Tests only. As slow as the real ones: a log is read when deliver() is called, a request that
// waits is answered by hand, a stream's piece is out when the test says so.

#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "control/config_house.h"
#include "control/http_face.h"
#include "control/names.h"
#include "control/operations.h"
#include "control/scripted_messages_test.h"
#include "control/scripted_work_test.h"
#include "text/xmlrpc.h"

namespace lares::control {

class ScriptedLogs final : public ports::Logs {
public:
    struct File {
        std::string bytes;
        std::uint64_t inode = 1;
        std::string error;
    };
    std::map<std::string, File> files;
    std::map<ports::ChannelId, std::vector<std::function<void()>>> watchers;
    std::size_t reads = 0;

    /// Does the readings asked for so far, and those asked for by their takers.
    void deliver() {
        while (!pending_.empty()) {
            auto next = std::move(pending_.front());
            pending_.erase(pending_.begin());
            next();
        }
    }
    void grow(ports::ChannelId channel) {
        for (auto& grew : std::exchange(watchers[channel], {})) grew();
    }

    void open(ports::ChannelId, ports::LogSpec) override {}
    void close(ports::ChannelId) override {}
    void write(ports::ChannelId, std::string_view) override {}
    void reopen_all() override {}
    void clear(ports::ChannelId, std::function<void(Result<>)>) override {}
    void taken(std::size_t) override {}
    void flush(std::function<void()> done) override { done(); }
    void on_growth(ports::ChannelId channel, std::function<void()> grew) override {
        watchers[channel].push_back(std::move(grew));
    }
    void read(std::string path, std::int64_t offset, std::int64_t length,
              std::function<void(ports::LogRead)> done) override {
        ++reads;
        pending_.push_back(
            [this, path, offset, length, done] { done(look(path, offset, length)); });
    }

private:
    ports::LogRead look(std::string const& path, std::int64_t offset, std::int64_t length) const {
        auto found = files.find(path);
        if (found == files.end()) return {};
        auto const& [bytes, inode, error] = found->second;
        auto size = static_cast<std::int64_t>(bytes.size());
        auto from = std::clamp<std::int64_t>(offset < 0 ? size + offset : offset, 0, size);
        return {
            .exists = true,
            .bytes = bytes.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(length)),
            .size = size,
            .inode = inode,
            .error = error};
    }

    std::vector<std::function<void()>> pending_;
};

/// Notes what is asked, and answers with what a test put here.
class ScriptedConfigHouse final : public ConfigHouse {
public:
    Result<config::GroupChanges> changes = config::GroupChanges{};
    std::map<std::string, Outcome> outcomes;  // by "add NAME"
    std::vector<Configured> list;
    std::vector<std::string> notes;

    void read_configuration(std::function<void(Result<config::GroupChanges>)> answer) override {
        answer(changes);
    }
    Outcome add_group(std::string_view name) override { return note("add " + std::string(name)); }
    Outcome remove_group(std::string_view name) override {
        return note("remove " + std::string(name));
    }
    std::vector<Configured> configured() const override { return list; }

    Planned planned;
    Result<std::vector<Applied>> applied = std::vector<Applied>{};
    std::vector<RevisionInfo> revisions;
    Result<std::string> difference = std::string();
    Drift drifted;

    void plan(std::string path, std::function<void(Planned)> answer) override {
        note("plan " + path);
        answer(planned);
    }
    void apply(std::string fingerprint, AppliedAnswer answer) override {
        note("apply " + fingerprint);
        answer(applied);
    }
    void update(std::vector<std::string> names, AppliedAnswer answer) override {
        std::string words = "update";
        for (auto const& name : names) words += " " + name;
        note(words);
        answer(applied);
    }
    void rollback(int revision, AppliedAnswer answer) override {
        note("rollback " + std::to_string(revision));
        answer(applied);
    }
    std::vector<RevisionInfo> history() const override { return revisions; }
    void diff(int from, int to, std::function<void(Result<std::string>)> answer) override {
        note("diff " + std::to_string(from) + " " + std::to_string(to));
        answer(difference);
    }
    void put_program(std::string name, std::string text,
                     std::function<void(Outcome)> answer) override {
        answer(note("put " + name + " " + text));
    }
    void remove_program(std::string name, std::function<void(Outcome)> answer) override {
        answer(note("remove program " + name));
    }
    Drift drift() const override { return drifted; }

private:
    Outcome note(std::string words) {
        notes.push_back(words);
        auto found = outcomes.find(words);
        return found == outcomes.end() ? Outcome{} : found->second;
    }
};

class ScriptedZones final : public ports::Zones {
public:
    Result<std::shared_ptr<schedule::Zone const>> find(std::string const&) override {
        return std::make_shared<schedule::Zone const>();
    }
    bool reload() override { return false; }
    std::vector<std::string> files() const override { return {}; }
};

/// Processes are told by hand; requests are noted as "start g:p wait" and answered from `outcomes`
/// (by such a note) at once, or wait in `waiting` when their note is in `slow`.
class ScriptedHouse final : public House {
public:
    struct Waiting {
        WaitId id;
        std::string note;
        std::function<void(Outcome)> answer;
    };
    std::vector<ProcessInfo> processes;  // in the order of by_name()
    std::map<std::string, Outcome> outcomes;
    std::vector<std::string> slow;
    std::vector<Waiting> waiting;
    std::vector<std::string> notes;
    std::vector<WaitId> forgotten;
    DaemonState daemon = DaemonState::running;
    WallTime time = WallTime(std::chrono::seconds(1'700'000'000));
    int offset_seconds = 0;
    int first_channel = 10;
    std::string main_log_path = "/log/main";
    Result<> restart_result;
    mutable ScriptedLogs scripted_logs;
    ScriptedConfigHouse scripted_configuration;
    ScriptedWork scripted_work;
    ScriptedMessages scripted_messages;

    ProcessInfo& add(std::string group, std::string name) {
        ProcessInfo info;
        info.group = std::move(group);
        info.name = std::move(name);
        info.program = info.group;
        info.out_log = "/log/" + info.name + ".out";
        info.err_log = "/log/" + info.name + ".err";
        processes.push_back(std::move(info));
        return processes.back();
    }
    ProcessInfo& add_running(std::string group, std::string name, int pid = 77) {
        auto& info = add(std::move(group), std::move(name));
        info.state = supervise::State::running;
        info.pid = pid;
        info.started = time;
        return info;
    }
    /// Answers what waits under `note`.
    void finish(std::string const& note, Outcome outcome = {}) {
        auto found = std::ranges::find(waiting, note, &Waiting::note);
        if (found == waiting.end()) return;
        auto answer = std::move(found->answer);
        waiting.erase(found);
        answer(std::move(outcome));
    }

    int process_count() const override { return static_cast<int>(processes.size()); }
    ProcessInfo info(ProcessIndex index) const override {
        return processes.at(static_cast<std::size_t>(index));
    }
    std::vector<ProcessIndex> by_name() const override {
        std::vector<ProcessIndex> all;
        for (int i = 0; i < process_count(); ++i) all.push_back(i);
        return all;
    }
    std::optional<std::vector<ProcessIndex>> group(std::string_view name) const override {
        std::vector<ProcessIndex> members;
        for (int i : by_name())
            if (info(i).group == name) members.push_back(i);
        return members.empty() ? std::nullopt : std::optional(members);
    }
    std::optional<ProcessIndex> find(std::string_view group, std::string_view name) const override {
        for (int i : by_name())
            if (info(i).group == group && info(i).name == name) return i;
        return std::nullopt;
    }
    supervise::State state(ProcessIndex index) const override { return info(index).state; }
    WaitId start(ProcessIndex index, bool wait, std::function<void(Outcome)> done) override {
        return request("start " + name_of(index), wait, std::move(done));
    }
    WaitId stop(ProcessIndex index, bool wait, std::function<void(Outcome)> done) override {
        return request("stop " + name_of(index), wait, std::move(done));
    }
    WaitId restart(ProcessIndex index, bool wait, std::function<void(Outcome)> done) override {
        return request("restart " + name_of(index), wait, std::move(done));
    }
    Outcome signal(ProcessIndex index, int number) override {
        return at_once("signal " + name_of(index) + " " + std::to_string(number));
    }
    void send_remote_event(std::string_view type, std::string_view data) override {
        notes.push_back("event " + std::string(type) + " " + std::string(data));
    }
    Outcome write_stdin(ProcessIndex index, std::string_view bytes) override {
        return at_once("stdin " + name_of(index) + " " + std::string(bytes));
    }
    void clear_logs(ProcessIndex index, std::function<void(Outcome)> done) override {
        request("clear " + name_of(index), false, std::move(done));
    }
    WaitId scale(std::string_view program, int numprocs,
                 std::function<void(Outcome)> done) override {
        return request("scale " + std::string(program) + " " + std::to_string(numprocs), false,
                       std::move(done));
    }
    WaitId rolling_restart(std::vector<ProcessIndex> indices,
                           std::function<void(Outcome)> done) override {
        std::string note = "roll";
        for (int index : indices) note += " " + name_of(index);
        return request(note, false, std::move(done));
    }
    void forget(WaitId id) override {
        forgotten.push_back(id);
        std::erase_if(waiting, [&](Waiting const& each) { return each.id == id; });
    }
    DaemonState daemon_state() const override { return daemon; }
    std::string identifier() const override { return "supervisor"; }
    int pid() const override { return 4711; }
    std::string main_log() const override { return main_log_path; }
    std::string config_path() const override { return "/etc/lares.conf"; }
    WallTime wall() const override { return time; }
    int local_offset_seconds(WallTime) const override { return offset_seconds; }
    void clear_main_log(std::function<void(Outcome)> done) override {
        request("clear main", false, std::move(done));
    }
    void ask_shutdown() override { notes.push_back("shutdown"); }
    void ask_restart(std::function<void(Result<>)> done) override {
        notes.push_back("restart daemon");
        done(restart_result);
    }
    void ask_upgrade(std::string path, std::function<void(Result<>)> done) override {
        notes.push_back("upgrade to '" + path + "'");
        done(restart_result);
    }
    std::optional<ports::ChannelId> channel(ProcessIndex index, Stream stream) const override {
        auto number =
            static_cast<std::uint32_t>(first_channel + 2 * index + (stream == Stream::err ? 1 : 0));
        return ports::ChannelId(number);
    }
    ports::ChannelId main_channel() const override { return ports::ChannelId(1); }
    ports::Logs& logs() override { return scripted_logs; }
    config::Settings scripted_settings;
    ScriptedZones scripted_zones;
    int measurements = 0;
    config::Settings const& settings() const override { return scripted_settings; }
    ports::Zones& zones() override { return scripted_zones; }
    std::string host_name() const override { return "machine"; }
    void measure(std::vector<int> pids,
                 std::function<void(std::vector<ports::ProcessUsage>)> done) override {
        ++measurements;
        std::vector<ports::ProcessUsage> found;
        for (int pid : pids)
            found.push_back({.pid = pid,
                             .is_there = true,
                             .cpu = Duration(1'500),
                             .memory_bytes = 4'096,
                             .descriptors = 3,
                             .threads = 1});
        done(std::move(found));
    }
    ports::LoopFigures loop_figures() const override { return {.wake_ups = 7, .turns = 6}; }
    ConfigHouse& configuration() override { return scripted_configuration; }
    WorkHouse& work() override { return scripted_work; }
    MessageHouse& messages() override { return scripted_messages; }

private:
    std::string name_of(ProcessIndex index) const {
        return full_name(info(index).group, info(index).name);
    }
    Outcome at_once(std::string note) {
        notes.push_back(note);
        auto found = outcomes.find(note);
        return found == outcomes.end() ? Outcome{} : found->second;
    }
    WaitId request(std::string note, bool wait, std::function<void(Outcome)> done) {
        if (wait) note += " wait";
        auto outcome = at_once(note);
        if (std::ranges::find(slow, note) == slow.end()) return done(outcome), 0;
        waiting.push_back({++last_wait_, note, std::move(done)});
        return last_wait_;
    }

    WaitId last_wait_ = 0;
};

class ScriptedWire final : public ports::Wire {
public:
    std::map<ports::RequestId, ports::HttpReply> replies;
    std::map<ports::RequestId, ports::HttpReply> heads;
    std::map<ports::RequestId, std::string> streams;
    std::size_t pieces = 0;

    Result<> listen(ports::ListenSpec const&, std::vector<std::string>&) override { return {}; }
    Result<> renew_certificates(int) override { return {}; }
    std::vector<std::string> remake_files(std::vector<std::string>&) override { return {}; }
    int port_of(int) const override { return 0; }
    void close_listeners() override {}
    void reply(ports::RequestId request, ports::HttpReply reply) override {
        replies[request] = std::move(reply);
    }
    void open_stream(ports::RequestId request, ports::HttpReply head) override {
        heads[request] = std::move(head);
        streams[request] = "";
    }
    void stream_send(ports::RequestId request, std::string_view bytes) override {
        ++pieces;
        streams[request] += bytes;
    }
    void end_stream(ports::RequestId request) override { streams.erase(request); }
};

/// An array as a parameter. `{Array{...}}` by itself is an array in an array to g++ and a copy of
/// the inner one to clang (CWG 2137).
inline text::Value list(text::Array items) { return {std::move(items)}; }

/// A face with its house and wire, asked as clients ask.
struct Office {
    ScriptedHouse house;
    ScriptedWire wire;
    std::vector<config::HttpServer> servers = std::vector<config::HttpServer>(1);
    std::vector<config::Account> accounts;
    std::unique_ptr<Face> face;
    std::uint64_t last_request = 0;

    /// Passwords whose check waits; answered by check_passwords().
    std::vector<std::pair<std::string, std::function<void(bool)>>> checks;
    std::vector<std::string> log;
    std::string access;  // the file of users and tokens
    Result<> access_result;
    int last_random = 0;

    /// "$y$" and a password is the hash of that password.
    void check_passwords() {
        for (auto& [words, done] : std::exchange(checks, {})) {
            auto mark = words.find('\n');
            done("$y$" + words.substr(0, mark) == words.substr(mark + 1));
        }
    }
    DoorTools tools() {
        return {.hashes = {.sha1 = [](auto text) { return "sha1-of-" + std::string(text); },
                           .sha256 = [](auto text) { return "sha256-of-" + std::string(text); }},
                .check_password =
                    [this](std::string password, std::string hash, std::function<void(bool)> done) {
                        checks.emplace_back(password + "\n" + hash, std::move(done));
                    },
                .log = [this](std::string const& line) { log.push_back(line); },
                .machine_name = "machine.example",
                .salt = "salt",
                .hash_password =
                    [](std::string password, std::function<void(Result<std::string>)> done) {
                        done("$y$" + password);
                    },
                .random = [this] { return "random " + std::to_string(++last_random); },
                .access = access,
                .write_access =
                    [this](std::string text, std::function<void(Result<>)> done) {
                        access = std::move(text);
                        done(access_result);
                    }};
    }
    void serve() {
        if (!face) face = std::make_unique<Face>(house, wire, tools());
        face->serve(servers, accounts, 0);
    }
    Face& open() {
        if (!face) serve();
        return *face;
    }
    ports::RequestId send(std::string method, std::string target, std::string body = {},
                          std::string authorization = {}) {
        ports::RequestId id{++last_request};
        open().on(ports::HttpRequested{.request = id,
                                       .server = 0,
                                       .peer = {},
                                       .method = std::move(method),
                                       .target = std::move(target),
                                       .authorization = std::move(authorization),
                                       .host = {},
                                       .content_type = {},
                                       .body = std::move(body)});
        return id;
    }
    ports::RequestId ask(std::string method, text::Array parameters = {}) {
        return send("POST", "/RPC2", text::write_call({std::move(method), std::move(parameters)}));
    }
    void hang_up(ports::RequestId request) { open().on(ports::HttpClosed{request}); }
    bool is_answered(ports::RequestId request) const { return wire.replies.contains(request); }
    int status(ports::RequestId request) const {
        auto found = wire.replies.find(request);
        return found == wire.replies.end() ? 0 : found->second.status;
    }

    /// The answer as one line of JSON, or "fault 10 BAD_NAME: nope", or "nothing yet".
    std::string answer(ports::RequestId request) const {
        auto found = wire.replies.find(request);
        if (found == wire.replies.end()) return "nothing yet";
        auto parsed = text::parse_answer(found->second.body);
        if (!parsed) return "status " + std::to_string(found->second.status);
        if (auto const* fault = std::get_if<text::XmlRpcFault>(&*parsed))
            return "fault " + std::to_string(fault->code) + " " + fault->words;
        return text::to_json(std::get<text::Value>(*parsed));
    }
    std::string call(std::string method, text::Array parameters = {}) {
        auto request = ask(std::move(method), std::move(parameters));
        house.scripted_logs.deliver();
        return answer(request);
    }
};

}  // namespace lares::control
