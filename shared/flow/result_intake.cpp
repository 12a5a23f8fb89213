#include "flow/result_intake.hpp"

#include <algorithm>
#include <utility>

namespace wac
{

namespace
{

constexpr std::size_t kPortionRows = 500;
constexpr std::size_t kMostQueued = 1000; // upkeep finds the others

// The database keeps others off for 20 s from each portion on. Whoever did
// not hear of its last portion within half of that lets go.
constexpr std::uint64_t kTurnMs = 10000;

} // namespace

IntakeWait::~IntakeWait()
{
    if (intake_) {
        intake_->waits_.erase(trans_id_);
    }
}

ResultIntake::ResultIntake(db::EventLoop &loop, Log &log, db::Store &store)
    : loop_(loop), log_(log), store_(store)
{
}

ResultIntake::~ResultIntake()
{
    for (const auto &[trans_id, wait] : waits_) {
        wait->intake_ = nullptr;
    }
}

void ResultIntake::take(const std::string &trans_id, IntakeWait &wait)
{
    const auto [at, is_new] = waits_.try_emplace(trans_id, &wait);
    if (is_new) {
        wait.intake_ = this;
        wait.trans_id_ = trans_id;
    }
    if (queue_.size() < kMostQueued) {
        queue_.push_back(trans_id);
    }
    if (state_ == State::idle) {
        next();
    }
}

void ResultIntake::on_result_waits() noexcept
{
    if (state_ == State::idle) {
        queue_.emplace_back();
        next();
    }
}

void ResultIntake::next()
{
    state_ = State::idle;
    if (queue_.empty()) {
        return;
    }
    trans_id_ = std::move(queue_.front());
    queue_.pop_front();
    submit(TakeResult{trans_id_}, State::taking);
}

void ResultIntake::submit(Operation operation, State state)
{
    operation_ = std::move(operation);
    state_ = state;
    ticket_.emplace(static_cast<db::OutcomeListener &>(*this));
    if (!store_.submit(*ticket_, operation_)) {
        stop();
    }
}

// What is left is found by upkeep, here or elsewhere. Never calls next(): a
// database that is away would be asked without end.
void ResultIntake::stop()
{
    ticket_.reset();
    result_.reset();
    body_.reset();
    unreadable_.reset();
    taken_.reset();
    operation_ = {}; // it may hold a whole answer
    state_ = State::idle;
    queue_.clear();
}

void ResultIntake::on_outcome(const Result<Outcome> &outcome) noexcept
{
    if (!outcome) {
        failed(outcome.error());
        return;
    }
    if (state_ == State::storing) {
        stored(*outcome);
        return;
    }
    const auto *taken = outcome->get<TakenResult>();
    if (!taken) {
        tell(*outcome);
        next();
        return;
    }
    taken_ = outcome->detail;
    begin(*taken);
}

// What the database will never hold must not come up for ever.
void ResultIntake::failed(const Error &error)
{
    const bool lasting =
        error.code == ErrorCode::bad_data || error.code == ErrorCode::rejected;
    if (lasting && result_) {
        give_up("the database cannot hold it: " + error.text);
        store_portion();
    } else {
        stop();
    }
}

void ResultIntake::give_up(const std::string &why)
{
    const auto &taken = std::get<TakenResult>(*taken_);
    log_.write(LogLevel::warn, "wac: device " + taken.sn + ", command " +
                                   trans_id_ + ": " + why);
    result_.reset();
    unreadable_ =
        fk::unreadable_result(taken.return_code, as_bytes(taken.body), why);
}

void ResultIntake::begin(const TakenResult &taken)
{
    trans_id_ = taken.command.trans_id;
    rows_done_ = taken.rows_done;
    renewed_ms_ = loop_.now_ms();
    if (auto body = fk::decode_body(as_bytes(taken.body))) {
        body_ = std::move(*body);
        auto result = fk::CommandResult::read(taken.command, taken.sn,
                                              taken.return_code, *body_);
        if (result) {
            result_ = std::move(*result);
        } else {
            give_up(result.error().text);
        }
    } else {
        give_up(body.error().text);
    }
    store_portion();
}

void ResultIntake::store_portion()
{
    const auto &taken = std::get<TakenResult>(*taken_);
    StoreResult store;
    store.sn = taken.sn;
    store.trans_id = trans_id_;
    store.zone = taken.zone;
    store.rows_before = rows_done_;
    if (result_) {
        store.records = result_->portion(rows_done_, kPortionRows);
        rows_done_ += store.records.rows;
    }
    if (!result_) {
        store.end = std::move(*unreadable_);
    } else if (rows_done_ >= result_->rows() || store.records.rows == 0) {
        store.end = result_->end();
    }
    submit(std::move(store), State::storing);
}

void ResultIntake::stored(const Outcome &outcome)
{
    const bool in_time = loop_.now_ms() - renewed_ms_ < kTurnMs;
    renewed_ms_ = loop_.now_ms();
    if (std::get<StoreResult>(operation_).end) {
        tell(outcome);
        std::deque<std::string> rest = std::move(queue_);
        stop();
        queue_ = std::move(rest);
        next();
    } else if (in_time && outcome.get<CommandState>()) {
        store_portion();
    } else {
        stop();
    }
}

void ResultIntake::tell(const Outcome &outcome) noexcept
{
    const auto at = waits_.find(trans_id_);
    if (at == waits_.end()) {
        return;
    }
    IntakeWait &wait = *at->second;
    waits_.erase(at);
    wait.intake_ = nullptr;
    Outcome told = outcome;
    told.state = DeviceState::approved; // as it was when the answer came
    wait.listener_.on_outcome(told);
}

} // namespace wac
