// core/story.cc: rows to nodes, nodes to a tree, the tree to lines.

#include "core/story.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "core/in_words.h"

namespace lares::story {

namespace {

struct Node {
    Line line;
    job::Id parent = 0;
};

/// By time, then by number: what happened first stands first.
bool is_earlier(Node const& a, Node const& b) {
    return std::pair(a.line.at, a.line.id) < std::pair(b.line.at, b.line.id);
}

std::uint64_t number_after(std::string_view subject, std::string_view before) {
    if (!subject.starts_with(before)) return 0;
    subject.remove_prefix(before.size());
    std::uint64_t number = 0;
    auto [end, status] = std::from_chars(subject.data(), subject.data() + subject.size(), number);
    return status == std::errc() && end == subject.data() + subject.size() ? number : 0;
}

std::string event_words(journal::EventRow const& event) {
    std::string words = subject_words(event.subject);
    auto said = event.words.empty() ? event.kind : event.words;
    // Whoever worded it may have named the thing already.
    words = said.find(words) != said.npos || words.empty() ? said : words + ": " + said;
    if (!event.who.empty() && words.find(event.who) == words.npos) words += ", by " + event.who;
    return words;
}

std::string job_words(job::Job const& job) {
    return "job " + std::to_string(job.id) + " of '" + job.task + "': accepted" +
           (job.source.empty() ? "" : ", from " + job.source);
}

std::string end_words(job::Job const& job) {
    return "job " + std::to_string(job.id) + ": " + std::string(job::name(job.state)) +
           (job.why.empty() ? "" : ", " + job.why);
}

std::string run_words(journal::RunRow const& run) {
    std::string words =
        "run " + std::to_string(run.run) + ", attempt " + std::to_string(run.attempt) + ": ";
    if (run.ended == WallTime{}) return words + "runs, pid " + std::to_string(run.pid);
    words += run.outcome;
    if (run.signal != 0)
        words += ", killed by signal " + std::to_string(run.signal);
    else
        words += ", exit code " + std::to_string(run.code);
    return words + " after " + in_words(run.wall);
}

class Tree {
public:
    Tree(Facts const& facts, std::string_view asked) : asked_(asked) {
        for (auto const& event : facts.events) add(event);
        for (auto const& job : facts.jobs) add(job);
        for (auto const& run : facts.runs) add(run);
    }

    std::vector<Line> lines() {
        link();
        std::vector<Line> out;
        walk(0, 0, out);
        return out;
    }

private:
    bool is_asked(std::string_view subject, job::Id id) const {
        return subject == asked_ || (number_after(asked_, "event/") == id && id != 0);
    }

    void add(journal::EventRow const& event) {
        Node node{{.id = event.id,
                   .at = event.at,
                   .kind = event.kind,
                   .subject = event.subject,
                   .words = event_words(event),
                   .is_asked = is_asked(event.subject, event.id)},
                  event.cause};
        if (!nodes_.emplace(event.id, std::move(node)).second) return;
        auto job = job_of(event.subject);
        if (event.kind == "job.accepted") accepted_[job] = event.id;
        if (job != 0 &&
            (event.kind == "job.done" || event.kind == "job.dead" || event.kind == "job.parked" ||
             event.kind == "job.cancelled" || event.kind == "job.skipped"))
            told_ends_.insert(job);
        if (auto run = run_of(event.subject)) told_runs_.insert(run);
    }

    void add(job::Job const& job) {
        if (!accepted_.contains(job.id)) {
            accepted_[job.id] = job.id;
            auto subject = "job/" + std::to_string(job.id);
            Node node{{.id = job.id,
                       .at = job.created,
                       .kind = "job.accepted",
                       .subject = subject,
                       .words = job_words(job),
                       .is_asked = is_asked(subject, job.id)},
                      job.cause};
            nodes_.emplace(job.id, std::move(node));
        }
        if (!job::is_end(job.state) || !told_ends_.insert(job.id).second) return;
        extra_.push_back({{.at = job.ended,
                           .kind = "job." + std::string(job::name(job.state)),
                           .subject = "job/" + std::to_string(job.id),
                           .words = end_words(job)},
                          accepted_[job.id]});
    }

    void add(journal::RunRow const& run) {
        auto accepted = accepted_.find(run.job);
        if (accepted == accepted_.end() || !told_runs_.insert(run.run).second) return;
        auto subject = "run/" + std::to_string(run.run);
        extra_.push_back({{.at = run.started,
                           .kind = "run.started",
                           .subject = subject,
                           .words = run_words(run),
                           .is_asked = subject == asked_},
                          accepted->second});
    }

    /// The node that `node` hangs under. Causes are older: a number that is not smaller cannot be
    /// one, and so no row, however damaged, makes a circle.
    job::Id parent_of(Node const& node) const {
        auto job = job_of(node.line.subject);
        auto accepted = accepted_.find(job);
        job::Id own = accepted == accepted_.end() ? 0 : accepted->second;
        for (auto parent : {node.parent, own}) {
            if (parent == 0 || parent == node.line.id) continue;
            if (node.line.id != 0 && parent > node.line.id) continue;
            if (nodes_.contains(parent)) return parent;
            // A job's number as a cause means its acceptance.
            auto of_job = accepted_.find(parent);
            if (of_job != accepted_.end() && of_job->second < node.line.id) return of_job->second;
        }
        return 0;
    }

    void link() {
        for (auto const& [id, node] : nodes_) children_[parent_of(node)].push_back(&node);
        for (auto const& node : extra_) children_[parent_of(node)].push_back(&node);
        for (auto& [id, list] : children_)
            std::ranges::stable_sort(list, [](auto* a, auto* b) { return is_earlier(*a, *b); });
    }

    void walk(job::Id id, int depth, std::vector<Line>& out) const {
        // A chain of causes is as deep as it is long; lines keep the figure, the stack is bounded.
        constexpr int deepest = 200;
        auto found = children_.find(id);
        if (found == children_.end() || depth > deepest) return;
        for (auto const* node : found->second) {
            out.push_back(node->line);
            out.back().depth = depth;
            out.back().is_last = node == found->second.back();
            if (node->line.id != 0) walk(node->line.id, depth + 1, out);
        }
    }

    std::string asked_;
    std::map<job::Id, Node> nodes_;
    std::vector<Node> extra_;              // without a number of their own
    std::map<job::Id, job::Id> accepted_;  // of jobs: the node that stands for each
    std::set<job::Id> told_ends_;
    std::set<std::uint64_t> told_runs_;
    std::map<job::Id, std::vector<Node const*>> children_;
};

}  // namespace

std::vector<Line> tell(Facts const& facts, std::string_view asked) {
    return Tree(facts, asked).lines();
}

std::vector<std::string> print(std::vector<Line> const& lines, LocalOffset const& offset) {
    std::vector<std::string> out;
    std::vector<bool> open;  // whether siblings follow, by depth
    std::string date;
    for (auto const& line : lines) {
        auto depth = static_cast<std::size_t>(line.depth);
        open.resize(depth + 1);
        open[depth] = !line.is_last;
        std::string text;
        for (std::size_t i = 1; i < depth; ++i) text += open[i] ? "│  " : "   ";
        if (depth > 0) text += line.is_last ? "└─ " : "├─ ";
        auto when = print_when(line.at, offset);
        bool same_day = when.substr(0, 10) == date;
        date = when.substr(0, 10);
        text += (same_day ? when.substr(11) : when) + " " + line.words;
        if (line.is_asked) text += "  <--";
        out.push_back(std::move(text));
    }
    return out;
}

std::string subject_words(std::string_view subject) {
    auto slash = subject.find('/');
    if (slash == subject.npos) return std::string(subject);
    auto sort = std::string(subject.substr(0, slash));
    auto name = std::string(subject.substr(slash + 1));
    if (sort == "job" || sort == "run" || sort == "event") return sort + " " + name;
    if (sort != "trigger") return sort + " '" + name + "'";
    auto mark = name.rfind('#');
    if (mark == name.npos) return "trigger of '" + name + "'";
    return "trigger " + name.substr(mark + 1) + " of '" + name.substr(0, mark) + "'";
}

job::Id job_of(std::string_view subject) { return number_after(subject, "job/"); }
std::uint64_t run_of(std::string_view subject) { return number_after(subject, "run/"); }

}  // namespace lares::story
