// Takes large answers to commands into the tables, one at a time and in
// portions, so that neither the process nor the database stops for one of
// them. They are committed before: whoever dies here only leaves the rest to
// another process, which goes on where this one was.
//
//   idle ──take()──▶ taking ──▶ storing ─┬─▶ storing … ──▶ ended ──▶ the next
//                       │                └─ an error, or the turn was lost ─┐
//                       └─ none is left ──▶ idle ◀───────────────────────────┘
#pragma once

#include "base/log.hpp"
#include "db/store.hpp"
#include "proto/fk_result.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace wac
{

class ResultIntake;

/** Somebody who waits for an answer to be taken in; destroying it ends the
 *  wait, not the work. */
class IntakeWait
{
  public:
    explicit IntakeWait(db::OutcomeListener &listener) : listener_(listener) {}
    ~IntakeWait();
    IntakeWait(const IntakeWait &) = delete;
    IntakeWait &operator=(const IntakeWait &) = delete;

  private:
    friend class ResultIntake;

    db::OutcomeListener &listener_;
    ResultIntake *intake_ = nullptr;
    std::string trans_id_;
};

class ResultIntake final : public db::UpkeepListener,
                           private db::OutcomeListener
{
  public:
    ResultIntake(db::EventLoop &loop, Log &log, db::Store &store);
    ~ResultIntake();

    /** Takes the answer of this command in when its turn comes. The waiter
     *  hears of the end with the command's state, or of nothing having been
     *  there to take in with an outcome without one. */
    void take(const std::string &trans_id, IntakeWait &wait);

  private:
    friend class IntakeWait;

    enum class State { idle, taking, storing };

    void on_result_waits() noexcept override;
    void on_outcome(const Result<Outcome> &outcome) noexcept override;

    void next();
    void begin(const TakenResult &taken);
    void failed(const Error &error);
    void give_up(const std::string &why);
    void store_portion();
    void stored(const Outcome &outcome);
    void submit(Operation operation, State state);
    void stop();
    void tell(const Outcome &outcome) noexcept;

    db::EventLoop &loop_;
    Log &log_;
    db::Store &store_;
    State state_ = State::idle;
    std::deque<std::string> queue_; // trans_ids; "": whichever waits
    std::unordered_map<std::string, IntakeWait *> waits_; // by trans_id

    std::string trans_id_;                         // of the answer at work
    std::shared_ptr<const Outcome::Detail> taken_; // holds it
    std::optional<fk::Body> body_;
    std::optional<fk::CommandResult> result_;
    std::optional<CommandEnd> unreadable_;
    std::size_t rows_done_ = 0;
    std::uint64_t renewed_ms_ = 0;
    Operation operation_;
    std::optional<db::Ticket> ticket_;
};

} // namespace wac
