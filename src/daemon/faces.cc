// daemon/faces.cc: what the faces get from the daemon: hashes, a worker for slow ones, a log.

#include <fmt/core.h>

#include "daemon/daemon.h"

namespace lares::daemon {

namespace {

/// After the last change of a certificate's files.
constexpr Duration files_are_quiet{500};

}  // namespace

control::DoorTools Daemon::door_tools() {
    return {.hashes = doors_.hashes,
            .check_password =
                [this](std::string password, std::string hash, std::function<void(bool)> done) {
                    check_password(std::move(password), std::move(hash), std::move(done));
                },
            .log = [this](std::string const& line) { log_.warning(line); },
            .machine_name = doors_.world.host_name,
            .salt = doors_.salt,
            .hash_password =
                [this](std::string password, std::function<void(Result<std::string>)> done) {
                    hash_password(std::move(password), std::move(done));
                },
            .random = doors_.random,
            .access = doors_.access,
            .write_access =
                [this](std::string text, std::function<void(Result<>)> done) {
                    write_access(std::move(text), std::move(done));
                }};
}

void Daemon::check_password(std::string password, std::string hash,
                            std::function<void(bool)> done) {
    // The answer has a place of its own until it is told: the worker writes into it.
    auto place = password_checks_.emplace(password_checks_.end(), false);
    doors_.worker.run([place, fits = doors_.fits_password, password = std::move(password),
                       hash = std::move(hash)] { *place = fits && fits(password, hash); },
                      [this, place, done = std::move(done)] {
                          bool fits = *place;
                          password_checks_.erase(place);
                          done(fits);
                      });
}

void Daemon::hash_password(std::string password, std::function<void(Result<std::string>)> done) {
    auto place = password_hashes_.emplace(
        password_hashes_.end(), Error{Error::Kind::unavailable, "passwords cannot be hashed here"});
    doors_.worker.run(
        [place, hash = doors_.hash_password, password = std::move(password)] {
            if (hash) *place = hash(password);
        },
        [this, place, done = std::move(done)] {
            auto hash = std::move(*place);
            password_hashes_.erase(place);
            done(std::move(hash));
        });
}

void Daemon::write_access(std::string text, std::function<void(Result<>)> done) {
    if (!doors_.write_file)
        return done(Error{Error::Kind::unavailable, "there is no state directory to keep it in"});
    auto place = access_writes_.emplace(access_writes_.end());
    auto path = settings_->daemon.state_directory + "/access";
    doors_.worker.run([place, write = doors_.write_file, path,
                       text = std::move(text)] { *place = write(path, text); },
                      [this, place, done = std::move(done)] {
                          auto written = std::move(*place);
                          access_writes_.erase(place);
                          done(std::move(written));
                      });
}

void Daemon::measure(std::vector<int> pids,
                     std::function<void(std::vector<ports::ProcessUsage>)> done) {
    auto place = measurements_.emplace(measurements_.end());
    doors_.worker.run(
        [place, measure = doors_.measure, pids = std::move(pids)] {
            if (measure) *place = measure(pids);
        },
        [this, place, done = std::move(done)] {
            auto found = std::move(*place);
            measurements_.erase(place);
            done(std::move(found));
        });
}

ports::LoopFigures Daemon::loop_figures() const {
    return doors_.loop_figures ? doors_.loop_figures() : ports::LoopFigures{};
}

/// The files that servers stand on: certificates, which are renewed under us, and sockets, which
/// people and cleaners of /run delete.
void Daemon::watch_faces(int first) {
    for (auto const& [watch, server] : face_watches_) doors_.folders.unwatch(ports::WatchId{watch});
    face_watches_.clear();
    for (auto const& server : settings_->servers) {
        int number = first++;
        std::vector<std::string> files;
        for (auto const& file : {server.file, server.certificate, server.key, server.client_ca})
            if (!file.empty()) files.push_back(file);
        if (files.empty()) continue;
        ports::WatchId watch{++last_watch_};
        face_watches_.emplace(last_watch_, number);
        // Certificate and key are rarely written in one moment; a missing socket keeps people out.
        doors_.folders.watch(watch, files, server.is_unix ? Duration(0) : files_are_quiet);
    }
}

bool Daemon::is_of_faces(ports::FilesChanged const& event) {
    auto watch = face_watches_.find(static_cast<std::uint32_t>(event.watch));
    if (watch == face_watches_.end()) return false;
    if (phase_ == Phase::ended) return true;
    std::vector<std::string> notes;
    for (auto const& file : doors_.wire.remake_files(notes))
        log_.warning(fmt::format("made the socket '{}' again: its file had vanished", file));
    for (auto const& note : notes) log_.warning(note);
    renew_certificates(watch->second);
    return true;
}

void Daemon::renew_all_certificates() {
    for (int server = next_server_ - static_cast<int>(settings_->servers.size());
         server < next_server_; ++server)
        renew_certificates(server);
}

void Daemon::renew_certificates(int server) {
    auto first = next_server_ - static_cast<int>(settings_->servers.size());
    auto index = static_cast<std::size_t>(server - first);
    if (server < first || index >= settings_->servers.size()) return;
    auto const& now = settings_->servers[index];
    if (now.certificate.empty()) return;
    auto renewed = doors_.wire.renew_certificates(server);
    if (renewed)
        return log_.info(fmt::format("[{}] uses the certificate of '{}' as it is now", now.section,
                                     now.certificate));
    log_.error(
        fmt::format("[{}] keeps its certificate of before: {}", now.section, renewed.error().what));
}

}  // namespace lares::daemon
