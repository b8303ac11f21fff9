// core/event_kinds.cc: the rows of the table, and finding one by its name.

#include "core/event_kinds.h"

#include <algorithm>
#include <iterator>

namespace lares::journal {

namespace {

// clang-format off
constexpr EventKind rows[] = {
    {"alert.acknowledged",  Ends::nothing,     Reach::narrow, "somebody has an alert in hand"},
    {"alert.eased",         Ends::nothing,     Reach::narrow, "somebody was told that the cause is over and its consequences are not"},
    {"alert.ended",         Ends::nothing,     Reach::narrow, "a person ended an alert"},
    {"alert.escalated",     Ends::nothing,     Reach::narrow, "the next one was told, because nobody had acknowledged"},
    {"alert.firing",        Ends::nothing,     Reach::narrow, "somebody was told of a problem; data: {\"channel\"}"},
    {"alert.flapping",      Ends::nothing,     Reach::narrow, "somebody was told that a problem comes and goes"},
    {"alert.more",          Ends::nothing,     Reach::narrow, "somebody was told of more problems of the same cause"},
    {"alert.repeat",        Ends::nothing,     Reach::narrow, "somebody was told that a problem is there still"},
    {"alert.resolved",      Ends::nothing,     Reach::narrow, "somebody was told that a problem is over"},
    {"audit.clean",         Ends::nothing,     Reach::narrow, "nothing is unexplained any more"},
    {"audit.unexplained",   Ends::nothing,     Reach::narrow, "something that was due, came in or was accepted has neither a result nor a reason; data: {\"count\"}"},
    {"budget.expired",      Ends::nothing,     Reach::narrow, "nobody came back for what was reserved of a budget; it is taken for spent"},
    {"budget.period",       Ends::nothing,     Reach::narrow, "a budget begins anew, and what was spent before"},
    {"budget.set",          Ends::nothing,     Reach::narrow, "a person set, reset, blocked or unblocked a budget"},
    {"budget.threshold",    Ends::nothing,     Reach::narrow, "a share of a budget is spent that people want to know of; data: {\"percent\"}"},
    {"budget.used",         Ends::nothing,     Reach::narrow, "an application reserved, spent or gave back; data: {\"reservation\"}"},
    {"channel.ok",          Ends::nothing,     Reach::narrow, "a channel works again"},
    {"channel.trouble",     Ends::nothing,     Reach::narrow, "a channel does not work; what goes through it waits"},
    {"circuit.closed",      Ends::nothing,     Reach::narrow, "a task that was held because of failures goes on"},
    {"circuit.open",        Ends::nothing,     Reach::narrow, "a task is held because its jobs fail one after the other"},
    {"clock.step",          Ends::nothing,     Reach::broad,  "the wall clock was set; data: {\"by_ms\"}"},
    {"clock.suspend",       Ends::nothing,     Reach::broad,  "the machine slept; data: {\"for_ms\"}"},
    {"clock.zone",          Ends::nothing,     Reach::broad,  "the rules of time zones changed; the runs that moved are named"},
    {"config.applied",      Ends::nothing,     Reach::broad,  "a configuration is in force; data: {\"revision\"}"},
    {"daemon.end",          Ends::nothing,     Reach::broad,  "the daemon ended"},
    {"daemon.start",        Ends::nothing,     Reach::broad,  "the daemon began; data: {\"version\", \"boot\"}"},
    {"delivery.dropped",    Ends::nothing,     Reach::narrow, "a person took a message back"},
    {"delivery.expired",    Ends::nothing,     Reach::narrow, "a message was no longer worth sending"},
    {"delivery.failed",     Ends::nothing,     Reach::narrow, "a message will never get through, and why"},
    {"delivery.gathered",   Ends::nothing,     Reach::narrow, "a message goes out as part of a digest"},
    {"delivery.later",      Ends::nothing,     Reach::narrow, "a message did not get through and is tried again"},
    {"delivery.sent",       Ends::nothing,     Reach::narrow, "the service took a message; data: {\"channel\", \"provider\"}"},
    {"delivery.unsure",     Ends::nothing,     Reach::narrow, "nobody can say whether a message was sent"},
    {"expect.late",         Ends::nothing,     Reach::narrow, "something expected did not come in time"},
    {"expect.ok",           Ends::nothing,     Reach::narrow, "something that was late has come"},
    {"folder.asked",        Ends::nothing,     Reach::narrow, "a file waits for a person's word: duplicates = ask, or a loop of outputs"},
    {"folder.file",         Ends::nothing,     Reach::narrow, "a folder saw or took in a file, or something became of it"},
    {"folder.ignored",      Ends::nothing,     Reach::narrow, "a file is left alone: duplicates = ignore"},
    {"folder.left",         Ends::nothing,     Reach::narrow, "a person had a file left where it is"},
    {"folder.orphan",       Ends::nothing,     Reach::narrow, "a file's companions did not come in time"},
    {"folder.overflow",     Ends::nothing,     Reach::narrow, "notifications of a folder were lost; all of it is read again"},
    {"folder.paused",       Ends::nothing,     Reach::narrow, "a folder takes nothing in, and why"},
    {"folder.problem",      Ends::nothing,     Reach::narrow, "a file cannot be worked on until it changes"},
    {"folder.resumed",      Ends::nothing,     Reach::narrow, "a folder takes in files again"},
    {"folder.run",          Ends::nothing,     Reach::narrow, "a person had a waiting file worked on"},
    {"folder.trouble",      Ends::nothing,     Reach::narrow, "a folder cannot be watched"},
    {"folder.well",         Ends::nothing,     Reach::narrow, "a folder can be watched again"},
    {"folder.withdrawn",    Ends::nothing,     Reach::narrow, "a file vanished before its job began"},
    {"hook.refused",        Ends::nothing,     Reach::narrow, "a call of a hook was refused, and why"},
    {"job.accepted",        Ends::nothing,     Reach::narrow, "a job is stored"},
    {"job.again",           Ends::nothing,     Reach::narrow, "an attempt was interrupted, and is not counted; the job is ready again"},
    {"job.cancelled",       Ends::job,         Reach::narrow, "a job was taken back, by a person or because what it waited for failed"},
    {"job.dead",            Ends::job,         Reach::narrow, "a job has used up its retries"},
    {"job.done",            Ends::job,         Reach::narrow, "a job ended well"},
    {"job.parked",          Ends::job,         Reach::narrow, "a job killed its worker too often; it waits for a person"},
    {"job.retry",           Ends::nothing,     Reach::narrow, "an attempt failed; the job waits for the next"},
    {"job.skipped",         Ends::job,         Reach::narrow, "a job never ran, and why"},
    {"job.started",         Ends::nothing,     Reach::narrow, "an attempt of a job began"},
    {"maintenance.begin",   Ends::nothing,     Reach::broad,  "tasks are held for a maintenance"},
    {"maintenance.end",     Ends::nothing,     Reach::broad,  "a maintenance is over; what was held is counted"},
    {"message.given",       Ends::nothing,     Reach::narrow, "a person or a script gave a message to be sent"},
    {"operator",            Ends::nothing,     Reach::narrow, "a person asked for something"},
    {"program.many",        Ends::nothing,     Reach::narrow, "changes of one program that were too many to store one by one; data: {\"count\"}"},
    {"program.memory",      Ends::nothing,     Reach::narrow, "a process used more memory than it may and is restarted; data: {\"bytes\"}"},
    {"program.state",       Ends::nothing,     Reach::narrow, "a process changed its state; data: {\"from\", \"to\"}"},
    {"program.unhealthy",   Ends::nothing,     Reach::narrow, "a process does not answer and is restarted, and why"},
    {"run.slow",            Ends::nothing,     Reach::narrow, "a run took longer, or used more memory or CPU, than usual"},
    {"run.started",         Ends::nothing,     Reach::narrow, "a process of a job or program began; data: {\"run\"}"},
    {"store.ok",            Ends::nothing,     Reach::broad,  "the database can be written again"},
    {"store.trouble",       Ends::nothing,     Reach::broad,  "the database cannot be opened or written"},
    {"task.paused",         Ends::nothing,     Reach::narrow, "nothing new of a task starts, by whom and why"},
    {"task.resumed",        Ends::nothing,     Reach::narrow, "a paused task goes on"},
    {"trigger.fired",       Ends::due_instant, Reach::narrow, "a trigger made a job; data: {\"due\"} of a clock, ms since 1970"},
    {"trigger.missed",      Ends::due_instant, Reach::narrow, "due times passed while nobody could run them; data: {\"due\"} or {\"due_from\", \"due_to\", \"count\"}"},
    {"trigger.skipped",     Ends::due_instant, Reach::narrow, "a trigger made no job, and why; data: {\"due\"} of a clock"},
};
// clang-format on

}  // namespace

std::span<EventKind const> event_kinds() { return rows; }

EventKind const* find_event_kind(std::string_view name) {
    auto const* row = std::ranges::lower_bound(rows, name, {}, &EventKind::name);
    return row == std::end(rows) || row->name != name ? nullptr : row;
}

}  // namespace lares::journal
