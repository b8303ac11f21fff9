// apps/capture/site.h: the page of lares-capture: who asks, what is shown, what may be changed.
//
// One thread, request by request; what takes long is work beside it (works.h). Who somebody is,
// Lares says: a session, login or token of Lares is asked about at the daemon, and counts as the
// role it has there; what was said is believed for some seconds, so that what is revoked ends.
// Everything that changes something is a POST with a key that only our own pages have, judged and
// carried out by the functions of the command line.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apps/capture/app.h"
#include "apps/capture/page.h"
#include "apps/capture/page_server.h"
#include "apps/capture/sessions.h"
#include "apps/capture/watch.h"
#include "apps/capture/works.h"
#include "base/result.h"
#include "text/query.h"

namespace lares::capture {

enum class Rights { none, viewer, operators, admin };

struct Visitor {
    std::string name;
    Rights rights = Rights::none;
    std::string key;      // of forms
    std::string trouble;  // why nobody could be told
};

/// What a browser brought back under that name; empty: nothing.
std::string cookie_of(ports::HttpRequested const&, std::string_view name);

class Site {
public:
    enum class Transport { plain, tls };
    /// @param open  what everybody may without signing in, as long as Lares has no users; none:
    ///              nothing.
    Site(App&, Rights open, Transport);
    ~Site();
    PageReply answer(ports::HttpRequested const&);

private:
    struct Request {
        ports::HttpRequested const& http;
        std::string path;
        text::Fields query, fields;  // of the address, of the form
        Tongue tongue = Tongue::english;
        Visitor visitor;
        bool was_busy = false;  // before anything was looked at
        std::string of(std::string_view name) const { return text::field(query, name); }
        std::string in(std::string_view name) const { return text::field(fields, name); }
        std::string say(Word word) const { return std::string(capture::say(tongue, word)); }
        bool may(Rights least) const { return visitor.rights >= least; }
        std::string const& key() const { return visitor.key; }
    };
    struct Known {
        Visitor visitor;
        Instant asked{};
    };
    struct Tries {
        int wrong = 0;
        Instant since{};
    };
    using View = Result<Html> (Site::*)(Request const&);
    using Act = Result<std::string> (Site::*)(Request const&);
    struct ViewRow;
    struct ActRow;

    // site.cc
    PageReply plain_file(Request const&);
    PageReply change_language(Request const&);
    PageReply get(Request const&);
    PageReply post(Request const&);
    PageReply shown(Request const&, std::string const& title, Html const& body, int status = 200,
                    std::string_view section = {});
    PageReply refused(Request const&, Error const&);
    // site_access.cc
    Visitor visitor_of(ports::HttpRequested const&);
    Visitor ask_lares(std::string const& cookie, std::string const& authorization);
    Visitor by_authorization(ports::HttpRequested const&, std::string const& authorization);
    bool is_from_here(ports::HttpRequested const&) const;
    bool is_own_form(Request const&) const;
    std::string cookie_line(std::string const& value) const;
    bool is_open();
    void note_users(Sight::Users);
    Html sign_in_form(Request const&, Word);
    PageReply sign_in(Request const&);
    PageReply sign_out(Request const&);
    std::string key_for(std::string const& who) const;
    // site_overview.cc
    Result<Html> overview(Request const&);
    Result<Html> captures(Request const&);
    Result<Html> list_of_captures(Request const&);
    /// Posts by days since 1970. `whole_from`: earlier days have more than were counted; 0: none.
    struct Days {
        std::map<std::int64_t, std::int64_t> posts{};
        std::int64_t whole_from = 0;
    };
    Result<Days> days_of_captures(std::string const& name);
    Result<Days> days_of_account(std::string const& service, std::string const& id);
    Result<Html> per_day(Request const&, Days const&);
    Html state_of(Request const&, Definition const&, Sight const&);
    // site_capture.cc
    Result<Html> capture(Request const&);
    Html edit_of(Request const&, Definition const&);
    std::string stored_digest(std::string const& capture);
    Html acts_of(Request const&, Definition const&);
    Result<Html> takedown_of(Request const&, Definition const&);
    Html files_of(Request const&, std::string const& capture);
    Html export_form(Request const&, Field const& of);
    // site_posts.cc
    Result<Html> posts(Request const&);
    Result<std::string> raw_post(Request const&);
    Html post_rows(Request const&, std::vector<Row> const&);
    // site_people.cc
    Result<Html> accounts(Request const&);
    Result<Html> account(Request const&);
    Result<Html> sets(Request const&);
    Result<Html> set(Request const&);
    // site_accounts.cc
    Result<Html> account_forms(Request const&);
    Result<Html> credentials_of(Request const&);
    Result<Arguments> directory_of(Request const&);
    Result<std::string> ask_about_accounts(Request const&, std::string const& kind,
                                           Arguments arguments);
    Result<std::string> add_accounts(Request const&);
    Result<std::string> refresh_accounts(Request const&);
    Result<std::string> keep_credential(Request const&);
    Result<std::string> remove_credential(Request const&);
    // site_work.cc
    Result<Html> jobs(Request const&);
    Result<Html> works(Request const&);
    Html work_state(Request const&, Work const&);
    // site_acts.cc: give where to go on
    Result<Definition> edited_capture(Request const&);
    Result<std::string> save_capture(Request const&);
    Result<std::string> switch_capture(Request const&);
    Result<std::string> remove_capture(Request const&);
    Result<std::string> change_set(Request const&);
    Result<std::string> remove_set(Request const&);
    Result<std::string> change_members(Request const&);
    Result<std::string> start_export(Request const&);
    Result<std::string> remove_file(Request const&);
    Result<std::string> try_filter(Request const&);
    Result<std::string> index_posts(Request const&);
    Result<std::string> take_down(Request const&);

    static ViewRow const views_[];
    static ActRow const acts_[];

    App& app_;
    Rights open_;
    Transport transport_;
    std::string secret_;
    Sessions sessions_;
    std::map<std::string, Known> known_;  // by digest of what was shown; only who may
    std::map<std::string, Tries> tries_;  // by address
    Instant ask_again_{};                 // Lares did not answer: not before then
    std::string away_;                    // why it did not
    std::string shut_file_;               // is there: Lares had users when it was asked last
    bool is_shut_ = false;                // `open_` counts no more
    bool has_shut_ = false;               // since this page began
    std::unique_ptr<Watch> watch_;
    std::unique_ptr<Works> works_;
};

// What views share (site_overview.cc).
std::string time_words(std::int64_t ms);
Html time_cell(std::int64_t ms);
Html number_cell(std::int64_t value);
/// Who has more has many: nobody counts millions for a list.
inline constexpr std::int64_t most_counted = 10'000;
Html many_cell(std::int64_t value);
std::string bytes_words(std::int64_t bytes);

}  // namespace lares::capture
