// What a worker process owns: its loop adapter, its sessions to PostgreSQL,
// its memory of devices. Begins in init-process and ends in exit-process of
// worker processes; the master and the cache helpers have none.
#pragma once

#include "ngx_cxx.hpp"
#include "ngx_http_wac_loop.hpp"

#include "base/log.hpp"
#include "base/rate_limit.hpp"
#include "db/store.hpp"
#include "flow/device_memory.hpp"
#include "flow/result_intake.hpp"

namespace wac::ngx
{

/** The error log of the cycle that runs. */
class CycleLog final : public Log
{
  public:
    void write(LogLevel level, std::string_view line) noexcept override;
};

ngx_uint_t log_level(LogLevel level) noexcept;

struct Process {
    explicit Process(db::Conninfo conninfo)
        : store(loop, log, std::move(conninfo)), intake(loop, log, store)
    {
    }

    CycleLog log;
    Loop loop;
    db::Store store;
    ResultIntake intake;
    DeviceMemory devices;
    RateLimit warnings{20};
};

/** Null before init-process and where no database is configured. */
Process *process() noexcept;

ngx_int_t init_process(ngx_cycle_t *cycle) noexcept;
void exit_process(ngx_cycle_t *cycle) noexcept;

} // namespace wac::ngx
