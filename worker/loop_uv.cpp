#include "loop_uv.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace wac::worker
{

namespace
{

// libuv's memory for a handle is ours until its close callback.
struct CloseHandle {
    template <typename T>
    void operator()(T *handle) const noexcept
    {
        uv_close(
            reinterpret_cast<uv_handle_t *>(handle),
            [](uv_handle_t *closed) { delete reinterpret_cast<T *>(closed); });
    }
};

template <typename T>
using UvHandle = std::unique_ptr<T, CloseHandle>;

int events_of(db::Interest interest) noexcept
{
    switch (interest) {
    case db::Interest::none:
        return 0;
    case db::Interest::read:
        return UV_READABLE;
    case db::Interest::write:
        return UV_WRITABLE;
    case db::Interest::both:
        return UV_READABLE | UV_WRITABLE;
    }
    return 0;
}

// A poll handle exists only while something is wanted, and thus is active:
// stopping or closing one takes its descriptor's number out of epoll, whoever
// has the number by then. Of an active handle libuv knows that the number is
// taken, so no other handle of this loop can have it.
class UvWatch final : public db::Watch
{
  public:
    UvWatch(uv_loop_t *loop, int fd, db::ReadinessListener &listener)
        : loop_(loop), fd_(fd), listener_(listener)
    {
    }

    /** 0, or libuv's error. */
    int open() noexcept
    {
        auto handle = std::make_unique<uv_poll_t>();
        const int status = uv_poll_init(loop_, handle.get(), fd_);
        if (status == 0) {
            handle->data = this;
            poll_.reset(handle.release());
        }
        return status;
    }

    void shut() noexcept { poll_.reset(); }

    void want(db::Interest interest) noexcept override
    {
        if (interest == interest_) {
            return;
        }
        interest_ = interest;
        if (interest == db::Interest::none) {
            shut();
        } else if (poll_ || open() == 0) {
            uv_poll_start(poll_.get(), events_of(interest), on_event);
        }
    }

    void descriptor_closed() noexcept override
    {
        interest_ = db::Interest::none;
        shut();
    }

  private:
    static void on_event(uv_poll_t *handle, int status, int events) noexcept
    {
        auto &watch = *static_cast<UvWatch *>(handle->data);
        if (status < 0) {
            // libuv stops a handle at an error; the contract does not
            uv_poll_start(handle, events_of(watch.interest_), on_event);
            watch.listener_.on_ready(true, true);
            return;
        }
        watch.listener_.on_ready(events & UV_READABLE, events & UV_WRITABLE);
    }

    uv_loop_t *loop_;
    int fd_;
    db::ReadinessListener &listener_;
    db::Interest interest_ = db::Interest::none;
    UvHandle<uv_poll_t> poll_;
};

class UvTimer final : public db::Timer
{
  public:
    UvTimer(uv_loop_t *loop, db::WakeListener &listener, db::TimerKind kind)
        : timer_(new uv_timer_t)
    {
        uv_timer_init(loop, timer_.get());
        timer_->data = &listener;
        if (kind == db::TimerKind::idle) {
            uv_unref(reinterpret_cast<uv_handle_t *>(timer_.get()));
        }
    }

    void arm(std::uint64_t delay_ms) noexcept override
    {
        uv_timer_start(
            timer_.get(),
            [](uv_timer_t *timer) {
                static_cast<db::WakeListener *>(timer->data)->on_wake();
            },
            delay_ms, 0);
    }

    void disarm() noexcept override { uv_timer_stop(timer_.get()); }

  private:
    UvHandle<uv_timer_t> timer_;
};

class UvSignal final : public Handle
{
  public:
    UvSignal(uv_loop_t *loop, int number, db::WakeListener &listener)
        : signal_(new uv_signal_t)
    {
        uv_signal_init(loop, signal_.get());
        signal_->data = &listener;
        uv_signal_start(
            signal_.get(),
            [](uv_signal_t *signal, int) {
                static_cast<db::WakeListener *>(signal->data)->on_wake();
            },
            number);
    }

  private:
    UvHandle<uv_signal_t> signal_;
};

void close_in_place(uv_handle_t *handle) noexcept
{
    if (!uv_is_closing(handle)) {
        uv_close(handle, nullptr);
    }
}

} // namespace

class LoopUv::Deferral final : public db::Deferral
{
  public:
    Deferral(LoopUv &loop, db::WakeListener &listener)
        : loop_(loop), listener_(listener)
    {
    }

    ~Deferral() override { loop_.forget(*this); }

    void post() noexcept override
    {
        if (!posted_) {
            posted_ = true;
            loop_.post(*this);
        }
    }

    void run() noexcept
    {
        posted_ = false;
        listener_.on_wake();
    }

  private:
    LoopUv &loop_;
    db::WakeListener &listener_;
    bool posted_ = false;
};

LoopUv::LoopUv()
{
    if (const int status = uv_loop_init(&loop_); status != 0) {
        throw std::runtime_error(std::string("no event loop: ") +
                                 uv_strerror(status));
    }
    uv_idle_init(&loop_, &not_waiting_);
    uv_check_init(&loop_, &after_events_);
    after_events_.data = this;
}

LoopUv::~LoopUv()
{
    close_in_place(reinterpret_cast<uv_handle_t *>(&not_waiting_));
    close_in_place(reinterpret_cast<uv_handle_t *>(&after_events_));
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
}

Result<std::unique_ptr<db::Watch>>
LoopUv::watch(int fd, db::ReadinessListener &listener)
{
    auto watch = std::make_unique<UvWatch>(&loop_, fd, listener);
    // whether it can be watched at all shows here, where it can be said
    if (const int status = watch->open(); status != 0) {
        return failure(ErrorCode::unavailable,
                       std::string("cannot watch a descriptor: ") +
                           uv_strerror(status));
    }
    watch->shut();
    return watch;
}

std::unique_ptr<db::Timer> LoopUv::timer(db::WakeListener &listener,
                                         db::TimerKind kind)
{
    return std::make_unique<UvTimer>(&loop_, listener, kind);
}

std::unique_ptr<db::Deferral> LoopUv::deferral(db::WakeListener &listener)
{
    // room for all at once: posting cannot fail
    ++deferrals_;
    posted_.reserve(deferrals_);
    running_.reserve(deferrals_);
    return std::make_unique<Deferral>(*this, listener);
}

std::unique_ptr<Handle> LoopUv::signal(int number, db::WakeListener &listener)
{
    return std::make_unique<UvSignal>(&loop_, number, listener);
}

void LoopUv::post(Deferral &deferral) noexcept
{
    if (posted_.empty()) {
        uv_idle_start(&not_waiting_, [](uv_idle_t *) {});
        uv_check_start(&after_events_, [](uv_check_t *check) {
            static_cast<LoopUv *>(check->data)->run_posted();
        });
    }
    posted_.push_back(&deferral);
}

void LoopUv::forget(Deferral &deferral) noexcept
{
    std::erase(posted_, &deferral);
    std::replace(running_.begin(), running_.end(), &deferral,
                 static_cast<Deferral *>(nullptr));
    --deferrals_;
}

void LoopUv::run_posted() noexcept
{
    // what is posted from now on is for the next turn
    running_.swap(posted_);
    for (std::size_t i = 0; i < running_.size(); ++i) {
        if (Deferral *const deferral = running_[i]) {
            running_[i] = nullptr;
            deferral->run();
        }
    }
    running_.clear();
    if (posted_.empty()) {
        uv_idle_stop(&not_waiting_);
        uv_check_stop(&after_events_);
    }
}

} // namespace wac::worker
