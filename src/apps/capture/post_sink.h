// apps/capture/post_sink.h: where posts that were asked for one by one are archived: once each, and
// no file before there is a post.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/capture/app.h"
#include "apps/capture/definition.h"
#include "apps/capture/dialect.h"
#include "apps/capture/doubles.h"
#include "apps/capture/gaps.h"
#include "apps/capture/writer.h"
#include "base/result.h"

namespace lares::capture {

class PostSink {
public:
    /// Finishes what a process that died left, and reads what it had last: a page that was under
    /// way comes again. For who holds the source's lock; `app` and `plan` outlive it.
    static Result<std::unique_ptr<PostSink>> open(App&, Plan const&);

    /// False: the archive has it already.
    Result<bool> add(std::string const& message);
    /// What was added lasts, also after a power cut.
    Result<> settle();
    /// Rotates when it is time.
    Result<> tend();
    Result<> close();
    Facts const& read(std::string const& message) { return reader_.read(message); }

private:
    PostSink(App& app, Plan const& plan, GapBook book)
        : app_(app),
          plan_(plan),
          book_(std::move(book)),
          reader_(plan.language),
          known_(remembered) {}

    /// Keys of the newest file: more than a page by far.
    static constexpr std::size_t remembered = 65'536;
    App& app_;
    Plan const& plan_;
    GapBook book_;
    DialectReader reader_;
    Doubles known_;
    std::unique_ptr<Writer> writer_;
};

}  // namespace lares::capture
