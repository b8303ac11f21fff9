// delivery/mailbox.cc: reading an address, strictly, because it goes into SMTP's commands.

#include "delivery/mailbox.h"

#include <algorithm>

#include "text/value.h"

namespace lares::deliver {

namespace {

constexpr std::string_view atom_marks = "!#$%&'*+-/=?^_`{|}~";

bool is_atom(char byte) {
    bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
    return letter || (byte >= '0' && byte <= '9') || atom_marks.find(byte) != atom_marks.npos;
}

/// Atoms with single dots between them.
bool is_dot_atom(std::string_view text) {
    if (text.empty() || text.front() == '.' || text.back() == '.') return false;
    if (text.find("..") != text.npos) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_atom(c); });
}

/// "\"john.@doe\"": printable, quotes and backslashes behind a backslash. Not spaces, which RFC
/// 5321 would allow: lists of addresses are separated by them.
bool is_quoted_local(std::string_view text) {
    if (text.size() < 3 || text.front() != '"' || text.back() != '"') return false;
    text = text.substr(1, text.size() - 2);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] <= ' ' || text[i] > '~' || text[i] == '"') return false;
        if (text[i] == '\\' && ++i == text.size()) return false;
    }
    return true;
}

bool is_domain(std::string_view text) {
    bool literal = text.size() > 2 && text.front() == '[' && text.back() == ']';
    if (!literal) return is_dot_atom(text);
    text = text.substr(1, text.size() - 2);
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return is_atom(c) || c == '.' || c == ':'; });
}

bool is_address(std::string_view text) {
    if (text.size() > address_bytes) return false;
    auto at = text.rfind('@');
    if (at == text.npos) return is_dot_atom(text);
    auto local = text.substr(0, at);
    return (is_dot_atom(local) || is_quoted_local(local)) && is_domain(text.substr(at + 1));
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// The name without the quotes that protect it.
std::string unquoted(std::string_view text) {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
    text = text.substr(1, text.size() - 2);
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        name += text[i];
    }
    return name;
}

Error wrong(std::string_view text, std::string_view what) {
    std::string shown = text::clean_utf8(text.substr(0, 100));
    std::replace_if(shown.begin(), shown.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
    return {Error::Kind::invalid, "'" + shown + "' " + std::string(what)};
}

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == 0x7f; });
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0; });
}

}  // namespace

Result<Mailbox> parse_mailbox(std::string_view text) {
    auto whole = trimmed(text);
    if (whole.empty()) return Error{Error::Kind::invalid, "the address is empty"};
    if (has_control(whole)) return wrong(text, "is no address: it has a control character in it");
    Mailbox mailbox;
    std::string_view address = whole;
    if (whole.back() == '>') {
        auto open = whole.rfind('<');
        if (open == whole.npos) return wrong(text, "is no address: '<' is missing");
        address = whole.substr(open + 1, whole.size() - open - 2);
        auto name = trimmed(whole.substr(0, open));
        bool quoted = name.size() > 1 && name.front() == '"' && name.back() == '"';
        if (!quoted && name.find_first_of("<>") != name.npos)
            return wrong(text, "is no address: expected one, not several");
        mailbox.name = text::clean_utf8(unquoted(name));
    }
    if (!is_ascii(address))
        return wrong(text, "is no address that every server takes: write its domain as 'xn--…'");
    if (!is_address(address))
        return wrong(text, "is no address: expected 'name@domain' or 'Name <name@domain>'");
    mailbox.address = address;
    return mailbox;
}

Result<std::vector<Mailbox>> parse_mailboxes(std::vector<std::string> const& texts) {
    std::vector<Mailbox> list;
    for (auto const& text : texts) {
        auto mailbox = TRY(parse_mailbox(text));
        auto same = [&](Mailbox const& each) { return each.address == mailbox.address; };
        if (std::none_of(list.begin(), list.end(), same)) list.push_back(std::move(mailbox));
    }
    return list;
}

std::string_view domain_of(std::string_view address) {
    auto at = address.rfind('@');
    return at == address.npos ? std::string_view() : address.substr(at + 1);
}

}  // namespace lares::deliver
