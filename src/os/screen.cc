// os/screen.cc: ncurses behind ports::Screen. Nowhere else is it included.
//
// Signals come as a descriptor, and with the keyboard in one epoll: whoever asks the daemon
// meanwhile can wait for that descriptor too, so that no key waits for an answer.

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include "os/screen.h"

#include <curses.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cwchar>
#include <initializer_list>
#include <iterator>
#include <span>

#include "os/clock.h"
#include "os/fd.h"

// Of <term.h>, whose macros take common words: reads the terminal's description, and no more.
extern "C" int setupterm(char const* type, int fd, int* found);

namespace lares::os {

namespace {

using ports::Key;
using ports::Style;

/// How long a lone Esc may turn out to be the start of another key.
constexpr int escape_ms = 25;
/// Ctrl-L: something else wrote on the terminal.
constexpr wint_t redraw_code = 12;

struct Look {
    short colour;      // of ncurses; -1: the terminal's own
    attr_t colourful;  // attributes beside the colour
    attr_t plain;      // where there are no colours
};

Look look_of(Style style) {
    switch (style) {
    case Style::plain:
        return {-1, A_NORMAL, A_NORMAL};
    case Style::quiet:
        return {-1, A_DIM, A_NORMAL};
    case Style::strong:
        return {-1, A_BOLD, A_BOLD};
    case Style::good:
        return {COLOR_GREEN, A_NORMAL, A_NORMAL};
    case Style::warn:
        return {COLOR_YELLOW, A_NORMAL, A_BOLD};
    case Style::bad:
        return {COLOR_RED, A_BOLD, A_BOLD};
    case Style::bar:
        return {-1, A_REVERSE, A_REVERSE};
    case Style::chosen:
        return {-1, A_REVERSE | A_BOLD, A_REVERSE | A_BOLD};
    }
    return {-1, A_NORMAL, A_NORMAL};
}

constexpr Style coloured_styles[] = {Style::good, Style::warn, Style::bad};

struct KeyRow {
    int code;
    Key::Kind kind;
};
/// Keys that ncurses knows by the terminal's description.
constexpr KeyRow function_keys[] = {
    {KEY_UP, Key::Kind::up},          {KEY_DOWN, Key::Kind::down},
    {KEY_LEFT, Key::Kind::left},      {KEY_RIGHT, Key::Kind::right},
    {KEY_PPAGE, Key::Kind::page_up},  {KEY_NPAGE, Key::Kind::page_down},
    {KEY_HOME, Key::Kind::home},      {KEY_END, Key::Kind::end},
    {KEY_ENTER, Key::Kind::enter},    {KEY_BACKSPACE, Key::Kind::backspace},
    {KEY_DC, Key::Kind::backspace},   {KEY_BTAB, Key::Kind::back_tab},
    {KEY_RESIZE, Key::Kind::resized},
};
/// Those that come as characters.
constexpr KeyRow characters[] = {
    {'\r', Key::Kind::enter},  {'\n', Key::Kind::enter},    {27, Key::Kind::escape},
    {8, Key::Kind::backspace}, {127, Key::Kind::backspace}, {'\t', Key::Kind::tab},
    {2, Key::Kind::page_up},   {6, Key::Kind::page_down},  // as in less: Ctrl-B, Ctrl-F
};

Key key_in(std::span<KeyRow const> rows, int code, Key otherwise) {
    auto const row = std::ranges::find(rows, code, &KeyRow::code);
    return row == rows.end() ? otherwise : Key{row->kind, 0};
}

std::wstring wide(std::string const& text) {
    std::wstring out;
    std::mbstate_t state{};
    for (std::size_t at = 0; at < text.size();) {
        wchar_t letter = 0;
        std::size_t const length =
            std::mbrtowc(&letter, text.data() + at, text.size() - at, &state);
        bool const is_faulty = length == std::size_t(-1) || length == std::size_t(-2);
        if (is_faulty) state = {};
        out += is_faulty || length == 0 ? L'?' : letter;
        at += is_faulty || length == 0 ? 1 : length;
    }
    return out;
}

/// As the terminal will count it: where this C library disagrees with our count (an older Unicode,
/// another locale) plain characters keep the columns in their places.
std::wstring agreed(ports::Span const& span) {
    std::wstring letters = wide(span.text);
    if (::wcswidth(letters.data(), letters.size()) == int(span.columns)) return letters;
    for (wchar_t& letter : letters)
        if (letter < 0x20 || letter > 0x7e) letter = L'?';
    letters.resize(span.columns, L' ');
    return letters;
}

class CursesScreen final : public ports::Screen {
public:
    CursesScreen(SCREEN* screen, ports::Colours colours) : screen_(screen) {
        ::cbreak();
        ::noecho();
        ::nonl();
        ::keypad(stdscr, TRUE);
        ::nodelay(stdscr, TRUE);
        ::intrflush(stdscr, FALSE);
        ::scrollok(stdscr, FALSE);
        ::curs_set(0);
        ::set_escdelay(escape_ms);
        has_colours_ = colours == ports::Colours::yes && ::has_colors() && ::start_color() == OK;
        if (has_colours_) begin_colours();
        watch();
    }

    ~CursesScreen() override {
        ::endwin();
        ::delscreen(screen_);
    }

    CursesScreen(CursesScreen const&) = delete;
    CursesScreen& operator=(CursesScreen const&) = delete;

    ports::ScreenSize size() const override {
        return {.columns = std::size_t(std::max(COLS, 1)), .rows = std::size_t(std::max(LINES, 1))};
    }

    void draw(std::vector<ports::ScreenLine> const& lines) override {
        ::werase(stdscr);
        auto const [columns, rows] = size();
        for (std::size_t y = 0; y < std::min(rows, lines.size()); ++y) {
            std::size_t x = 0;
            for (ports::Span const& span : lines[y]) {
                if (x + span.columns > columns) break;
                put(int(y), int(x), span);
                x += span.columns;
            }
        }
        ::wrefresh(stdscr);
    }

    Key wait(Duration span) override {
        Instant const end = now() + span;
        for (;;) {
            if (Key const key = signalled(); key.kind != Key::Kind::none) return key;
            if (Key const key = typed(); key.kind != Key::Kind::none) return key;
            if (has_gone()) return {Key::Kind::over, 0};
            Duration const left = std::max(end - now(), Duration(0));
            pollfd ready{.fd = all_.get(), .events = POLLIN, .revents = 0};
            if (::poll(&ready, 1, int(left.count())) == 0) return {};
        }
    }

    int keys() const override { return all_.get(); }
    int end() const override { return ending_.get(); }

    Instant now() const override {
        return Instant(std::chrono::floor<Duration>(read_clocks().monotonic));
    }

private:
    void begin_colours() {
        bool const has_own = ::use_default_colors() == OK;
        for (Style const style : coloured_styles)
            ::init_pair(short(int(style) + 1), look_of(style).colour,
                        has_own ? short(-1) : short(COLOR_BLACK));
    }

    /// WINCH has a descriptor of its own: a window that changes its size ends nothing.
    void watch() {
        all_.reset(::epoll_create1(EPOLL_CLOEXEC));
        ending_.reset(taken({SIGINT, SIGTERM, SIGHUP}));
        resizing_.reset(taken({SIGWINCH}));
        for (int const fd : {STDIN_FILENO, ending_.get(), resizing_.get()}) {
            epoll_event wanted{};
            wanted.events = EPOLLIN;
            ::epoll_ctl(all_.get(), EPOLL_CTL_ADD, fd, &wanted);
        }
    }

    static int taken(std::initializer_list<int> signals) {
        sigset_t set;
        sigemptyset(&set);
        for (int const signal : signals) sigaddset(&set, signal);
        sigprocmask(SIG_BLOCK, &set, nullptr);
        return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    }

    void put(int y, int x, ports::Span const& span) {
        Look const look = look_of(span.style);
        bool const has_pair = has_colours_ && look.colour >= 0;
        short const pair = has_pair ? short(int(span.style) + 1) : short(0);
        ::wattr_set(stdscr, has_colours_ ? look.colourful : look.plain, pair, nullptr);
        std::wstring const letters = agreed(span);
        ::mvwaddnwstr(stdscr, y, x, letters.data(), int(letters.size()));
    }

    Key signalled() {
        signalfd_siginfo info;
        // Is left in the descriptor: whoever waits for end() must see it, too.
        pollfd ended{.fd = ending_.get(), .events = POLLIN, .revents = 0};
        if (::poll(&ended, 1, 0) > 0) return {Key::Kind::over, 0};
        if (::read(resizing_.get(), &info, sizeof info) != sizeof info) return {};
        winsize window{};
        if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 &&
            window.ws_row > 0)
            ::resizeterm(window.ws_row, window.ws_col);
        // Terminals move, wrap or drop what they show when they change; nobody knows what is left.
        ::clearok(curscr, TRUE);
        return {Key::Kind::resized, 0};
    }

    Key typed() {
        wint_t code = 0;
        int const kind = ::wget_wch(stdscr, &code);
        if (kind == KEY_CODE_YES) return key_in(function_keys, int(code), {});
        if (kind != OK) return {};
        if (code == redraw_code) {
            ::clearok(curscr, TRUE);
            return {Key::Kind::resized, 0};
        }
        Key const letter{code >= 0x20 ? Key::Kind::character : Key::Kind::none, char32_t(code)};
        return key_in(characters, int(code), letter);
    }

    /// The other end of the terminal was closed, or standard output was.
    static bool has_gone() {
        pollfd both[] = {{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                         {.fd = STDOUT_FILENO, .events = 0, .revents = 0}};
        ::poll(both, std::size(both), 0);
        constexpr short gone = POLLHUP | POLLERR | POLLNVAL;
        if (((both[0].revents | both[1].revents) & gone) != 0) return true;
        // Readable, and yet ncurses had no key: the input is over.
        int count = 0;
        bool const is_ready = (both[0].revents & POLLIN) != 0;
        return is_ready && ::ioctl(STDIN_FILENO, FIONREAD, &count) == 0 && count == 0;
    }

    SCREEN* screen_;
    bool has_colours_ = false;
    Fd all_;
    Fd ending_;
    Fd resizing_;
};

}  // namespace

Result<std::unique_ptr<ports::Screen>> open_screen(ports::ScreenWish const& wish) {
    if (wish.type.empty()) return Error{Error::Kind::invalid, "TERM is not set"};
    std::string const named = "TERM is '" + wish.type + "', ";
    int found = 0;
    if (::setupterm(wish.type.c_str(), STDOUT_FILENO, &found) != OK)
        return Error{Error::Kind::invalid, named + "which this machine does not know"};
    if (::tigetstr("cup") == nullptr)
        return Error{Error::Kind::invalid, named + "a terminal that cannot move its cursor"};
    // The language's own locale is often not installed where one comes by ssh; letters are all
    // that is wanted of it.
    std::setlocale(LC_CTYPE, wish.is_utf8 ? "C.UTF-8" : "C");
    SCREEN* screen = ::newterm(wish.type.c_str(), stdout, stdin);
    if (screen == nullptr)
        return Error{Error::Kind::invalid, named + "and cannot be used for whole pictures"};
    auto opened = std::make_unique<CursesScreen>(screen, wish.colours);
    return std::unique_ptr<ports::Screen>(std::move(opened));
}

}  // namespace lares::os
