#include "flow/fk_exchange.hpp"

#include <utility>

namespace wac::fk
{

namespace
{

constexpr std::string_view kOk = "OK";
constexpr std::string_view kError = "ERROR";
constexpr std::string_view kNoCommand = "ERROR_NO_CMD";
constexpr std::string_view kUnknownCode = "ERROR_INVLAID_REQUEST_CODE";
constexpr std::string_view kBadBlock = "ERROR_INVLAID_BLOCK_NO";
constexpr std::string_view kBadParameters = "ERROR_GET_PARAM";
constexpr std::string_view kCancelled = "ERROR_CANCELED";

constexpr std::string_view kNoConnection = "ERROR_DB_CONNECT";
constexpr std::string_view kNoAccess = "ERROR_DB_ACCESS";

/** A stranger's text for the log: short, printable. */
std::string shown(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text.substr(0, 40)) {
        out += c >= ' ' && c <= '~' && c != '"' ? c : '?';
    }
    return out + "\"";
}

} // namespace

bool Exchange::is_poll() const noexcept
{
    return head_.request_code == "receive_cmd";
}

bool Exchange::is_result() const noexcept
{
    return head_.request_code == "send_cmd_result";
}

/** As a key for the database: any other text names nothing. */
std::string Exchange::task_id() const
{
    return valid_dev_id(head_.task_id) ? std::string(head_.task_id)
                                       : std::string();
}

Step Exchange::start()
{
    if (!valid_request_code(head_.request_code)) {
        return reject(kUnknownCode,
                      "invalid request_code " + shown(head_.request_code));
    }
    if (!valid_dev_id(head_.dev_id)) {
        return reject(kError, head_.dev_id.empty()
                                  ? "dev_id is missing"
                                  : "invalid dev_id " + shown(head_.dev_id));
    }
    const RequestCode code = request_code_of(head_.request_code);
    if (code == RequestCode::unknown) {
        return reject(kUnknownCode,
                      "unknown request_code " + shown(head_.request_code));
    }
    const auto block = block_number(head_.blk_no);
    if (!block) {
        return reject(kBadBlock, block.error().text);
    }
    blk_no_ = *block;
    if (blk_no_ > 0) {
        return run(StoreBlock{std::string(head_.dev_id),
                              std::string(head_.request_code), task_id(),
                              blk_no_, bytes_},
                   State::asking);
    }
    return dispatch(code);
}

Step Exchange::dispatch(RequestCode code)
{
    if (code == RequestCode::realtime_other) {
        return quarantine("unknown request_code");
    }
    if (code == RequestCode::send_cmd_result) {
        return find_upload();
    }
    auto body = decode_body(bytes_);
    if (!body && code != RequestCode::receive_cmd) {
        unread_ = body.error().text; // perhaps the last of several parts
        return find_upload();
    }
    if (!body) {
        note_ = body.error().text;
        note_level_ = LogLevel::warn;
    }
    body_ = body ? std::move(*body) : Body{};
    return handle(code);
}

Step Exchange::handle(RequestCode code)
{
    switch (code) {
    case RequestCode::receive_cmd:
        return poll(*body_);
    case RequestCode::realtime_glog:
        return store(handle_realtime_glog(head_, origin_, *body_));
    case RequestCode::realtime_enroll_data:
        return store(handle_realtime_enroll_data(head_, *body_));
    case RequestCode::realtime_door_status:
        return store(handle_realtime_door_status(head_, *body_));
    case RequestCode::send_cmd_result:
    case RequestCode::realtime_other:
    case RequestCode::unknown:
        break; // answered before
    }
    return quarantine("unknown request_code");
}

// A poll that reports nothing new only reads.
Step Exchange::poll(const Body &body)
{
    Contact contact = handle_receive_cmd(head_, origin_, body);
    device_time_ = contact.device_time;
    report_ = contact.devinfo;
    if (memory_.knows(contact.sn, report_)) {
        return run(Poll{std::move(contact.sn)}, State::asking);
    }
    return run(std::move(contact), State::introducing);
}

Step Exchange::store(Result<Work> work)
{
    if (!work) {
        return quarantine(work.error().text);
    }
    records_ = work->records;
    if (!work->note.empty()) {
        note_ = std::move(work->note);
        note_level_ = LogLevel::warn;
    }
    std::visit(
        [this](auto &operation) {
            if constexpr (requires { operation.closes_upload; }) {
                operation.closes_upload = has_parts_;
            }
        },
        work->operation);
    return run(std::move(work->operation), State::asking);
}

Step Exchange::quarantine(std::string reason)
{
    note_ = "quarantined: " + reason;
    note_level_ = LogLevel::warn;
    records_ = 0;
    Quarantine operation;
    operation.sn = head_.dev_id;
    operation.protocol = Protocol::fk;
    operation.request = head_.request_code;
    operation.reason = std::move(reason);
    operation.frame = bytes_;
    operation.task_id = task_id();
    return run(std::move(operation), State::quarantining);
}

Step Exchange::run(Operation operation, State state)
{
    operation_ = std::move(operation);
    state_ = state;
    return Run{&operation_};
}

Step Exchange::resume(const Result<Outcome> &outcome)
{
    if (outcome) {
        return judge(*outcome);
    }
    // no later attempt would succeed: it must not block the terminal
    if (outcome.error().code == ErrorCode::bad_data &&
        state_ == State::asking && !is_poll() && blk_no_ == 0) {
        const std::string why =
            "the database cannot hold it: " + outcome.error().text;
        if (!is_result()) {
            return quarantine(why);
        }
        if (!result_) {
            return try_again(outcome.error());
        }
        result_.reset();
        return store_result(
            {}, unreadable_result(head_.cmd_return_code, whole_, why));
    }
    return try_again(outcome.error());
}

Step Exchange::judge(const Outcome &outcome)
{
    const bool introduced = state_ == State::introducing;
    if (introduced && outcome.state && is_poll() && body_) {
        memory_.keep(head_.dev_id, report_);
    }
    if (outcome.state == DeviceState::approved) {
        if (introduced && postponed_) {
            Operation postponed = std::move(*postponed_);
            postponed_.reset();
            return run(std::move(postponed), postponed_state_);
        }
        return proceed(outcome);
    }
    const bool may_change = !outcome.state
                                ? origin_.policy != Enrolment::closed
                                : outcome.state == DeviceState::pending &&
                                      origin_.policy == Enrolment::open;
    if (introduced || !may_change) {
        return refuse(outcome.state);
    }
    return introduce();
}

Step Exchange::introduce()
{
    memory_.forget(head_.dev_id);
    if (is_poll() && body_) { // not a part of one
        return run(handle_receive_cmd(head_, origin_, *body_),
                   State::introducing);
    }
    postponed_ = std::move(operation_);
    postponed_state_ = state_;
    return run(contact_of(head_, origin_), State::introducing);
}

// The device is approved, and what was asked for is done.
Step Exchange::proceed(const Outcome &outcome)
{
    switch (state_) {
    case State::introducing:
    case State::asking:
        if (blk_no_ > 0) {
            const auto *verdict = outcome.get<BlockVerdict>();
            return block_kept(verdict ? *verdict : BlockVerdict::refused);
        }
        if (is_poll() && outcome.command_waits) {
            return claim(outcome.asked_at_us);
        }
        return is_result() ? ended(outcome) : accept();
    case State::finding:
        if (const auto *upload = outcome.get<FoundUpload>()) {
            return found(*upload);
        }
        return found({});
    case State::receiving:
        state_ = State::taking_in;
        return TakeIn{command_->trans_id};
    case State::taking_in:
        return ended(outcome);
    case State::claiming:
        if (const auto *command = outcome.get<ClaimedCommand>()) {
            return give_out(*command);
        }
        restart_waits_ = false;
        return accept();
    case State::refusing:
        return answer(kBadParameters, std::exchange(note_, {}), note_level_);
    case State::dropping:
        return answer(drop_answer_, std::exchange(note_, {}), note_level_);
    case State::fresh:
    case State::quarantining:
    case State::replied:
        break;
    }
    return accept();
}

// A request that never reaches the database. Only of a device that is known
// to exist is it noted there: strangers' names could be any number.
Step Exchange::reject(std::string_view response_code, std::string why)
{
    Answer end = unseen_answer(response_code, why);
    if (memory_.has(head_.dev_id)) {
        end.sighting = sighting(std::string(head_.request_code) +
                                " refused: " + std::move(why));
    }
    return end;
}

Step Exchange::accept()
{
    if (restart_waits_) {
        return claim(0);
    }
    const std::string_view code = is_poll()    ? kNoCommand
                                  : cancelled_ ? kCancelled
                                               : kOk;
    return answer(code, std::exchange(note_, {}), note_level_);
}

Step Exchange::refuse(std::optional<DeviceState> state)
{
    std::string why = std::string(head_.request_code) + " refused: ";
    if (!state) {
        why += "the device is not known and may not enrol";
    } else if (*state == DeviceState::pending) {
        why += "the device waits for approval";
    } else {
        why += "the device is blocked";
    }
    records_ = 0;
    Answer end = unseen_answer(is_poll() ? kNoCommand : kError, why);
    if (state) {
        end.sighting = sighting(std::move(why));
    }
    return end;
}

// That the database is away is logged by its pool, once; ours to say per
// request is only what concerns this record.
Step Exchange::try_again(const Error &error)
{
    const bool committed =
        state_ == State::taking_in || (state_ == State::claiming && !is_poll());
    if (committed) { // what is left to do does not concern the terminal
        restart_waits_ = false;
        return accept();
    }
    LogLevel level = LogLevel::info;
    if (error.code == ErrorCode::rejected) {
        level = LogLevel::error;
    } else if (error.code == ErrorCode::unavailable) {
        level = LogLevel::debug;
    }
    records_ = 0;
    return unseen_answer(is_poll() ? kNoConnection : kNoAccess, error.text,
                         level);
}

Step Exchange::expire()
{
    return try_again({ErrorCode::timed_out,
                      "the database did not answer within wac_timeout"});
}

Answer Exchange::answer(std::string_view response_code, std::string note,
                        LogLevel level)
{
    Answer end = unseen_answer(response_code, std::move(note), level);
    end.sighting = sighting({});
    return end;
}

Sighting Exchange::sighting(std::string refusal) const
{
    return Sighting{std::string(head_.dev_id), std::string(origin_.addr),
                    std::string(origin_.zone), device_time_,
                    std::move(refusal)};
}

Answer Exchange::unseen_answer(std::string_view response_code, std::string note,
                               LogLevel level)
{
    state_ = State::replied;
    Answer end;
    end.reply.response_code = response_code;
    end.reply.task_id_header = head_.task_id_header;
    end.records = records_;
    end.note = std::move(note);
    end.note_level = level;

    // machines of the JSON dialect want both, empty (fk-http.md 2.5)
    const bool echoes = is_result() || blk_no_ > 0;
    end.reply.with_task_id = is_poll() || echoes || !head_.dev_model.empty();
    end.reply.with_cmd_code = is_poll() || !head_.dev_model.empty();
    if (echoes) {
        end.reply.trans_id = head_.task_id;
    }
    return end;
}

} // namespace wac::fk
