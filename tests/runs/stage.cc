// stage.cc: the doors, and what is read off them.

#include "stage.h"

#include "base/overloaded.h"

namespace lares::runs {

namespace {

constexpr std::uint64_t first_quiet_request = 1ULL << 40;

std::string variable(std::vector<std::string> const& environment, std::string_view name) {
    std::string found;
    for (auto const& line : environment)
        if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == '=')
            found = line.substr(name.size() + 1);
    return found;
}

Role role_of(std::vector<std::string> const& environment) {
    std::string hook = variable(environment, "LARES_HOOK");
    if (hook == "pre_start") return Role::pre_start;
    if (hook == "post_start") return Role::post_start;
    if (hook == "pre_stop") return Role::pre_stop;
    if (hook == "post_stop") return Role::post_stop;
    return variable(environment, "LARES_PID").empty() ? Role::main : Role::probe;
}

std::string text_of(text::Value const* value) {
    return value && value->text() ? *value->text() : "";
}

std::int64_t number_of(text::Value const* value) {
    return value && value->integer() ? *value->integer() : 0;
}

supervise::State state_numbered(std::int64_t number) {
    using supervise::State;
    for (State one : {State::stopped, State::starting, State::running, State::backoff,
                      State::stopping, State::exited, State::fatal})
        if (supervise::wire_number(one) == number) return one;
    return State::stopped;
}

Row row_of(text::Value const& value) {
    return {.who = text_of(value.find("group")) + ":" + text_of(value.find("name")),
            .program = text_of(value.find("program")),
            .why = text_of(value.find("why")),
            .waits_for = text_of(value.find("waits_for")),
            .state = state_numbered(number_of(value.find("state"))),
            .pid = static_cast<int>(number_of(value.find("pid"))),
            .restarts = number_of(value.find("restarts"))};
}

}  // namespace

class Stage::Inbox final : public ports::Inbox {
public:
    explicit Inbox(Stage& stage) : stage_(stage) {}
    void push(ports::Event event) override {
        stage_.note(event);
        stage_.daemon_->push(std::move(event));
    }

private:
    Stage& stage_;
};

class Stage::Processes final : public ports::Processes {
public:
    explicit Processes(Stage& stage) : stage_(stage) {}
    void spawn(ports::RunId run, ports::SpawnRequest request) override {
        auto const& environment = request.environment;
        std::string who = variable(environment, "SUPERVISOR_GROUP_NAME") + ":" +
                          variable(environment, "SUPERVISOR_PROCESS_NAME");
        Live live{run, who, role_of(environment)};
        stage_.pass();
        if (stage_.on_spawn) stage_.on_spawn(live);
        stage_.live_[run] = live;
        if (live.role == Role::main) stage_.spawns_[who] += 1;
        stage_.world.kernel.note((live.role == Role::main ? "spawn " : "spawn beside ") + who +
                                 " as run " + std::to_string(static_cast<std::uint64_t>(run)));
        stage_.world.processes.spawn(run, std::move(request));
        stage_.pass();
    }
    Result<> signal(ports::RunId run, int number, ports::Target target) override {
        // One that was asked for and is not made yet (environment files are read): nothing there.
        if (!stage_.live_.contains(run)) return Error{Error::Kind::not_found, "no such process"};
        stage_.pass();
        auto sent = stage_.world.processes.signal(run, number, target);
        stage_.pass();
        return sent;
    }
    ports::Adopted adopt(ports::RunId run, ports::AdoptRequest request) override {
        return stage_.world.processes.adopt(run, std::move(request));
    }
    void adoption_ended() override {
        stage_.world.processes.adoption_ended();
        stage_.forget_what_was_let_go();
        stage_.pass();
    }
    void noted(ports::RunId run) override {
        stage_.pass();
        stage_.world.processes.noted(run);
        stage_.pass();
    }
    bool finds_by_run() const override { return stage_.world.processes.finds_by_run(); }
    std::uint64_t start_ticks(ports::RunId run) const override {
        return stage_.world.processes.start_ticks(run);
    }
    Result<> write_stdin(ports::RunId run, std::string_view bytes) override {
        stage_.pass();
        auto written = stage_.world.processes.write_stdin(run, bytes);
        stage_.pass();
        return written;
    }
    void close_stdin(ports::RunId run) override { stage_.world.processes.close_stdin(run); }
    std::string cgroups_missing() const override { return ""; }

private:
    Stage& stage_;
};

class Stage::Wire final : public ports::Wire {
public:
    explicit Wire(Stage& stage) : stage_(stage), wire_(stage.world.wire) {}
    Result<> listen(ports::ListenSpec const& spec, std::vector<std::string>& notes) override {
        return wire_.listen(spec, notes);
    }
    Result<> renew_certificates(int server) override { return wire_.renew_certificates(server); }
    std::vector<std::string> remake_files(std::vector<std::string>& notes) override {
        return wire_.remake_files(notes);
    }
    int port_of(int server) const override { return wire_.port_of(server); }
    void close_listeners() override {
        stage_.closed_ = stage_.world.now();
        wire_.close_listeners();
    }
    void reply(ports::RequestId id, ports::HttpReply reply) override {
        if (static_cast<std::uint64_t>(id) >= first_quiet_request) {
            stage_.quiet_answer_ = std::move(reply.body);
            return;
        }
        stage_.pass();
        std::string body = reply.body;
        int status = reply.status;
        wire_.reply(id, std::move(reply));
        take(id, status, body);
        stage_.pass();
    }
    void open_stream(ports::RequestId id, ports::HttpReply head) override {
        wire_.open_stream(id, std::move(head));
        stage_.asked_.at(id).answered = stage_.world.now();
    }
    void stream_send(ports::RequestId id, std::string_view bytes) override {
        wire_.stream_send(id, bytes);
    }
    void end_stream(ports::RequestId id) override { wire_.end_stream(id); }

private:
    void take(ports::RequestId id, int status, std::string const& body) {
        Asked& asked = stage_.asked_.at(id);
        asked.answered = stage_.world.now();
        auto answer = text::parse_answer(body);
        if (!answer) {
            asked.answer = "HTTP " + std::to_string(status);
        } else if (auto* fault = std::get_if<text::XmlRpcFault>(&*answer)) {
            asked.is_fault = true;
            asked.answer = "fault " + std::to_string(fault->code) + ": " + fault->words;
        } else {
            asked.answer = text::to_json(std::get<text::Value>(*answer));
        }
        stage_.world.kernel.note("answer to " + asked.method + " " + asked.name + ": " +
                                 asked.answer.substr(0, 300));
        if (stage_.on_answer) stage_.on_answer(asked);
    }

    Stage& stage_;
    sim::Wire& wire_;
};

class Stage::Memory final : public ports::Memory {
public:
    explicit Memory(Stage& stage) : stage_(stage) {}
    void keep(std::string_view key, std::string_view record) override {
        stage_.pass();
        stage_.world.memory.keep(key, record);
        stage_.pass();
    }
    void drop(std::string_view key) override {
        stage_.pass();
        stage_.world.memory.drop(key);
        stage_.pass();
    }
    std::vector<std::pair<std::string, std::string>> take_left() override {
        return stage_.world.memory.take_left();
    }
    std::string trouble() const override { return stage_.world.memory.trouble(); }

private:
    Stage& stage_;
};

Stage::Stage(std::string configuration, sim::WorldSettings settings)
    : world(settings),
      inbox_(std::make_unique<Inbox>(*this)),
      processes_(std::make_unique<Processes>(*this)),
      wire_(std::make_unique<Wire>(*this)),
      memory_(std::make_unique<Memory>(*this)) {
    files["/etc/lares.conf"] = std::move(configuration);
    files_world_ = config::memory_world({});
    files_world_.read_file = [this](std::string const& path) -> Result<std::string> {
        auto file = files.find(path);
        if (file == files.end()) return Error{Error::Kind::not_found, "No such file or directory"};
        return file->second;
    };
}

Stage::~Stage() = default;

bool Stage::start() {
    try {
        return start_once(/*is_successor=*/false);
    } catch (Killed) {
        revive(/*is_successor=*/true);
        return true;
    }
}

void Stage::pass() {
    if (calls_left_ > 0 && --calls_left_ == 0) throw Killed{};
}

bool Stage::run_until(std::function<bool()> const& done, Duration span) {
    Instant end = world.now() + span;
    for (;;) {
        try {
            return world.run_until(done, std::max(end - world.now(), Duration(0)));
        } catch (Killed) {
            revive(/*is_successor=*/true);
        }
    }
}

void Stage::run_for(Duration span) {
    run_until([] { return false; }, span);
}

void Stage::kill_with_keeper() {
    world.processes.lose_keeper();
    revive(/*is_successor=*/false);
}

// The same files as the first one read: what a HUP brought in is kept elsewhere (revisions).
void Stage::revive(bool is_successor) {
    if (finished_) return;
    for (bool is_up = false; !is_up;) {
        deaths_ += 1;
        daemon_.reset();
        world.crash();
        for (auto& [id, asked] : asked_) asked.hung_up = asked.hung_up || !asked.answered;
        try {
            start_once(is_successor);
            is_up = true;
        } catch (Killed) {
            world.kernel.note("killed while it begins");
        }
    }
    if (was_termed_ && !finished_) world.raise(15);
}

// The keeper's hand: what the next daemon did not take up was a probe or had been given up.
void Stage::forget_what_was_let_go() {
    std::erase_if(live_, [this](auto const& one) {
        auto run = world.processes.runs().find(one.first);
        if (run == world.processes.runs().end()) return true;  // died before the call
        if (run->second.is_known) return false;
        if (one.second.role == Role::main && run->second.pid != 0) lost_ += 1;
        return true;
    });
}

bool Stage::start_once(bool is_successor) {
    auto now = files["/etc/lares.conf"];
    if (first_text_.empty()) first_text_ = now;
    files["/etc/lares.conf"] = first_text_;
    auto loaded = config::load(files_world_, "/etc/lares.conf");
    files["/etc/lares.conf"] = now;
    if (!loaded.settings) {
        for (auto const& found : loaded.found)
            world.kernel.complain(text::format(found, loaded.sources, ""));
        return false;
    }
    daemon::Doors doors{.clock = world.clock,
                        .processes = *processes_,
                        .logs = world.logs,
                        .probes = world.probes,
                        .folders = world.folders,
                        .sockets = world.sockets,
                        .worker = world.worker,
                        .wire = *wire_,
                        .memory = *memory_,
                        .store = world.store,
                        .zones = world.zones,
                        .intake = world.intake,
                        .world = files_world_,
                        .clean_auto_logs = [](config::Settings const&) {},
                        .hashes = {.sha1 = [](std::string_view) { return std::string(); },
                                   .sha256 = [](std::string_view) { return std::string(); }},
                        .finished = [this] { finished_ = true; },
                        .own_pid = 4711 + deaths_,
                        .is_successor = is_successor,
                        .remembered = remembered_,
                        .write_remembered = [this](std::string const& text) -> Result<> {
                            remembered_ = text;
                            return {};
                        },
                        .boot_id = "boot",
                        .host = "stage",
                        .sha256_of_bytes =
                            [](std::string_view bytes) {
                                return std::to_string(std::hash<std::string_view>{}(bytes));
                            }};
    doors.deliver_program = deliver_program;
    doors.remove_file = remove_file;
    if (read_file)
        doors.read_tail = [this](std::string const& path, std::size_t) { return read_file(path); };
    daemon_ = std::make_unique<daemon::Daemon>(
        std::move(doors), std::make_unique<config::Settings>(std::move(*loaded.settings)));
    world.connect(*inbox_, [this] {
        daemon_->turn();
        if (after_turn) after_turn();
    });
    auto ready = daemon_->prepare();
    if (ready) ready = daemon_->listen();
    if (!ready) world.kernel.complain(ready.error().what);
    if (ready) daemon_->start({});
    return ready.ok();
}

void Stage::note(ports::Event const& event) {
    if (auto const* spawned = std::get_if<ports::Spawned>(&event))
        if (auto live = live_.find(spawned->run); live != live_.end())
            live->second.pid = spawned->pid;
    auto const* signal = std::get_if<ports::SignalReceived>(&event);
    if (signal && signal->number == 15) was_termed_ = true;
    if (auto const* failed = std::get_if<ports::SpawnFailed>(&event)) live_.erase(failed->run);
    if (on_event) on_event(event);
    if (auto const* exited = std::get_if<ports::Exited>(&event)) live_.erase(exited->run);
}

ports::RequestId Stage::call(std::string method, text::Array params) {
    Asked asked{.method = method, .parameters = text::to_json(params), .at = world.now()};
    for (auto const& param : params)
        if (asked.name.empty() && param.text()) asked.name = *param.text();
    if (!params.empty() && params.back().boolean()) asked.waits = *params.back().boolean();
    world.kernel.note("ask " + method + " " + asked.parameters);
    ports::HttpRequested request{};
    request.method = "POST";
    request.target = "/RPC2";
    request.body = text::write_call({std::move(method), std::move(params)});
    auto id = asked.id = world.wire.request(std::move(request));
    asked_[id] = std::move(asked);
    return id;
}

ports::RequestId Stage::get(std::string target) {
    Asked asked{.method = "GET", .name = target, .at = world.now()};
    ports::HttpRequested request{};
    request.method = "GET";
    request.target = std::move(target);
    auto id = asked.id = world.wire.request(std::move(request));
    asked_[id] = std::move(asked);
    return id;
}

void Stage::hang_up(ports::RequestId id) {
    world.kernel.note("the client of " + asked_.at(id).method + " leaves");
    asked_.at(id).hung_up = true;
    world.wire.hang_up(id);
}

text::Value Stage::ask_quietly(std::string method, text::Array params) {
    ports::HttpRequested request{};
    request.request = ports::RequestId{first_quiet_request};
    request.method = "POST";
    request.target = "/RPC2";
    request.body = text::write_call({std::move(method), std::move(params)});
    quiet_answer_.clear();
    daemon_->push(std::move(request));
    daemon_->turn();
    auto answer = text::parse_answer(quiet_answer_);
    if (!answer || !std::holds_alternative<text::Value>(*answer)) return {};
    return std::get<text::Value>(*answer);
}

std::vector<Row> Stage::status() {
    std::vector<Row> rows;
    auto answer = ask_quietly("lares.status", {text::Array{}});
    auto const* list = answer.find("processes");
    if (list && list->array())
        for (auto const& one : *list->array()) rows.push_back(row_of(one));
    return rows;
}

std::string Stage::state(std::string const& name) {
    std::string who = name.find(':') == name.npos ? name + ":" + name : name;
    for (auto const& row : status())
        if (row.who == who) return supervise::name(row.state);
    return "";
}

std::string Stage::daemon_state() {
    auto answer = ask_quietly("lares.status", {text::Array{}});
    auto const* daemon = answer.find("daemon");
    return text_of(daemon ? daemon->find("state") : answer.find("state"));
}

int Stage::spawns(std::string const& who) const {
    auto found = spawns_.find(who.find(':') == who.npos ? who + ":" + who : who);
    return found == spawns_.end() ? 0 : found->second;
}

std::string configuration(std::string const& programs, std::string const& lares) {
    return "[supervisord]\nlogfile = /var/log/lares.log\n\n[lares]\n" + lares +
           "\n[unix_http_server]\nfile = /run/lares.sock\n\n" + programs;
}

}  // namespace lares::runs
