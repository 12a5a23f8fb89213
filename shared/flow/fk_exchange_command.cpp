// The exchange's part in commands: giving them out at a poll, and taking
// their answers, which may come in parts (fk-http.md sections 3.2, 4 and 5).
#include "flow/fk_exchange.hpp"

#include "proto/fk_commands.hpp"

#include <utility>

namespace wac::fk
{

namespace
{

constexpr std::string_view kOk = "OK";
constexpr std::string_view kRestart = "RESET_FK";
constexpr std::string_view kRefusedBlock = "ERROR_ADD_BLOCK_DATA";

// longer ones are kept first, and taken in bit by bit
constexpr std::size_t kLongestDirectResult = 1024 * 1024; // bytes
constexpr std::size_t kLongestMessage = 16 * 1024 * 1024; // as kBlock has it
constexpr std::size_t kMostDirectRows = 1000;

} // namespace

// ---- out ------------------------------------------------------------------

Step Exchange::claim(std::int64_t asked_at_us)
{
    const bool restart_only = !is_poll();
    return run(ClaimCommand{std::string(head_.dev_id),
                            std::string(origin_.zone), asked_at_us,
                            restart_only},
               State::claiming);
}

Step Exchange::give_out(const ClaimedCommand &command)
{
    auto wire = encode_command(command);
    const std::string name = command.trans_id + " " + command.cmd_code;
    if (!wire) {
        note_ = "command " + name + ": " + wire.error().text;
        note_level_ = LogLevel::warn;
        return run(RefuseCommand{std::string(head_.dev_id), command.trans_id,
                                 wire.error().text},
                   State::refusing);
    }
    Answer end = answer(wire->restart ? kRestart : kOk,
                        "command " + name + " given out");
    Reply &reply = end.reply;
    reply.trans_id = command.trans_id;
    reply.cmd_code = std::move(wire->cmd_code);
    reply.body = std::move(wire->body);
    return end;
}

// ---- parts ----------------------------------------------------------------

Step Exchange::block_kept(BlockVerdict verdict)
{
    switch (verdict) {
    case BlockVerdict::stored:
        return answer(kOk);
    case BlockVerdict::refused:
        return reject(kRefusedBlock, "part " + std::to_string(blk_no_) +
                                         " does not follow the last one");
    case BlockVerdict::too_long:
        break;
    }
    return reject(kRefusedBlock, "the message in parts is too long");
}

Step Exchange::find_upload()
{
    return run(FindUpload{std::string(head_.dev_id),
                          std::string(head_.request_code), task_id(),
                          is_result() ? kLongestDirectResult : kLongestMessage},
               State::finding);
}

Step Exchange::drop_upload(std::string_view response_code, std::string note)
{
    drop_answer_ = response_code;
    note_ = std::move(note);
    note_level_ = LogLevel::warn;
    return run(DropUpload{std::string(head_.dev_id)}, State::dropping);
}

Step Exchange::found(const FoundUpload &upload)
{
    has_parts_ = upload.open;
    if (upload.gap) {
        return drop_upload(kRefusedBlock,
                           "a part is missing before the last one");
    }
    if (!upload.joined.empty()) {
        joined_ = upload.joined;
        joined_.append(as_text(bytes_));
        whole_ = as_bytes(joined_);
    } else {
        whole_ = bytes_;
    }
    return is_result() ? found_result(upload) : found_message(upload);
}

Step Exchange::found_message(const FoundUpload &upload)
{
    if (!upload.open) {
        return quarantine(std::move(unread_));
    }
    auto body = decode_body(whole_);
    if (!body) {
        return quarantine(body.error().text);
    }
    body_ = std::move(*body);
    return handle(request_code_of(head_.request_code));
}

// ---- results --------------------------------------------------------------

// Of a command that is not known here, or was never given out, nothing can be
// told of what its answer means: it is kept as it came.
Step Exchange::found_result(const FoundUpload &upload)
{
    restart_waits_ = upload.restart_waits;
    const bool says_something = upload.open || !bytes_.empty();
    if (!upload.command || !upload.command->was_sent) {
        if (says_something) {
            return quarantine("the answer to an unknown command");
        }
        note_ = "the answer to an unknown command";
        return accept();
    }
    command_ = upload.command;
    cancelled_ = command_->status == CommandStatus::cancelled;
    if (command_->has_result) {
        note_ = "command " + command_->trans_id + " has its answer already";
        if (upload.open) {
            return drop_upload(kOk, std::move(note_));
        }
        return accept();
    }
    if (upload.bytes + bytes_.size() > kLongestDirectResult) {
        return receive_result();
    }
    return read_result(upload);
}

Step Exchange::read_result(const FoundUpload &upload)
{
    auto body = decode_body(whole_);
    if (!body) {
        return unreadable(upload, body.error().text);
    }
    body_ = std::move(*body);
    auto result = CommandResult::read(*command_, head_.dev_id,
                                      head_.cmd_return_code, *body_);
    if (!result) {
        return unreadable(upload, result.error().text);
    }
    result_ = std::move(*result);
    if (result_->rows() > kMostDirectRows) {
        return receive_result();
    }
    records_ = static_cast<unsigned>(result_->rows());
    return store_result(result_->portion(0, kMostDirectRows), result_->end());
}

// A part that got lost just before the last one shows only here: the command
// is given out again. What came in one piece was sent like that.
Step Exchange::unreadable(const FoundUpload &upload, const std::string &why)
{
    if (upload.open) {
        return drop_upload(kRefusedBlock, "the joined parts: " + why);
    }
    note_ = "command " + command_->trans_id + ": " + why;
    note_level_ = LogLevel::warn;
    return store_result({},
                        unreadable_result(head_.cmd_return_code, whole_, why));
}

Step Exchange::store_result(ResultRecords records, CommandEnd end)
{
    StoreResult store;
    store.sn = head_.dev_id;
    store.trans_id = command_->trans_id;
    store.zone = origin_.zone;
    store.records = std::move(records);
    store.end = std::move(end);
    store.closes_upload = has_parts_;
    return run(std::move(store), State::asking);
}

Step Exchange::receive_result()
{
    ReceiveResult receive;
    receive.sn = head_.dev_id;
    receive.trans_id = command_->trans_id;
    receive.return_code = clean_return_code(head_.cmd_return_code);
    receive.last_part = bytes_;
    return run(std::move(receive), State::receiving);
}

// The command may have been cancelled since its answer was looked at.
Step Exchange::ended(const Outcome &outcome)
{
    if (const auto *command = outcome.get<CommandState>()) {
        cancelled_ = command->status == CommandStatus::cancelled;
        restart_waits_ = command->restart_waits;
    }
    return accept();
}

} // namespace wac::fk
