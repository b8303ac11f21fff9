// config/rows.h: the option rows themselves: one row an option, with all that Lares knows about it.
//
// Reading (config/reader.h), defaults, documents (config/options.h) and tests go over these tables.
// Rows stand in the order in which supervisord looks at its options, so that its first complaint
// about a file is also ours.

#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/kinds.h"
#include "config/section.h"
#include "config/settings.h"

namespace lares::config {

// What is special about a row; may be added up.
inline constexpr unsigned theirs = 0;
inline constexpr unsigned ours = 1;        // an addition of Lares
inline constexpr unsigned varies = 2;      // may hold %(process_num)s: Program::varying
inline constexpr unsigned raw = 4;         // kept unexpanded: expand_processes() does it
inline constexpr unsigned share = 8;       // may end in a percent sign that is just that
inline constexpr unsigned tasks_too = 16;  // a program's, and [task:x] has it as well

template <class Owner>
struct Row {
    std::string_view name;
    Slot<Owner> slot;
    /// The default as one would write it. Empty: nothing; in brackets: not a value, words for it.
    std::string_view fallback;
    Range range;
    std::string_view help;
    unsigned traits = theirs;
};

/// A program section while it is read: what the options say before they are put together.
struct ProgramDraft {
    Program program;
    Duration stopwaitsecs{10'000};
    std::optional<bool> killasgroup;
    Duration ready_within{60'000};
    Duration hook_timeout{30'000};
    std::optional<EndPolicy> on_exit, on_fatal;
    std::optional<bool> remember;
    std::optional<OnOrphan> on_orphan;
    std::optional<text::LogFormat> out_format, err_format;
};

/// A [task:x] while it is read. What it shares with programs is in `program`.
struct TaskDraft {
    ProgramDraft program;
    Task task;
};

/// [include] files, [group:x] programs and the like, before they are looked up.
struct IncludeDraft {
    std::string files;
    IncludeAuto automatic = IncludeAuto::off;
};
struct SocketDraft {
    std::string listen;
    int backlog = 0;
    std::string owner;
    std::optional<unsigned> mode;
};
struct RpcDraft {
    std::string factory;
};

std::span<Row<Daemon> const> supervisord_rows();
std::span<Row<Daemon> const> lares_rows();
std::span<Row<HttpServer> const> unix_server_rows();
std::span<Row<HttpServer> const> inet_server_rows();
std::span<Row<Account> const> account_rows();
std::span<Row<Client> const> client_rows();
/// Of [program:x], and also of the two below.
std::span<Row<ProgramDraft> const> program_rows();
std::span<Row<ProgramDraft> const> eventlistener_rows();
std::span<Row<ProgramDraft> const> fcgi_rows();
/// Of [task:x] alone; the rows of programs that are marked `tasks_too` come beside them.
std::span<Row<TaskDraft> const> task_rows();
std::span<Row<Folder> const> folder_rows();
std::span<Row<CrontabFiles> const> crontab_rows();
std::span<Row<CrontabFiles> const> incrontab_rows();
/// Of [lares], beside lares_rows().
std::span<Row<WorkSettings> const> work_rows();
/// Of [lares], beside these two.
std::span<Row<AlertSettings> const> alert_rows();
std::span<Row<ChannelSettings> const> channel_rows();
std::span<Row<BudgetSettings> const> budget_rows();
std::span<Row<Group> const> group_rows();
std::span<Row<SocketDraft> const> socket_rows();
std::span<Row<IncludeDraft> const> include_rows();
std::span<Row<RpcDraft> const> rpc_rows();

/// True when `fallback` is a value and not words for one.
inline bool is_value(std::string_view fallback) {
    return !fallback.empty() && !fallback.starts_with('(');
}

}  // namespace lares::config
