// An event loop whose time passes only when a test says so. Descriptors are
// real and polled; timers and deferrals run by hand.
#pragma once

#include "db/event_loop.hpp"

#include <algorithm>
#include <functional>
#include <list>
#include <poll.h>
#include <vector>

namespace wac::test
{

class FakeLoop final : public db::EventLoop
{
  public:
    Result<std::unique_ptr<db::Watch>>
    watch(int fd, db::ReadinessListener &listener) override
    {
        return std::make_unique<FakeWatch>(*this, fd, listener);
    }

    std::unique_ptr<db::Timer> timer(db::WakeListener &listener,
                                     db::TimerKind) override
    {
        return std::make_unique<FakeTimer>(*this, listener);
    }

    std::unique_ptr<db::Deferral> deferral(db::WakeListener &listener) override
    {
        return std::make_unique<FakeDeferral>(*this, listener);
    }

    std::uint64_t now_ms() const noexcept override { return now_ms_; }

    /** Runs what was deferred, then nothing more. */
    void turn()
    {
        for (FakeDeferral *deferral : std::vector(posted_)) {
            const auto at = std::find(posted_.begin(), posted_.end(), deferral);
            if (at != posted_.end()) {
                posted_.erase(at);
                deferral->listener.on_wake();
            }
        }
    }

    /** Lets time pass; timers fire in order of their time. */
    void advance(std::uint64_t ms)
    {
        const std::uint64_t until = now_ms_ + ms;
        for (;;) {
            FakeTimer *next = nullptr;
            for (FakeTimer *timer : timers_) {
                if (timer->armed && timer->at_ms <= until &&
                    (!next || timer->at_ms < next->at_ms)) {
                    next = timer;
                }
            }
            if (!next) {
                break;
            }
            now_ms_ = std::max(now_ms_, next->at_ms);
            next->armed = false;
            next->listener.on_wake();
            turn();
        }
        now_ms_ = until;
    }

    /** Handles descriptors, in real time, until `done` holds; false if it
     *  does not within two seconds without any event. */
    bool poll_until(const std::function<bool()> &done)
    {
        while (!done()) {
            std::vector<pollfd> fds;
            std::vector<FakeWatch *> watches(watches_.begin(), watches_.end());
            for (const FakeWatch *watch : watches) {
                fds.push_back({watch->fd, watch->events(), 0});
            }
            if (::poll(fds.data(), fds.size(), 2000) <= 0) {
                return done();
            }
            for (std::size_t i = 0; i < fds.size(); ++i) {
                const short got = fds[i].revents;
                const bool broken = got & (POLLERR | POLLHUP | POLLNVAL);
                const bool still = std::find(watches_.begin(), watches_.end(),
                                             watches[i]) != watches_.end();
                if (got && still) {
                    watches[i]->listener.on_ready(broken || got & POLLIN,
                                                  broken || got & POLLOUT);
                }
            }
            turn();
        }
        return true;
    }

    /** Delay of the timer that fires next; nothing armed: -1. */
    std::int64_t next_timer_ms() const
    {
        std::int64_t least = -1;
        for (const FakeTimer *timer : timers_) {
            const auto left = static_cast<std::int64_t>(timer->at_ms - now_ms_);
            if (timer->armed && (least < 0 || left < least)) {
                least = left;
            }
        }
        return least;
    }

  private:
    struct FakeWatch final : db::Watch {
        FakeWatch(FakeLoop &owner, int descriptor, db::ReadinessListener &to)
            : loop(owner), fd(descriptor), listener(to)
        {
            loop.watches_.push_back(this);
        }
        ~FakeWatch() override { loop.watches_.remove(this); }
        void want(db::Interest wanted) noexcept override { interest = wanted; }
        void descriptor_closed() noexcept override
        {
            interest = db::Interest::none;
            fd = -1;
        }
        short events() const
        {
            switch (interest) {
            case db::Interest::none:
                return 0;
            case db::Interest::read:
                return POLLIN;
            case db::Interest::write:
                return POLLOUT;
            case db::Interest::both:
                return POLLIN | POLLOUT;
            }
            return 0;
        }
        FakeLoop &loop;
        int fd;
        db::ReadinessListener &listener;
        db::Interest interest = db::Interest::none;
    };

    struct FakeTimer final : db::Timer {
        FakeTimer(FakeLoop &owner, db::WakeListener &to)
            : loop(owner), listener(to)
        {
            loop.timers_.push_back(this);
        }
        ~FakeTimer() override { loop.timers_.remove(this); }
        void arm(std::uint64_t delay_ms) noexcept override
        {
            at_ms = loop.now_ms_ + delay_ms;
            armed = true;
        }
        void disarm() noexcept override { armed = false; }
        FakeLoop &loop;
        db::WakeListener &listener;
        std::uint64_t at_ms = 0;
        bool armed = false;
    };

    struct FakeDeferral final : db::Deferral {
        FakeDeferral(FakeLoop &owner, db::WakeListener &to)
            : loop(owner), listener(to)
        {
        }
        ~FakeDeferral() override { std::erase(loop.posted_, this); }
        void post() noexcept override
        {
            if (std::find(loop.posted_.begin(), loop.posted_.end(), this) ==
                loop.posted_.end()) {
                loop.posted_.push_back(this);
            }
        }
        FakeLoop &loop;
        db::WakeListener &listener;
    };

    std::uint64_t now_ms_ = 1000;
    std::list<FakeWatch *> watches_;
    std::list<FakeTimer *> timers_;
    std::vector<FakeDeferral *> posted_;
};

} // namespace wac::test
