// The database layer's event loop over libuv, and the loop itself: one per
// process. libwebsockets runs on it as a guest, through get(); libpq's
// sessions beside it, through db::EventLoop.
//
// All that was made on the loop is destroyed before it. libuv closes handles
// later, while it runs: the destructor runs it once more for that.
#pragma once

#include "db/event_loop.hpp"

#include <uv.h>
#include <vector>

namespace wac::worker
{

/** Ends what it stands for when destroyed. */
class Handle
{
  public:
    virtual ~Handle() = default;
};

class LoopUv final : public db::EventLoop
{
  public:
    LoopUv();
    ~LoopUv() override;
    LoopUv(const LoopUv &) = delete;
    LoopUv &operator=(const LoopUv &) = delete;

    Result<std::unique_ptr<db::Watch>>
    watch(int fd, db::ReadinessListener &listener) override;
    std::unique_ptr<db::Timer> timer(db::WakeListener &listener,
                                     db::TimerKind kind) override;
    std::unique_ptr<db::Deferral> deferral(db::WakeListener &listener) override;
    std::uint64_t now_ms() const noexcept override { return uv_now(&loop_); }

    /** Tells the listener of each such signal. */
    std::unique_ptr<Handle> signal(int number, db::WakeListener &listener);

    /** Waits until something is ready, and handles all that is. */
    void run_once() noexcept { uv_run(&loop_, UV_RUN_ONCE); }

    uv_loop_t *get() noexcept { return &loop_; }

  private:
    class Deferral;

    void post(Deferral &deferral) noexcept;
    void forget(Deferral &deferral) noexcept;
    void run_posted() noexcept;

    uv_loop_t loop_;
    // while something is deferred: the loop does not wait, and calls us
    // after the events of each turn
    uv_idle_t not_waiting_;
    uv_check_t after_events_;
    std::size_t deferrals_ = 0;
    std::vector<Deferral *> posted_;
    std::vector<Deferral *> running_;
};

} // namespace wac::worker
