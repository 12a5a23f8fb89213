// Carries out a terminal's CatchUp at low priority: a request goes out only
// while nothing of the terminal waits and no command is on its way. What the
// database refuses for now is tried again.
#pragma once

#include "db/store.hpp"
#include "flow/session.hpp"
#include "flow/xml_catch_up.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace wac::xml
{

class LogPullOwner
{
  public:
    /** Whether a request may go out now. */
    virtual bool may_pull() const noexcept = 0;
    virtual void send_frame(std::string frame) = 0;
    virtual void on_pull_note(LogLevel level,
                              const std::string &text) noexcept = 0;
    /** The terminal did not answer the request of this name, and is not
     *  waited for any more. */
    virtual void on_pull_given_up(std::string_view request) = 0;

  protected:
    ~LogPullOwner() = default;
};

class LogPull final : private db::OutcomeListener, private db::WakeListener
{
  public:
    LogPull(LogPullOwner &owner, SessionContext &context)
        : owner_(owner), context_(context)
    {
    }

    /** The terminal has logged in (again). */
    void start(CatchUp course);

    /** Ends it: what it has not stored, the terminal keeps. */
    void stop() noexcept;

    /** The terminal may have become quiet. */
    void on_quiet();

    /** Whether an answer is waited for. */
    bool asking() const noexcept;

    /** Whether this frame is the answer to its request: it is taken then. */
    bool take(const Message &message, std::string_view text);

  private:
    /** While there is something to do. */
    struct Work {
        Work(CatchUp catch_up, db::OutcomeListener &listener)
            : course(std::move(catch_up)), ticket(listener)
        {
        }
        CatchUp course;
        db::Ticket ticket; // ends before the course, whose operation it carries
    };

    void proceed();
    void submit();
    void arm(std::uint64_t delay_ms);

    void on_outcome(const Result<Outcome> &outcome) noexcept override;
    void on_wake() noexcept override;

    LogPullOwner &owner_;
    SessionContext &context_;
    std::unique_ptr<Work> work_;
    std::unique_ptr<db::Timer> timer_; // patience, or the next attempt
};

} // namespace wac::xml
