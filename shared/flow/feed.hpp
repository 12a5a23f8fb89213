// The live feed of one process (DESIGN section 7): everybody on it who listens,
// and each new event to all who want it, made into a frame once.
//
//   Feed          the process's: reads while somebody listens
//   Subscription  one listener's place in it, from what it missed to now
#pragma once

#include "codec/type.hpp"
#include "db/feed_reader.hpp"
#include "flow/session.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wac
{

class Subscription;

class Feed final : private db::FeedListener,
                   private db::FeedAsker,
                   private db::WakeListener
{
  public:
    Feed(db::EventLoop &loop, db::FeedReader &reader)
        : loop_(loop), reader_(reader)
    {
    }
    ~Feed() = default;
    Feed(const Feed &) = delete;
    Feed &operator=(const Feed &) = delete;

    db::FeedReader &reader() noexcept { return reader_; }

    void join(Subscription &subscription);
    void leave(Subscription &subscription) noexcept;

    std::size_t size() const noexcept { return subscriptions_.size(); }

  private:
    void on_feed_rows(std::vector<db::FeedRow> rows) noexcept override;
    void on_feed_answer(db::FeedAnswer answer) noexcept override;
    void on_wake() noexcept override;

    db::EventLoop &loop_;
    db::FeedReader &reader_;
    std::vector<Subscription *> subscriptions_;
    std::unique_ptr<db::Timer> review_; // of the tokens, while there are any
    bool asked_ = false;
};

/** Its subscription, or another one, must not be destroyed from inside. */
class SubscriptionOwner
{
  public:
    /** Whatever is committed from now on will be seen. */
    virtual void on_subscription_placed() noexcept = 0;

    /** It does not keep up, or may not listen any more. */
    virtual void on_subscription_end(CloseCode code,
                                     std::string_view reason) noexcept = 0;

  protected:
    ~SubscriptionOwner() = default;
};

/** What one listener is sent, in this order: where all terminals are, unless
 *  it says since when it wants the events themselves; what it missed; what
 *  comes. One that does not read loses telemetry first, and is ended before
 *  anything else is lost.
 *
 *    placing ──▶ introducing ──▶ catching up ──▶ live
 */
class Subscription final : private db::FeedAsker
{
  public:
    Subscription(Feed &feed, Peer &peer, type::Subscription wanted,
                 std::string token_hash, SubscriptionOwner &owner);
    ~Subscription();
    Subscription(const Subscription &) = delete;
    Subscription &operator=(const Subscription &) = delete;

    /** What its peer is to queue at most. */
    static SessionTraits traits() noexcept;

    const std::string &token_hash() const noexcept { return token_hash_; }
    void lapse() noexcept;

    /** A new event; its frame is made if it is wanted, and kept in `frame`. */
    void on_event(const db::FeedRow &row, SharedMessage &frame);

    /** Its peer has taken all that was queued. */
    void on_written();

    /** Telemetry that it lost. */
    std::uint64_t lost() const noexcept { return lost_; }

  private:
    enum class State { placing, introducing, catching_up, live, ended };

    void on_feed_answer(db::FeedAnswer answer) noexcept override;
    void placed(const db::FeedPosition &position);
    void introduce(const std::vector<db::FeedDevice> &devices);
    void ask_devices();
    void catch_up();
    void go_on();
    void deliver(const db::FeedRow &row, SharedMessage &frame);
    void end(CloseCode code, std::string_view reason) noexcept;
    bool wants_status() const;

    Feed &feed_;
    Peer &peer_;
    const type::Subscription wanted_;
    const std::string token_hash_;
    SubscriptionOwner &owner_;
    State state_ = State::placing;
    bool asked_ = false;
    bool paused_ = false; // until its peer has taken what is queued
    std::int64_t position_ = 0;
    std::int64_t read_upto_ = 0;
    std::string after_sn_;
    std::uint64_t lost_ = 0;
};

} // namespace wac
