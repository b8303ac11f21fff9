// base/signals.cc: the table of names.

#include "base/signals.h"

#include <csignal>

#include <algorithm>
#include <charconv>

namespace lares {

namespace {

struct Row {
    std::string_view name;
    int number;
};

// Where a number has two names, the one that supervisord prints stands first.
// clang-format off
constexpr Row rows[] = {
    {"HUP", SIGHUP},   {"INT", SIGINT},       {"QUIT", SIGQUIT}, {"ILL", SIGILL},
    {"TRAP", SIGTRAP}, {"ABRT", SIGABRT},     {"IOT", SIGIOT},   {"BUS", SIGBUS},
    {"FPE", SIGFPE},   {"KILL", SIGKILL},     {"USR1", SIGUSR1}, {"SEGV", SIGSEGV},
    {"USR2", SIGUSR2}, {"PIPE", SIGPIPE},     {"ALRM", SIGALRM}, {"TERM", SIGTERM},
#ifdef SIGSTKFLT
    {"STKFLT", SIGSTKFLT},
#endif
    {"CHLD", SIGCHLD}, {"CLD", SIGCHLD},      {"CONT", SIGCONT}, {"STOP", SIGSTOP},
    {"TSTP", SIGTSTP}, {"TTIN", SIGTTIN},     {"TTOU", SIGTTOU}, {"URG", SIGURG},
    {"XCPU", SIGXCPU}, {"XFSZ", SIGXFSZ},     {"VTALRM", SIGVTALRM}, {"PROF", SIGPROF},
    {"WINCH", SIGWINCH}, {"POLL", SIGPOLL},   {"IO", SIGIO},     {"PWR", SIGPWR},
    {"SYS", SIGSYS},
};
// clang-format on

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n\v\f";
    std::size_t begin = text.find_first_not_of(blanks);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string upper(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return out;
}

bool is_real_time(int number) { return number >= SIGRTMIN && number <= SIGRTMAX; }

bool is_known(int number) {
    return is_real_time(number) || std::ranges::find(rows, number, &Row::number) != std::end(rows);
}

/// A whole text as a number; none when it is something else.
std::optional<int> whole(std::string_view text) {
    int number = 0;
    auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (status != std::errc() || end != text.data() + text.size()) return {};
    return number;
}

/// "RTMIN", "RTMIN+3", "RTMAX-1".
std::optional<int> real_time(std::string_view name) {
    bool from_least = name.starts_with("RTMIN");
    if (!from_least && !name.starts_with("RTMAX")) return {};
    int number = from_least ? SIGRTMIN : SIGRTMAX;
    name.remove_prefix(5);
    if (name.empty()) return number;
    auto distance = whole(name.substr(1));
    if (name[0] != (from_least ? '+' : '-') || !distance || *distance < 0) return {};
    if (*distance > SIGRTMAX - SIGRTMIN) return {};
    return from_least ? number + *distance : number - *distance;
}

}  // namespace

std::optional<int> signal_number(std::string_view text) {
    std::string word = upper(trim(text));
    if (auto number = whole(word)) return is_known(*number) ? number : std::nullopt;
    std::string_view name = word;
    if (name.starts_with("SIG")) name.remove_prefix(3);
    auto row = std::ranges::find(rows, name, &Row::name);
    return row == std::end(rows) ? real_time(name) : row->number;
}

std::string signal_name(int number) {
    auto row = std::ranges::find(rows, number, &Row::number);
    if (row != std::end(rows)) return "SIG" + std::string(row->name);
    if (number == SIGRTMAX) return "SIGRTMAX";
    if (!is_real_time(number)) return "signal " + std::to_string(number);
    std::string name = "SIGRTMIN";
    if (number != SIGRTMIN) name.append("+").append(std::to_string(number - SIGRTMIN));
    return name;
}

}  // namespace lares
