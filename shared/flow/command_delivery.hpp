// Commands on their way to one connected terminal (cloud-json.md 1.2, 3.6;
// biometric-xml.md 3): claimed from the database, sent, answered, stored, one
// at a time. How a command becomes frames, and what answers it, is the
// dialect's: its session makes the CommandTalk.
//
//   idle ──wake()──▶ claiming ─┬─ none waits ──▶ idle
//     ▲                        └─▶ asking ─┬─ answer ──▶ storing ─┬─▶ asking
//     │                              ▲     │                      │
//     │                              └─────┼──────────────────────┘
//     └──◀── claiming ◀── releasing ◀──────┴─ silence
//
// A frame goes out only while no message of the terminal waits for its answer.
// A command whose first frame would have to wait for anything else goes back
// to the queue until then, so that a more urgent one can go before it.
// The database's errors are waited out; what was answered is not lost by them.
#pragma once

#include "db/store.hpp"
#include "flow/session.hpp"
#include "proto/command_talk.hpp"

#include <memory>
#include <optional>
#include <string>

namespace wac
{

/** The terminal that gets them. */
struct DeliveryTarget {
    std::string sn;
    std::int64_t epoch = 0; // of its session; 0: it has not registered
};

class DeliveryOwner
{
  public:
    virtual DeliveryTarget target() const = 0;
    /** The command in the terminal's dialect. Fails if it cannot be put into
     *  frames. */
    virtual Result<std::unique_ptr<CommandTalk>>
    begin(const ClaimedCommand &command) = 0;
    /** Whether nothing of the terminal's own waits for an answer. When it
     *  becomes so, the owner calls on_quiet(). */
    virtual bool quiet() const noexcept = 0;
    virtual void send_frame(std::string frame) = 0;
    /** How long what the talk sends next has to wait, in milliseconds. */
    virtual std::uint64_t wait_ms(const CommandTalk &) const { return 0; }
    /** The terminal did not answer what the talk sent. */
    virtual void on_silence(const CommandTalk &) {}
    /** The device is no longer served. */
    virtual void on_not_approved() noexcept = 0;
    virtual void on_delivery_note(LogLevel level,
                                  const std::string &text) noexcept = 0;
    /** Nothing of a command is being stored any more. */
    virtual void on_delivery_rest() noexcept = 0;

  protected:
    ~DeliveryOwner() = default;
};

class CommandDelivery final : private db::OutcomeListener,
                              private db::WakeListener
{
  public:
    CommandDelivery(DeliveryOwner &owner, SessionContext &context,
                    Protocol protocol)
        : owner_(owner), context_(context), protocol_(protocol)
    {
    }

    /** The terminal has (again) registered: what was given out before has
     *  lost its answer. */
    void restart();

    /** A command may wait. */
    void wake();

    /** No more commands; what is being stored is still stored. */
    void stop() noexcept;

    void on_quiet();

    /** What the terminal was asked and has not answered; null: nothing. It is
     *  one that begin() made. */
    CommandTalk *asked() const noexcept
    {
        return state_ == State::asking ? talk_.get() : nullptr;
    }

    /** What the answer to it brought. */
    void answered(CommandProgress progress);

    /** Whether nothing is on its way: a frame of the session's own may go out
     *  (it then says that it is not quiet until that is answered). */
    bool idle() const noexcept { return state_ == State::idle; }

    /** Whether it waits for the database with an answer in hand. */
    bool storing() const noexcept { return state_ == State::storing; }

  private:
    enum class State {
        idle,
        claiming,
        due,      // a frame is ready, and waits until the terminal is quiet
        asking,   // the terminal has it
        storing,  // an answer is being stored
        releasing // none came, or none can come
    };

    void claim();
    void claimed(const Outcome &outcome);
    void give_up();
    void postpone(std::uint64_t wait_ms);
    void released();
    void ask();
    void stored(const Outcome &outcome);
    void store(CommandProgress progress);
    void rest();
    void submit(Operation operation, State state);
    void resubmit();
    void arm(std::uint64_t delay_ms);
    void failed(const Error &error);
    std::uint64_t patience_ms() const noexcept;

    void on_outcome(const Result<Outcome> &outcome) noexcept override;
    void on_wake() noexcept override;

    DeliveryOwner &owner_;
    SessionContext &context_;
    const Protocol protocol_;
    DeliveryTarget target_; // when it was claimed for
    State state_ = State::idle;
    bool fresh_ = false; // the next claim is the first of a registration
    bool again_ = false; // something was queued meanwhile
    bool stopped_ = false;
    bool ends_ = false; // what is being stored is the command's end
    std::uint64_t claim_after_ms_ = 0; // once what was claimed is released
    std::uint64_t not_before_ms_ = 0;  // the next frame

    /** While there is something to do. */
    struct Work {
        explicit Work(db::OutcomeListener &listener) : ticket(listener) {}
        Operation operation;
        db::Ticket ticket; // ends before the operation
    };
    std::unique_ptr<Work> work_;
    std::unique_ptr<CommandTalk> talk_;
    std::unique_ptr<db::Timer> timer_; // patience, or what is next
};

} // namespace wac
