// control/operation_functions.h: the functions behind the rows of the table of operations.
//
// Only operations.cc and the files that hold them include this. Parameters have been fitted to the
// row's signature: all are there, in their types.

#pragma once

#include <string>
#include <vector>

#include "control/desk.h"
#include "text/value.h"

namespace lares::control {

using Parameters = text::Array;

// supervisor_operations.cc: the daemon itself, and what is known of processes.
void get_api_version(Call, Parameters const&);
void get_supervisor_version(Call, Parameters const&);
void get_identification(Call, Parameters const&);
void get_state(Call, Parameters const&);
void get_pid(Call, Parameters const&);
void shut_down(Call, Parameters const&);
void restart_daemon(Call, Parameters const&);
void get_process_info(Call, Parameters const&);
void get_all_process_info(Call, Parameters const&);

// process_operations.cc: starting, stopping, signalling, feeding.
void start_process(Call, Parameters const&);
void start_process_group(Call, Parameters const&);
void start_all_processes(Call, Parameters const&);
void stop_process(Call, Parameters const&);
void stop_process_group(Call, Parameters const&);
void stop_all_processes(Call, Parameters const&);
void signal_process(Call, Parameters const&);
void signal_process_group(Call, Parameters const&);
void signal_all_processes(Call, Parameters const&);
void send_process_stdin(Call, Parameters const&);
void send_remote_comm_event(Call, Parameters const&);

// log_operations.cc: reading and clearing logs.
void read_log(Call, Parameters const&);
void clear_log(Call, Parameters const&);
void read_process_stdout_log(Call, Parameters const&);
void read_process_stderr_log(Call, Parameters const&);
void tail_process_stdout_log(Call, Parameters const&);
void tail_process_stderr_log(Call, Parameters const&);
void clear_process_logs(Call, Parameters const&);
void clear_all_process_logs(Call, Parameters const&);

// config_operations.cc: reading the configuration again, and making what runs follow it.
void reload_config(Call, Parameters const&);
void add_process_group(Call, Parameters const&);
void remove_process_group(Call, Parameters const&);
void get_all_config_info(Call, Parameters const&);
void lares_plan(Call, Parameters const&);
void lares_apply(Call, Parameters const&);
void lares_update(Call, Parameters const&);
void lares_config_history(Call, Parameters const&);
void lares_config_diff(Call, Parameters const&);
void lares_config_rollback(Call, Parameters const&);
void lares_put_program(Call, Parameters const&);
void lares_remove_program(Call, Parameters const&);

// system_operations.cc: about the table itself.
void list_methods(Call, Parameters const&);
void list_all_methods(Call, Parameters const&);
void method_help(Call, Parameters const&);
void method_signature(Call, Parameters const&);
void multicall(Call, Parameters const&);

// lares_operations.cc: for our own command line.
void lares_status(Call, Parameters const&);
void lares_start(Call, Parameters const&);
void lares_stop(Call, Parameters const&);
void lares_restart(Call, Parameters const&);
void lares_signal(Call, Parameters const&);
void lares_scale(Call, Parameters const&);
void lares_upgrade(Call, Parameters const&);
void lares_version(Call, Parameters const&);

// job_operations.cc
void lares_put(Call, Parameters const&);
void lares_put_batch(Call, Parameters const&);
void lares_run(Call, Parameters const&);
void lares_jobs(Call, Parameters const&);
void lares_job(Call, Parameters const&);
void lares_cancel(Call, Parameters const&);
void lares_retry(Call, Parameters const&);
void lares_retry_dead(Call, Parameters const&);
void lares_priority(Call, Parameters const&);
void lares_running(Call, Parameters const&);
void lares_rerun(Call, Parameters const&);

// task_operations.cc
void lares_tasks(Call, Parameters const&);
void lares_budgets(Call, Parameters const&);
void lares_budget(Call, Parameters const&);
void lares_budget_set(Call, Parameters const&);
void lares_budget_reset(Call, Parameters const&);
void lares_budget_block(Call, Parameters const&);
void lares_budget_unblock(Call, Parameters const&);
void lares_budget_reserve(Call, Parameters const&);
void lares_budget_commit(Call, Parameters const&);
void lares_budget_release(Call, Parameters const&);
void lares_letter(Call, Parameters const&);
void lares_channels(Call, Parameters const&);
void lares_notify(Call, Parameters const&);
void lares_test_channel(Call, Parameters const&);
void lares_pause_channel(Call, Parameters const&);
void lares_resume_channel(Call, Parameters const&);
void lares_outbox(Call, Parameters const&);
void lares_delivery(Call, Parameters const&);
void lares_await_delivery(Call, Parameters const&);
void lares_retry_delivery(Call, Parameters const&);
void lares_drop_delivery(Call, Parameters const&);
void lares_alerts(Call, Parameters const&);
void lares_acknowledge(Call, Parameters const&);
void lares_resolve(Call, Parameters const&);
void lares_task(Call, Parameters const&);
void lares_work(Call, Parameters const&);
void lares_folders(Call, Parameters const&);
void lares_resources(Call, Parameters const&);
void lares_pause(Call, Parameters const&);
void lares_resume(Call, Parameters const&);
void lares_drain(Call, Parameters const&);
void lares_settle_file(Call, Parameters const&);
void lares_files(Call, Parameters const&);
void lares_claim(Call, Parameters const&);
void lares_heartbeat(Call, Parameters const&);
void lares_finish(Call, Parameters const&);
void lares_maintenance(Call, Parameters const&);
void lares_maintenance_begin(Call, Parameters const&);
void lares_maintenance_end(Call, Parameters const&);

// account_operations.cc: users and tokens beside the configuration.
void lares_users(Call, Parameters const&);
void lares_user_set(Call, Parameters const&);
void lares_user_remove(Call, Parameters const&);
void lares_tokens(Call, Parameters const&);
void lares_token_create(Call, Parameters const&);
void lares_token_revoke(Call, Parameters const&);

// look_operations.cc: what the page and programs look at.
void lares_usage(Call, Parameters const&);
void lares_log(Call, Parameters const&);
void lares_coming(Call, Parameters const&);
void lares_config(Call, Parameters const&);

// journal_operations.cc
void lares_runs(Call, Parameters const&);
void lares_run_info(Call, Parameters const&);
void lares_run_log(Call, Parameters const&);
void lares_events(Call, Parameters const&);

// story_operations.cc
void lares_why(Call, Parameters const&);
void lares_trace(Call, Parameters const&);
void lares_audit(Call, Parameters const&);
void lares_at(Call, Parameters const&);
void lares_run_diff(Call, Parameters const&);

}  // namespace lares::control
