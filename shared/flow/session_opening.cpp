// Which dialect a connection speaks, by its first message.
#include "flow/session.hpp"

#include "codec/cloud.hpp"
#include "codec/xml.hpp"
#include "flow/cloud_session.hpp"
#include "flow/type_session.hpp"
#include "flow/xml_session.hpp"

namespace wac
{

namespace
{

/** White space, or marks of an encoding, and nothing else. */
bool is_empty(std::string_view message) noexcept
{
    constexpr std::string_view kNothing("\0 \t\r\n\xEF\xBB\xBF\xFE\xFF", 10);
    return message.find_first_not_of(kNothing) == message.npos;
}

bool begins_as_json(std::string_view message) noexcept
{
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (message.starts_with(kMark)) {
        message.remove_prefix(kMark.size());
    }
    const std::size_t first = message.find_first_not_of(" \t\r\n");
    return first != message.npos &&
           (message[first] == '{' || message[first] == '[');
}

} // namespace

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
    if (is_empty(first_message)) {
        return nullptr;
    }
    if (!begins_as_json(first_message)) {
        peer.close(CloseCode::invalid_data, "neither XML nor JSON");
        return nullptr;
    }
    return std::make_unique<type::Session>(peer, context);
}

} // namespace wac
