#include "proto/fk_operations.hpp"

namespace wac::fk
{

// A door opened or closed. The message carries no time and no number, so a
// repeated one cannot be told from a new one: each is an event.
Result<Work> handle_realtime_door_status(const RequestHead &head,
                                         const Body &body)
{
    if (!body.json) {
        return failure(ErrorCode::malformed, "the body is empty");
    }
    StoreEvent event;
    event.sn = head.dev_id;
    event.event_type = "door_status";
    event.payload = body.json_text;
    return Work{std::move(event), 1, {}};
}

} // namespace wac::fk
