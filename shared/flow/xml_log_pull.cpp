#include "flow/xml_log_pull.hpp"

#include <utility>

namespace wac::xml
{

namespace
{

constexpr std::uint64_t kRetryMs = 1000; // after an error of the database
constexpr std::uint64_t kLookMs = 250;   // while commands go first

} // namespace

void LogPull::start(CatchUp course)
{
    work_ = std::make_unique<Work>(std::move(course),
                                   static_cast<db::OutcomeListener &>(*this));
    proceed();
}

void LogPull::stop() noexcept
{
    if (timer_) {
        timer_->disarm();
    }
    work_.reset();
}

bool LogPull::asking() const noexcept
{
    return work_ && work_->course.asked();
}

bool LogPull::take(const Message &message, std::string_view text)
{
    if (!work_ || !work_->course.answered_by(message)) {
        return false;
    }
    timer_->disarm();
    work_->course.take(message, text);
    proceed();
    return true;
}

void LogPull::proceed()
{
    CatchUp &course = work_->course;
    if (const std::string note = course.take_note(); !note.empty()) {
        owner_.on_pull_note(LogLevel::warn, note);
    }
    if (course.storing()) {
        submit();
    } else if (course.ended()) {
        if (course.stored() > 0) {
            owner_.on_pull_note(LogLevel::info,
                                std::to_string(course.stored()) +
                                    " logs were pulled");
        }
        stop();
    } else {
        on_quiet();
    }
}

void LogPull::submit()
{
    const auto queued =
        context_.store.submit(work_->ticket, work_->course.operation());
    if (!queued) {
        arm(kRetryMs);
    }
}

void LogPull::arm(std::uint64_t delay_ms)
{
    if (!timer_) {
        timer_ = context_.loop.timer(*this, db::TimerKind::idle);
    }
    timer_->arm(delay_ms);
}

// That the last command has had its end is not told: it is looked for.
void LogPull::on_quiet()
{
    if (!work_ || !work_->course.due()) {
        return;
    }
    if (!owner_.may_pull()) {
        arm(kLookMs);
        return;
    }
    owner_.send_frame(work_->course.request());
    arm(context_.options.command_timeout_ms);
}

void LogPull::on_outcome(const Result<Outcome> &outcome) noexcept
{
    if (work_->course.resume(outcome)) {
        proceed();
    } else {
        arm(kRetryMs);
    }
}

// The terminal's silence, or the time to look or to try again.
void LogPull::on_wake() noexcept
{
    if (!work_) {
        return;
    }
    CatchUp &course = work_->course;
    if (course.storing()) {
        submit();
    } else if (course.asked()) {
        owner_.on_pull_note(LogLevel::info, "stopped answering for its logs");
        const std::string request(course.request_name());
        course.give_up();
        proceed();
        owner_.on_pull_given_up(request);
    } else {
        on_quiet();
    }
}

} // namespace wac::xml
