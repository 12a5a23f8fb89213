// The event loop as the database layer sees it: nginx's and libuv's adapters
// implement it, and so does the tests' fake.
//
// Contract of every implementation
//   - level-triggered; errors of a descriptor arrive as readable and writable,
//     so that libpq finds the cause
//   - hooks are idempotent and never call a listener from inside themselves
//   - a handle may be destroyed inside its own callback
//   - a watch is destroyed before its descriptor is closed, or told of it
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <memory>

namespace wac::db
{

enum class Interest { none, read, write, both };

class ReadinessListener
{
  public:
    virtual void on_ready(bool readable, bool writable) noexcept = 0;

  protected:
    ~ReadinessListener() = default;
};

class WakeListener
{
  public:
    virtual void on_wake() noexcept = 0;

  protected:
    ~WakeListener() = default;
};

/** Watches one descriptor; destroying it ends the watch. */
class Watch
{
  public:
    virtual ~Watch() = default;
    virtual void want(Interest interest) noexcept = 0;
    /** The descriptor was closed by its owner: nothing may be asked of the
     *  system for it any more, as its number may be somebody else's. */
    virtual void descriptor_closed() noexcept = 0;
};

/** A one-shot timer; destroying it disarms it. */
class Timer
{
  public:
    virtual ~Timer() = default;
    virtual void arm(std::uint64_t delay_ms) noexcept = 0;
    virtual void disarm() noexcept = 0;
};

/** Calls its listener once, after the events that are ready now, however often
 *  it was posted meanwhile; the loop does not wait before. Destroying it takes
 *  that back. */
class Deferral
{
  public:
    virtual ~Deferral() = default;
    virtual void post() noexcept = 0;
};

/** Whether a graceful shutdown waits for an armed timer. */
enum class TimerKind { work, idle };

class EventLoop
{
  public:
    virtual ~EventLoop() = default;
    virtual Result<std::unique_ptr<Watch>> watch(int fd,
                                                 ReadinessListener &) = 0;
    virtual std::unique_ptr<Timer> timer(WakeListener &, TimerKind) = 0;
    virtual std::unique_ptr<Deferral> deferral(WakeListener &) = 0;
    virtual std::uint64_t now_ms() const noexcept = 0;
};

} // namespace wac::db
