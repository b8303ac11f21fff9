// os/system_error.cc: what errno says, in the words of our messages (no capital, no full stop).

#include "os/system_error.h"

#include <cctype>
#include <cerrno>
#include <cstring>

namespace lares::os {

namespace {

Error::Kind kind_of(int number) {
    switch (number) {
    case ENOENT:
    case ESRCH:
    case ENOTDIR:
        return Error::Kind::not_found;
    case EACCES:
    case EPERM:
    case EROFS:
        return Error::Kind::denied;
    case EMFILE:
    case ENFILE:
    case EAGAIN:
    case ENOMEM:
        return Error::Kind::unavailable;
    case EEXIST:
        return Error::Kind::conflict;
    default:
        return Error::Kind::io;
    }
}

}  // namespace

std::string errno_name(int number) {
    char const* name = ::strerrorname_np(number);
    return name ? name : "errno " + std::to_string(number);
}

std::string errno_words(int number) {
    char const* description = ::strerrordesc_np(number);
    if (!description) return errno_name(number);
    std::string words = description;
    // "Is a directory" becomes a part of our sentence, "RPC version wrong" keeps its capitals.
    bool abbreviation = words.size() > 1 && std::isupper(static_cast<unsigned char>(words[1]));
    if (!abbreviation) {
        words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
    }
    return words;
}

Error system_error(std::string_view call, std::string_view argument) {
    return system_error(call, argument, errno);
}

Error system_error(std::string_view call, std::string_view argument, int number) {
    std::string what(call);
    if (!argument.empty()) what += " '" + std::string(argument) + "'";
    return {kind_of(number), what + ": " + errno_words(number)};
}

std::string quoted(std::string_view text) {
    bool has_single = text.find('\'') != std::string_view::npos;
    bool has_double = text.find('"') != std::string_view::npos;
    char quote = has_single && !has_double ? '"' : '\'';
    std::string out(1, quote);
    for (char c : text) {
        if (c == quote || c == '\\') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else {
            out += c;
        }
    }
    return out + quote;
}

}  // namespace lares::os
