// The load of t/bench/cloud.py: terminals of the cloud dialect over WebSocket,
// each with one sendlog under way. Frames are laid out beforehand and only
// their times are written anew, so that this side costs little. It reads no
// JSON: an answer is right if it begins as the answer to what was sent.
//
//     cloud_load load PORT PATH SN DEVICES RECORDS SECONDS
//     cloud_load idle PORT PATH SN DEVICES
//
// Terminals are SN0, SN1 and so on, at 127.0.0.1. "load" prints one JSON
// object. "idle" prints a line when all have registered, and keeps them until
// its standard input ends.
#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace
{

using Clock = std::chrono::steady_clock;

constexpr unsigned char kMask[4] = {0x37, 0xfa, 0x21, 0x3d};
constexpr int kFirstConnections = 64; // at a time, until all have registered

[[noreturn]] void die(const std::string &text)
{
    std::fprintf(stderr, "cloud_load: %s\n", text.c_str());
    std::exit(1);
}

// ---- frames -----------------------------------------------------------------

/** A masked frame, and where its payload begins. */
struct Frame {
    std::string bytes;
    std::size_t payload = 0;
};

Frame masked(unsigned char opcode, std::string_view text)
{
    Frame frame;
    frame.bytes += static_cast<char>(0x80 | opcode);
    if (text.size() < 126) {
        frame.bytes += static_cast<char>(0x80 | text.size());
    } else {
        frame.bytes += static_cast<char>(0x80 | 126);
        frame.bytes += static_cast<char>(text.size() >> 8);
        frame.bytes += static_cast<char>(text.size() & 0xFF);
    }
    frame.bytes.append(reinterpret_cast<const char *>(kMask), 4);
    frame.payload = frame.bytes.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        frame.bytes += static_cast<char>(text[i] ^ kMask[i % 4]);
    }
    return frame;
}

/** A sendlog whose times can be written anew. */
class Sendlog
{
  public:
    Sendlog(const std::string &sn, int records)
    {
        std::string text = R"({"cmd":"sendlog","sn":")" + sn + R"(","count":)" +
                           std::to_string(records) +
                           R"(,"logindex":0,"record":[)";
        for (int i = 0; i < records; ++i) {
            text += i ? "," : "";
            text +=
                R"({"enrollid":)" + std::to_string(1000 + i) + R"(,"time":")";
            times_.push_back(text.size());
            text += R"(2026-01-05 00:00:00","mode":1,"inout":0,"event":0})";
        }
        text += "]}";
        if (text.size() > 0xFFFF) {
            die("too many records for one frame");
        }
        frame_ = masked(1, text);
    }

    /** All records get the second `n` of the bench's own age. */
    const std::string &at(unsigned n)
    {
        char text[20];
        std::snprintf(text, sizeof text, "2026-01-%02u %02u:%02u:%02u",
                      5 + n / 86400 % 20, n / 3600 % 24, n / 60 % 60, n % 60);
        for (const std::size_t time : times_) {
            for (std::size_t i = 0; i < 19; ++i) {
                frame_.bytes[frame_.payload + time + i] =
                    static_cast<char>(text[i] ^ kMask[(time + i) % 4]);
            }
        }
        return frame_.bytes;
    }

  private:
    Frame frame_;
    std::vector<std::size_t> times_;
};

// ---- terminals --------------------------------------------------------------

enum class State { connecting, upgrading, registering, ready, waiting };

struct Terminal {
    Terminal(std::string name, int records)
        : sn(std::move(name)), sendlog(sn, std::max(records, 1))
    {
    }

    std::string sn;
    Sendlog sendlog;
    int fd = -1;
    State state = State::connecting;
    std::string input;
    std::string output; // what the socket did not take
    unsigned sent = 0;
    Clock::time_point sent_at;
};

struct Options {
    bool idle = false;
    std::uint16_t port = 0;
    std::string path;
    std::string sn;
    int devices = 0;
    int records = 1;
    double seconds = 0;
};

class Load
{
  public:
    explicit Load(const Options &options)
        : options_(options), poll_(epoll_create1(0))
    {
        for (int i = 0; i < options.devices; ++i) {
            terminals_.emplace_back(options.sn + std::to_string(i),
                                    options.idle ? 1 : options.records);
        }
    }

    void run()
    {
        while (registered_ < options_.devices) {
            while (opened_ < options_.devices &&
                   opened_ - registered_ < kFirstConnections) {
                open(terminals_[static_cast<std::size_t>(opened_++)]);
            }
            turn(10000, true);
        }
        options_.idle ? keep() : punch();
    }

  private:
    void keep()
    {
        std::puts("registered");
        std::fflush(stdout);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = nullptr; // standard input
        epoll_ctl(poll_, EPOLL_CTL_ADD, 0, &event);
        while (!ended_) {
            turn(-1, false);
        }
    }

    void punch()
    {
        const auto start = Clock::now();
        const auto end =
            start + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(options_.seconds));
        for (Terminal &terminal : terminals_) {
            send_next(terminal);
        }
        while (Clock::now() < end) {
            turn(10, false);
        }
        ending_ = true;
        const double seconds =
            std::chrono::duration<double>(Clock::now() - start).count();
        const std::size_t in_time = answered_ms_.size();
        while (waiting_ > 0) {
            turn(10000, true);
        }
        report(seconds, in_time);
    }

    void report(double seconds, std::size_t in_time)
    {
        rusage usage{};
        getrusage(RUSAGE_SELF, &usage);
        const auto cpu = [](const timeval &time) {
            return static_cast<double>(time.tv_sec) +
                   static_cast<double>(time.tv_usec) / 1e6;
        };
        const auto all = answered_ms_.size();
        std::sort(answered_ms_.begin(), answered_ms_.end());
        std::printf("{\"frames\": %zu, \"frames_in_time\": %zu, "
                    "\"seconds\": %.6f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
                    "\"cpu_seconds\": %.3f}\n",
                    all, in_time, seconds, all ? answered_ms_[all / 2] : 0.0F,
                    all ? answered_ms_[all * 99 / 100] : 0.0F,
                    cpu(usage.ru_utime) + cpu(usage.ru_stime));
    }

    void turn(int timeout_ms, bool must_move)
    {
        epoll_event events[256];
        const int count = epoll_wait(poll_, events, 256, timeout_ms);
        if (count == 0 && must_move) {
            die("no answer for ten seconds; " + std::to_string(registered_) +
                " registered, " + std::to_string(waiting_) + " waiting");
        }
        for (int i = 0; i < count; ++i) {
            auto *const terminal = static_cast<Terminal *>(events[i].data.ptr);
            if (!terminal) {
                char byte;
                ended_ = read(0, &byte, 1) <= 0;
                continue;
            }
            if (events[i].events & EPOLLOUT) {
                on_writable(*terminal);
            }
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
                on_readable(*terminal);
            }
        }
    }

    // ---- one terminal -------------------------------------------------------

    void open(Terminal &terminal)
    {
        terminal.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        const int on = 1;
        setsockopt(terminal.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(options_.port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (terminal.fd < 0 ||
            (connect(terminal.fd, reinterpret_cast<sockaddr *>(&address),
                     sizeof address) != 0 &&
             errno != EINPROGRESS)) {
            die(std::string("connect: ") + std::strerror(errno));
        }
        watch(terminal, EPOLL_CTL_ADD, EPOLLOUT);
    }

    void watch(Terminal &terminal, int change, std::uint32_t events)
    {
        epoll_event event{};
        event.events = events;
        event.data.ptr = &terminal;
        epoll_ctl(poll_, change, terminal.fd, &event);
    }

    void send(Terminal &terminal, std::string_view bytes)
    {
        ssize_t taken = 0;
        if (terminal.output.empty()) {
            taken =
                ::send(terminal.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (taken < 0 && errno != EAGAIN) {
                die(terminal.sn + ": send: " + std::strerror(errno));
            }
            taken = std::max<ssize_t>(taken, 0);
        }
        if (static_cast<std::size_t>(taken) < bytes.size()) {
            terminal.output += bytes.substr(static_cast<std::size_t>(taken));
            watch(terminal, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
        }
    }

    void on_writable(Terminal &terminal)
    {
        watch(terminal, EPOLL_CTL_MOD, EPOLLIN);
        if (terminal.state == State::connecting) {
            terminal.state = State::upgrading;
            send(terminal, "GET " + options_.path +
                               " HTTP/1.1\r\nHost: bench\r\n"
                               "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Version: 13\r\n"
                               "Sec-WebSocket-Key: "
                               "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        } else {
            const std::string output = std::exchange(terminal.output, {});
            send(terminal, output);
        }
    }

    void on_readable(Terminal &terminal)
    {
        char buffer[16384];
        const ssize_t length = recv(terminal.fd, buffer, sizeof buffer, 0);
        if (length < 0 && errno == EAGAIN) {
            return;
        }
        if (length <= 0) {
            die(terminal.sn + ": the connection ended");
        }
        terminal.input.append(buffer, static_cast<std::size_t>(length));
        if (terminal.state == State::upgrading) {
            upgrade(terminal);
        }
        while (take_frame(terminal)) {
        }
    }

    void upgrade(Terminal &terminal)
    {
        const std::size_t end = terminal.input.find("\r\n\r\n");
        if (end == terminal.input.npos) {
            return;
        }
        if (!terminal.input.starts_with("HTTP/1.1 101 ")) {
            die(terminal.sn + ": " + terminal.input.substr(0, 60));
        }
        terminal.input.erase(0, end + 4);
        terminal.state = State::registering;
        send(terminal,
             masked(1, R"({"cmd":"reg","sn":")" + terminal.sn +
                           R"(","cpusn":"B)" + terminal.sn +
                           R"(","devinfo":{"modelname":"tfs30","usersize":)"
                           R"(3000,"logsize":100000,"useduser":100,)"
                           R"("usedlog":0,"firmware":"TH600 V9.9",)"
                           R"("time":"2026-01-05 00:00:00"}})")
                 .bytes);
    }

    /** Whether there may be another. */
    bool take_frame(Terminal &terminal)
    {
        const std::string &input = terminal.input;
        if (terminal.state < State::registering || input.size() < 2) {
            return false;
        }
        std::size_t length = static_cast<unsigned char>(input[1]);
        std::size_t head = 2;
        if (length == 126) {
            if (input.size() < 4) {
                return false;
            }
            length = static_cast<unsigned char>(input[2]) * 256U +
                     static_cast<unsigned char>(input[3]);
            head = 4;
        }
        if (input.size() < head + length) {
            return false;
        }
        const std::string payload = input.substr(head, length);
        const int opcode = input[0] & 0x0F;
        terminal.input.erase(0, head + length);
        if (opcode == 9) {
            send(terminal, masked(10, payload).bytes);
        } else {
            on_message(terminal, opcode == 1 ? payload : "not text");
        }
        return true;
    }

    void on_message(Terminal &terminal, const std::string &text)
    {
        const bool registers = terminal.state == State::registering;
        if (!text.starts_with(registers
                                  ? R"({"ret":"reg","result":true)"
                                  : R"({"ret":"sendlog","result":true)")) {
            die(terminal.sn + ": " + text.substr(0, 200));
        }
        if (registers) {
            ++registered_;
            terminal.state = State::ready;
            return;
        }
        --waiting_;
        terminal.state = State::ready;
        answered_ms_.push_back(std::chrono::duration<float, std::milli>(
                                   Clock::now() - terminal.sent_at)
                                   .count());
        if (!ending_) {
            send_next(terminal);
        }
    }

    void send_next(Terminal &terminal)
    {
        ++waiting_;
        terminal.state = State::waiting;
        terminal.sent_at = Clock::now();
        send(terminal, terminal.sendlog.at(terminal.sent++));
    }

    const Options options_;
    const int poll_;
    std::vector<Terminal> terminals_;
    std::vector<float> answered_ms_;
    int opened_ = 0;
    int registered_ = 0;
    int waiting_ = 0;
    bool ending_ = false;
    bool ended_ = false;
};

} // namespace

int main(int argc, char **argv)
{
    const std::vector<std::string> words(argv + 1, argv + argc);
    Options options;
    options.idle = !words.empty() && words[0] == "idle";
    if (words.size() != (options.idle ? 5U : 7U)) {
        die("see the head of its source");
    }
    options.port = static_cast<std::uint16_t>(std::stoi(words[1]));
    options.path = words[2];
    options.sn = words[3];
    options.devices = std::stoi(words[4]);
    if (!options.idle) {
        options.records = std::stoi(words[5]);
        options.seconds = std::stod(words[6]);
    }
    const rlimit files{static_cast<rlim_t>(options.devices) + 64,
                       static_cast<rlim_t>(options.devices) + 64};
    rlimit now{};
    getrlimit(RLIMIT_NOFILE, &now);
    if (now.rlim_cur < files.rlim_cur) {
        now.rlim_cur = std::min(now.rlim_max, files.rlim_cur);
        setrlimit(RLIMIT_NOFILE, &now);
    }
    Load(options).run();
}
