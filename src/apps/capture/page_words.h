// apps/capture/page_words.h: what the page says, in English and German.

#pragma once

#include <string_view>

namespace lares::capture {

enum class Tongue { english, german };

// clang-format off
enum class Word {
    overview, captures, one_capture, one_set, posts, accounts, sets, work, jobs, sign_in, sign_out, name, password, or_token,
    wrong_login, too_many, daemon_away, sight_lost, nobody_may, not_allowed, admins_only, not_found, refused,
    back, skip, sections, search, show, words, older, more, newest, service, state, active, inactive,
    running_state, not_running, as_task, since, up_time, files, file, day, messages, gaps, missed, first_last,
    size, no_gaps, gap, open_file, per_day, account, at, text, raw, as_json, removed, history, until, was,
    members, notes, add, add_set, add_member, remove, remove_set, remove_capture, remove_help, confirm,
    not_confirmed, save, activate, deactivate, edit, more_options, try_it, dry_run, draft, tried_on, index_it,
    index_help, takedown, takedown_help, decided, policy, carry_out, export_, format, from, to, sample, start,
    progress, finished, failed, running, of, ready_files, download, errors, began, beat, ended, by, value,
    options, new_capture, any, checked, no_posts, no_posts_next, no_captures, no_captures_next,
    no_captures_viewer, no_accounts, no_accounts_next, no_sets, no_members, no_files, no_jobs, no_jobs_next,
    no_work, no_work_next, language, posts_indexed, timelines, missing_yet, complete, the_beginning,
    refused_form, changed_meanwhile, open_no_more, about, kind_export, kind_try, kind_index, kind_takedown,
    kind_add, kind_refresh, total, highest, counted_from, searched_part, search_on, split, add_accounts, add_accounts_help, names, names_help, server, server_help, credential,
    refresh, refresh_help, no_accounts_operator, credentials, credentials_help, token, used_by,
    count_
};
// clang-format on

std::string_view say(Tongue, Word);

/// What an option of a capture means, by its name (definition_rows).
std::string_view option_help(Tongue, std::string_view name, std::string_view english);
/// An option as a label; its own name where there is no other.
std::string_view option_label(Tongue, std::string_view name);

}  // namespace lares::capture
