// bench/queue/put_load.cc: jobs put into Lares through its socket as fast as it takes them: so many
// clients, so many requests of each under way (HTTP/1.1 pipelining), in one of four forms.
//
//   put_load socket=PATH task=NAME form=json|lines|xml|xml_batch [clients=8] [window=1]
//            [batch=1] [seconds=2] [jobs=0: no bound] [rate=0: no pace, jobs a second]
//
// Prints one line of JSON: jobs, seconds, its own CPU seconds, answers that were refusals, and how
// long an answer took. Each payload has the instant of its putting (CLOCK_MONOTONIC, ns), so that a
// worker can tell how long ago that was. One thread and no library: what it costs is not ours.

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::int64_t nanoseconds(clockid_t clock = CLOCK_MONOTONIC) {
    timespec at{};
    ::clock_gettime(clock, &at);
    return at.tv_sec * 1'000'000'000 + at.tv_nsec;
}

struct Asked {
    std::string socket, task, form = "json";
    int clients = 8, window = 1, batch = 1;
    double seconds = 2, rate = 0;
    long jobs = 0;
};

Asked read_words(int count, char** words) {
    std::map<std::string, std::string> given;
    for (int i = 1; i < count; ++i) {
        std::string word = words[i];
        auto mark = word.find('=');
        if (mark == word.npos)
            std::exit((std::fprintf(stderr, "not NAME=VALUE: %s\n", words[i]), 2));
        given[word.substr(0, mark)] = word.substr(mark + 1);
    }
    Asked asked;
    auto number = [&](char const* name, double otherwise) {
        return given.contains(name) ? std::atof(given[name].c_str()) : otherwise;
    };
    asked.socket = given["socket"];
    asked.task = given["task"];
    if (given.contains("form")) asked.form = given["form"];
    asked.clients = static_cast<int>(number("clients", 8));
    asked.window = static_cast<int>(number("window", 1));
    asked.batch = static_cast<int>(number("batch", 1));
    asked.seconds = number("seconds", 2);
    asked.rate = number("rate", 0);
    asked.jobs = static_cast<long>(number("jobs", 0));
    return asked;
}

class Load {
public:
    explicit Load(Asked asked) : asked_(std::move(asked)), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
        for (int i = 0; i < asked_.clients; ++i) connect();
    }

    int run() {
        std::int64_t cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
        begin_ = nanoseconds();
        end_ = begin_ + static_cast<std::int64_t>(asked_.seconds * 1e9);
        for (auto& line : lines_) fill(line);
        epoll_event seen[64];
        while (under_way_ > 0 || !is_over()) {
            int count = ::epoll_wait(poll_, seen, 64, asked_.rate > 0 ? 1 : 1'000);
            for (int i = 0; i < count; ++i) hear(lines_[seen[i].data.u32]);
            if (asked_.rate > 0)
                for (auto& line : lines_) fill(line);
        }
        double took = static_cast<double>(nanoseconds() - begin_) / 1e9;
        std::ranges::sort(waits_);
        auto at = [&](std::size_t per_mille) {
            if (waits_.empty()) return 0.0;
            return static_cast<double>(waits_[(waits_.size() - 1) * per_mille / 1'000]) / 1e6;
        };
        std::printf(
            "{\"jobs\": %ld, \"seconds\": %.6f, \"cpu\": %.6f, \"refused\": %ld, "
            "\"median_ms\": %.3f, \"p99_ms\": %.3f, \"first_refusal\": \"%s\"}\n",
            accepted_, took, static_cast<double>(nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) / 1e9,
            refused_, at(500), at(990), refusal_.c_str());
        return 0;
    }

private:
    struct Line {
        int socket = -1;
        std::deque<std::pair<std::int64_t, int>> sent;  // when, and how many jobs
        std::string to_write, heard;
        std::uint32_t waits_for = EPOLLIN;
    };

    void connect() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::snprintf(address.sun_path, sizeof address.sun_path, "%s", asked_.socket.c_str());
        int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            std::perror("connect");
            std::exit(1);
        }
        epoll_event event{.events = EPOLLIN,
                          .data = {.u32 = static_cast<std::uint32_t>(lines_.size())}};
        ::epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &event);
        lines_.push_back({.socket = socket, .sent = {}, .to_write = {}, .heard = {}});
    }

    bool is_over() const {
        return (asked_.jobs > 0 && put_ >= asked_.jobs) || nanoseconds() >= end_;
    }

    /// As many requests as the window and the pace allow, written at once.
    void fill(Line& line) {
        while (static_cast<int>(line.sent.size()) < asked_.window && !is_over()) {
            auto now = nanoseconds();
            double due = asked_.rate * static_cast<double>(now - begin_) / 1e9;
            if (asked_.rate > 0 && static_cast<double>(put_) >= due) break;
            int jobs = asked_.batch;
            if (asked_.jobs > 0) jobs = static_cast<int>(std::min<long>(jobs, asked_.jobs - put_));
            line.to_write += request(jobs, now);
            line.sent.emplace_back(now, jobs);
            put_ += jobs;
            under_way_ += 1;
        }
        write(line);
    }

    void write(Line& line) {
        while (!line.to_write.empty()) {
            auto count = ::send(line.socket, line.to_write.data(), line.to_write.size(),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
            if (count < 0 && errno == EAGAIN) break;
            if (count < 0) lost("send");
            line.to_write.erase(0, static_cast<std::size_t>(count));
        }
        std::uint32_t wanted = line.to_write.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT;
        if (wanted == line.waits_for) return;
        line.waits_for = wanted;
        epoll_event event{.events = wanted,
                          .data = {.u32 = static_cast<std::uint32_t>(&line - lines_.data())}};
        ::epoll_ctl(poll_, EPOLL_CTL_MOD, line.socket, &event);
    }

    void hear(Line& line) {
        char buffer[64 << 10];
        auto count = ::recv(line.socket, buffer, sizeof buffer, MSG_DONTWAIT);
        if (count == 0) lost("the server closed the connection");
        if (count < 0 && errno != EAGAIN) lost("recv");
        if (count > 0) line.heard.append(buffer, static_cast<std::size_t>(count));
        std::size_t used = 0;
        while (auto size = take(line, std::string_view(line.heard).substr(used))) used += size;
        line.heard.erase(0, used);
        fill(line);
    }

    /// Bytes of the answer that `heard` begins with; 0: it is not whole.
    std::size_t take(Line& line, std::string_view heard) {
        auto head = heard.find("\r\n\r\n");
        if (head == heard.npos) return 0;
        constexpr std::string_view name = "Content-Length: ";
        auto length = heard.find(name);
        if (length >= head) lost("an answer without Content-Length");
        auto body = std::strtoul(heard.data() + length + name.size(), nullptr, 10);
        auto size = head + 4 + body;
        if (heard.size() < size) return 0;
        if (line.sent.empty()) lost("an answer that nobody asked for");
        auto [when, jobs] = line.sent.front();
        line.sent.pop_front();
        under_way_ -= 1;
        waits_.push_back(nanoseconds() - when);
        auto answer = heard.substr(0, size);
        bool good = answer.starts_with("HTTP/1.1 20") && answer.find("<fault>") == answer.npos;
        if (!good && refused_++ == 0) {
            refusal_ = heard.substr(head + 4, std::min<std::size_t>(body, 200));
            for (char& each : refusal_)
                if (each == '"' || each == '\\' || each < ' ') each = '\'';
        }
        if (good) accepted_ += jobs;
        return size;
    }

    [[noreturn]] static void lost(char const* words) {
        std::fprintf(stderr, "put_load: %s: %s\n", words, std::strerror(errno));
        std::exit(1);
    }

    std::string payload(std::int64_t now) {
        return "{\"at\":" + std::to_string(now) + ",\"n\":" + std::to_string(++number_) +
               ",\"file\":\"/srv/in/order-000812.pdf\"}";
    }

    std::string request(int jobs, std::int64_t now) {
        if (asked_.form == "json")
            return post("/api/v1/tasks/" + asked_.task + "/jobs", "application/json", payload(now));
        if (asked_.form == "xml")
            return post(
                "/RPC2", "text/xml",
                "<?xml version=\"1.0\"?><methodCall><methodName>lares.put</methodName><params>"
                "<param><value><string>" +
                    asked_.task +
                    "</string></value></param><param><value>"
                    "<string>" +
                    payload(now) + "</string></value></param></params></methodCall>");
        std::string body;
        for (int i = 0; i < jobs; ++i)
            body += "{\"task\":\"" + asked_.task + "\",\"payload\":" + payload(now) + "}\n";
        if (asked_.form == "lines") return post("/api/v1/jobs", "application/x-ndjson", body);
        return post(
            "/RPC2", "text/xml",
            "<?xml version=\"1.0\"?><methodCall><methodName>lares.put_batch</methodName><params>"
            "<param><value><string>" +
                body + "</string></value></param></params></methodCall>");
    }

    static std::string post(std::string const& path, char const* type, std::string const& body) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type +
               "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    Asked asked_;
    int poll_;
    std::vector<Line> lines_;
    std::vector<std::int64_t> waits_;
    std::string refusal_;
    std::int64_t begin_ = 0, end_ = 0;
    long put_ = 0, accepted_ = 0, refused_ = 0, number_ = 0;
    int under_way_ = 0;
};

}  // namespace

int main(int count, char** words) { return Load(read_words(count, words)).run(); }
