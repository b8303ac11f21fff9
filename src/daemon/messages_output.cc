// daemon/messages_output.cc: what a run said, as a mail: cron's MAILTO, and `mail_channel` of a
// task.
//
// That it is to be mailed is a mark in the commit of the run's end (Work::add_mail); the delivery
// and the mark's removal are one commit. So a daemon that dies in between leaves the mark, its
// successor reads the log once more, and nobody is told twice or not at all.

#include <fmt/core.h>

#include "daemon/messages.h"

namespace lares::daemon {

namespace {

/// Of the output, the last so many bytes: escaped it must fit into message::message_bytes.
constexpr std::size_t most_output = 128u << 10;

/// The output, or its end from the begin of a line on.
std::string body_of(std::string bytes, std::int64_t run) {
    if (bytes.size() <= most_output) return bytes;
    bytes.erase(0, bytes.size() - most_output);
    if (auto end = bytes.find('\n'); end + 1 < bytes.size()) bytes.erase(0, end + 1);
    return fmt::format("[only the end of it is here; all of it: lares log {}]\n\n{}", run, bytes);
}

}  // namespace

void Messages::mail_output(std::string const& mark, std::string const& text) {
    if (!hands_.read_tail) return;
    auto record = text::Record::parse(text);
    auto bytes = std::make_shared<Result<std::string>>(std::string());
    hands_.worker.run([bytes, path = record.text("log"),
                       read = hands_.read_tail] { *bytes = read(path, most_output + 1); },
                      [this, bytes, mark, record] {
                          bool is_absent = !*bytes && bytes->error().kind == Error::Kind::not_found;
                          if (!*bytes && !is_absent)
                              hands_.log.warning("mail: " + bytes->error().what);
                          // A run that never began to write, or had nothing to say, has nothing to
                          // mail.
                          if (!*bytes || (*bytes)->empty()) return commit({ports::DropMark{mark}});
                          put_output(mark, record, std::move(**bytes));
                      });
}

void Messages::put_output(std::string const& mark, text::Record const& record, std::string bytes) {
    Writes writes{ports::DropMark{mark}};
    auto id = hands_.store.next_id();
    auto channel = record.text("channel");
    auto run = record.number("run");
    bool is_there = settings_->find_channel(channel) != nullptr;
    message::Message message{.title = record.text("title"),
                             .text = body_of(std::move(bytes), run),
                             .to = record.all("to")};
    auto words = is_there ? fmt::format("'{}' to {}", message.title, channel)
                          : fmt::format(
                                "the output of run {} was told to nobody: channel '{}' is not "
                                "configured any more",
                                run, channel);
    if (!is_there) hands_.log.warning(words);
    auto event = hands_.journal.event({.kind = is_there ? "message.given" : "delivery.failed",
                                       .subject = fmt::format("message/{}", id),
                                       .cause = static_cast<job::Id>(record.number("cause")),
                                       .words = std::move(words),
                                       .data = details({{"channel", channel}})});
    auto cause = event.id;
    writes.push_back(ports::PutEvent{std::move(event)});
    if (!is_there) return commit(std::move(writes));
    put({{.id = id,
          .channel = channel,
          .key = fmt::format("output/{}", run),
          .message = message::to_json(message),
          .created = hands_.clock.wall(),
          .source = fmt::format("output of run {}", run),
          .cause = cause}},
        std::move(writes), ports::Commit::Kind::must, {});
}

}  // namespace lares::daemon
