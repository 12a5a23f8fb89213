// Which dialect a connection speaks, by its first message.
#include "flow/session.hpp"

#include "codec/cloud.hpp"
#include "codec/xml.hpp"
#include "flow/cloud_session.hpp"
#include "flow/type_session.hpp"
#include "flow/xml_session.hpp"

namespace wac
{

std::unique_ptr<Session> make_session(std::string_view first_message,
                                      Peer &peer, SessionContext &context)
{
    if (xml::begins_as_xml(first_message)) {
        return std::make_unique<xml::Session>(peer, context);
    }
    const auto message = cloud::decode_message(as_bytes(first_message));
    if (message && message->kind != cloud::Kind::neither) {
        return std::make_unique<cloud::Session>(peer, context);
    }
    if (cloud::trim(first_message).empty()) {
        return nullptr;
    }
    return std::make_unique<type::Session>(peer, context);
}

} // namespace wac
