// bench/queue/ok_lines.cc: a worker of `protocol = lines` that does nothing, and tells how long
// each job was on its way to it.
//
//   ok_lines SHARED: a file of 64-bit numbers that whoever measures has made, large enough: how
//   many
// jobs have come (all workers count there), then the nanoseconds from "at" in the payload of each.
// For files ("name":"f123...", bench/folder) number 2 * 123 + 2 is set to when it came instead, and
// the next is how often.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

std::int64_t nanoseconds() {
    timespec at{};
    ::clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec * 1'000'000'000 + at.tv_nsec;
}

/// The number behind `words` in the line, or -1.
std::int64_t number_after(std::string_view line, std::string_view words) {
    auto at = line.find(words);
    return at == line.npos ? -1 : std::atoll(line.data() + at + words.size());
}

struct Shared {
    std::atomic<std::int64_t>* numbers;
    std::size_t count;
};

Shared map(char const* path) {
    int file = ::open(path, O_RDWR | O_CLOEXEC);
    struct stat about{};
    if (file < 0 || ::fstat(file, &about) != 0) std::exit(3);
    auto size = static_cast<std::size_t>(about.st_size);
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED) std::exit(3);
    return {static_cast<std::atomic<std::int64_t>*>(memory), size / 8};
}

void note(Shared const& shared, std::string_view line) {
    auto count = static_cast<std::size_t>(shared.numbers[0].fetch_add(1)) + 1;
    if (auto at = number_after(line, "\"at\":"); at >= 0) {
        if (count < shared.count) shared.numbers[count] = nanoseconds() - at;
        return;
    }
    auto file = number_after(line, "\"name\":\"f");
    auto place = static_cast<std::size_t>(2 * file + 2);
    if (file < 0 || place + 1 >= shared.count) return;
    shared.numbers[place] = nanoseconds();
    shared.numbers[place + 1].fetch_add(1);
}

}  // namespace

int main(int count, char** words) {
    if (count < 2) return 2;
    Shared shared = map(words[1]);
    std::string have, out;
    static char buffer[64 << 10];
    for (;;) {
        auto bytes = ::read(0, buffer, sizeof buffer);
        if (bytes <= 0) return 0;
        have.append(buffer, static_cast<std::size_t>(bytes));
        std::size_t begin = 0;
        for (auto end = have.find('\n'); end != have.npos; end = have.find('\n', begin)) {
            std::string_view line(have.data() + begin, end - begin);
            begin = end + 1;
            if (line.starts_with("{\"cancel\"")) continue;
            note(shared, line);
            out += "{\"job\":" + std::to_string(number_after(line, "\"job\":")) + ",\"ok\":true}\n";
        }
        have.erase(0, begin);
        // As a careful worker does: it answers once for all that it had, and says nothing late.
        for (std::string_view rest = out; !rest.empty();) {
            auto written = ::write(1, rest.data(), rest.size());
            if (written <= 0) return 1;
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        out.clear();
    }
}
