// The process put together, and its life:
//
//      serving ──SIGTERM, SIGINT──> draining ──> saying goodbye ──> ended
//                                       └──second signal: at once───┘
//
// Draining: the socket goes, so that nginx tries the next worker; sessions
// answer what is under way and close. Goodbye: the database hears that the
// sessions ended. Both together last --drain-timeout at most.
#pragma once

#include "config.hpp"
#include "daemon_log.hpp"
#include "listener.hpp"
#include "loop_uv.hpp"
#include "server.hpp"

#include "codec/xml.hpp"
#include "db/feed_reader.hpp"
#include "db/session_keeper.hpp"
#include "db/store.hpp"
#include "flow/feed.hpp"
#include "flow/result_intake.hpp"
#include "flow/session_registry.hpp"

#include <functional>
#include <memory>

namespace wac::worker
{

class Daemon final : private db::WakeListener
{
  public:
    Daemon(const Config &config, Log &log, const db::Conninfo &conninfo);

    /** Opens the socket and serves until a signal ends it. Fails if it
     *  cannot begin. */
    Result<void> run();

  private:
    void on_wake() noexcept override { ++signals_; }

    Result<ListeningSocket> open_socket();
    void serve();
    void drain();
    /** Runs the loop until it is done, the time is over, or the operator
     *  has no patience. */
    void run_until(const std::function<bool()> &done, std::uint64_t by_ms);

    const Config config_;
    Log &log_;
    LoopUv loop_;
    unsigned signals_ = 0;
    std::unique_ptr<Handle> terminate_;
    std::unique_ptr<Handle> interrupt_;
    db::Store store_;
    ResultIntake intake_;
    db::SessionKeeper keeper_;
    SessionRegistry registry_;
    db::FeedReader feed_reader_;
    Feed feed_;
    xml::Decoder xml_decoder_;
    RateLimit warnings_{20};
    SessionContext sessions_;
    Server server_;
    Listener listener_;
};

} // namespace wac::worker
