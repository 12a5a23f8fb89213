// Looks one host name up without blocking the loop. libpq would call
// getaddrinfo() itself and hold every request of the process meanwhile; glibc's
// getaddrinfo_a() does it on a thread of its own, and we look now and then
// whether it has finished.
//
// A lookup that is still under way when it is no longer wanted cannot always
// be cancelled; its memory is then left to glibc, on purpose.
#pragma once

#include "db/event_loop.hpp"

#include <memory>
#include <string>
#include <vector>

namespace wac::db
{

class LookupListener
{
  public:
    /** Numeric addresses in the system's order of preference. */
    virtual void on_addresses(std::vector<std::string> addresses) noexcept = 0;
    virtual void on_lookup_failed(const std::string &reason) noexcept = 0;

  protected:
    ~LookupListener() = default;
};

class Resolver final : private WakeListener
{
  public:
    Resolver(EventLoop &loop, LookupListener &listener);
    ~Resolver();
    Resolver(const Resolver &) = delete;
    Resolver &operator=(const Resolver &) = delete;

    /** One lookup at a time; a new one abandons the last. The answer never
     *  comes from inside this call. */
    void start(const std::string &host);
    void cancel() noexcept;

  private:
    struct Lookup;

    void on_wake() noexcept override;

    LookupListener &listener_;
    std::unique_ptr<Timer> timer_;
    std::unique_ptr<Lookup> lookup_;
};

} // namespace wac::db
