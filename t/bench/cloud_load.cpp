// The load of t/bench/cloud.py: terminals of the cloud dialect over WebSocket,
// each with one sendlog under way. Frames are laid out beforehand and only
// their times are written anew, so that this side costs little. It reads no
// JSON: an answer is right if it begins as the answer to what was sent.
//
//     cloud_load load PORT PATH SN DEVICES RECORDS SECONDS [RATE]
//     cloud_load idle PORT PATH SN DEVICES
//
// Terminals are SN0, SN1 and so on, at 127.0.0.1. "load" prints one JSON
// object. With a RATE, of records per second, the frames become due evenly
// (to a millisecond) and each goes to the terminal that has rested longest;
// one that is due while none rests goes out late, and counts as offered.
// "idle" prints a line when all have registered, and keeps them until its
// standard input ends.
#include "load_frames.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace
{

using load::die;
using load::kMask;
using load::masked;

using Clock = std::chrono::steady_clock;

constexpr int kFirstConnections = 64; // at a time, until all have registered

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
        frame_ = masked(load::kText, text);
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
    load::Frame frame_;
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
    double rate = 0; // records per second; 0: as they are answered
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
            resting_.push_back(&terminal);
        }
        while (Clock::now() < end) {
            send_due(start);
            turn(options_.rate > 0 ? 1 : 10, false);
        }
        ending_ = true;
        const double seconds = seconds_since(start);
        const std::size_t in_time = answered_ms_.size();
        while (waiting_ > 0) {
            turn(10000, true);
        }
        report(seconds, in_time);
    }

    static double seconds_since(Clock::time_point start)
    {
        return std::chrono::duration<double>(Clock::now() - start).count();
    }

    double due_after(double seconds) const
    {
        return seconds * options_.rate / options_.records;
    }

    void send_due(Clock::time_point start)
    {
        const double due = due_after(seconds_since(start));
        while (!resting_.empty() && (options_.rate <= 0 || sent_ < due)) {
            Terminal *const terminal = resting_.front();
            resting_.pop_front();
            send_next(*terminal);
        }
    }

    void report(double seconds, std::size_t in_time)
    {
        const auto all = answered_ms_.size();
        std::sort(answered_ms_.begin(), answered_ms_.end());
        std::printf(
            "{\"frames\": %zu, \"frames_in_time\": %zu, "
            "\"offered\": %.0f, \"seconds\": %.6f, "
            "\"p50_ms\": %.3f, \"p99_ms\": %.3f, "
            "\"cpu_seconds\": %.3f}\n",
            all, in_time,
            options_.rate > 0 ? due_after(seconds) : static_cast<double>(all),
            seconds, all ? answered_ms_[all / 2] : 0.0F,
            all ? answered_ms_[all * 99 / 100] : 0.0F, load::cpu_seconds());
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
            send(terminal, load::handshake(options_.path));
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
             masked(load::kText,
                    R"({"cmd":"reg","sn":")" + terminal.sn + R"(","cpusn":"B)" +
                        terminal.sn +
                        R"(","devinfo":{"modelname":"tfs30","usersize":)"
                        R"(3000,"logsize":100000,"useduser":100,)"
                        R"("usedlog":0,"firmware":"TH600 V9.9",)"
                        R"("time":"2026-01-05 00:00:00"}})")
                 .bytes);
    }

    /** Whether there may be another. */
    bool take_frame(Terminal &terminal)
    {
        if (terminal.state < State::registering) {
            return false;
        }
        const auto frame = load::first_frame(terminal.input);
        if (!frame) {
            return false;
        }
        if (frame->opcode == load::kPing) {
            send(terminal, masked(load::kPong, frame->payload).bytes);
        } else {
            on_message(terminal, frame->opcode == load::kText ? frame->payload
                                                              : "not text");
        }
        terminal.input.erase(0, frame->size);
        return true;
    }

    void on_message(Terminal &terminal, std::string_view text)
    {
        const bool registers = terminal.state == State::registering;
        if (!text.starts_with(registers
                                  ? R"({"ret":"reg","result":true)"
                                  : R"({"ret":"sendlog","result":true)")) {
            die(terminal.sn + ": " + std::string(text.substr(0, 200)));
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
        if (options_.rate <= 0 && !ending_) {
            send_next(terminal);
        } else {
            resting_.push_back(&terminal);
        }
    }

    void send_next(Terminal &terminal)
    {
        ++waiting_;
        ++sent_;
        terminal.state = State::waiting;
        terminal.sent_at = Clock::now();
        send(terminal, terminal.sendlog.at(terminal.sent++));
    }

    const Options options_;
    const int poll_;
    std::vector<Terminal> terminals_;
    std::deque<Terminal *> resting_; // the longest first
    std::vector<float> answered_ms_;
    int opened_ = 0;
    int registered_ = 0;
    int waiting_ = 0;
    bool ending_ = false;
    unsigned sent_ = 0;
    bool ended_ = false;
};

} // namespace

int main(int argc, char **argv)
{
    const std::vector<std::string> words(argv + 1, argv + argc);
    Options options;
    options.idle = !words.empty() && words[0] == "idle";
    if (options.idle ? words.size() != 5
                     : words.size() != 7 && words.size() != 8) {
        die("see the head of its source");
    }
    options.port = static_cast<std::uint16_t>(std::stoi(words[1]));
    options.path = words[2];
    options.sn = words[3];
    options.devices = std::stoi(words[4]);
    if (!options.idle) {
        options.records = std::stoi(words[5]);
        options.seconds = std::stod(words[6]);
        options.rate = words.size() > 7 ? std::stod(words[7]) : 0;
    }
    load::allow_files(static_cast<rlim_t>(options.devices) + 64);
    Load(options).run();
}
