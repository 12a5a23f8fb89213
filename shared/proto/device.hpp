// Who a terminal is to us: the words of wac_devices and of the enrolment
// policy (DESIGN sections 4 and 5).
#pragma once

#include "base/wall_time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wac
{

enum class Protocol { fk, cloud, type, xml };

enum class DeviceState { pending, approved, blocked };

/** What happens at the first contact of a terminal that has no row. */
enum class Enrolment {
    approve, // it becomes pending and is refused until an operator approves
    open,    // it is approved
    closed,  // it is refused and leaves no row
};

constexpr std::string_view name_of(Protocol protocol) noexcept
{
    switch (protocol) {
    case Protocol::fk:
        return "fk";
    case Protocol::cloud:
        return "cloud";
    case Protocol::type:
        return "type";
    case Protocol::xml:
        return "xml";
    }
    return {};
}

constexpr std::optional<Protocol> protocol_of(std::string_view text) noexcept
{
    for (const Protocol protocol :
         {Protocol::fk, Protocol::cloud, Protocol::type, Protocol::xml}) {
        if (name_of(protocol) == text) {
            return protocol;
        }
    }
    return std::nullopt;
}

constexpr std::string_view name_of(Enrolment policy) noexcept
{
    switch (policy) {
    case Enrolment::approve:
        return "approve";
    case Enrolment::open:
        return "open";
    case Enrolment::closed:
        return "closed";
    }
    return {};
}

constexpr std::optional<DeviceState>
device_state_of(std::string_view text) noexcept
{
    if (text == "approved") {
        return DeviceState::approved;
    }
    if (text == "pending") {
        return DeviceState::pending;
    }
    if (text == "blocked") {
        return DeviceState::blocked;
    }
    return std::nullopt;
}

/** What wac_devices says of a terminal. */
struct DeviceIdentity {
    std::string sn; // as it is spelled there
    Protocol protocol = Protocol::cloud;
    bool seen = false; // it has been in contact before
    std::string cpusn;
    std::string token_hash;         // SHA-256 of its token; "" if it has none
    std::string offered_token_hash; // of one that was handed out and not shown
                                    // since; "" if there is none
    std::string model;
    std::string firmware;
    bool has_faces = false; // its devinfo names a facesize
    std::string options;    // cloud_options: JSON text, "" for none
    std::optional<std::int64_t> log_cursor; // its logs up to this LogID are
                                            // all stored
    bool connected = false;                 // a session of it lives somewhere
    WallTime now;                           // its wall clock at this moment
};

} // namespace wac
