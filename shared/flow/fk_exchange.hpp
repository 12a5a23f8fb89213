// One FK request on its way to its answer: a state machine that performs no
// I/O and holds no callback. It says what it wants next (a database operation,
// a large result taken in, or a reply) and is told how that ended; the nginx
// handler grants the wishes.
//
//   start ─▶ asking ─┬─ unknown, pending ─────▶ introducing ─▶ asking
//     │              ├─ cannot be stored ─────▶ quarantining
//     │              └─ a poll, and a command
//     │                 waits ────────────────▶ claiming ─▶ (refusing)
//     │
//     └▶ finding, with a result or the last part of a message
//          ├─ whole now ─▶ asking
//          ├─ a gap ─────▶ dropping
//          └─ large ─────▶ receiving ─▶ taking_in
//
// Each of them may be the last before replied. A result whose terminal is to
// restart goes by claiming, too.
//
// Every wait may also end in an error or in expire(): the answer is then the
// dialect's "try again", never OK, unless all is committed already.
#pragma once

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "codec/fk.hpp"
#include "flow/device_memory.hpp"
#include "flow/exchange_step.hpp"
#include "proto/fk_operations.hpp"
#include "proto/fk_result.hpp"
#include "proto/operation.hpp"

#include <optional>
#include <string>
#include <variant>

namespace wac::fk
{

/** The end: send this. */
struct Answer : AnswerNote {
    Reply reply;
};

using Step = std::variant<Run, TakeIn, Answer>;

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
        claiming,     // a command waits for the terminal
        refusing,     // it cannot be put into bytes
        finding,      // what came before the last part is looked for
        dropping,     // what came before is of no use
        receiving,    // a large result is being kept
        taking_in,    // and taken into the tables
        replied,      // the answer was given
    };

    Step run(Operation operation, State state);
    Step dispatch(RequestCode code);
    Step handle(RequestCode code);
    Step poll(const Body &body);
    Step store(Result<Work> work);
    Step quarantine(std::string reason);
    Step judge(const Outcome &outcome);
    Step introduce();
    Step proceed(const Outcome &outcome);
    Step try_again(const Error &error);
    Step reject(std::string_view response_code, std::string why);
    Step accept();
    Step refuse(std::optional<DeviceState> state);
    Answer answer(std::string_view response_code, std::string note = {},
                  LogLevel level = LogLevel::info);
    Answer unseen_answer(std::string_view response_code, std::string note,
                         LogLevel level = LogLevel::info);
    Sighting sighting(std::string refusal) const;

    // commands: fk_exchange_command.cpp
    Step claim(std::int64_t asked_at_us);
    Step give_out(const ClaimedCommand &command);
    Step find_upload();
    Step drop_upload(std::string_view response_code, std::string note);
    Step block_kept(BlockVerdict verdict);
    Step found(const FoundUpload &upload);
    Step found_message(const FoundUpload &upload);
    Step found_result(const FoundUpload &upload);
    Step read_result(const FoundUpload &upload);
    Step unreadable(const FoundUpload &upload, const std::string &why);
    Step store_result(ResultRecords records, CommandEnd end);
    Step receive_result();
    Step ended(const Outcome &outcome);

    bool is_poll() const noexcept;
    bool is_result() const noexcept;
    std::string task_id() const;

    const RequestHead &head_;
    const Origin &origin_;
    const Bytes bytes_; // of this request
    DeviceMemory &memory_;
    State state_ = State::fresh;
    std::uint32_t blk_no_ = 0;
    std::string joined_;       // all parts, if there were several
    Bytes whole_;              // joined_, or bytes_
    std::optional<Body> body_; // the operation views it
    Operation operation_;
    std::optional<Operation> postponed_; // while introducing
    State postponed_state_ = State::asking;
    std::string report_; // a poll's devinfo
    std::optional<WallTime> device_time_;
    std::string unread_; // why bytes_ alone is no message
    bool has_parts_ = false;
    std::optional<CommandRecord> command_; // that a result answers
    std::optional<CommandResult> result_;
    bool cancelled_ = false;     // that command
    bool restart_waits_ = false; // for the terminal
    std::string_view drop_answer_;
    unsigned records_ = 0;
    std::string note_;
    LogLevel note_level_ = LogLevel::info;
};

} // namespace wac::fk
