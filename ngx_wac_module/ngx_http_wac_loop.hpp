// The database layer's event loop inside an nginx worker process, over
// ngx_event_t. One per process, made in init-process.
#pragma once

#include "ngx_cxx.hpp"

#include "db/event_loop.hpp"

namespace wac::ngx
{

class Loop final : public db::EventLoop
{
  public:
    Result<std::unique_ptr<db::Watch>>
    watch(int fd, db::ReadinessListener &listener) override;
    std::unique_ptr<db::Timer> timer(db::WakeListener &listener,
                                     db::TimerKind kind) override;
    std::unique_ptr<db::Deferral> deferral(db::WakeListener &listener) override;
    std::uint64_t now_ms() const noexcept override;
};

} // namespace wac::ngx
