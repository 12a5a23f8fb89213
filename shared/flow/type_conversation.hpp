// Takes one message of a terminal of the `type` dialect to its end: runs what
// its Exchange asks for, waits no longer than the operator allows, tries again
// what the database does not take at once. Whether there still is a connection
// does not matter to it: a terminal that sends an event and goes has had no
// answer to wait for, so what it sent is stored without it (Remainder).
#pragma once

#include "db/store.hpp"
#include "flow/session_log.hpp"
#include "flow/type_exchange.hpp"
#include "flow/type_telemetry_limit.hpp"

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

namespace wac::type
{

/** A message as it came. */
struct Received {
    std::string text;
    std::uint64_t at_ms = 0;
};

class ConversationOwner
{
  public:
    /** The end. The conversation may be destroyed. */
    virtual void on_answer(Answer answer) noexcept = 0;

  protected:
    ~ConversationOwner() = default;
};

class Conversation final : private db::OutcomeListener, private db::WakeListener
{
  public:
    /** `sn` as of Exchange. */
    Conversation(SessionContext &context, Origin origin, std::string sn,
                 Received received, ConversationOwner &owner);
    Conversation(const Conversation &) = delete;
    Conversation &operator=(const Conversation &) = delete;

    /** `message` is what was received. The end may come at once. */
    void begin(Message message);

    /** Somebody else hears of the end. */
    void hand_over(ConversationOwner &owner) noexcept { owner_ = &owner; }

    bool carries_data() const noexcept { return exchange_.carries_data(); }

  private:
    void advance(Step step);
    Result<void> submit(const Operation &operation);

    void on_outcome(const Result<Outcome> &outcome) noexcept override;
    void on_wake() noexcept override;

    SessionContext &context_;
    ConversationOwner *owner_;
    const Received received_;
    Exchange exchange_;
    db::Ticket ticket_; // ends before the exchange, whose operation it carries
    std::unique_ptr<db::Timer> timer_; // the deadline, or the next attempt
    const Operation *again_ = nullptr; // what that attempt runs
    std::uint64_t give_up_at_ms_ = 0;
};

/** What a terminal had sent when its connection ended, stored one after the
 *  other: every message in it has a deadline. */
class Remainder final : public Leftover, private ConversationOwner
{
  public:
    /** `running`, if there is one, comes first. */
    static void leave(SessionContext &context, const Origin &origin,
                      const std::string &sn, const TelemetryLimit &limit,
                      std::unique_ptr<Conversation> running,
                      std::list<Received> waiting);

    /** What is not stored by then is lost. */
    ~Remainder() override;
    Remainder(const Remainder &) = delete;
    Remainder &operator=(const Remainder &) = delete;

  private:
    Remainder(SessionContext &context, Origin origin, std::string sn,
              const TelemetryLimit &limit, std::list<Received> waiting)
        : context_(context), origin_(std::move(origin)), sn_(std::move(sn)),
          limit_(limit), waiting_(std::move(waiting))
    {
    }

    void go_on();
    void take(Received received);
    void on_answer(Answer answer) noexcept override;

    SessionContext &context_;
    const Origin origin_;
    const std::string sn_;
    TelemetryLimit limit_;
    std::list<Received> waiting_;
    std::unique_ptr<Conversation> conversation_;
    std::list<std::unique_ptr<Leftover>>::iterator place_; // in the context
    bool taking_ = false;
};

} // namespace wac::type
