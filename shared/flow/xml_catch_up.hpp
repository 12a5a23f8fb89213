// The logs that a terminal of dialect M kept while it had no connection, on
// their way into the database after Login: each is committed before the next
// is asked for, and how far that went is kept now and then. Performs no I/O:
// LogPull does. What is asked, and in which order, is the Backfill's.
//
//   due ── request() ──▶ asked ─┬─ take() ──▶ storing ─┬─▶ due
//    ▲                          │                      ├─▶ keeping ──▶ due
//    │                          └─ give_up()           └─▶ ended
//    └───────────────────────────────┴──▶ (keeping) ──▶ ended
#pragma once

#include "base/error.hpp"
#include "codec/xml.hpp"
#include "proto/operation.hpp"
#include "proto/xml_backfill.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wac::xml
{

class CatchUp
{
  public:
    CatchUp(std::string sn, std::string zone, Backfill backfill);

    /** Whether request() may be sent. */
    bool due() const noexcept { return state_ == State::due; }
    /** Whether the terminal has it and has not answered. */
    bool asked() const noexcept { return state_ == State::asked; }
    /** Whether operation() is to be run. */
    bool storing() const noexcept
    {
        return state_ == State::storing || state_ == State::keeping;
    }
    bool ended() const noexcept { return state_ == State::ended; }

    /** What to send now: it is. */
    std::string request();
    std::string_view request_name() const noexcept
    {
        return backfill_.request_name();
    }
    bool answered_by(const Message &message) const;

    /** The answer, and the frame that it was. */
    void take(const Message &answer, std::string_view text);
    /** None came. */
    void give_up();

    const Operation &operation() const noexcept { return operation_; }
    /** It was carried out, or failed. Whether it is settled: an error that may
     *  pass leaves it to be run again, later. */
    bool resume(const Result<Outcome> &outcome);

    /** Logs that are stored. */
    unsigned stored() const noexcept { return stored_; }
    /** One line for the log about what was last set aside; "" for none. */
    std::string take_note();

  private:
    enum class State { due, asked, storing, keeping, ended };

    void run(Operation operation, State state);
    void quarantine(std::string reason);
    void go_on();
    bool failed(const Error &error);

    const std::string sn_;
    const std::string zone_;
    Backfill backfill_;
    State state_ = State::due;
    Operation operation_;
    std::string text_;    // of the answer that is being stored
    std::string request_; // its name
    std::string note_;
    unsigned stored_ = 0;
    unsigned stored_when_kept_ = 0;
    std::optional<std::int64_t> kept_; // cursor
};

} // namespace wac::xml
