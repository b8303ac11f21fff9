// daemon/managed.cc: programs that clients put and remove: files of their own in a folder that
// every configuration includes last.
//
// A file is checked together with everything else before it is written, and written before it is
// applied; what follows is an update of that program alone.

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "daemon/daemon.h"

namespace lares::daemon {

using control::Fault;
using control::Outcome;

namespace {

constexpr std::size_t longest_name = 200;  // of a file's 255 bytes

bool is_fit_for_file(std::string_view name) {
    if (name.empty() || name.size() > longest_name || name.front() == '.') return false;
    return std::ranges::all_of(name, [](unsigned char c) {
        return std::isalnum(c) || c == '_' || c == '-' || c == '.' || c == '@' || c == '+';
    });
}

/// The text with its section line; the Error when it has another section than the program's own.
Result<std::string> whole_section(std::string const& name, std::string const& text) {
    std::string title = "[program:" + name + "]";
    bool has_title = false;
    std::size_t begin = 0;
    while (begin < text.size()) {
        auto end = std::min(text.find('\n', begin), text.size());
        std::string_view line(text.data() + begin, end - begin);
        if (line.starts_with('[')) {
            bool is_own = line.starts_with(title) && !has_title;
            if (!is_own)
                return Error{
                    Error::Kind::invalid,
                    fmt::format("the text has a line '{}'; expected only {}", line, title)};
            has_title = true;
        }
        begin = end + 1;
    }
    auto whole = has_title ? text : title + "\n" + text;
    if (!whole.ends_with('\n')) whole += '\n';
    return whole;
}

}  // namespace

void Daemon::put_program(std::string name, std::string text, std::function<void(Outcome)> answer) {
    if (!doors_.write_file) return answer({Fault::failed, "nothing can be stored here"});
    if (!is_fit_for_file(name))
        return answer({Fault::bad_arguments,
                       fmt::format("'{}' cannot name a program's file: use letters, digits and "
                                   "._-@+, beginning with another than '.'",
                                   name)});
    auto whole = whole_section(name, text);
    if (!whole) return answer({Fault::bad_arguments, whole.error().what});
    std::string path = settings_->daemon.programs_directory + "/" + name + ".conf";
    auto const* known = last_read().find_program(name);
    if (known != nullptr && known->file != path)
        return answer(
            {Fault::failed,
             fmt::format("program '{}' is configured in {}; change it there", name, known->file)});
    fetch(settings_->path, {.overlay = std::pair{path, *whole}},
          [this, name, path, text = *whole, answer = std::move(answer)](Fetched& fetched) {
              if (auto sound = check_fetched(fetched); !sound)
                  return answer({Fault::bad_arguments, words_of_faults(fetched.loaded)});
              store_program(name, path, text, answer);
          });
}

std::string Daemon::words_of_faults(config::Loaded const& loaded) const {
    std::string words;
    for (auto const& diagnostic : loaded.found) {
        if (diagnostic.severity != text::Severity::error) continue;
        auto told = text::format(diagnostic, loaded.sources, "");
        words += (words.empty() ? "" : "; ") + told.substr(0, told.find('\n'));
    }
    return words.empty() ? "the daemon is stopping" : words;
}

void Daemon::store_program(std::string const& name, std::string const& path,
                           std::string const& text, std::function<void(Outcome)> answer) {
    auto failed = std::make_shared<std::string>();
    doors_.worker.run(
        [failed, path, text, write = doors_.write_file] {
            auto written = write(path, text);
            if (!written) *failed = written.error().what;
        },
        [this, failed, name, answer = std::move(answer)] {
            if (!failed->empty()) return answer({Fault::failed, *failed});
            update_one(name, "put " + name, answer);
        });
}

void Daemon::remove_program(std::string name, std::function<void(Outcome)> answer) {
    std::string path = settings_->daemon.programs_directory + "/" + name + ".conf";
    auto const* known = last_read().find_program(name);
    if (known == nullptr) return answer({Fault::bad_name, name});
    if (known->file != path || !doors_.remove_file)
        return answer({Fault::failed, fmt::format("program '{}' is configured in {}; take it out "
                                                  "there and update",
                                                  name, known->file)});
    auto failed = std::make_shared<std::string>();
    doors_.worker.run(
        [failed, path, remove = doors_.remove_file] {
            auto removed = remove(path);
            if (!removed) *failed = removed.error().what;
        },
        [this, failed, name, answer = std::move(answer)] {
            if (!failed->empty()) return answer({Fault::failed, *failed});
            update_one(name, "remove " + name, answer);
        });
}

// Answers when what that needs has been done; the first step that failed is the answer.
void Daemon::update_one(std::string const& name, std::string const& cause,
                        std::function<void(Outcome)> answer) {
    fetch(settings_->path, {}, [this, name, cause, answer = std::move(answer)](Fetched& fetched) {
        if (auto sound = check_fetched(fetched); !sound)
            return answer({Fault::failed, sound.error().what});
        auto tell = [answer](Result<std::vector<control::Applied>> const& done) {
            if (!done) return answer({Fault::failed, done.error().what});
            for (auto const& one : *done)
                if (one.outcome.fault != Fault::success) return answer(one.outcome);
            answer({});
        };
        carry_out(fetched, {name}, {"client", cause}, tell);
    });
}

}  // namespace lares::daemon
