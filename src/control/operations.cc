// control/operations.cc: the rows.
//
// Names, types and the order of parameters are supervisord's (spec §4.2); `lares.` is our own.

#include "control/operations.h"

#include "control/operation_functions.h"

namespace lares::control {

namespace {

constexpr Role viewer = Role::viewer;
constexpr Role operators = Role::operator_;
constexpr Role admin = Role::admin;

// clang-format off
constexpr Operation rows[] = {
    {"lares.apply", "", "array string", admin, false,
     "Does what the plan of this fingerprint says, or refuses because the plan would be another by now", lares_apply},
    {"lares.config_diff", "", "string int int=0", admin, false,
     "Tells how the files of two revisions differ, as diff -u does; 0 means the files there are", lares_config_diff},
    {"lares.config_history", "", "array", viewer, false,
     "Lists the configurations that were applied", lares_config_history},
    {"lares.config_rollback", "", "array int", admin, false,
     "Applies a configuration that was applied before; the files stay as they are", lares_config_rollback},
    {"lares.listMethods", "", "array", viewer, true,
     "Lists the names of all methods, those of Lares too", list_all_methods},
    {"lares.plan", "", "struct string=", operators, false,
     "Tells what an update would start, stop, restart and change, and why; with a path, as if that were the main file", lares_plan},
    {"lares.put_program", "", "boolean string string", admin, false,
     "Stores a program in the managed folder, by the text of its section, and applies it", lares_put_program},
    {"lares.remove_program", "", "boolean string", admin, false,
     "Stops a program of the managed folder and removes its file", lares_remove_program},
    {"lares.restart", "", "array array= boolean=true boolean=false", operators, false,
     "Restarts the processes that names or patterns mean, and starts those that are not up; rolling: one by one, each when the one before is RUNNING again. Gives name, group, status and description of each", lares_restart},
    {"lares.scale", "", "boolean string int", operators, false,
     "Changes how many processes a program has; the others are not touched", lares_scale},
    {"lares.signal", "", "array array string/int", operators, false,
     "Sends a signal to the processes that names or patterns mean", lares_signal},
    {"lares.start", "", "array array= boolean=true", operators, false,
     "Starts the processes that names or patterns mean; waits until each is RUNNING or has failed", lares_start},
    {"lares.status", "", "struct array= array=", viewer, true,
     "Tells about the daemon and the processes that names or patterns mean, all without any, with the members named, all without any; also while it ends", lares_status},
    {"lares.stop", "", "array array= boolean=true", operators, false,
     "Stops the processes that names or patterns mean; waits until each is gone", lares_stop},
    {"lares.update", "", "array array=", admin, false,
     "Reads the configuration again and makes what runs follow it, process by process; with names or patterns, only those groups and programs", lares_update},
    {"lares.upgrade", "", "boolean string=", admin, false,
     "Has this daemon's place taken by one of the binary at the path given, or of its own file as it is now; no program stops", lares_upgrade},
    {"lares.version", "", "string", viewer, false,
     "Tells the version of Lares", lares_version},

    {"supervisor.addProcessGroup", "", "boolean string", admin, false,
     "Adds a group that the configuration last read has, and starts what of it starts by itself", add_process_group},
    {"supervisor.clearAllProcessLogs", "", "array", operators, false,
     "Empties the logs of every process", clear_all_process_logs},
    {"supervisor.clearLog", "", "boolean", admin, false,
     "Empties the daemon's own log", clear_log},
    {"supervisor.clearProcessLog", "supervisor.clearProcessLogs", "boolean string", operators, false,
     "Empties both logs of a process", clear_process_logs},
    {"supervisor.clearProcessLogs", "", "boolean string", operators, false,
     "Empties both logs of a process", clear_process_logs},
    {"supervisor.getAPIVersion", "", "string", viewer, false,
     "Tells the version of this interface", get_api_version},
    {"supervisor.getAllConfigInfo", "", "array", viewer, false,
     "Tells about every process that the configuration last read has, by name", get_all_config_info},
    {"supervisor.getAllProcessInfo", "", "array", viewer, false,
     "Tells about every process, by group and name", get_all_process_info},
    {"supervisor.getIdentification", "", "string", viewer, false,
     "Tells the identifier that the configuration gives this daemon", get_identification},
    {"supervisor.getPID", "", "int", viewer, false,
     "Tells the daemon's process id", get_pid},
    {"supervisor.getProcessInfo", "", "struct string", viewer, false,
     "Tells about one process", get_process_info},
    {"supervisor.getState", "", "struct", viewer, false,
     "Tells the daemon's state as a number and a name", get_state},
    {"supervisor.getSupervisorVersion", "", "string", viewer, false,
     "Tells the version of supervisord whose behaviour this is", get_supervisor_version},
    {"supervisor.getVersion", "supervisor.getAPIVersion", "string", viewer, false,
     "Tells the version of this interface", get_api_version},
    {"supervisor.readLog", "", "string int int", viewer, false,
     "Reads length bytes of the daemon's own log from offset; a negative offset counts from the end, with length 0", read_log},
    {"supervisor.readMainLog", "supervisor.readLog", "string int int", viewer, false,
     "Reads length bytes of the daemon's own log from offset; a negative offset counts from the end, with length 0", read_log},
    {"supervisor.readProcessLog", "supervisor.readProcessStdoutLog", "string string int int", viewer, false,
     "Reads length bytes of a process's stdout log from offset; a negative offset counts from the end, with length 0", read_process_stdout_log},
    {"supervisor.readProcessStderrLog", "", "string string int int", viewer, false,
     "Reads length bytes of a process's stderr log from offset; a negative offset counts from the end, with length 0", read_process_stderr_log},
    {"supervisor.readProcessStdoutLog", "", "string string int int", viewer, false,
     "Reads length bytes of a process's stdout log from offset; a negative offset counts from the end, with length 0", read_process_stdout_log},
    {"supervisor.reloadConfig", "", "array", admin, false,
     "Reads the configuration again and tells which groups are new, changed and gone; starts and stops nothing", reload_config},
    {"supervisor.removeProcessGroup", "", "boolean string", admin, false,
     "Removes a group whose processes have all stopped", remove_process_group},
    {"supervisor.restart", "", "boolean", admin, false,
     "Stops every process, reads the configuration again and starts from it; a faulty configuration changes nothing", restart_daemon},
    {"supervisor.sendProcessStdin", "", "boolean string string", operators, false,
     "Writes text to a process's standard input", send_process_stdin},
    {"supervisor.sendRemoteCommEvent", "", "boolean string string", operators, true,
     "Sends a REMOTE_COMMUNICATION event of a type, with data, to the event listeners that subscribe to it", send_remote_comm_event},
    {"supervisor.shutdown", "", "boolean", admin, false,
     "Stops every process and ends the daemon", shut_down},
    {"supervisor.signalAllProcesses", "", "array string/int", operators, false,
     "Sends a signal to every process that is up", signal_all_processes},
    {"supervisor.signalProcess", "", "boolean string string/int", operators, false,
     "Sends a signal, by name or number, to a process", signal_process},
    {"supervisor.signalProcessGroup", "", "array string string/int", operators, false,
     "Sends a signal to every process of a group that is up", signal_process_group},
    {"supervisor.startAllProcesses", "", "array boolean=true", operators, false,
     "Starts every process that is not up; gives name, group, status and description of each", start_all_processes},
    {"supervisor.startProcess", "", "boolean string boolean=true", operators, false,
     "Starts a process; with wait, answers when it is RUNNING or has failed", start_process},
    {"supervisor.startProcessGroup", "", "array string boolean=true", operators, false,
     "Starts every process of a group that is not up", start_process_group},
    {"supervisor.stopAllProcesses", "", "array boolean=true", operators, false,
     "Stops every process that is up; gives name, group, status and description of each", stop_all_processes},
    {"supervisor.stopProcess", "", "boolean string boolean=true", operators, false,
     "Stops a process; with wait, answers when it is gone", stop_process},
    {"supervisor.stopProcessGroup", "", "array string boolean=true", operators, false,
     "Stops every process of a group that is up", stop_process_group},
    {"supervisor.tailProcessLog", "supervisor.tailProcessStdoutLog", "array string int int", viewer, false,
     "Reads the last length bytes of a process's stdout log; gives text, size and whether more than length was written since offset", tail_process_stdout_log},
    {"supervisor.tailProcessStderrLog", "", "array string int int", viewer, false,
     "Reads the last length bytes of a process's stderr log; gives text, size and whether more than length was written since offset", tail_process_stderr_log},
    {"supervisor.tailProcessStdoutLog", "", "array string int int", viewer, false,
     "Reads the last length bytes of a process's stdout log; gives text, size and whether more than length was written since offset", tail_process_stdout_log},

    {"system.listMethods", "", "array", viewer, true,
     "Lists the names of all methods", list_methods},
    {"system.methodHelp", "", "string string", viewer, true,
     "Tells what a method does", method_help},
    {"system.methodSignature", "", "array string", viewer, true,
     "Tells the type a method gives, then the types it takes", method_signature},
    {"system.multicall", "", "array array", viewer, true,
     "Runs several calls one after the other; each result is the bare value, or a struct of faultCode and faultString", multicall},
};
// clang-format on

}  // namespace

std::span<Operation const> operations() { return rows; }

Operation const* find_operation(std::string_view name) { return find_operation(rows, name); }

}  // namespace lares::control
