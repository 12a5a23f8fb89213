// Events that are neither logs nor signs of life (biometric-xml.md 2.5): kept
// as they are. What opens doors or proves identities is not kept.
#include "proto/xml_operations.hpp"

#include "proto/xml_fields.hpp"

namespace wac::xml
{

StoreEvent handle_event(const Message &message, std::string sn, Texts &texts)
{
    // M has a flag of this name, O the picture
    const bool picture = message.dialect == Dialect::operation;
    StoreEvent event;
    event.sn = std::move(sn);
    event.event_type = texts.emplace_back(message.name);
    event.payload = texts.emplace_back(
        raw_of(message, {picture ? std::string_view("Photo") : ""}));
    return event;
}

} // namespace wac::xml
