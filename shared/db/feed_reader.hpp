// The live feed as one process reads it: new events as they are numbered, and
// what was missed on demand. It has a session of its own, made when somebody
// listens for the first time, so that terminals do not wait for dashboards.
//
// Woken by NOTIFY, it looks; as a bell does not ring for every batch, it looks
// again a few times, and once a second in any case. It also numbers what it
// finds (wac_feed_advance): any process may, one does.
#pragma once

#include "base/log.hpp"
#include "db/event_loop.hpp"
#include "db/notifications.hpp"
#include "db/pg_pool.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace wac::db
{

/** One event, as wac_feed_events has it. */
struct FeedRow {
    std::int64_t id = 0;
    std::string sn;
    std::string type;       // device_status, telemetry, event
    std::string event_type; // of an event
    std::string payload;    // JSON text
    std::int64_t at_us = 0; // receipt, since 2000 in UTC
};

/** Where the feed is. Answered only when all that was committed before the
 *  question has its number. */
struct AskFeedPosition {
    std::optional<std::int64_t> since_us;
};
struct FeedPosition {
    std::int64_t first = 0;  // the oldest event that is kept; last + 1: none is
    std::int64_t last = 0;   // the newest
    std::int64_t before = 0; // the last one before since_us; `last` without it
};

/** The events `after` < id <= `upto`, in order. */
struct AskFeedRows {
    std::int64_t after = 0;
    std::int64_t upto = 0;
    std::optional<std::int64_t> since_us; // none that was received before
    std::vector<std::string> devices;     // of these; none: of all
};

/** Terminals that are approved, in the order of sn. */
struct AskFeedDevices {
    std::string after; // behind this sn
    std::vector<std::string> devices;
    std::int32_t most = 1000;
};
struct FeedDevice {
    std::string sn;
    std::string status;
    std::int64_t at_us = 0; // last seen
};

/** Which of these hashes are of no valid token any more. */
struct AskLapsedTokens {
    std::vector<std::string> token_hashes;
};

using FeedQuestion =
    std::variant<AskFeedPosition, AskFeedRows, AskFeedDevices, AskLapsedTokens>;

/** What was asked for. */
struct FeedAnswer {
    FeedPosition position;
    std::vector<FeedRow> rows;
    std::vector<FeedDevice> devices;
    std::vector<std::string> lapsed;
};

class FeedAsker
{
  public:
    virtual void on_feed_answer(FeedAnswer answer) noexcept = 0;

  protected:
    ~FeedAsker() = default;
};

class FeedListener
{
  public:
    /** The next events of the feed, without a gap; one at least. */
    virtual void on_feed_rows(std::vector<FeedRow> rows) noexcept = 0;

  protected:
    ~FeedListener() = default;
};

class FeedReader final : private WakeListener,
                         private PgBatch,
                         private NotificationListener,
                         private PoolListener
{
  public:
    FeedReader(EventLoop &loop, Log &log, const Conninfo &conninfo,
               std::string worker);
    ~FeedReader();
    FeedReader(const FeedReader &) = delete;
    FeedReader &operator=(const FeedReader &) = delete;

    /** From now on. Its first events are those after last(). */
    void listen(FeedListener &listener);
    /** Nobody listens for now. */
    void pause() noexcept;

    /** The last event that the listener was given, or the newest one when it
     *  began; nothing before that is known. */
    std::optional<std::int64_t> last() const noexcept { return last_; }

    /** One question of an asker at a time. When the database is away the
     *  answer comes when it is back. */
    void ask(FeedAsker &asker, FeedQuestion question);
    /** It does not want its answer any more. */
    void forget(const FeedAsker &asker) noexcept;

  private:
    struct Asked {
        FeedAsker *asker; // null: forgotten
        FeedQuestion question;
        FeedAnswer answer{};
    };
    enum class Part { listen, advance, position, live, question };

    void look();
    bool send(PGconn *connection) override;
    bool send_question(PGconn *connection, const FeedQuestion &question);
    void on_rows(const PGresult *rows, std::size_t statement) override;
    void on_done(const PgFailure *failure) noexcept override;
    void hand_over();
    void rest(bool found, bool more);
    void on_wake() noexcept override;
    std::span<const std::string_view> channels() const noexcept override;
    void on_notification(std::string_view channel,
                         std::string_view payload) noexcept override;
    void on_listening() noexcept override;
    void on_capacity() noexcept override;
    void on_down() noexcept override {}

    EventLoop &loop_;
    Log &log_;
    const std::string worker_;
    FeedListener *listener_ = nullptr;
    SilentLog silence_; // the Store's pool says what becomes of the database
    PgPool pool_;
    std::unique_ptr<Timer> timer_;
    std::optional<std::int64_t> last_;
    std::deque<Asked> waiting_;
    bool started_ = false;
    bool running_ = false;
    bool due_ = false;  // a look is wanted
    bool rung_ = false; // while one was under way
    unsigned empty_looks_ = 0;
    std::uint64_t listened_ms_ = 0;

    // of the batch under way
    std::vector<Part> parts_;
    std::vector<Asked> asked_;
    std::size_t next_answer_ = 0;
    std::int32_t advanced_ = 0;
    std::optional<std::int64_t> found_last_;
    std::int64_t read_upto_ = 0;
    std::vector<FeedRow> rows_;
};

} // namespace wac::db
