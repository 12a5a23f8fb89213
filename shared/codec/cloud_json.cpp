// From bytes to a message: padding off, mended, then jansson. Error texts
// name no more than a place: the bytes themselves may be secrets.
#include "codec/cloud.hpp"

#include "codec/cloud_json_mend.hpp"

#include <new>
#include <utility>

namespace wac::cloud
{

namespace
{

std::string_view strip_padding(std::string_view text) noexcept
{
    constexpr std::string_view kPadding{"\0\r\n \t", 5};
    const std::size_t first = text.find_first_not_of(kPadding);
    if (first == text.npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(kPadding) - first + 1);
}

std::string_view strip_byte_order_mark(std::string_view text) noexcept
{
    constexpr std::string_view kMark = "\xef\xbb\xbf";
    return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

Result<Json> parse(std::string_view text)
{
    json_error_t error{};
    Json json = load_json(text, JSON_DECODE_ANY, &error);
    if (json) {
        return json;
    }
    // Out of memory is the one failure that jansson has no words for.
    if (error.text[0] == '\0') {
        throw std::bad_alloc();
    }
    const bool ended =
        json_error_code(&error) == json_error_premature_end_of_input;
    return failure(ErrorCode::malformed,
                   (ended ? "JSON ends too early at byte "
                          : "JSON is malformed at byte ") +
                       std::to_string(error.position));
}

} // namespace

Result<Json> read_json(Bytes bytes)
{
    const std::string_view text =
        strip_byte_order_mark(strip_padding(as_text(bytes)));
    if (text.empty()) {
        return failure(ErrorCode::malformed, "there is no JSON");
    }
    const auto mended = mend_json(text);
    if (!mended) {
        return tl::make_unexpected(mended.error());
    }
    return parse(*mended ? std::string_view(**mended) : text);
}

Result<Message> decode_message(Bytes bytes)
{
    Result<Json> json = read_json(bytes);
    if (!json) {
        return tl::make_unexpected(std::move(json.error()));
    }
    if (!json_is_object(json->get())) {
        return failure(ErrorCode::malformed, "JSON is not an object");
    }
    Message message;
    message.object = std::move(*json);
    const json_t *object = message.object.get();
    message.sn = text_of(field(object, "sn"));
    message.name = text_of(field(object, "cmd"));
    if (!message.name.empty()) {
        message.kind = Kind::command;
        return message;
    }
    message.name = text_of(field(object, "ret"));
    message.kind = message.name.empty() ? Kind::neither : Kind::reply;
    return message;
}

} // namespace wac::cloud
