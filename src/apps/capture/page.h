// apps/capture/page.h: HTML: text, tables, forms and bars, all escaped.
//
// Pure. Nothing is ever put into a page but through these functions, so that what services, people
// and files say stays text. The policy (page_policy) lets a browser load the page's own style and
// script and nothing else from anywhere; everything works without the script, which only draws
// again what is still under way.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/capture/page_words.h"

namespace lares::capture {

/// Text as HTML has it, also within quotes.
std::string escaped_html(std::string_view text);
/// A piece of HTML that may stand in a page as it is.
struct Html {
    std::string text;
    Html& operator+=(Html const& more) {
        text += more.text;
        return *this;
    }
    friend Html operator+(Html one, Html const& other) { return one += other; }
};
Html plain_text(std::string_view text);
Html heading(std::string_view text);
Html paragraph(Html const&);
/// What went wrong, for all to see.
Html warning(std::string_view text);
/// Nothing is here, and what to do about it.
Html blank(std::string_view what, std::string_view next);
/// Small words on a ground of their own; `tone`: "good", "bad" or "".
Html badge(std::string_view text, std::string_view tone = "");
/// An address of our own with its query, all values encoded.
std::string address(std::string_view path,
                    std::vector<std::pair<std::string, std::string>> const& query = {});
Html link_to(std::string const& address, std::string_view text);
Html preformatted(std::string_view text, std::string_view label);
/// Cells are HTML; a table wider than the screen is moved within its own frame.
/// @param label  what it is, for those who do not see where it stands.
Html table(std::string_view label, std::vector<std::string_view> const& head,
           std::vector<std::vector<Html>> const& rows);
/// Bars from the left to the right with their labels as titles, scaled to the highest.
Html bars(std::vector<std::pair<std::string, std::int64_t>> const& values,
          std::string_view description);
/// Shut until it is asked for.
Html fold(std::string_view summary, Html const& inside);

struct Field {
    std::string name, label, value;
    enum class Kind { text, secret, hidden, date, number, area } kind = Kind::text;
    std::vector<std::string> choices{};  // not empty: one of these
    std::string help{};
};
struct Button {
    std::string text;
    std::string action{};  // empty: the form's
};
Html labelled(Field const&);
/// @param key  proof that the form is ours (Site).
Html form(std::string const& action, std::vector<Button> const& buttons, std::string const& key,
          Html const& fields);
Html form(std::string const& action, std::string_view button, std::string const& key,
          std::vector<Field> const& fields);
/// A form that asks and changes nothing.
Html search_form(std::string const& action, std::string_view button,
                 std::vector<Field> const& fields);

struct Frame {
    Tongue tongue = Tongue::english;
    std::string title, visitor, key;
    std::string here;             // the address that is shown, to come back to
    std::string section;          // the path of the view it belongs to
    std::string warning;          // above everything; empty: none
    bool is_open_to_all = false;  // nobody signed in, and may look all the same
    bool is_live = false;         // drawn again by the script until it is not
};
std::string page(Frame const&, Html const& body);

std::string_view page_policy();
std::string_view page_style();
std::string_view page_script();

}  // namespace lares::capture
