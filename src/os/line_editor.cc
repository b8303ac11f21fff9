// os/line_editor.cc: libedit behind ports::LineEditor: its functions by name, keys from the
// terminal or the end at Ctrl-C, and Tab.

#include "os/line_editor.h"

#include <dlfcn.h>
#include <histedit.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <iterator>
#include <utility>

#include "os/console.h"

namespace lares::os {

namespace {

constexpr char library_name[] = "libedit.so.2";
constexpr int history_lines = 1000;

/// The functions we call, as <histedit.h> declares them.
struct Library {
    decltype(&::el_init) init = nullptr;
    decltype(&::el_end) end = nullptr;
    decltype(&::el_set) set = nullptr;
    decltype(&::el_get) get = nullptr;
    decltype(&::el_gets) gets = nullptr;
    decltype(&::el_line) line = nullptr;
    decltype(&::el_insertstr) insert = nullptr;
    decltype(&::history_init) history_init = nullptr;
    decltype(&::history_end) history_end = nullptr;
    decltype(&::history) history = nullptr;
};

template <class Function>
bool take(void* library, char const* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    return function != nullptr;
}

/// Kept for the rest of this short process once it is loaded.
bool load(Library& found) {
    void* library = ::dlopen(library_name, RTLD_NOW | RTLD_LOCAL);
    return library != nullptr && take(library, "el_init", found.init) &&
           take(library, "el_end", found.end) && take(library, "el_set", found.set) &&
           take(library, "el_get", found.get) && take(library, "el_gets", found.gets) &&
           take(library, "el_line", found.line) && take(library, "el_insertstr", found.insert) &&
           take(library, "history_init", found.history_init) &&
           take(library, "history_end", found.history_end) &&
           take(library, "history", found.history);
}

/// el_get, for the callbacks: they are given a handle and nothing else.
decltype(&::el_get)& client_data_reader() {
    static decltype(&::el_get) reader = nullptr;
    return reader;
}

/// One key; 0 at the end of input and at an interrupt.
int read_key(EditLine*, wchar_t* key) {
    std::mbstate_t state{};
    for (;;) {
        pollfd wait[] = {{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                         {.fd = interrupt_descriptor(), .events = POLLIN, .revents = 0}};
        if (::poll(wait, std::size(wait), -1) < 0 && errno != EINTR) return -1;
        if (wait[1].revents != 0) return 0;
        char byte = 0;
        ssize_t const count = ::read(STDIN_FILENO, &byte, 1);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return 0;
        std::size_t const length = std::mbrtowc(key, &byte, 1, &state);
        if (length == std::size_t(-2)) continue;  // more bytes of the same letter follow
        if (length == std::size_t(-1)) *key = static_cast<unsigned char>(byte);
        return 1;
    }
}

std::string common_start(std::vector<std::string> const& words) {
    std::string start = words.front();
    for (std::string const& word : words) {
        auto const end = std::ranges::mismatch(start, word).in1;
        start.erase(end, start.end());
    }
    return start;
}

class Editor final : public ports::LineEditor {
public:
    Editor(Library library, std::vector<std::string> history, ports::Completer completer)
        : library_(library), lines_(std::move(history)), completer_(std::move(completer)) {
        std::setlocale(LC_CTYPE, "");
        edit_ = library_.init("supervisorctl", stdin, stdout, stderr);
        history_ = library_.history_init();
        if (!is_ready()) return;
        client_data_reader() = library_.get;
        HistEvent event;
        library_.history(history_, &event, H_SETSIZE, history_lines);
        for (std::string const& line : lines_)
            library_.history(history_, &event, H_ENTER, line.c_str());
        library_.set(edit_, EL_CLIENTDATA, this);
        library_.set(edit_, EL_PROMPT, show_prompt);
        library_.set(edit_, EL_EDITOR, "emacs");
        library_.set(edit_, EL_HIST, library_.history, history_);
        library_.set(edit_, EL_ADDFN, "lares-complete", "complete a word", complete);
        library_.set(edit_, EL_BIND, "^I", "lares-complete", nullptr);
        library_.set(edit_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
        library_.set(edit_, EL_GETCFN, read_key);
    }

    ~Editor() override {
        if (history_ != nullptr) library_.history_end(history_);
        if (edit_ != nullptr) library_.end(edit_);
    }

    Editor(Editor const&) = delete;
    Editor& operator=(Editor const&) = delete;

    bool is_ready() const { return edit_ != nullptr && history_ != nullptr; }

    std::optional<std::string> read(std::string const& prompt) override {
        prompt_ = prompt;
        // Before the prompt is seen: libedit itself does so after it, and what somebody (or a
        // script) quick typed in between went the terminal's own way, where ^D is no key.
        library_.set(edit_, EL_PREP_TERM, 1);
        int count = 0;
        char const* text = library_.gets(edit_, &count);
        if (text == nullptr || count <= 0) return std::nullopt;
        std::string line(text, std::size_t(count));
        while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
        remember(line);
        return line;
    }

    std::vector<std::string> history() const override { return lines_; }

private:
    void remember(std::string const& line) {
        if (line.empty() || (!lines_.empty() && lines_.back() == line)) return;
        HistEvent event;
        library_.history(history_, &event, H_ENTER, line.c_str());
        lines_.push_back(line);
    }

    static char* show_prompt(EditLine* edit) { return self(edit).prompt_.data(); }

    /// The editor that libedit calls back for: it hands on its own handle only.
    static Editor& self(EditLine* edit) {
        void* data = nullptr;
        client_data_reader()(edit, EL_CLIENTDATA, &data);
        return *static_cast<Editor*>(data);
    }

    /// Tab: goes on as far as it is clear, and shows the choices when it is not.
    static unsigned char complete(EditLine* edit, int) {
        Editor& editor = self(edit);
        LineInfo const* info = editor.library_.line(edit);
        std::string const line(info->buffer, info->cursor);
        std::size_t const space = line.find_last_of(" \t");
        std::size_t const typed =
            space == std::string::npos ? line.size() : line.size() - space - 1;
        std::vector<std::string> const words = editor.completer_(line);
        if (words.empty()) return CC_ERROR;
        std::string const more = common_start(words).substr(typed);
        if (!more.empty())
            return editor.library_.insert(edit, more.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
        std::string list = "\n";
        for (std::string const& word : words) list += word + " ";
        write_all(STDOUT_FILENO, list + "\n");
        return CC_REDISPLAY;
    }

    Library library_;
    std::vector<std::string> lines_;
    ports::Completer completer_;
    std::string prompt_;
    EditLine* edit_ = nullptr;
    History* history_ = nullptr;
};

}  // namespace

std::unique_ptr<ports::LineEditor> open_line_editor(std::vector<std::string> history,
                                                    ports::Completer completer) {
    Library library;
    if (!load(library)) return nullptr;
    auto editor = std::make_unique<Editor>(library, std::move(history), std::move(completer));
    if (!editor->is_ready()) return nullptr;
    return editor;
}

}  // namespace lares::os
