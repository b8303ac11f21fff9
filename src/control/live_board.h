// control/live_board.h: the present state of many things, of which any number of viewers want to
// hear only what changed since they last looked.
//
// Pure. A viewer is a version, so a slow one costs nothing: of ten changes of one thing he is told
// the last. What is gone is remembered for a while, so that he hears of it.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace lares::control {

class Board {
public:
    /// Things that have gone and are remembered.
    static constexpr std::size_t most_gone = 1'000;

    /// The thing `key` is as `print` says; when that is new, `frame` makes what viewers are sent.
    template <class Frame>
    void set(std::string const& key, std::string print, Frame frame) {
        auto& thing = things_[key];
        thing.round = round_;
        if (!thing.is_gone && thing.version != 0 && thing.print == print) return;
        thing.print = std::move(print);
        change(key, thing, frame(), /*is_gone=*/false);
    }
    /// Between these all things there are have been set; the others are gone.
    void begin_round() { ++round_; }
    template <class Frame>
    void end_round(Frame frame_of_gone) {
        for (auto& [key, thing] : things_)
            if (thing.round != round_ && !thing.is_gone)
                change(key, thing, frame_of_gone(key), /*is_gone=*/true);
        forget_gone();
    }

    std::uint64_t version() const { return version_; }
    /// Appends the frames of what changed after `seen`, until `out` has `most` bytes; gives the
    /// version up to which all is told. `missed`: things went whose going is forgotten.
    std::uint64_t tell(std::uint64_t seen, std::size_t most, std::string& out, bool& missed) const;
    void clear() { *this = Board(); }

private:
    struct Thing {
        std::string print, frame;
        std::uint64_t version = 0, round = 0;
        bool is_gone = false;
    };
    void change(std::string const& key, Thing&, std::string frame, bool is_gone);
    void forget_gone();

    std::unordered_map<std::string, Thing> things_;
    std::map<std::uint64_t, std::string> order_;  // version: key
    std::uint64_t version_ = 0, round_ = 0;
    std::uint64_t forgotten_ = 0;  // newest version of a thing that went and is forgotten
    std::size_t gone_ = 0;
};

}  // namespace lares::control
