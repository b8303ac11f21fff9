// daemon/messages_spool.cc: attachments that nobody needs any more.
//
// They are kept as long as their delivery is: one that failed may be tried again by a person. So
// what is looked for are files whose first delivery (its number begins their name) is not in the
// store. One that is being written now has none yet: a file goes when it had none twice, and the
// looks are an hour or more apart.

#include <charconv>

#include "daemon/messages.h"

namespace lares::daemon {

namespace {

/// Asked about at one look.
constexpr std::size_t most_files = 1'000;

delivery::Id first_delivery(std::string_view path) {
    auto name = path.substr(path.find_last_of('/') + 1);
    delivery::Id id = 0;
    auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), id);
    bool is_ours = fault == std::errc() && end != name.data() + name.size() && *end == '-';
    return is_ours ? id : 0;
}

}  // namespace

void Messages::sweep() {
    if (!is_settled_ || !hands_.glob || !hands_.remove_file) return;
    auto paths = std::make_shared<std::vector<std::string>>();
    hands_.worker.run([paths, glob = hands_.glob,
                       pattern = state_directory_ + "/attachments/*"] { *paths = glob(pattern); },
                      [this, paths] {
                          std::erase_if(*paths, [this](auto const& path) {
                              return first_delivery(path) == 0 || spooled_.contains(path);
                          });
                          if (paths->size() > most_files) paths->resize(most_files);
                          sweep_paths(*paths);
                      });
}

void Messages::sweep_paths(std::vector<std::string> const& paths) {
    if (paths.empty()) return unowned_.clear();
    std::vector<ports::Question> questions;
    for (auto const& path : paths)
        questions.emplace_back(ports::DeliveriesAsked{.id = first_delivery(path), .limit = 1});
    hands_.store.read_all(std::move(questions), [this, paths](Result<ports::Found> found) {
        if (!found) return;
        std::set<delivery::Id> known;
        for (auto const& row : found->deliveries) known.insert(row.id);
        auto gone = std::make_shared<std::vector<std::string>>();
        std::set<std::string> unowned;
        for (auto const& path : paths) {
            if (known.contains(first_delivery(path)) || spooled_.contains(path)) continue;
            if (unowned_.contains(path))
                gone->push_back(path);
            else
                unowned.insert(path);
        }
        unowned_ = std::move(unowned);
        if (gone->empty()) return;
        hands_.worker.run(
            [gone, remove = hands_.remove_file] {
                for (auto const& path : *gone) (void)remove(path).ok();
            },
            [] {});
    });
}

}  // namespace lares::daemon
