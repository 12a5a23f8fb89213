// One message of an XML terminal on its way to its answer: a state machine
// that performs no I/O, as cloud::Exchange is. What answers a request of ours
// does not come here.
//
//   start ─┬─ Register, Login ─▶ admitting ─┬─ M's Register ─▶ offering
//          │                                └─ else ─▶ (proving) ─▶ opening
//          ├─ logs, events ─▶ storing ─┬─ cannot be stored ─▶ quarantining
//          │                           └──────────────────────────┐
//          ├─ KeepAlive ─▶ (refreshing)                           ▼
//          └─ all others ────────────────────────────────────▶ replied
//
// Each of them may be the last before replied. Every wait may also end in an
// error or in expire(): the answer is then Fail, never OK.
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "codec/xml.hpp"
#include "flow/admission.hpp"
#include "flow/exchange_step.hpp"
#include "flow/session.hpp"
#include "flow/xml_registration.hpp"
#include "proto/xml_operations.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace wac::xml
{

/** How a message came, and what the operator wants of it. */
struct Origin {
    Enrolment policy = Enrolment::approve;
    std::string_view addr;
    std::string_view zone;
    std::string_view worker;
    std::string_view cloud_id; // "": any
};

struct Answer : AnswerNote {
    std::string body;      // "": no answer at all
    bool accepted = false; // it says OK
    std::optional<CloseCode> close;
    std::string_view close_reason; // static text
};

using Step = std::variant<Run, Answer>;

class Exchange final : private Admission::Judge
{
  public:
    /** `origin` and what it views outlive the exchange, as does
     *  `registration`, which is filled in when the terminal is let in. */
    Exchange(const Origin &origin, Registration &registration, Clock clock,
             Random random)
        : origin_(origin), registration_(registration), clock_(clock),
          random_(random)
    {
    }

    Exchange(const Exchange &) = delete;
    Exchange &operator=(const Exchange &) = delete;

    /** `text`, the frame that the message was, outlives the exchange. */
    Step start(Message message, Bytes text);
    /** A log of a terminal that is logged in whose frame is no message: kept
     *  whole, and acknowledged. `message` is what is known of it. */
    Step keep_unreadable(Message message, Bytes text, std::string reason);
    Step resume(const Result<Outcome> &outcome);
    Step expire();

    /** Of the message, for logs: as sent if it can be one. */
    std::string_view name() const noexcept;
    /** Whom it is about. */
    const std::string &sn() const noexcept { return sn_; }

  private:
    enum class State {
        fresh,
        admitting,    // is it let in?
        offering,     // a new token is kept before it is handed out
        proving,      // a token that was handed out is the terminal's now
        opening,      // the connection becomes the terminal's session
        storing,      // the message's own operation runs
        quarantining, // it could not be stored as what it is
        refreshing,   // the terminal's wall clock is read again
        replied,
    };
    /** Whose the row is that a refusal is written to. */
    enum class Whose { nobody, device, impostor };

    Step run(Operation operation, State state);
    bool registers() const noexcept;
    bool logs_in() const noexcept;

    // who it is
    Step admit();
    Step admitted(const Outcome &outcome);
    Step let_in();
    Step open();
    Contact contact() const;
    std::string_view objection(const DeviceIdentity &identity) const override;
    bool wants_cloud_id() const noexcept;

    // what it wants
    Step perform();
    Step store_timelog();
    Step store_adminlog();
    Step quarantine(std::string reason);
    Step proceed(const Outcome &outcome);
    Step refreshed(const Outcome &outcome);

    // what it hears: xml_exchange_answer.cpp
    Step accept();
    Step stray(std::string_view reason);
    Step ignore(std::string note);
    Step refuse_admission();
    Step refuse_state(std::optional<DeviceState> state);
    Step refuse(std::string_view why, Whose whose);
    Step try_again(const Error &error);
    Step hang_up(Step step, std::string_view reason) const;
    Step answer(std::string body, bool accepted);
    std::string refusal() const;
    std::string caller() const;
    Sighting sighting() const;

    static constexpr std::string_view kUnknownToken = "bad token";

    const Origin &origin_;
    Registration &registration_;
    const Clock clock_;
    const Random random_;
    State state_ = State::fresh;
    Bytes text_;
    Message message_;
    std::string sn_;
    std::optional<Admission> admission_;
    std::int64_t admitted_at_us_ = 0;
    bool connected_ = false; // another connection of it lives
    std::string token_;      // to hand out
    Texts texts_;            // that the operation views
    Operation operation_;
    unsigned records_ = 0; // to be committed with the message
    std::string note_;
    LogLevel note_level_ = LogLevel::info;
};

} // namespace wac::xml
