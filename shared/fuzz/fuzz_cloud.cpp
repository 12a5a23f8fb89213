// libFuzzer over the cloud dialect: any bytes as a message, with every
// decoder behind it, and as a time, base64 and a template. Beyond the
// sanitizers it holds the codec to its promises: what was read can be
// written and is read again as the same, answers are strictly valid JSON,
// and no record is lost.
// Seeds: fuzz/make_corpus.sh.
#include "codec/cloud_records.hpp"
#include "codec/cloud_values.hpp"

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

void check_written(const json_t *value)
{
    const std::string text = cloud::write_json(value);
    const Json strict = parse(text);
    require(json_equal(strict.get(), value));
    const auto again = cloud::read_json(as_bytes(text));
    require(again && json_equal(again->get(), value));
    require(cloud::write_json(again->get()) == text);
}

void check_values(const json_t *value)
{
    const auto integer = cloud::integer_of(value);
    require(!integer || cloud::number_of(value));
    require(cloud::trim(cloud::text_of(value)) == cloud::text_of(value));
    static_cast<void>(cloud::truth_of(value));
}

void check_log(const cloud::LogRecord &log)
{
    require(!log.enrollid.empty() && log.time.wall.valid());
    require(!log.temperature || *log.temperature > 0);
    const Json raw = parse(log.raw);
    require(json_is_object(raw.get()));
    for (const auto profile : {cloud::Profile::wac, cloud::Profile::ai,
                               cloud::Profile::th, cloud::Profile::generic}) {
        static_cast<void>(cloud::method_of(profile, log.mode, log.verifymode));
    }
    static_cast<void>(cloud::direction_of(log.inout));
}

void check_logs(const json_t *object)
{
    const auto elements = cloud::record_elements(object);
    const cloud::LogBatch batch = cloud::read_logs(object);
    require(batch.received() == elements.size());
    for (const cloud::LogRecord &log : batch.records) {
        check_log(log);
    }
    for (const cloud::InvalidRecord &invalid : batch.invalid) {
        require(!invalid.reason.empty() && parse(invalid.raw));
    }
}

void check_credential(const json_t *object)
{
    const auto credential = cloud::read_credential(object);
    if (!credential) {
        require(credential.error().code == ErrorCode::malformed);
        return;
    }
    require(!credential->enrollid.empty());
    require(credential->has_record || credential->record.empty());
    require(credential->photo.empty() || credential->backupnum == 50);
    require(parse(credential->raw) != nullptr);
}

void check_reply(const cloud::Message &message)
{
    cloud::Reply reply(message.name, true);
    const json_t *const object = message.object.get();
    const json_t *const count = cloud::field(object, "count");
    reply.echo("count", count).echo("message", object);
    const Json sent = parse(reply.text("sn", message.sn).encode());
    require(json_string(sent.get(), "ret") == message.name);
    require(json_string(sent.get(), "sn") == message.sn);
    require(json_equal(json_object_get(sent.get(), "message"), object));
    require(!count || json_equal(json_object_get(sent.get(), "count"), count));
}

void check_message(Bytes input)
{
    const auto message = cloud::decode_message(input);
    if (!message) {
        require(message.error().code == ErrorCode::malformed);
        return;
    }
    json_t *const object = message->object.get();
    require(json_is_object(object));
    require((message->kind == cloud::Kind::neither) == message->name.empty());
    const char *key = nullptr;
    json_t *value = nullptr;
    json_object_foreach(object, key, value)
    {
        check_values(value);
        require(cloud::field(object, key) == value);
    }
    check_logs(object);
    check_credential(object);
    check_reply(*message);
}

void check_texts(std::string_view input)
{
    const auto time = cloud::parse_time(input);
    if (time) {
        const auto again =
            cloud::parse_time(cloud::format_time(time->wall, time->style));
        require(again && again->wall == time->wall);
        require(again->style == time->style);
    }
    const auto bytes = cloud::decode_base64(input);
    require(!bytes || cloud::decode_base64(
                          cloud::encode_base64(as_bytes(*bytes))) == bytes);
    require(cloud::decode_base64(cloud::encode_base64(as_bytes(input))) ==
            input);
    const auto expanded = cloud::expand_template(input);
    require(!expanded || cloud::expand_template(*expanded) == expanded);

    const Json reply = parse(cloud::Reply(input, false).encode());
    require(json_is_string(json_object_get(reply.get(), "ret")));
    static_cast<void>(cloud::valid_sn(input));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size)
{
    const Bytes input{data, size};
    const auto json = cloud::read_json(input);
    if (json) {
        check_written(json->get());
    }
    check_message(input);
    check_texts(as_text(input));
    return 0;
}
