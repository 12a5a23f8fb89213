// One message of a terminal of the `type` dialect that needs the database, on
// its way to its end: a state machine that performs no I/O, as cloud::Exchange
// is.
//
//   register ──▶ admitting ─┬─▶ opening ─▶ `registered`
//                           └─▶ refused, all alike: `auth_failed`
//
//   telemetry, event ──▶ storing ─┬─▶ (no answer)
//                                 └─ cannot be stored ─▶ quarantining
//
// The dialect knows no acknowledgement, and its terminals send nothing twice:
// what the database does not take now is tried again, until expire(), and
// then the terminal hears what was lost. If a connection to the database broke
// while it committed, that may store a message twice.
#pragma once

#include "flow/admission.hpp"
#include "flow/cloud_exchange.hpp"
#include "flow/exchange_step.hpp"
#include "flow/session.hpp"
#include "proto/type_operations.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace wac::type
{

/** How a message came. */
struct Origin {
    Enrolment policy = Enrolment::approve;
    std::string addr;
    std::string zone;
    std::string worker; // the process that holds the connection
};

/** The terminal that a connection is of. */
struct Registration {
    std::string sn;         // "" until it has registered
    std::int64_t epoch = 0; // of its session
};

struct Answer : AnswerNote {
    std::string frame;                        // "" for none
    std::optional<Registration> registration; // it has registered
    bool turned_away = false;                 // the connection ends by that
};

/** Carry out `operation` once more, in a while. */
struct RunAgain {
    const Operation *operation;
};

using Step = std::variant<Run, RunAgain, Answer>;

class Exchange final : private Admission::Judge
{
  public:
    /** `sn` is that of the connection's terminal, "" if none has registered.
     */
    Exchange(Origin origin, std::string sn,
             cloud::Clock clock = cloud::utc_now_us)
        : origin_(std::move(origin)), sn_(std::move(sn)), clock_(clock)
    {
    }
    Exchange(const Exchange &) = delete;
    Exchange &operator=(const Exchange &) = delete;

    /** A register; telemetry or an event, of a terminal that has registered.
     *  `text`, what the message was, outlives the exchange. */
    Step start(Message message, Bytes text);
    Step resume(const Result<Outcome> &outcome);
    Step expire();

    /** Whether somebody's data is in it, rather than a question. */
    bool carries_data() const noexcept
    {
        return message_.verb != Verb::register_;
    }

  private:
    enum class State {
        fresh,
        admitting,    // an Admission's operations run
        opening,      // the connection becomes the terminal's session
        storing,      // the message's own operation runs
        quarantining, // it could not be stored as what it is
        ended,
    };

    Step run(Operation operation, State state);

    // register
    Step introduce();
    Step admitted(const Outcome &outcome);
    Step opened(const Outcome &outcome);
    std::string_view objection(const DeviceIdentity &identity) const override;

    // telemetry, event
    Step store();
    Step stored(const Outcome &outcome);
    Step not_stored(const Error &error);
    Step quarantine(std::string reason);
    Step lost(std::string_view code, std::string_view why);

    // ends
    Step refuse(std::string_view code, std::string_view why);
    Step turn_away(std::string_view why, std::optional<Sighting> sighting);
    Step try_again(const Error &error);
    Step end(std::string frame);
    Sighting sighting() const;

    const Origin origin_;
    const std::string sn_;
    const cloud::Clock clock_;
    State state_ = State::fresh;
    Bytes text_;
    Message message_;
    std::string device_id_; // that it names, or that of the connection
    std::optional<Admission> admission_;
    Texts texts_; // that the operation views
    Operation operation_;
    std::string trouble_; // why it was not stored yet
    std::string frame_;   // the answer, once it is in the quarantine
    unsigned records_ = 0;
    std::string note_;
    LogLevel note_level_ = LogLevel::info;
};

} // namespace wac::type
