// bin/lares_deliver.cc: the program `lares-deliver`: what the daemon has sent to people by, so that
// no stranger ever talks to the daemon itself (DESIGN, decision 10).

#include <malloc.h>

#include <cstdio>
#include <string_view>

#include "base/version.h"
#include "bin/deliver.h"

namespace {

constexpr std::string_view help =
    "lares-deliver: sends messages for a Lares daemon or an application\n"
    "\n"
    "  lares-deliver [--receipts FILE]   orders as lines of JSON on standard input, answers on\n"
    "                                    standard output; ends with its input, or by TERM\n"
    "  lares-deliver --once              one order, one answer; exit status 0 when it was sent\n"
    "\n"
    "  --receipts FILE   write each answer there, and flush it to the disk, before it is said\n"
    "  --help, --version\n"
    "\n"
    "The lines: docs/formats/deliver.md. Secrets come in them, never in arguments.\n";

int wrong(std::string_view what, std::string_view argument) {
    std::fprintf(stderr, "lares-deliver: %.*s '%.*s'; see lares-deliver --help\n", int(what.size()),
                 what.data(), int(argument.size()), argument.data());
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    // Hundreds of threads would otherwise have an arena each, and keep in it what they once needed.
    mallopt(M_ARENA_MAX, 2);
    lares::bin::DeliverOptions options;
    for (int i = 1; i < argc; ++i) {
        std::string_view argument = argv[i];
        if (argument == "--help") return std::fwrite(help.data(), 1, help.size(), stdout), 0;
        if (argument == "--version")
            return std::printf("lares-deliver %s\n", std::string(lares::version()).c_str()), 0;
        if (argument == "--once") {
            options.is_once = true;
        } else if (argument == "--receipts" && i + 1 < argc) {
            options.receipts = argv[++i];
        } else {
            return wrong(argument == "--receipts" ? "a file is missing after" : "unknown argument",
                         argument);
        }
    }
    return lares::bin::deliver(options);
}
