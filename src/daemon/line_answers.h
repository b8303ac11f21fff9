// daemon/line_answers.h: what workers of lines answered, until it is on the disk.
//
// A worker's answer is read from a pipe and gone. Between that and the commit of the job's end lies
// a disk, and who is killed there would have his successor do again what was done. So what a turn
// was answered is noted in the daemon's memory, in one record, before the turn ends. A job that is
// still running in the store as that very run ended as the note says; a note of any other run is of
// an end that is written. So a record needs not be dropped when all of it is written: its place is
// taken by a later one, which costs half as much. The daemon's memory does not outlive the machine,
// and neither do the answers.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/time.h"
#include "core/job.h"
#include "ports/memory.h"
#include "text/record.h"

namespace lares::daemon {

class LineAnswers {
public:
    struct Answer {
        job::Outcome outcome = job::Outcome::ok;
        int code = 0, signal = 0;
        std::string words, result;
        WallTime begun{};  // when the worker came to it
        Duration took{0};
        bool operator==(Answer const&) const = default;
    };

    explicit LineAnswers(ports::Memory& memory) : memory_(memory) {}

    /// Of a run whose end is on its way to the disk. Large ones are not noted.
    void note(std::uint64_t run, Answer);
    /// The end of that run is on the disk; nothing for one that was not noted.
    void written(std::uint64_t run);
    void turn_ended();

    /// Whether it is one of ours.
    bool take_left(std::string_view key, text::Record const&);
    /// What a predecessor was answered for that run, once; its end is to be written.
    std::optional<Answer> find_left(std::uint64_t run);
    /// The others were written.
    void settle_left();

private:
    struct Fresh {
        std::uint64_t run;
        Answer answer;
    };
    void keep(std::vector<Fresh> const& part);

    ports::Memory& memory_;
    std::vector<Fresh> fresh_;                                  // of this turn
    std::unordered_map<std::uint64_t, std::uint64_t> note_of_;  // by run
    std::unordered_map<std::uint64_t, std::size_t> open_;       // by note: runs not written yet
    std::vector<std::uint64_t> written_;                        // notes whose place is free
    std::map<std::uint64_t, Answer> left_;                      // by run
    std::uint64_t last_note_ = 0;
};

}  // namespace lares::daemon
