// apps/capture/post_sink.cc: a writer that is opened late.

#include "apps/capture/post_sink.h"

#include "apps/capture/reading.h"
#include "apps/capture/recover.h"

namespace lares::capture {

Result<std::unique_ptr<PostSink>> PostSink::open(App& app, Plan const& plan) {
    auto const& archive = plan.writer.archive;
    for (auto const& each : TRY(recover(archive, plan.name, plan.language)))
        app.log("finished '" + each.file + "', which was left behind with " +
                std::to_string(each.messages) + " messages");
    auto book = TRY(GapBook::open(gap_path(archive, plan.name)));
    std::unique_ptr<PostSink> sink(new PostSink(app, plan, std::move(book)));
    auto const standing = TRY(find_standing(archive, plan.name));
    if (!standing) return sink;
    TRY(read_messages(archive + "/" + standing->file, [&](std::string_view message) {
        sink->reader_.read(message);
        sink->known_.meet(sink->reader_.key());
        return true;
    }));
    return sink;
}

Result<bool> PostSink::add(std::string const& message) {
    auto const& facts = reader_.read(message);
    if (known_.meet(reader_.key()) == Doubles::Met::again) return false;
    if (!writer_) writer_ = TRY(Writer::open(plan_.writer, book_, app_.now()));
    TRY(writer_->add(message, facts, app_.now()));
    return true;
}

Result<> PostSink::settle() { return writer_ ? writer_->settle() : Result<>(); }
Result<> PostSink::tend() { return writer_ ? writer_->tend(app_.now()) : Result<>(); }
Result<> PostSink::close() { return writer_ ? writer_->close(app_.now()) : Result<>(); }

}  // namespace lares::capture
