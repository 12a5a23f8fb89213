#include "flow/type_conversation.hpp"

#include <utility>

namespace wac::type
{

namespace
{

constexpr std::uint64_t kRetryMs = 250; // after an error of the database

} // namespace

// ---- one message ----------------------------------------------------------

Conversation::Conversation(SessionContext &context, Origin origin,
                           std::string sn, Received received,
                           ConversationOwner &owner)
    : context_(context), owner_(&owner), received_(std::move(received)),
      exchange_(std::move(origin), std::move(sn)), ticket_(*this)
{
}

void Conversation::begin(Message message)
{
    give_up_at_ms_ = context_.loop.now_ms() + context_.options.timeout_ms;
    advance(exchange_.start(std::move(message), as_bytes(received_.text)));
}

void Conversation::advance(Step step)
{
    const std::uint64_t retry_until_ms =
        received_.at_ms + context_.options.timeout_ms;
    for (;;) {
        if (auto *answer = std::get_if<Answer>(&step)) {
            if (timer_) {
                timer_->disarm();
            }
            owner_->on_answer(std::move(*answer));
            return;
        }
        if (!timer_) {
            timer_ = context_.loop.timer(*this, db::TimerKind::work);
        }
        if (const auto *run = std::get_if<Run>(&step)) {
            const auto queued = submit(*run->operation);
            if (queued) {
                return;
            }
            step = exchange_.resume(tl::make_unexpected(queued.error()));
        } else if (context_.loop.now_ms() + kRetryMs <= retry_until_ms) {
            again_ = std::get<RunAgain>(step).operation;
            timer_->arm(kRetryMs);
            return;
        } else {
            step = exchange_.expire();
        }
    }
}

Result<void> Conversation::submit(const Operation &operation)
{
    const std::uint64_t now_ms = context_.loop.now_ms();
    timer_->arm(give_up_at_ms_ > now_ms ? give_up_at_ms_ - now_ms : 0);
    return context_.store.submit(ticket_, operation);
}

void Conversation::on_outcome(const Result<Outcome> &outcome) noexcept
{
    advance(exchange_.resume(outcome));
}

void Conversation::on_wake() noexcept
{
    if (const Operation *operation = std::exchange(again_, nullptr)) {
        advance(Run{operation});
    } else {
        advance(exchange_.expire());
    }
}

// ---- what is left of a connection -----------------------------------------

void Remainder::leave(SessionContext &context, const Origin &origin,
                      const std::string &sn, const TelemetryLimit &limit,
                      std::unique_ptr<Conversation> running,
                      std::list<Received> waiting)
{
    std::unique_ptr<Remainder> made(
        new Remainder(context, origin, sn, limit, std::move(waiting)));
    Remainder &remainder = *made;
    if (running) {
        running->hand_over(remainder);
        remainder.conversation_ = std::move(running);
    }
    remainder.place_ =
        context.leftovers.insert(context.leftovers.end(), std::move(made));
    remainder.go_on();
}

Remainder::~Remainder()
{
    const std::size_t left = waiting_.size() + (conversation_ ? 1 : 0);
    if (left > 0) {
        write_device_note(context_, sn_, LogLevel::warn,
                          "lost: " + std::to_string(left) +
                              " messages that were not stored in time");
    }
}

void Remainder::go_on()
{
    taking_ = true;
    while (!conversation_ && !waiting_.empty()) {
        Received received = std::move(waiting_.front());
        waiting_.pop_front();
        take(std::move(received));
    }
    taking_ = false;
    if (!conversation_) {
        context_.leftovers.erase(place_); // this
    }
}

void Remainder::take(Received received)
{
    auto message = decode_message(as_bytes(received.text));
    if (!message ||
        (message->verb != Verb::telemetry && message->verb != Verb::event)) {
        return;
    }
    if (message->verb == Verb::telemetry && !limit_.take(received.at_ms)) {
        return;
    }
    conversation_ = std::make_unique<Conversation>(
        context_, origin_, sn_, std::move(received),
        static_cast<ConversationOwner &>(*this));
    conversation_->begin(std::move(*message));
}

void Remainder::on_answer(Answer answer) noexcept
{
    conversation_.reset();
    if (!answer.note.empty()) {
        write_device_note(context_, sn_, answer.note_level, answer.note);
    }
    if (answer.turned_away) {
        waiting_.clear();
    }
    if (!taking_) { // else further up the stack
        go_on();
    }
}

} // namespace wac::type
