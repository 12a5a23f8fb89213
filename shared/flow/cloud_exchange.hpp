// One message of a cloud terminal that wants an answer, on its way to it: a
// state machine that performs no I/O, as fk::Exchange is. The nginx module has
// one a request; a WebSocket session has one a message.
//
//   start ─▶ identifying ─┬─ unknown, pending, reg ─▶ introducing
//     │                   │                                │
//     │                   │                           recognizing
//     ▼                   ▼                                │
//   (a socket's        storing ◀───────────────────────────┘
//    further            ├─ reg on a socket ─▶ opening
//    messages) ────────▶├─ cannot be stored ─▶ quarantining
//                       ├─ checklive over HTTP ─▶ claiming ─▶ (refusing)
//                       └─ an answer over HTTP ─▶ finding ─▶ storing
//
// Each of them may be the last before replied. Every wait may also end in an
// error or in expire(): the answer is then the dialect's "try again"
// (result:false, 503), never true.
#pragma once

#include "base/error.hpp"
#include "codec/cloud.hpp"
#include "flow/exchange_step.hpp"
#include "proto/cloud_commands.hpp"
#include "proto/cloud_operations.hpp"
#include "proto/device.hpp"
#include "proto/operation.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace wac::cloud
{

/** How a message came (cloud-json.md 5): decides about times and extra keys
 *  in answers. */
enum class Channel {
    socket,     // WebSocket
    device_api, // POST /api/device-http, and any other path
    pub_api,    // POST …/pub/api: firmware that wants mark and tryseconds
};

struct Origin {
    Channel channel = Channel::device_api;
    Enrolment policy = Enrolment::approve;
    std::string_view addr;
    std::string_view zone;
    std::string_view token;  // of the request's header or query
    std::string_view worker; // of a socket: the process that holds it
};

struct Answer : AnswerNote {
    unsigned status = 200; // of HTTP
    std::string body;      // JSON; "" on a socket: no answer at all
    bool accepted = false; // result:true, or a command given out
    std::string trans_id;  // of a command given out or answered
};

/** Microseconds since 2000 in UTC. */
using Clock = std::int64_t (*)() noexcept;
std::int64_t utc_now_us() noexcept;

/** The terminal behind a message; on a socket its owner keeps it from message
 *  to message. */
struct Registration {
    DeviceIdentity identity; // sn "" until the terminal is let in
    TerminalOptions options;
    Profile profile = Profile::generic;
    std::int64_t epoch = 0;      // of its session; 0: it has not registered
    std::int64_t offset_us = 0;  // its wall clock less UTC; that changes at
    std::int64_t read_at_us = 0; // quarters of an hour if at all

    bool known() const noexcept { return !identity.sn.empty(); }
};

using Step = std::variant<Run, Answer>;

class Exchange
{
  public:
    /** `origin` and what it views outlive the exchange, as does
     *  `registration`, which is filled in when the terminal is let in. */
    Exchange(const Origin &origin, Registration &registration,
             Clock clock = utc_now_us)
        : origin_(origin), registration_(registration), clock_(clock)
    {
    }

    /** `text`, one whole message, outlives the exchange. */
    Step start(Bytes text);
    /** A message that was decoded already; `text` is what it was. */
    Step start(Message message, Bytes text);
    Step resume(const Result<Outcome> &outcome);
    Step expire();

    /** For variables and logs: as sent if it can be one, else "". */
    std::string_view sn() const noexcept;
    std::string_view name() const noexcept;

  private:
    enum class State {
        fresh,
        identifying,  // who is that?
        introducing,  // a Contact runs, for a device unknown, pending, or reg
        recognizing,  // what the database makes of it is read again
        opening,      // a socket becomes the terminal's session
        storing,      // the message's own operation runs
        quarantining, // it could not be stored as what it is
        claiming,     // a command waits for the terminal
        refusing,     // it cannot be put into a frame
        finding,      // the command that is answered is looked for
        replied,
    };

    Step run(Operation operation, State state);
    bool on_socket() const noexcept;
    bool is(Verb verb) const noexcept;

    // who it is
    Step identify();
    Step identified(const Outcome &outcome);
    Step introduce(const DeviceIdentity *identity);
    std::string_view objection(const DeviceIdentity &identity) const;
    void adopt(const DeviceIdentity &identity);

    // what it wants
    Step perform();
    Step store_logs();
    Step store_user();
    Step keep_event();
    Step quarantine(std::string reason);
    Step claim();
    Step give_out(const ClaimedCommand &command);
    Step found(const ClaimedCommand *command);
    Step proceed(const Outcome &outcome);

    // what it hears: cloud_exchange_answer.cpp
    Step accept();
    Step bad_frame(unsigned status, std::string_view reason);
    enum class Whose { nobody, device, impostor };
    Step refuse(std::string_view reason, Whose row);
    Step refuse_state(std::optional<DeviceState> state);
    Step try_again(const Error &error);
    Step answer(std::string body, bool accepted);
    Reply begin_reply(bool result) const;
    void add_cloudtime(Reply &reply) const;
    TimeStyle time_style() const;
    std::int64_t access() const;
    Sighting sighting() const;

    const Origin &origin_;
    Registration &registration_;
    const Clock clock_;
    State state_ = State::fresh;
    Bytes text_;
    Message message_;
    Verb verb_ = Verb::other;
    std::string sn_; // as wac_devices spells it, once known
    Texts texts_;    // that the operation views
    Operation operation_;
    bool command_waits_ = false;
    std::size_t received_ = 0; // records, the invalid included
    bool people_ = false;      // a record of a person was among them
    unsigned records_ = 0;     // to be committed with the message
    std::string note_;
    LogLevel note_level_ = LogLevel::info;
    std::string trans_id_;
};

} // namespace wac::cloud
