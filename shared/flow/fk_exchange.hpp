// One FK request on its way to its answer: a state machine that performs no
// I/O and holds no callback. It says what it wants next (a database operation
// or a reply) and is told how that ended; the nginx handler grants the wishes.
//
//   start ──▶ asking ──────── approved ────────▶ replied
//               │  ▲ │
//      unknown, │  │ └── the database cannot hold a value ──▶ quarantining
//      pending  │  │                                              │
//               ▼  │ approved now                                 ▼
//           introducing ─── refused ─────────▶ replied ◀──────────┘
//
// Every wait may also end in an error or in expire(): the answer is then the
// dialect's "try again", never OK.
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "codec/fk.hpp"
#include "flow/device_memory.hpp"
#include "proto/fk_operations.hpp"
#include "proto/operation.hpp"

#include <optional>
#include <string>
#include <variant>

namespace wac::fk
{

/** Carry out `operation` (it lives in the exchange until the next call). */
struct Run {
    const Operation *operation;
};

/** The end: send this. */
struct Answer {
    Reply reply;
    unsigned records = 0;             // committed with this request
    std::optional<Sighting> sighting; // to be written behind
    std::string note;                 // one log line, "" for none
    LogLevel note_level = LogLevel::info;
};

using Step = std::variant<Run, Answer>;

class Exchange
{
  public:
    /** `head`, `origin` and what they view outlive the exchange, as do
     *  `body` and `memory`. */
    Exchange(const RequestHead &head, const Origin &origin, Bytes body,
             DeviceMemory &memory)
        : head_(head), origin_(origin), bytes_(body), memory_(memory)
    {
    }

    Step start();
    Step resume(const Result<Outcome> &outcome);
    Step expire();

  private:
    enum class State {
        fresh,        // made
        asking,       // the message's own operation runs
        introducing,  // a Contact runs, for a device unknown or pending
        quarantining, // the record could not be stored as what it is
        replied,      // the answer was given
    };

    Step run(Operation operation, State state);
    Step dispatch(RequestCode code);
    Step poll(const Body &body);
    Step store(Result<Work> work);
    Step quarantine(std::string reason);
    Step judge(const Outcome &outcome);
    Step try_again(const Error &error);
    Step reject(std::string_view response_code, std::string why);
    Step accept();
    Step refuse(std::optional<DeviceState> state);
    Step answer(std::string_view response_code, std::string note = {},
                LogLevel level = LogLevel::info);
    bool is_poll() const noexcept;

    const RequestHead &head_;
    const Origin &origin_;
    const Bytes bytes_;
    DeviceMemory &memory_;
    State state_ = State::fresh;
    std::optional<Body> body_; // the operation views it
    Operation operation_;
    std::optional<Operation> postponed_; // while introducing
    std::string report_;                 // a poll's devinfo
    std::optional<WallTime> device_time_;
    unsigned records_ = 0;
    std::string note_;
    LogLevel note_level_ = LogLevel::info;
};

} // namespace wac::fk
