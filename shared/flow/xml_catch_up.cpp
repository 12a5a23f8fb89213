#include "flow/xml_catch_up.hpp"

#include <utility>

namespace wac::xml
{

namespace
{

constexpr unsigned kLogsUntilKept = 100;

} // namespace

CatchUp::CatchUp(std::string sn, std::string zone, Backfill backfill)
    : sn_(std::move(sn)), zone_(std::move(zone)), backfill_(std::move(backfill))
{
    if (!backfill_.frame()) {
        state_ = State::ended;
    }
}

std::string CatchUp::request()
{
    state_ = State::asked;
    return backfill_.frame().value_or("");
}

bool CatchUp::answered_by(const Message &message) const
{
    return asked() && backfill_.answered_by(message);
}

void CatchUp::run(Operation operation, State state)
{
    operation_ = std::move(operation);
    state_ = state;
}

void CatchUp::take(const Message &answer, std::string_view text)
{
    auto store = backfill_.take(answer, sn_, zone_);
    if (!store) {
        go_on();
        return;
    }
    text_ = text;
    request_ = answer.name;
    if (store->records.empty()) {
        quarantine(std::move(store->invalid.reason));
    } else {
        run(std::move(*store), State::storing);
    }
}

void CatchUp::quarantine(std::string reason)
{
    note_ = "a log was quarantined: " + reason;
    Quarantine operation;
    operation.sn = sn_;
    operation.protocol = Protocol::xml;
    operation.request = request_;
    operation.reason = std::move(reason);
    operation.frame = as_bytes(text_);
    run(std::move(operation), State::storing);
}

void CatchUp::give_up()
{
    backfill_.give_up();
    go_on();
}

bool CatchUp::resume(const Result<Outcome> &outcome)
{
    if (!outcome) {
        return failed(outcome.error());
    }
    if (outcome->state != DeviceState::approved) {
        state_ = State::ended;
        return true;
    }
    if (const auto *cursor = std::get_if<KeepLogCursor>(&operation_)) {
        kept_ = cursor->log_id;
        stored_when_kept_ = stored_;
    } else {
        ++stored_;
    }
    go_on();
    return true;
}

// What the database will never hold is set aside. What it refuses is not
// stored: the cursor stays before it.
bool CatchUp::failed(const Error &error)
{
    if (error.code == ErrorCode::bad_data &&
        std::holds_alternative<StoreAttendance>(operation_)) {
        quarantine("the database cannot hold it: " + error.text);
        return true;
    }
    if (error.code == ErrorCode::bad_data ||
        error.code == ErrorCode::rejected) {
        note_ = "catching up ends: " + error.text;
        state_ = State::ended;
        return true;
    }
    return false;
}

void CatchUp::go_on()
{
    const bool done = !backfill_.frame();
    const auto cursor = backfill_.cursor();
    if (cursor && cursor != kept_ &&
        (done || stored_ - stored_when_kept_ >= kLogsUntilKept)) {
        run(KeepLogCursor{sn_, *cursor}, State::keeping);
        return;
    }
    state_ = done ? State::ended : State::due;
}

std::string CatchUp::take_note()
{
    return std::exchange(note_, {});
}

} // namespace wac::xml
