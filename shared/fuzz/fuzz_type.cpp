// libFuzzer over the `type` dialect: any bytes as a message, with every reader
// behind it, and as the texts of the frames that we write. Beyond the
// sanitizers it holds the codec to its promises: what we write is strictly
// valid JSON and is read again as the same, and an operation's payload is what
// was sent.
// Seeds: fuzz/make_corpus.sh.
#include "codec/cloud.hpp"
#include "codec/type.hpp"
#include "proto/type_commands.hpp"
#include "proto/type_operations.hpp"

#include <algorithm>
#include <string>

using namespace wac;

namespace
{

void require(bool holds)
{
    if (!holds) {
        __builtin_trap();
    }
}

/** Strictly, and without mending. */
Json parse(std::string_view text)
{
    return Json(json_loadb(text.data(), text.size(),
                           JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, nullptr));
}

/** A frame of ours is an object of its type. */
Json written(const std::string &frame, std::string_view type)
{
    Json object = parse(frame);
    require(json_string(object.get(), "type") == type);
    const auto again = type::decode_message(as_bytes(frame));
    require(again && again->type == type);
    return object;
}

void check_operations(const type::Message &message)
{
    Texts texts;
    const auto telemetry = type::handle_telemetry(message, "D", texts);
    const Json payload = parse(telemetry.payload);
    require(payload != nullptr);
    if (const json_t *sent = type::payload_of(message)) {
        require(json_equal(payload.get(), sent));
    }
    const auto event = type::handle_event(message, "D", texts);
    require(event.has_value() == type::event_type_of(message).has_value());
    require(!event || type::valid_name(event->event_type));
    const Contact contact =
        type::contact_of(message, "D", Enrolment::open, "", "");
    require(contact.token_hash.empty() || contact.token_hash.size() == 32);
}

void check_subscription(const type::Message &message)
{
    const auto wanted = type::read_subscription(message);
    if (!wanted) {
        require(wanted.error().code.starts_with("bad_"));
        return;
    }
    require(wanted->devices.size() <= type::kMostDevices);
    require(wanted->types.size() <= type::kMostTypes);
    require(std::is_sorted(wanted->devices.begin(), wanted->devices.end()));
    require(!(wanted->since_id && wanted->since_us));
    const std::string device =
        wanted->devices.empty() ? "D" : wanted->devices.back();
    require(wanted->types.empty() ||
            wanted->takes(device, "event", wanted->types.front()));
}

void check_order(const type::Message &message)
{
    const auto order = type::read_order(message);
    if (!order) {
        require(order.error().code == "malformed");
        return;
    }
    ClaimedCommand command;
    command.cmd_code = order->command;
    command.cmd_param = cloud::write_json(order->payload.get());
    command.native = true;
    command.request_id = order->id;
    require(type::check_command(order->command, order->payload.get(), 0, true)
                .has_value());
    const auto run = type::CommandRun::begin(command, order->device_id);
    require(run.has_value());
    const Json frame = written(run->frame(), "command");
    require(json_string(frame.get(), "command") == order->command);
    require(json_equal(json_object_get(frame.get(), "payload"),
                       order->payload.get()));
}

void check_message(Bytes input)
{
    const auto message = type::decode_message(input);
    if (!message) {
        require(message.error().code == ErrorCode::malformed);
        return;
    }
    require(json_string(message->object.get(), "type") == message->type);
    const auto device_id = type::device_id_of(*message);
    require(!device_id || device_id->empty() || cloud::valid_sn(*device_id));
    static_cast<void>(type::token_of(*message));
    check_operations(*message);
    check_subscription(*message);
    check_order(*message);
}

void check_texts(std::string_view input)
{
    std::int64_t time = 0;
    for (const char c : input.substr(0, 8)) {
        time = static_cast<std::int64_t>(static_cast<std::uint64_t>(time) << 8 |
                                         static_cast<unsigned char>(c));
    }
    const std::string timestamp = type::format_timestamp(time);
    require(timestamp.size() == 24);
    require(type::parse_since(timestamp).has_value());
    static_cast<void>(type::parse_since(input));

    written(type::registered(input, time), "registered");
    written(type::device_status(input, input, time, time), "device_status");
    written(type::event(input, input, "{}", time, time), "event");
    const Json error =
        written(type::error("x", input, {input, input, ""}), "error");
    require(json_is_string(json_object_get(error.get(), "message")));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size)
{
    const Bytes input{data, size};
    check_message(input);
    check_texts(as_text(input));
    return 0;
}
