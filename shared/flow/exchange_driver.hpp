// Takes the messages of a terminal on a socket to their answers, one after the
// other: runs what the Exchange of each asks for, and waits no longer than the
// operator allows.
//
//   idle ──open(), advance()──▶ busy ──outcome, or deadline──▶ … ──▶ answer
#pragma once

#include "db/store.hpp"
#include "flow/exchange_step.hpp"
#include "flow/session.hpp"

#include <memory>
#include <string>
#include <utility>
#include <variant>

namespace wac
{

/** Exchange::start() and such give a Step: Run, or an Answer. */
template <typename Exchange, typename Origin, typename Answer>
class ExchangeDriver final : private db::OutcomeListener,
                             private db::WakeListener
{
  public:
    using Step = std::variant<Run, Answer>;

    class Owner
    {
      public:
        /** The end of `exchange`, which lives until this returns. The driver
         *  is idle again. */
        virtual void on_answer(const Exchange &exchange,
                               Answer answer) noexcept = 0;

      protected:
        ~Owner() = default;
    };

    ExchangeDriver(SessionContext &context, Owner &owner)
        : context_(context), owner_(owner)
    {
    }
    ExchangeDriver(const ExchangeDriver &) = delete;
    ExchangeDriver &operator=(const ExchangeDriver &) = delete;

    bool busy() const noexcept { return under_way_ != nullptr; }

    /** Begins with a message, when idle. `more` goes to the exchange. */
    template <typename... More>
    Exchange &open(Origin origin, std::string text, More &&...more)
    {
        under_way_ = std::make_unique<UnderWay>(
            std::move(origin), std::move(text),
            static_cast<db::OutcomeListener &>(*this),
            std::forward<More>(more)...);
        return under_way_->exchange;
    }

    /** The message, as it came; it lives as long as its exchange. */
    const std::string &text() const noexcept { return under_way_->text; }

    /** What the exchange wants now. */
    void advance(Step step)
    {
        while (const auto *run = std::get_if<Run>(&step)) {
            const auto queued =
                context_.store.submit(under_way_->ticket, *run->operation);
            if (queued) {
                if (!deadline_) {
                    deadline_ = context_.loop.timer(*this, db::TimerKind::work);
                }
                deadline_->arm(context_.options.timeout_ms);
                return;
            }
            step = under_way_->exchange.resume(
                tl::make_unexpected(queued.error()));
        }
        if (deadline_) {
            deadline_->disarm();
        }
        const std::unique_ptr<UnderWay> ended = std::move(under_way_);
        owner_.on_answer(ended->exchange, std::get<Answer>(std::move(step)));
    }

  private:
    struct UnderWay {
        template <typename... More>
        UnderWay(Origin from, std::string message,
                 db::OutcomeListener &listener, More &&...more)
            : origin(std::move(from)), text(std::move(message)),
              exchange(origin, std::forward<More>(more)...), ticket(listener)
        {
        }

        Origin origin;
        std::string text;
        Exchange exchange;
        db::Ticket ticket; // ends before the exchange, whose operation it has
    };

    void on_outcome(const Result<Outcome> &outcome) noexcept override
    {
        advance(under_way_->exchange.resume(outcome));
    }

    void on_wake() noexcept override
    {
        if (under_way_) {
            advance(under_way_->exchange.expire());
        }
    }

    SessionContext &context_;
    Owner &owner_;
    std::unique_ptr<UnderWay> under_way_;
    std::unique_ptr<db::Timer> deadline_;
};

} // namespace wac
