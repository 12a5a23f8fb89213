// Punches and credentials out of messages. A record that cannot be read
// costs itself only: it comes back whole, with a reason that quotes nothing
// but times.
#include "codec/cloud_records.hpp"

#include "codec/cloud_values.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace wac::cloud
{

namespace
{

constexpr std::size_t kLongestEnrollid = 64;
constexpr std::int32_t kPhoto = 50;

tl::unexpected<Error> malformed(std::string text)
{
    return failure(ErrorCode::malformed, std::move(text));
}

bool is_control(char c) noexcept
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

/** Characters, not bytes, of UTF-8. */
std::size_t length_of(std::string_view text) noexcept
{
    const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) >> 6 != 2;
    });
    return static_cast<std::size_t>(characters);
}

Result<std::string> read_enrollid(const json_t *object)
{
    const json_t *const value = field(object, "enrollid");
    std::string enrollid = text_of(value);
    if (enrollid.empty()) {
        const bool missing =
            !value || json_is_null(value) || json_is_string(value);
        return malformed(missing ? "enrollid is missing"
                                 : "enrollid is neither text nor a number");
    }
    if (length_of(enrollid) > kLongestEnrollid) {
        return malformed("enrollid is longer than " +
                         std::to_string(kLongestEnrollid) + " characters");
    }
    if (std::any_of(enrollid.begin(), enrollid.end(), is_control)) {
        return malformed("enrollid holds a control character");
    }
    return enrollid;
}

/** The beginning of a harmless text, fit for a log line. */
std::string quote(std::string_view text)
{
    constexpr std::size_t kLongest = 32;
    std::string quoted(text.substr(0, kLongest));
    std::replace_if(
        quoted.begin(), quoted.end(),
        [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return quoted;
}

Result<TimeText> read_time(const json_t *object)
{
    const std::string text = text_of(field(object, "time"));
    if (text.empty()) {
        return malformed("time is missing");
    }
    const auto time = parse_time(text);
    if (!time) {
        return malformed("time is not a valid time: " + quote(text));
    }
    return *time;
}

/** Firmware sends 36.5, 365 or 3650; 0 is none. */
std::optional<double> read_temperature(const json_t *object)
{
    const auto sent = number_of(field(object, "temp"));
    if (!sent || *sent <= 0) {
        return std::nullopt;
    }
    if (*sent < 100) {
        return sent;
    }
    return *sent < 1000 ? *sent / 10 : *sent / 100;
}

Result<LogRecord> read_log(const json_t *object)
{
    if (!json_is_object(object)) {
        return malformed("the record is not an object");
    }
    Result<std::string> enrollid = read_enrollid(object);
    if (!enrollid) {
        return tl::make_unexpected(std::move(enrollid.error()));
    }
    const Result<TimeText> time = read_time(object);
    if (!time) {
        return tl::make_unexpected(time.error());
    }
    LogRecord log;
    log.enrollid = std::move(*enrollid);
    log.name = text_of(field(object, "name"));
    log.time = *time;
    log.mode = integer_of(field(object, "mode"));
    log.inout = integer_of(field(object, "inout"));
    log.event = integer_of(field(object, "event"));
    log.verifymode = integer_of(field(object, "verifymode"));
    log.temperature = read_temperature(object);

    const json_t *const image = field(object, "image");
    log.image = decode_base64(verbatim_of(image)).value_or("");
    log.raw = write_json(object, log.image.empty() ? nullptr : image);
    return log;
}

std::optional<std::int32_t> small_integer_of(const json_t *value) noexcept
{
    using Limits = std::numeric_limits<std::int32_t>;
    const auto number = integer_of(value);
    if (!number || *number < Limits::min() || *number > Limits::max()) {
        return std::nullopt;
    }
    return static_cast<std::int32_t>(*number);
}

/** Exactly as it was sent: terminals get it back so. */
void take_record(CredentialRecord &credential, const json_t *record)
{
    credential.has_record = true;
    credential.record_is_number = json_is_number(record);
    credential.record = json_is_string(record)
                            ? std::string(verbatim_of(record))
                            : write_json(record);
}

} // namespace

std::vector<const json_t *> record_elements(const json_t *message)
{
    std::vector<const json_t *> elements;
    for (const std::string_view name : {"record", "records", "data"}) {
        const json_t *const records = field(message, name);
        if (json_is_object(records)) {
            elements.push_back(records);
            break;
        }
        if (json_is_array(records)) {
            elements.reserve(json_array_size(records));
            for (std::size_t i = 0; i < json_array_size(records); ++i) {
                elements.push_back(json_array_get(records, i));
            }
            break;
        }
    }
    return elements;
}

LogBatch read_logs(const json_t *message)
{
    LogBatch batch;
    const auto elements = record_elements(message);
    batch.records.reserve(elements.size());
    for (const json_t *const element : elements) {
        Result<LogRecord> log = read_log(element);
        if (log) {
            batch.records.push_back(std::move(*log));
        } else {
            batch.invalid.push_back(
                {write_json(element), std::move(log.error().text)});
        }
    }
    return batch;
}

Result<CredentialRecord> read_credential(const json_t *message)
{
    Result<std::string> enrollid = read_enrollid(message);
    if (!enrollid) {
        return tl::make_unexpected(std::move(enrollid.error()));
    }
    if (is_door_event(*enrollid) || is_unknown_person(*enrollid)) {
        return malformed("enrollid " + *enrollid + " is nobody");
    }
    CredentialRecord credential;
    credential.enrollid = std::move(*enrollid);
    credential.name = text_of(field(message, "name"));
    credential.admin = small_integer_of(field(message, "admin"));

    const json_t *const backupnum = field(message, "backupnum");
    credential.backupnum = small_integer_of(backupnum);
    const bool named = backupnum && !json_is_null(backupnum);
    if (named && !credential.backupnum) {
        return malformed("backupnum is not a number");
    }
    const json_t *const record = field(message, "record");
    const bool taken = json_is_string(record) || json_is_number(record);
    if (taken) {
        take_record(credential, record);
    }
    if (credential.backupnum == kPhoto) {
        credential.photo = decode_base64(verbatim_of(record)).value_or("");
    }
    credential.raw = write_json(message, taken ? record : nullptr);
    return credential;
}

} // namespace wac::cloud
