#include "daemon.hpp"

#include "service_manager.hpp"

#include <climits>
#include <csignal>
#include <cstdio>
#include <random>
#include <string>
#include <unistd.h>

namespace wac::worker
{

namespace
{

constexpr std::uint64_t kLook_ms = 20;

/** Turns the loop now and then, so that a condition is looked at. */
class Ticker final : private db::WakeListener
{
  public:
    explicit Ticker(LoopUv &loop)
        : timer_(loop.timer(*this, db::TimerKind::work))
    {
        timer_->arm(kLook_ms);
    }

  private:
    void on_wake() noexcept override { timer_->arm(kLook_ms); }

    std::unique_ptr<db::Timer> timer_;
};

/** One of its own for every process that ever was, on any host. */
std::string worker_name()
{
    constexpr std::size_t kLongestHost = 32;
    char host[HOST_NAME_MAX + 1] = {};
    gethostname(host, sizeof host - 1);
    std::random_device random;
    char number[9];
    std::snprintf(number, sizeof number, "%08x", random());
    return std::string(host).substr(0, kLongestHost) + "-" +
           std::to_string(getpid()) + "-" + number;
}

std::size_t possible_connections(std::size_t wanted, Log &log)
{
    const std::size_t possible = make_room_for(wanted);
    if (possible < wanted) {
        log.write(LogLevel::warn,
                  "the limit of open files allows " + std::to_string(possible) +
                      " connections instead of " + std::to_string(wanted) +
                      " (see ulimit -Hn)");
    }
    return possible;
}

} // namespace

Daemon::Daemon(const Config &config, Log &log, const db::Conninfo &conninfo)
    : config_(config), log_(log), terminate_(loop_.signal(SIGTERM, *this)),
      interrupt_(loop_.signal(SIGINT, *this)), store_(loop_, log, conninfo),
      intake_(loop_, log, store_), keeper_(loop_, conninfo, worker_name()),
      registry_(keeper_), feed_reader_(loop_, log, conninfo, keeper_.worker()),
      feed_(loop_, feed_reader_), sessions_{loop_,           log,
                                            store_,          registry_,
                                            feed_,           xml_decoder_,
                                            config_.session, warnings_},
      server_(loop_, log, config_.limits,
              possible_connections(config_.max_connections, log),
              [this](std::string_view first, Peer &peer) {
                  return make_session(first, peer, sessions_);
              }),
      listener_(loop_, log, server_)
{
}

Result<void> Daemon::run()
{
    auto socket = open_socket();
    if (!socket) {
        return tl::make_unexpected(socket.error());
    }
    const std::string name = socket->name();
    auto started = server_.start();
    if (started) {
        started = listener_.start(std::move(*socket));
    }
    if (!started) {
        return started;
    }
    registry_.start();
    store_.start(intake_);
    log_.write(LogLevel::notice, "wac-worker " WAC_VERSION " serves " + name +
                                     " as " + keeper_.worker());
    notify_service_manager("READY=1");
    serve();
    notify_service_manager("STOPPING=1");
    drain();
    return {};
}

Result<ListeningSocket> Daemon::open_socket()
{
    auto inherited = ListeningSocket::inherited();
    if (!inherited) {
        return tl::make_unexpected(inherited.error());
    }
    return *inherited ? Result<ListeningSocket>{std::move(**inherited)}
                      : ListeningSocket::make(config_.socket);
}

void Daemon::serve()
{
    while (signals_ == 0) {
        loop_.run_once();
    }
}

void Daemon::drain()
{
    log_.write(LogLevel::notice,
               "ending: " + std::to_string(server_.connections()) +
                   " connections");
    const std::uint64_t by_ms = loop_.now_ms() + config_.drain_timeout_ms;
    listener_.stop();
    server_.drain();
    run_until([this] { return server_.connections() == 0; }, by_ms);
    server_.stop();
    run_until([this] { return sessions_.leftovers.empty(); }, by_ms);
    keeper_.finish();
    run_until([this] { return keeper_.finished(); }, by_ms);
    log_.write(LogLevel::notice, signals_ > 1 ? "ended at once" : "ended");
}

void Daemon::run_until(const std::function<bool()> &done, std::uint64_t by_ms)
{
    const Ticker ticker(loop_);
    while (!done() && signals_ < 2 && loop_.now_ms() < by_ms) {
        loop_.run_once();
    }
}

} // namespace wac::worker
