// control/json_work.cc: JSON by appending.

#include "control/json_work.h"

#include <string_view>

#include "core/when.h"
#include "text/json.h"

namespace lares::control {

namespace {

constexpr std::size_t duplicates_told = 1'000;

class Object {
public:
    explicit Object(std::string& out) : out_(out) { out_ += '{'; }
    void number(std::string_view name, std::int64_t value) { key(name) += std::to_string(value); }
    void number(std::string_view name, std::uint64_t value) { key(name) += std::to_string(value); }
    void words(std::string_view name, std::string_view value) {
        text::append_json(key(name), value);
    }
    void raw(std::string_view name, std::string_view json) { key(name).append(json); }
    /// null for never.
    void time(std::string_view name, WallTime at) {
        if (at == WallTime{}) return raw(name, "null");
        words(name, print_iso(at));
    }
    std::string& key(std::string_view name) {
        if (!first_) out_ += ',';
        first_ = false;
        text::append_json(out_, name);
        return out_ += ':';
    }
    void end() { out_ += '}'; }

private:
    std::string& out_;
    bool first_ = true;
};

void append_job(Object& object, job::Job const& job) {
    object.number("job", job.id);
    object.words("task", job.task);
    object.words("state", job::name(job.state));
    object.words("why", job.why);
    if (job.payload_file.empty() || !job.payload.empty())
        object.raw("payload", job.payload.empty() ? "{}" : job.payload);
    if (!job.payload_file.empty()) object.words("payload_file", job.payload_file);
    object.words("key", job.key);
    object.number("priority", std::int64_t(job.priority));
    object.time("created", job.created);
    object.time("not_before", job.not_before);
    object.time("ended", job.ended);
    object.number("attempts", std::int64_t(job.attempts));
    object.number("run", job.run);
    object.words("source", job.source);
    object.raw("result", job.result.empty() ? "null" : job.result);
}

}  // namespace

std::string put_json(PutOutcome const& outcome) {
    std::string out = "{\"job\":" + std::to_string(outcome.id);
    return out += outcome.is_duplicate ? ",\"duplicate\":true}" : ",\"duplicate\":false}";
}

std::string batch_json(std::vector<PutOutcome> const& put, std::vector<std::size_t> const& lines) {
    std::string duplicates = "[";
    std::int64_t count = 0;
    for (std::size_t i = 0; i < put.size(); ++i) {
        if (!put[i].is_duplicate) continue;
        if (++count > static_cast<std::int64_t>(duplicates_told)) continue;
        if (duplicates.size() > 1) duplicates += ',';
        duplicates +=
            "{\"line\":" + std::to_string(lines[i]) + ",\"job\":" + std::to_string(put[i].id) + "}";
    }
    std::string out;
    Object object(out);
    object.number("jobs", static_cast<std::int64_t>(put.size()) - count);
    object.number("first", put.empty() ? 0 : put.front().id);
    object.number("last", put.empty() ? 0 : put.back().id);
    object.number("duplicate_count", count);
    object.raw("duplicates", duplicates + "]");
    object.end();
    return out;
}

std::string leases_json(std::vector<Lease> const& leases) {
    std::string out = "{\"jobs\":[";
    for (auto const& lease : leases) {
        if (&lease != &leases.front()) out += ',';
        auto job = lease.job;
        job.run = lease.run;
        Object object(out);
        append_job(object, job);
        object.number("token", lease.token);
        object.number("lease_seconds", lease.lasts.count() / 1000);
        object.end();
    }
    return out + "]}";
}

}  // namespace lares::control
