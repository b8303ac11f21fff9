// store/sqlite.cc: the port, out of a writer and a reader.

#include "store/sqlite.h"

#include <utility>

#include "store/pruning.h"
#include "store/reader.h"
#include "store/reading.h"
#include "store/writer.h"

namespace lares::store {

namespace {

class SqliteStore final : public ports::Store {
public:
    SqliteStore(Settings settings, ports::Inbox& inbox, Post post)
        : settings_(std::move(settings)),
          post_(std::move(post)),
          writer_(settings_, inbox, post_),
          reader_(settings_) {}

    void open() override { writer_.open(); }
    bool is_open() const override { return writer_.is_open(); }
    std::string trouble() const override { return writer_.trouble(); }
    std::uint64_t next_id() override { return writer_.next_id(); }
    std::size_t backlog() const override { return writer_.backlog(); }
    void flush(std::function<void()> done) override { writer_.flush(std::move(done)); }
    void turn_ended() override { writer_.turn_ended(); }

    void commit(ports::Commit commit, std::function<void(Result<ports::Committed>)> done) override {
        writer_.commit(std::move(commit), std::move(done));
    }

    void read(ports::Question question, std::function<void(Result<ports::Found>)> done) override {
        std::vector<ports::Question> one;
        one.push_back(std::move(question));
        read_all(std::move(one), std::move(done));
    }

    void read_all(std::vector<ports::Question> questions,
                  std::function<void(Result<ports::Found>)> done) override {
        ask<ports::Found>(
            [questions = std::move(questions)](Database& database) -> Result<ports::Found> {
                ports::Found found;
                for (auto const& question : questions) TRY(answer(database, question, found));
                return found;
            },
            std::move(done));
    }

    void prune(ports::Retention keep, WallTime now,
               std::function<void(Result<ports::Pruned>)> done) override {
        auto choose = [this, keep, now](Database& database) {
            return choose_victims(database, keep, now, round_);
        };
        auto remove = [this, done](Result<Victims> const& victims) {
            if (victims) return writer_.remove(*victims, done);
            post_([done, error = victims.error()] { done(error); });
        };
        if (std::optional<Error> no = unasked<Victims>(std::move(choose), std::move(remove)))
            post_([done = std::move(done), error = std::move(*no)] { done(error); });
    }

private:
    /// `find` on the reader's thread, `done` on the loop's.
    template <class Answer>
    void ask(std::function<Result<Answer>(Database&)> find,
             std::function<void(Result<Answer>)> done) {
        auto answer = [post = post_, done](Result<Answer> found) {
            post([done, found = std::move(found)]() mutable { done(std::move(found)); });
        };
        if (std::optional<Error> no = unasked<Answer>(std::move(find), std::move(answer)))
            post_([done = std::move(done), error = std::move(*no)] { done(error); });
    }

    /// Both on the reader's thread; or why it was not even asked.
    template <class Answer>
    std::optional<Error> unasked(std::function<Result<Answer>(Database&)> find,
                                 std::function<void(Result<Answer>)> then) {
        if (!writer_.is_open()) {
            std::string trouble = writer_.trouble();
            return Error{
                Error::Kind::unavailable,
                trouble.empty() ? "database '" + settings_.path + "' is not open yet" : trouble};
        }
        auto question = [find = std::move(find), then = std::move(then)](Result<Database*> ready) {
            if (ready)
                then(find(**ready));
            else
                then(std::move(ready).error());
        };
        if (reader_.ask(std::move(question))) return std::nullopt;
        return Error{Error::Kind::unavailable,
                     "database '" + settings_.path + "': too many questions wait for it"};
    }

    Settings settings_;
    Post post_;
    PruneRound round_;  // the reader's
    // The reader hands what it chose to the writer, so it goes first.
    Writer writer_;
    Reader reader_;
};

}  // namespace

std::unique_ptr<ports::Store> make_sqlite(Settings settings, ports::Inbox& inbox, Post post) {
    return std::make_unique<SqliteStore>(std::move(settings), inbox, std::move(post));
}

}  // namespace lares::store
