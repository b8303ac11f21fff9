// cli/password.cc: asking a person twice, so that a slip of the hand locks nobody out.

#include "cli/password.h"

namespace lares::cli {

Result<std::string> read_password(Doors const& doors) {
    bool const is_tty = doors.keyboard.is_tty();
    auto const first =
        is_tty ? doors.keyboard.read_secret("password: ") : doors.keyboard.read_line();
    if (!first || first->empty()) return Error{Error::Kind::invalid, "no password was given"};
    if (!is_tty) return *first;
    auto const again = doors.keyboard.read_secret("again: ");
    if (!again || *again != *first)
        return Error{Error::Kind::invalid, "the two passwords differ; nothing was done"};
    return *first;
}

}  // namespace lares::cli
