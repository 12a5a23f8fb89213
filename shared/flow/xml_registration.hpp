// Who an XML terminal on a connection is, from message to message, and what
// it is given to prove it by: biometric-xml.md 2.2, 2.9, 4.
//
//   new ── Register ──▶ registered ── Login ──▶ logged in      (dialect M)
//   new ── Register ──▶ logged in                              (dialect O)
#pragma once

#include "base/wall_time.hpp"
#include "codec/xml.hpp"
#include "proto/device.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wac::xml
{

/** Microseconds since 2000 in UTC. */
using Clock = std::int64_t (*)() noexcept;

/** Fills the bytes with random ones; false if there are none. */
using Random = bool (*)(std::span<unsigned char> bytes) noexcept;
bool system_random(std::span<unsigned char> bytes) noexcept;

struct Registration {
    std::optional<Dialect> dialect; // of the first message
    DeviceIdentity identity;     // sn "" until a Register or Login was accepted
    std::int64_t epoch = 0;      // of its session; 0: it has not logged in
    std::int64_t read_at_us = 0; // when identity.now was

    bool known() const noexcept { return !identity.sn.empty(); }
    bool logged_in() const noexcept { return epoch > 0; }
    void adopt(const DeviceIdentity &as, std::int64_t now_us);

    /** The terminal's wall clock. */
    WallTime wall_clock(std::int64_t now_us) const;

    /** Whether the wall clock may have been put forward or back since it was
     *  read: that happens at quarters of an hour. */
    bool is_stale(std::int64_t now_us) const noexcept;
};

/** Why a message cannot be of this connection, which is of one dialect and one
 *  terminal; "" if it can. */
std::string_view stray_reason(const Message &message,
                              const Registration &registration) noexcept;

/** In the shape of a GUID; "" if there are no random bytes. */
std::string make_token(Random random);
/** 32 of A-Z a-z 0-9 _ -, likewise. */
std::string make_session_id(Random random);

/** In a time that does not depend on where they differ. */
bool same_cloud_id(std::string_view given, std::string_view wanted) noexcept;

} // namespace wac::xml
