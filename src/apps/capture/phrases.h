// apps/capture/phrases.h: sentences of the commands that people meet on the page, too, with places
// for what differs.
//
// A command says them in English; the page says them in its own language, and so does whoever reads
// what was noted in the database. Both come from one row: what was said is read back by the row
// that it was made from. What is no sentence of these (a file's path and the system's word about
// it, an answer of a service) stays as it is.

#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "apps/capture/page_words.h"
#include "base/result.h"

namespace lares::capture {

// clang-format off
enum class Phrase {
    // of options
    must_be, form_left_out, whole_number, forms, formats, cursors, removals, yes_or_no, of_websocket, table_formats, policies, join_or_leave,
    timelines_whole, needs_accounts, needs_rules, needs_url, only_timelines, number_from_1, a_day, plain_day,
    source_length, source_begin, source_letters, dialect_name, dialect_paths, open_quote,
    no_degrees, four_numbers, longitude, latitude, corners, person_blank, language_code, ceiling, phrases, people, places, bytes,
    of_phrase,
    // of what is there
    no_capture, near_capture, no_credential, credential_in_use, credential_of, capture_uses_it, bad_token, no_set, no_set_of_accounts, no_account, archive_without, archive_at_without,
    set_name, account_names, account_url, no_file, is_captured, is_mended,
    // of accounts
    nobody, is_now, is_in_state, needs_server, no_directory, service_answered, service_answered_what, credential_refused,
    answer_credential_refused, answer_no_id, answer_wrong, answer_unreadable, post_no_id, not_added, accounts_not_added, accounts_checked,
    after_accounts, nothing_new, state_active, state_inactive, state_protected, state_suspended, state_deleted,
    // of work
    stopped, told_to_stop, busy, busy_asking, files_full, too_many_parts, workbook_rows, exported, indexed, taken_down, would_match, by_people, by_places,
    by_phrase, silence, closed, recovered, repaired,
    // of gaps
    gap_network, gap_stall, gap_http, gap_by_peer, gap_stopped, gap_killed,
    // of the system, in the words of os/system_error
    no_such_file, refused, no_permission, no_space,
    count_
};
// clang-format on

/// How many texts differ.
std::size_t places_of(Phrase);
/// In English. As many texts as the row has places.
std::string phrase(Phrase, std::span<std::string_view const> with);
std::string phrase(Phrase, std::initializer_list<std::string_view> with = {});
Error fault(Error::Kind, Phrase, std::initializer_list<std::string_view> with = {});

/// What was said with phrase(), line by line, in that language; other lines as they are.
std::string in_tongue(Tongue, std::string_view said);

}  // namespace lares::capture
