// os/lines.cc: zlib's reading, which passes plain files through.

#include "os/lines.h"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "os/fd.h"
#include "os/system_error.h"

namespace lares::os {

namespace {

constexpr std::size_t most_line = 64 << 10;

struct Closing {
    void operator()(gzFile_s* file) const { (void)::gzclose(file); }
};
using Zipped = std::unique_ptr<gzFile_s, Closing>;

/// Puts lines together from pieces.
class Lines {
public:
    explicit Lines(std::function<void(std::string_view)> const& take) : take_(take) {}
    void add(std::string_view piece) {
        while (!piece.empty()) {
            auto const end = piece.find('\n');
            auto const part = piece.substr(0, end);
            line_.append(part.substr(0, most_line - std::min(most_line, line_.size())));
            has_begun_ = true;
            if (end == piece.npos) return;
            finish();
            piece.remove_prefix(end + 1);
        }
    }
    void finish() {
        if (has_begun_) take_(line_);
        line_.clear();
        has_begun_ = false;
    }

private:
    std::function<void(std::string_view)> const& take_;
    std::string line_;
    bool has_begun_ = false;
};

}  // namespace

Result<> each_line(std::string const& path, std::function<void(std::string_view)> const& take) {
    int const fd = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return system_error("open '" + path + "'");
    Zipped file(::gzdopen(fd, "rb"));
    if (file == nullptr) {
        ::close(fd);
        return Error{Error::Kind::io, "open '" + path + "': out of memory"};
    }
    Lines lines(take);
    std::array<char, 64 << 10> buffer;
    int read = 0;
    while ((read = ::gzread(file.get(), buffer.data(), buffer.size())) > 0)
        lines.add({buffer.data(), static_cast<std::size_t>(read)});
    lines.finish();
    int code = 0;
    std::string words = ::gzerror(file.get(), &code);
    if (read == 0 && code == Z_OK) return {};
    if (code == Z_BUF_ERROR) words = "it ends in the middle";
    return Error{Error::Kind::io, "read '" + path + "': " + words};
}

}  // namespace lares::os
