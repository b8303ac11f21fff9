// control/shapes.cc: the named shapes, and reading one.

#include "control/shapes.h"

#include <algorithm>

#include "base/check.h"

namespace lares::control {

namespace {

// clang-format off
constexpr NamedShape shapes[] = {
    {"Ok", "{ok:boolean}", "it was done"},
    {"Problem", "{type:string title:string status:int detail:string}", "RFC 9457; with fault, field and hint where they help"},
    {"Status", "{version:string commit:string pid:int identifier:string state:string config:string started:number tasks:int config_drift:boolean config_drift_files:[string] config_trouble:string unexplained:int audited:number}", "the daemon"},
    {"Process", "{name:string group:string program:string state:int statename:string pid:int started:number stopped:number uptime:number why:string waits_for:string ready:boolean restarts:int exitstatus:int signal:int spawnerr:string stdout_logfile:string stderr_logfile:string peak_memory:number cpu_ms:number description:string needs:[string]}", "one process of a program"},
    {"Result", "{name:string group:string status:int description:string}", "what became of one process; status 80 is done, else the number of a fault"},
    {"LogPart", "{text:string offset:int size:int}", "a part of a log, and where to go on"},
    {"Usage", "{name:string group:string pid:int cpu_seconds:number memory:int fds:int threads:int}", "what one process uses"},
    {"Block", "{kind:string words:string}", "what keeps a task from starting jobs"},
    {"Task", "{task:string enabled:boolean ready:int delayed:int running:int blocks:[Block] jobs:[int] next:number next_by:string last_end:number last_state:string last_run:int done:int failed:int usual:number late:boolean late_words:string}", "a task and its queue"},
    {"Reason", "{kind:string words:string job:int}", "why something waits"},
    {"Put", "{job:int duplicate:boolean}", "the job that was stored, or was there"},
    {"PutMany", "{jobs:int first:int last:int duplicate_count:int duplicates:[any]}", "the jobs of a batch"},
    {"Retried", "{job:int ok:boolean words:string}", "what became of one job"},
    {"Work", "{tasks:int ready:int running:int dead:int parked:int paused:[string] late:[string] maintenance:boolean trouble:string}", "all tasks in numbers"},
    {"Job", "{job:int task:string state:string why:string payload:any payload_file:string key:string once:string priority:int created:number not_before:number due:number ended:number after:[int] attempts:int errors:int crashes:int run:int source:string result:any cause:int}", "a job"},
    {"JobWhole", "{job:int task:string state:string why:string payload:any priority:int created:number ended:number attempts:int run:int source:string result:any runs:[Run] events:[Event] files:[File] waits_for:[Reason]}", "a job with all that belongs to it"},
    {"Running", "{job:int task:string run:int pid:int attempt:int started:number progress:int progress_words:string node:string}", "a job that runs"},
    {"Run", "{run:int kind:string subject:string job:int attempt:int pid:int node:string started:number ended:number outcome:string code:int signal:int wall:number cpu:number peak_memory:number read_bytes:number written_bytes:number revision:int log:string words:string}", "one execution"},
    {"RunWhole", "{run:int kind:string subject:string job:int started:number ended:number outcome:string code:int signal:int command:string environment:string directory:string user:string}", "an execution with all that it was given"},
    {"RunLog", "{run:int text:string offset:int size:int ended:boolean}", "a part of a run's log"},
    {"Difference", "{sort:string field:string before:string after:string}", "in what two runs differ"},
    {"Event", "{event:int at:number kind:string subject:string cause:int who:string words:string data:any}", "a line of the journal"},
    {"Waiting", "{path:string words:string}", "a file that waits, and why"},
    {"Folder", "{folder:string path:string task:string waiting:int taken:int problems:int polled:boolean trouble:string blocked:string files:[Waiting]}", "a hot folder"},
    {"File", "{file:int folder:string path:string size:int state:string job:int seen:number ended:number destination:string words:string}", "a file that a folder took in"},
    {"Resource", "{resource:string used:int of:int}", "how much of a resource is in use"},
    {"Maintenance", "{on:boolean until:number reason:string who:string needs:[string] held:int report:string}", "whether tasks are held, and what the last maintenance held"},
    {"Channel", "{channel:string type:string url:string to:[string] waiting:int sending:int paused:boolean trouble:string failures:int held_until:number}", "a way to people"},
    {"Delivery", "{delivery:int channel:string state:string title:string created:number not_before:number expires:number ended:number attempts:int thread:string key:string provider:string words:string source:string cause:int}", "a message on its way through one channel"},
    {"DeliveryWhole", "{delivery:int channel:string state:string title:string words:string message:any why:string}", "a delivery with its message and what it waits for"},
    {"Alert", "{alert:int subject:string state:string severity:string opened:number ended:number words:string who:string acknowledged:number open:int uncounted:int members:[any] told:[any]}", "an alert with its problems and who was told"},
    {"Budget", "{budget:string limit:string currency:string period:string hard:boolean spent:string reserved:string left:string begins:number ends:number count:int blocked:boolean words:string channels:[string] prices:[any] reservations:[any]}", "how a budget stands"},
    {"Letter", "{from:number to:number title:string text:string page:string}", "what a week was like"},
    {"Why", "{subject:string runs:boolean answer:string reasons:[Reason] lines:[string]}", "why something is as it is"},
    {"Line", "{depth:int event:int at:number kind:string subject:string words:string asked:boolean}", "a line of a story"},
    {"Trace", "{subject:string story:[Line] cut:boolean lines:[string]}", "a causal story"},
    {"Unexplained", "{subject:string since:number words:string}", "something without result and reason"},
    {"Audit", "{unexplained:int items:[Unexplained] jobs:int instants:int files:int cut:boolean lines:[string]}", "what has neither result nor reason"},
    {"At", "{at:number daemon:boolean revision:string programs:[any] jobs:[any] conditions:[any] cut:boolean lines:[string]}", "how everything was"},
    {"Due", "{task:string at:number expression:string timezone:string with:[string]}", "a run that is coming"},
    {"Coming", "{runs:[Due] never:[string] problems:[string] cut:boolean}", "what clocks will bring"},
    {"Config", "{revision:int drift:boolean drift_files:[string] trouble:string}", "what is applied, and whether the files differ"},
    {"Revision", "{revision:int when:number by:string cause:string programs:int current:boolean}", "a configuration that was applied"},
    {"Change", "{action:string name:string program:string why:string lines:[string] dependants:[string]}", "one step of a plan"},
    {"Plan", "{fingerprint:string revision:int changes:[Change] warnings:[string] errors:[string]}", "what an update would do"},
    {"User", "{name:string role:string source:string has_password:boolean has_token:boolean}", "who may log in"},
    {"Token", "{name:string role:string created:number expires:number by:string last_used:number}", "a token, without its secret"},
    {"TokenMade", "{name:string role:string expires:number token:string}", "a new token, shown this once"},
    {"Session", "{name:string role:string kind:string expires:number}", "who asks, and what they may"},
};
// clang-format on

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Reads one shape from the front of `text`. The rows are ours: a wrong one is a bug.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    text::Value read() {
        if (take('{')) return read_struct();
        if (take('[')) {
            auto items = read();
            CHECK(take(']'));
            return text::Struct{{"type", "array"}, {"items", std::move(items)}};
        }
        return read_name(word());
    }
    bool is_done() const { return text_.empty(); }

private:
    bool take(char c) {
        if (!text_.starts_with(c)) return false;
        text_.remove_prefix(1);
        return true;
    }
    std::string_view word() {
        auto length =
            static_cast<std::size_t>(std::ranges::find_if_not(text_, is_word) - text_.begin());
        auto found = text_.substr(0, length);
        text_.remove_prefix(length);
        CHECK(!found.empty());
        return found;
    }
    text::Value read_struct() {
        text::Struct members;
        text::Array names;
        while (!take('}')) {
            auto name = std::string(word());
            CHECK(take(':'));
            members.emplace_back(name, read());
            names.emplace_back(name);
            (void)take(' ');
        }
        return text::Struct{
            {"type", "object"}, {"properties", std::move(members)}, {"required", std::move(names)}};
    }
    static text::Value read_name(std::string_view name) {
        if (name == "any") return text::Struct{};
        if (name == "int") return text::Struct{{"type", "integer"}};
        if (name == "json") return text::Struct{{"type", text::Array{"object", "null"}}};
        if (name == "string" || name == "number" || name == "boolean")
            return text::Struct{{"type", std::string(name)}};
        CHECK(std::ranges::find(shapes, name, &NamedShape::name) != std::end(shapes));
        return text::Struct{{"$ref", "#/components/schemas/" + std::string(name)}};
    }

    std::string_view text_;
};

}  // namespace

std::span<NamedShape const> named_shapes() { return shapes; }

text::Value schema_of(std::string_view shape) {
    Reader reader(shape);
    auto schema = reader.read();
    CHECK(reader.is_done());
    return schema;
}

}  // namespace lares::control
