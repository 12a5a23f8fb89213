// telemetry (cloud-json.md 6.1): the payload as the terminal sent it, of
// whatever type; none is an empty object.
#include "proto/type_operations.hpp"

namespace wac::type
{

StoreTelemetry handle_telemetry(const Message &message, std::string sn,
                                Texts &texts)
{
    StoreTelemetry telemetry;
    telemetry.sn = std::move(sn);
    telemetry.payload = texts.emplace_back(payload_text(message));
    return telemetry;
}

} // namespace wac::type
