// The load of t/bench/feed.py: dashboards that listen to the live feed, each
// with one subscription. Every frame's id is read, at its end, and must be the
// one after the last; no JSON is parsed, and the time of one frame in sixteen
// is read.
//
//     feed_load SERVERS TOKEN SUBSCRIBERS SINCE [TYPE]…
//
// SERVERS are ports at 127.0.0.1 and paths of Unix sockets, with commas; the
// subscribers take turns at them. They subscribe to everything after the event
// SINCE, or to some types only. It prints "subscribed" when each has had an
// event; then it reads the id of the last event from its standard input, and
// ends when all have got that, or nobody has got anything for 20 seconds.
//
// Who is cut off for being slow comes back, as a dashboard must, with the last
// id that it has seen; it is counted. `missing` counts ids that were left out,
// `doubles` those that came again: of everything both must be 0.
#include "load_frames.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <cstring>
#include <ctime>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace
{

using load::die;
using load::masked;

using Clock = std::chrono::steady_clock;

constexpr std::size_t kRead = 256U << 10;
constexpr std::int64_t kSampled = 16; // the lag of one frame in so many
constexpr auto kPatience = std::chrono::seconds(20);

// ---- frames -----------------------------------------------------------------

/** The id at the end of an event's frame; 0: it has none. */
std::int64_t id_of(std::string_view frame)
{
    std::int64_t id = 0;
    std::int64_t power = 1;
    std::size_t at = frame.size() - 1; // of the closing brace
    while (at > 0 && frame[at - 1] >= '0' && frame[at - 1] <= '9') {
        --at;
        id += power * (frame[at] - '0');
        power *= 10;
    }
    return frame.substr(0, at).ends_with(R"(,"id":)") ? id : 0;
}

/** Milliseconds from its "timestamp", which stands before the id and is of the
 *  last twelve hours, to `now`, both of the day. */
double lag_ms(std::string_view frame, double now_ms)
{
    constexpr double kDay = 86400e3;
    const std::size_t zone = frame.rfind(R"(Z","id":)");
    if (zone == frame.npos || zone < 12) {
        die("no timestamp: " + std::string(frame.substr(0, 300)));
    }
    const auto number = [text = frame.substr(zone - 12)](std::size_t from,
                                                         std::size_t size) {
        double value = 0;
        for (const char digit : text.substr(from, size)) {
            value = value * 10 + (digit - '0');
        }
        return value;
    };
    const double at_ms = 3600e3 * number(0, 2) + 60e3 * number(3, 2) +
                         1e3 * number(6, 2) + number(9, 3);
    const double lag = now_ms - at_ms;
    return lag < -kDay / 2 ? lag + kDay : lag;
}

double day_ms()
{
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<double>(now.tv_sec % 86400) * 1e3 +
           static_cast<double>(now.tv_nsec) / 1e6;
}

// ---- subscribers ------------------------------------------------------------

struct Options {
    std::vector<std::string> servers;
    std::string token;
    std::size_t subscribers = 0;
    std::int64_t since = 0;
    std::string types; // JSON; empty: everything
};

struct Subscriber {
    std::string server;
    int fd = -1;
    bool upgraded = false;
    std::string input; // the begin of a frame
    std::int64_t last = 0;
};

class Load
{
  public:
    explicit Load(Options options)
        : options_(std::move(options)), poll_(epoll_create1(0)), buffer_(kRead)
    {
        for (std::size_t i = 0; i < options_.subscribers; ++i) {
            Subscriber subscriber;
            subscriber.server = options_.servers[i % options_.servers.size()];
            subscriber.last = options_.since;
            subscribers_.push_back(std::move(subscriber));
        }
    }

    /** Whether all have got what they should. */
    bool run()
    {
        for (Subscriber &subscriber : subscribers_) {
            open(subscriber);
        }
        turn_until([this] { return begun_ == subscribers_.size(); });
        if (begun_ < subscribers_.size()) {
            die(std::to_string(begun_) + " subscribers got something");
        }
        std::puts("subscribed");
        std::fflush(stdout);
        forget();
        ingest_goes_on_ = true;
        watch(0, EPOLL_CTL_ADD, nullptr, EPOLLIN);
        turn_until(
            [this] { return final_ && complete_ == subscribers_.size(); });
        report();
        return complete_ == subscribers_.size();
    }

  private:
    template <typename Done>
    void turn_until(Done done)
    {
        moved_ = Clock::now();
        while (!done() && Clock::now() - moved_ < kPatience) {
            turn();
        }
    }

    void turn()
    {
        epoll_event events[128];
        const int count = epoll_wait(poll_, events, 128, 1000);
        for (int i = 0; i < count; ++i) {
            if (events[i].data.ptr) {
                on_readable(*static_cast<Subscriber *>(events[i].data.ptr));
            } else {
                read_final();
            }
        }
        if (ingest_goes_on_ || std::exchange(something_new_, false)) {
            moved_ = Clock::now();
        }
    }

    /** What came before does not count. */
    void forget()
    {
        lags_ms_.clear();
        frames_ = 0;
        bytes_ = 0;
        cpu_before_ = load::cpu_seconds();
    }

    /** From here on it is known where the end is. */
    void read_final()
    {
        char text[32];
        const ssize_t size = read(0, text, sizeof text - 1);
        if (size <= 0) {
            die("standard input has ended");
        }
        text[size] = '\0';
        final_ = std::strtoll(text, nullptr, 10);
        ingest_goes_on_ = false;
        told_ = Clock::now();
        watch(0, EPOLL_CTL_DEL, nullptr, 0);
        complete_ = static_cast<std::size_t>(std::count_if(
            subscribers_.begin(), subscribers_.end(),
            [this](const Subscriber &one) { return one.last >= final_; }));
    }

    void watch(int fd, int change, Subscriber *subscriber, std::uint32_t events)
    {
        epoll_event event{};
        event.events = events;
        event.data.ptr = subscriber;
        epoll_ctl(poll_, change, fd, &event);
    }

    // ---- one subscriber -----------------------------------------------------

    static int connected(const std::string &server)
    {
        sockaddr_un path{};
        sockaddr_in port{};
        const bool local = server.starts_with("/");
        if (local) {
            path.sun_family = AF_UNIX;
            server.copy(path.sun_path, sizeof path.sun_path - 1);
        } else {
            port.sin_family = AF_INET;
            port.sin_port =
                htons(static_cast<std::uint16_t>(std::stoi(server)));
            port.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        }
        const int fd = socket(local ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd,
                              local ? reinterpret_cast<sockaddr *>(&path)
                                    : reinterpret_cast<sockaddr *>(&port),
                              local ? sizeof path : sizeof port) != 0) {
            die("connect: " + std::string(std::strerror(errno)));
        }
        return fd;
    }

    void open(Subscriber &subscriber)
    {
        subscriber.fd = connected(subscriber.server);
        subscriber.upgraded = false;
        subscriber.input.clear();
        send(subscriber, load::handshake("/"));
        send(subscriber,
             masked(load::kText,
                    R"({"type":"subscribe","role":"admin","token":")" +
                        options_.token + R"(","since":)" +
                        std::to_string(subscriber.last) +
                        (options_.types.empty()
                             ? ""
                             : R"(,"types":)" + options_.types) +
                        "}")
                 .bytes);
        watch(subscriber.fd, EPOLL_CTL_ADD, &subscriber, EPOLLIN);
    }

    static void send(const Subscriber &subscriber, const std::string &bytes)
    {
        const ssize_t sent =
            ::send(subscriber.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0 && static_cast<std::size_t>(sent) != bytes.size()) {
            die("a server that does not read");
        } // an error comes when it is read
    }

    void come_back(Subscriber &subscriber)
    {
        if (!subscriber.upgraded) {
            die("the connection ended at once");
        }
        close(subscriber.fd);
        ++cuts_;
        open(subscriber);
    }

    void on_readable(Subscriber &subscriber)
    {
        std::string &rest = subscriber.input;
        if (buffer_.size() < rest.size() + kRead / 2) {
            buffer_.resize(rest.size() + kRead);
        }
        std::copy(rest.begin(), rest.end(), buffer_.begin());
        const ssize_t length = recv(subscriber.fd, buffer_.data() + rest.size(),
                                    buffer_.size() - rest.size(), MSG_DONTWAIT);
        if (length < 0 && errno == EAGAIN) {
            return;
        }
        if (length <= 0) {
            come_back(subscriber);
            return;
        }
        ++reads_;
        std::string_view input(buffer_.data(),
                               rest.size() + static_cast<std::size_t>(length));
        if (!subscriber.upgraded && !upgrade(subscriber, input)) {
            rest = input;
            return;
        }
        const double now_ms = day_ms();
        while (const auto frame = load::first_frame(input)) {
            input.remove_prefix(frame->size);
            if (!take(subscriber, *frame, now_ms)) {
                return;
            }
        }
        rest = input;
    }

    static bool upgrade(Subscriber &subscriber, std::string_view &input)
    {
        const std::size_t end = input.find("\r\n\r\n");
        if (end == input.npos) {
            return false;
        }
        if (!input.starts_with("HTTP/1.1 101 ")) {
            die(std::string(input.substr(0, 100)));
        }
        input.remove_prefix(end + 4);
        subscriber.upgraded = true;
        return true;
    }

    /** Whether the connection is still the same. */
    bool take(Subscriber &subscriber, const load::Received &frame,
              double now_ms)
    {
        if (frame.opcode == load::kClose) {
            come_back(subscriber);
            return false;
        }
        if (frame.opcode == load::kPing) {
            send(subscriber, masked(load::kPong, frame.payload).bytes);
            return true;
        }
        const std::int64_t id = id_of(frame.payload);
        if (id == 0) {
            die(std::string(frame.payload.substr(0, 200)));
        }
        ++frames_;
        bytes_ += frame.size;
        count(subscriber, id);
        if (id % kSampled == 0) {
            lags_ms_.push_back(
                static_cast<float>(lag_ms(frame.payload, now_ms)));
        }
        return true;
    }

    void count(Subscriber &subscriber, std::int64_t id)
    {
        if (id <= subscriber.last) {
            ++doubles_;
            return;
        }
        missing_ += id - subscriber.last - 1;
        begun_ += subscriber.last == options_.since;
        complete_ += final_ && subscriber.last < final_ && id >= final_;
        subscriber.last = id;
        something_new_ = true;
    }

    // -------------------------------------------------------------------------

    void report()
    {
        const auto all = lags_ms_.size();
        std::sort(lags_ms_.begin(), lags_ms_.end());
        const auto lag = [this, all](std::size_t percent) {
            return all ? lags_ms_[std::min(all - 1, all * percent / 100)] : 0;
        };
        std::printf(
            "{\"frames\": %lld, \"bytes\": %lld, \"missing\": %lld, "
            "\"doubles\": %lld, \"cuts\": %lld, \"complete\": %zu, "
            "\"late_seconds\": %.3f, \"least_ms\": %.1f, \"p50_ms\": %.1f, "
            "\"p99_ms\": %.1f, \"most_ms\": %.1f, \"reads\": %lld, "
            "\"cpu_seconds\": %.3f}\n",
            frames_, bytes_, missing_, doubles_, cuts_, complete_,
            std::chrono::duration<double>(Clock::now() - told_).count(), lag(0),
            lag(50), lag(99), lag(100), reads_,
            load::cpu_seconds() - cpu_before_);
    }

    const Options options_;
    const int poll_;
    std::vector<char> buffer_;
    std::vector<Subscriber> subscribers_;
    std::vector<float> lags_ms_;
    Clock::time_point moved_;
    Clock::time_point told_;
    std::int64_t final_ = 0; // the last event's id; 0: not known yet
    bool ingest_goes_on_ = false;
    bool something_new_ = false;
    std::size_t begun_ = 0;
    std::size_t complete_ = 0;
    long long frames_ = 0;
    long long bytes_ = 0;
    long long missing_ = 0;
    long long doubles_ = 0;
    long long cuts_ = 0;
    long long reads_ = 0;
    double cpu_before_ = 0;
};

} // namespace

int main(int argc, char **argv)
{
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() < 4) {
        die("see the head of its source");
    }
    Options options;
    for (std::size_t at = 0; at <= words[0].size();) {
        const std::size_t end =
            std::min(words[0].find(',', at), words[0].size());
        options.servers.push_back(words[0].substr(at, end - at));
        at = end + 1;
    }
    options.token = words[1];
    options.subscribers = std::stoul(words[2]);
    options.since = std::stoll(words[3]);
    for (std::size_t i = 4; i < words.size(); ++i) {
        options.types += (i == 4 ? "[\"" : ",\"") + words[i] + "\"";
    }
    if (!options.types.empty()) {
        options.types += "]";
    }
    load::allow_files(options.subscribers + 64);
    return Load(std::move(options)).run() ? 0 : 1;
}
