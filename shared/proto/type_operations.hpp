// What each message of a terminal of the `type` dialect means: the operation
// that stores it. One handle_type_<verb>.cpp each. That the message is of the
// registered terminal is its session's to see. No I/O, no clock.
#pragma once

#include "codec/type.hpp"
#include "proto/operation.hpp"

#include <string>
#include <string_view>

namespace wac::type
{

/** What it measures; the payload is a view of `texts`. */
StoreTelemetry handle_telemetry(const Message &message, std::string sn,
                                Texts &texts);

/** What happened at it; event_type and payload are views of `texts`. Fails if
 *  the event has no name that it can be stored under. */
Result<StoreEvent> handle_event(const Message &message, std::string sn,
                                Texts &texts);

/** What a registration says of the terminal: the token that it holds. */
Contact contact_of(const Message &message, std::string sn, Enrolment policy,
                   std::string_view addr, std::string_view zone);

} // namespace wac::type
