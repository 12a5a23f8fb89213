#include "flow/command_delivery.hpp"

#include <algorithm>
#include <utility>

namespace wac
{

namespace
{

constexpr std::uint64_t kRetryMs = 1000;    // after an error of the database
constexpr std::uint64_t kTurnMs = 20;       // while another process claims
constexpr std::uint64_t kRestartMs = 60000; // until a terminal is back
constexpr std::uint64_t kReadyMs = 5000;    // until one may be ready

// how long an answer may take: cloud-json.md 3.6, biometric-xml.md 3
constexpr std::uint64_t kPageMs = 8000;
constexpr std::uint64_t kPhotoMs = 30000;
constexpr std::uint64_t kPersonMs = 60000;
constexpr std::uint64_t kXmlPhotoMs = 45000;
constexpr std::uint64_t kXmlPersonMs = 90000;

/** Whether anything of the terminal's is in it. */
bool has_content(const StoreResult &store) noexcept
{
    return store.records.rows > 0 ||
           (store.end &&
            !(store.end->result.empty() && store.end->result_bin.empty()));
}

} // namespace

void CommandDelivery::restart()
{
    fresh_ = true;
    if (state_ == State::storing) { // goes on: of the answer nothing is lost
        return;
    }
    if (timer_) {
        timer_->disarm();
    }
    talk_.reset();
    work_.reset();
    state_ = State::idle;
    claim();
}

void CommandDelivery::wake()
{
    if (state_ == State::idle) {
        claim();
    } else {
        again_ = true;
    }
}

void CommandDelivery::stop() noexcept
{
    stopped_ = true;
    if (state_ != State::storing) {
        rest();
    }
}

void CommandDelivery::rest()
{
    if (timer_) {
        timer_->disarm();
    }
    work_.reset();
    talk_.reset();
    state_ = State::idle;
    owner_.on_delivery_rest();
}

void CommandDelivery::claim()
{
    target_ = owner_.target();
    if (stopped_ || target_.epoch == 0) {
        return;
    }
    if (timer_) {
        timer_->disarm();
    }
    again_ = false;
    claim_after_ms_ = not_before_ms_ = 0;
    ClaimNext next;
    next.sn = target_.sn;
    next.zone = context_.options.zone;
    next.transport = ClaimNext::Transport::socket;
    next.epoch = target_.epoch;
    next.fresh = fresh_;
    submit(std::move(next), State::claiming);
}

void CommandDelivery::submit(Operation operation, State state)
{
    state_ = state;
    work_ = std::make_unique<Work>(static_cast<db::OutcomeListener &>(*this));
    work_->operation = std::move(operation);
    resubmit();
}

void CommandDelivery::resubmit()
{
    const auto queued = context_.store.submit(work_->ticket, work_->operation);
    if (!queued) {
        failed(queued.error());
    }
}

// What the database will never hold ends the command; anything else is tried
// again.
void CommandDelivery::failed(const Error &error)
{
    if (error.code == ErrorCode::bad_data ||
        error.code == ErrorCode::rejected) {
        const auto *store = std::get_if<StoreResult>(&work_->operation);
        if (store && has_content(*store)) {
            CommandProgress progress;
            progress.end.emplace();
            progress.end->status = CommandStatus::failed;
            progress.end->failure =
                "the database cannot hold the answer: " + error.text;
            this->store(std::move(progress));
            return;
        }
    }
    arm(kRetryMs);
}

void CommandDelivery::arm(std::uint64_t delay_ms)
{
    if (!timer_) {
        timer_ = context_.loop.timer(*this, db::TimerKind::idle);
    }
    timer_->arm(delay_ms);
}

void CommandDelivery::on_outcome(const Result<Outcome> &outcome) noexcept
{
    if (!outcome) {
        failed(outcome.error());
        return;
    }
    if (outcome->state != DeviceState::approved) {
        rest();
        owner_.on_not_approved();
        return;
    }
    switch (state_) {
    case State::claiming:
        claimed(*outcome);
        break;
    case State::storing:
        stored(*outcome);
        break;
    case State::releasing:
        released();
        break;
    case State::idle:
    case State::due:
    case State::asking:
        break;
    }
}

void CommandDelivery::claimed(const Outcome &outcome)
{
    const auto *command = outcome.get<ClaimedCommand>();
    if (!command && outcome.command_waits) {
        arm(kTurnMs);
        return;
    }
    fresh_ = false;
    if (!command) {
        work_.reset();
        state_ = State::idle;
        if (again_) {
            claim();
        }
        return;
    }
    auto talk = owner_.begin(*command);
    const std::string name = command->trans_id + " " + command->cmd_code;
    if (!talk) {
        owner_.on_delivery_note(LogLevel::warn,
                                "command " + name + ": " + talk.error().text);
        submit(RefuseCommand{target_.sn, command->trans_id, talk.error().text},
               State::releasing);
        return;
    }
    talk_ = std::move(*talk);
    if (const std::uint64_t wait_ms = owner_.wait_ms(*talk_)) {
        postpone(wait_ms);
        return;
    }
    owner_.on_delivery_note(LogLevel::info, "command " + name + " given out");
    ask();
}

void CommandDelivery::postpone(std::uint64_t wait_ms)
{
    claim_after_ms_ = wait_ms;
    submit(ReleaseCommand{target_.sn, talk_->trans_id(), false},
           State::releasing);
}

void CommandDelivery::released()
{
    talk_.reset();
    if (claim_after_ms_ == 0 || again_) {
        claim();
        return;
    }
    work_.reset();
    state_ = State::idle;
    arm(claim_after_ms_);
}

void CommandDelivery::ask()
{
    work_.reset();
    state_ = State::due;
    on_quiet();
}

void CommandDelivery::on_quiet()
{
    if (state_ != State::due || !owner_.quiet()) {
        return;
    }
    const std::uint64_t now_ms = context_.loop.now_ms();
    const std::uint64_t ready_ms = std::max(now_ms, not_before_ms_) - now_ms;
    if (const auto wait_ms = std::max(ready_ms, owner_.wait_ms(*talk_))) {
        arm(wait_ms);
        return;
    }
    owner_.send_frame(talk_->frame());
    if (auto end = talk_->sent()) {
        CommandProgress progress;
        progress.end = std::move(*end);
        store(std::move(progress));
        return;
    }
    state_ = State::asking;
    arm(patience_ms());
}

std::uint64_t CommandDelivery::patience_ms() const noexcept
{
    if (talk_->restarts()) {
        return kRestartMs;
    }
    const bool xml = protocol_ == Protocol::xml;
    switch (talk_->patience()) {
    case Patience::answer:
        break;
    case Patience::page:
        return kPageMs;
    case Patience::photo:
        return xml ? kXmlPhotoMs : kPhotoMs;
    case Patience::person:
        return xml ? kXmlPersonMs : kPersonMs;
    }
    return context_.options.command_timeout_ms;
}

void CommandDelivery::answered(CommandProgress progress)
{
    timer_->disarm();
    if (progress.not_ready) {
        not_before_ms_ =
            context_.loop.now_ms() +
            std::min(kReadyMs, context_.options.command_timeout_ms / 4);
    }
    if (!progress.end && progress.records.rows == 0) {
        ask();
    } else {
        store(std::move(progress));
    }
}

void CommandDelivery::store(CommandProgress progress)
{
    StoreResult result;
    result.sn = target_.sn;
    result.trans_id = talk_->trans_id();
    result.zone = context_.options.zone;
    result.protocol = protocol_;
    result.request = talk_->cmd_code();
    result.records = std::move(progress.records);
    if (result.records.enrolment) {
        result.records.enrolment->sn = result.sn;
    }
    result.end = std::move(progress.end);
    ends_ = result.end.has_value();
    submit(std::move(result), State::storing);
}

void CommandDelivery::stored(const Outcome &)
{
    if (stopped_) {
        rest();
    } else if (ends_ || fresh_) {
        talk_.reset();
        claim();
    } else {
        ask();
    }
}

// The terminal's silence, the end of a wait, or the time to try the database
// again.
void CommandDelivery::on_wake() noexcept
{
    switch (state_) {
    case State::idle:
        claim();
        return;
    case State::due:
        on_quiet();
        return;
    case State::asking:
        give_up();
        return;
    case State::claiming:
    case State::storing:
    case State::releasing:
        resubmit();
        return;
    }
}

void CommandDelivery::give_up()
{
    owner_.on_silence(*talk_);
    if (auto end = talk_->give_up()) {
        CommandProgress progress;
        progress.end = std::move(*end);
        store(std::move(progress));
        return;
    }
    submit(ReleaseCommand{target_.sn, talk_->trans_id()}, State::releasing);
}

} // namespace wac
