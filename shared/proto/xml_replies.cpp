// Answers to messages of XML terminals, as the vectors print them: what came
// is echoed through the writer, which escapes it.
#include "proto/xml_operations.hpp"

namespace wac::xml
{

namespace
{

constexpr std::string_view kSerial = "DeviceSerialNo";

bool is_operation(const Message &message) noexcept
{
    return message.dialect == Dialect::operation;
}

/** <Response> of O says its result first and not its name. */
Writer begin(const Message &message, bool success)
{
    if (is_operation(message)) {
        Writer reply("Response");
        reply.text("Result", success ? "success" : "fail");
        return reply;
    }
    Writer reply("Message");
    reply.text("Response", message.name);
    return reply;
}

void echo(Writer &reply, const Message &message, std::string_view field)
{
    if (const std::string *value = message.find(field)) {
        reply.text(field, *value);
    }
}

} // namespace

std::string register_accepted(const Message &message, std::string_view token)
{
    Writer reply = begin(message, true);
    if (is_operation(message)) {
        reply.text("Session", token);
        echo(reply, message, kSerial);
        return reply.encode();
    }
    echo(reply, message, kSerial);
    return reply.text("Token", token).text("Result", "OK").encode();
}

std::string register_refused(const Message &message)
{
    Writer reply = begin(message, false);
    echo(reply, message, kSerial);
    if (!is_operation(message)) {
        reply.text("Result", "Fail");
    }
    return reply.encode();
}

std::string login_reply(const Message &message, LoginVerdict verdict)
{
    Writer reply = begin(message, verdict == LoginVerdict::accepted);
    echo(reply, message, kSerial);
    if (!is_operation(message)) {
        reply.text("Result", verdict == LoginVerdict::accepted ? "OK"
                             : verdict == LoginVerdict::refused
                                 ? "Fail"
                                 : "FailUnknownToken");
    }
    return reply.encode();
}

std::string event_reply(const Message &message, bool stored)
{
    Writer reply = begin(message, stored);
    if (is_operation(message)) {
        echo(reply, message, "LogId");
        return reply.encode();
    }
    echo(reply, message, "TransID");
    return reply.text("Result", stored ? "OK" : "Fail").encode();
}

std::string keepalive_reply(const Message &message, const WallTime &server_time)
{
    Writer reply = begin(message, true);
    if (is_operation(message)) {
        return reply.text("ServerTime", format_iso_time(server_time)).encode();
    }
    reply.text("Result", "OK");
    echo(reply, message, "DevTime");
    return reply.text("ServerTime", format_time(server_time)).encode();
}

} // namespace wac::xml
