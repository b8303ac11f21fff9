// ports/screen.h: a terminal that shows whole pictures and gives keys, as `lares top` needs it.
//
// What is drawn has been made harmless before (text/columns.h): here stand only characters, how
// they are shown, and how many columns they take.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace lares::ports {

/// What a piece of text means; the terminal's colours, or their lack, are the screen's business.
enum class Style { plain, quiet, strong, good, warn, bad, bar, chosen };

struct Span {
    std::string text;  // UTF-8
    std::size_t columns = 0;
    Style style = Style::plain;
    bool operator==(Span const&) const = default;
};
using ScreenLine = std::vector<Span>;

struct ScreenSize {
    std::size_t columns = 80;
    std::size_t rows = 24;
    bool operator==(ScreenSize const&) const = default;
};

struct Key {
    enum class Kind {
        none,       // the time is over
        character,  // `code`
        up,
        down,
        left,
        right,
        page_up,
        page_down,
        home,
        end,
        enter,
        escape,
        backspace,
        tab,
        back_tab,
        resized,
        over,  // a signal to end came, or the terminal has gone
    };
    Kind kind = Kind::none;
    char32_t code = 0;
    bool operator==(Key const&) const = default;
};

class Screen {
public:
    /// Leaves the terminal as it was found.
    virtual ~Screen() = default;
    virtual ScreenSize size() const = 0;
    /// Shows these lines from the top; what is not given is empty. Only what differs is sent.
    virtual void draw(std::vector<ScreenLine> const&) = 0;
    /// The next key; after so long, none.
    virtual Key wait(Duration) = 0;
    /// Can be read when wait() would give something at once.
    virtual int keys() const = 0;
    /// Can be read when wait() would give `over` for a signal.
    virtual int end() const = 0;
    /// Of a clock that never goes back.
    virtual Instant now() const = 0;
};

enum class Colours { no, yes };

struct ScreenWish {
    std::string type;  // of the terminal, as TERM has it
    Colours colours = Colours::yes;
    bool is_utf8 = true;  // it shows more than ASCII
};

}  // namespace lares::ports
