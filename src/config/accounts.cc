// config/accounts.cc: [user:x] sections, read and checked.

#include "config/accounts.h"

#include <algorithm>

#include "text/python.h"

namespace lares::config {

namespace {

constexpr std::string_view prefix = "user:";
constexpr std::string_view token_mark = "sha256:";

bool is_hexadecimal(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// The name may not hold what a Basic header or a message could not carry.
bool is_account_name(std::string_view name) {
    return !name.empty() && std::ranges::none_of(name, [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == ':' || c == 0x7F;
    });
}

void check_token(SectionReader& reader, Account& account) {
    if (account.token.empty()) return;
    account.token = text::python::lower(text::python::strip(account.token));
    std::string_view digits = account.token;
    bool is_marked = digits.starts_with(token_mark);
    if (is_marked) digits.remove_prefix(token_mark.size());
    if (is_marked && digits.size() == 64 && is_hexadecimal(digits)) return;
    reader.error(reader.place_of("token"),
                 {"token: must be sha256: and 64 hexadecimal digits, not the token itself",
                  "printf %s \"$TOKEN\" | sha256sum prints the digits"});
}

Account read_account(Context& context, text::IniSection const& section) {
    SectionReader reader(context, section);
    Account account{.name = section.name.substr(prefix.size())};
    if (!is_account_name(account.name))
        reader.error(
            reader.place(),
            {"[" + section.name + "]: a user's name has no space, no ':' and no control character",
             "write [user:NAME]"});
    reader.read(account_rows(), account);
    reader.report_unknown(/*section_is_ours=*/true);
    check_token(reader, account);
    if (!reader.find("password") && !reader.find("token"))
        reader.error(reader.place(), {"[" + section.name + "] has neither a password nor a token",
                                      "give one of them, or take the section out"});
    if (reader.find("password") && account.password.empty())
        reader.error(reader.place_of("password"), {"password: must not be empty"});
    return account;
}

}  // namespace

std::vector<Account> read_accounts(Context& context) {
    std::vector<Account> accounts;
    for (auto const& section : context.ini.sections)
        if (section.name.starts_with(prefix)) accounts.push_back(read_account(context, section));
    return accounts;
}

}  // namespace lares::config
