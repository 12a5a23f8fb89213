// event (cloud-json.md 6.1): under the name that the terminal gives it.
#include "proto/type_operations.hpp"

namespace wac::type
{

Result<StoreEvent> handle_event(const Message &message, std::string sn,
                                Texts &texts)
{
    const auto name = event_type_of(message);
    if (!name) {
        return failure(ErrorCode::malformed, name.error().message);
    }
    StoreEvent event;
    event.sn = std::move(sn);
    event.event_type = texts.emplace_back(*name);
    event.payload = texts.emplace_back(payload_text(message));
    return event;
}

} // namespace wac::type
