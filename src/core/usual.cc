// core/usual.cc: medians, and figures that are far above them.

#include "core/usual.h"

#include <algorithm>

#include "core/in_words.h"
#include "text/record.h"

namespace lares::usual {

namespace {

constexpr std::size_t most_runs = 30;
constexpr std::int64_t least_ms = 1'000;
constexpr std::int64_t least_bytes = 16 << 20;

/// The lower one of the two in the middle: a half of the runs took no more.
std::int64_t median(History const& history, auto figure) {
    std::vector<std::int64_t> all;
    for (Run const& run : history.runs) all.push_back(figure(run));
    auto middle = all.begin() + static_cast<std::ptrdiff_t>((all.size() - 1) / 2);
    std::ranges::nth_element(all, middle);
    return *middle;
}

bool is_unusual(std::int64_t figure, std::int64_t usual, int percent, std::int64_t least_more) {
    if (figure - usual < least_more) return false;
    return static_cast<double>(figure) * 100 > static_cast<double>(usual) * percent;
}

std::string megabytes(std::int64_t bytes) {
    auto tenths = (bytes * 10 + (1 << 19)) >> 20;
    if (tenths >= 100) return std::to_string(tenths / 10) + " MB";
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

}  // namespace

void note(History& history, Run const& run) {
    history.runs.push_back(run);
    if (history.runs.size() > most_runs) history.runs.erase(history.runs.begin());
}

Run usual(History const& history) {
    if (history.runs.size() < fewest_runs) return {};
    return {Duration(median(history, [](Run const& run) { return run.wall.count(); })),
            Duration(median(history, [](Run const& run) { return run.cpu.count(); })),
            median(history, [](Run const& run) { return run.peak_memory_bytes; })};
}

std::string judge(History const& history, Run const& run, int percent) {
    if (percent <= 0 || history.runs.size() < fewest_runs) return "";
    Run const before = usual(history);
    std::string words;
    auto say = [&](std::string const& what, std::string const& now, std::string const& then) {
        words += (words.empty() ? "" : "; ") + what + " " + now + ", usually " + then;
    };
    if (is_unusual(run.wall.count(), before.wall.count(), percent, least_ms))
        say("took", in_words(run.wall), in_words(before.wall));
    if (is_unusual(run.cpu.count(), before.cpu.count(), percent, least_ms))
        say("CPU time", in_words(run.cpu), in_words(before.cpu));
    if (is_unusual(run.peak_memory_bytes, before.peak_memory_bytes, percent, least_bytes))
        say("peak memory", megabytes(run.peak_memory_bytes), megabytes(before.peak_memory_bytes));
    return words;
}

std::string write(History const& history) {
    text::RecordWriter writer;
    for (Run const& run : history.runs) {
        writer.put_number("wall", run.wall.count());
        writer.put_number("cpu", run.cpu.count());
        writer.put_number("memory", run.peak_memory_bytes);
    }
    return writer.take();
}

History read(std::string_view text) {
    auto record = text::Record::parse(text);
    auto wall = record.all("wall"), cpu = record.all("cpu"), memory = record.all("memory");
    if (wall.size() != cpu.size() || wall.size() != memory.size()) return {};
    auto number = [](std::string const& value) {
        auto found = text::Record::parse("n=" + value).number("n");
        return std::clamp<std::int64_t>(found, 0, std::int64_t{1} << 50);
    };
    History history;
    for (std::size_t i = 0; i < wall.size(); i++)
        note(history, {Duration(number(wall[i])), Duration(number(cpu[i])), number(memory[i])});
    return history;
}

}  // namespace lares::usual
