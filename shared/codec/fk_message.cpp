// What the JSON of each request means (fk-http.md section 3). A poll is only
// informative, so it never fails; a punch or an enrolment fails when it does
// not say who and when, and the reason goes with it into the quarantine.
// Reasons may quote times, never names, credentials or binaries.
#include "codec/fk.hpp"

#include "base/text.hpp"
#include "codec/fk_values.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace wac::fk
{

namespace
{

constexpr std::size_t kLongestUserId = 32;
constexpr std::size_t kLongestQuote = 32;
constexpr std::int32_t kPassword = 10;
constexpr std::int32_t kCard = 11;

tl::unexpected<Error> malformed(std::string text)
{
    return failure(ErrorCode::malformed, std::move(text));
}

std::string_view text_of(const json_t *string) noexcept
{
    return {json_string_value(string), json_string_length(string)};
}

bool is_control(char c) noexcept
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

bool has_control(std::string_view text) noexcept
{
    return std::any_of(text.begin(), text.end(), is_control);
}

/** A field that is text by its nature, though some terminals send digits as
 *  a number. Missing, null and "" are the same thing. */
Result<std::string> text_field(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_string(value) && json_string_length(value) > 0) {
        return std::string(text_of(value));
    }
    if (json_is_integer(value)) {
        return std::to_string(json_integer_value(value));
    }
    if (!value || json_is_null(value) || json_is_string(value)) {
        return malformed(std::string(key) + " is missing");
    }
    return malformed(std::string(key) + " is neither text nor a number");
}

} // namespace

Result<std::string> user_id_field(const json_t *object, const char *key)
{
    Result<std::string> user_id = text_field(object, key);
    if (user_id && user_id->size() > kLongestUserId) {
        return malformed(
            std::string(key) + " of " + std::to_string(user_id->size()) +
            " bytes is longer than " + std::to_string(kLongestUserId));
    }
    if (user_id && has_control(*user_id)) {
        return malformed(std::string(key) + " holds a control character");
    }
    return user_id;
}

bool names_bin(const json_t *value) noexcept
{
    constexpr std::string_view kForm = "BIN_";
    if (!json_is_string(value) || !text_of(value).starts_with(kForm)) {
        return false;
    }
    const std::string_view digits = text_of(value).substr(kForm.size());
    return !digits.empty() &&
           std::all_of(digits.begin(), digits.end(),
                       [](char c) { return c >= '0' && c <= '9'; });
}

bool is_clean_text(std::string_view text) noexcept
{
    // jansson makes a string only of valid UTF-8.
    return !has_control(text) &&
           Json(json_stringn(text.data(), text.size())) != nullptr;
}

Credential credential_of(std::int32_t backup_number, Bytes data)
{
    if ((backup_number != kPassword && backup_number != kCard) ||
        data.empty()) {
        return {backup_number, false, data};
    }
    const Bytes text = data.back() == 0 ? data.first(data.size() - 1) : data;
    return is_clean_text(as_text(text))
               ? Credential{backup_number, true, text}
               : Credential{backup_number, false, data};
}

namespace
{

/** The beginning of a harmless text, fit for a log line. */
std::string quote(std::string_view text)
{
    std::string quoted(text.substr(0, kLongestQuote));
    std::replace_if(
        quoted.begin(), quoted.end(),
        [](char c) { return c < 0x20 || c > 0x7e; }, '?');
    return quoted;
}

Result<WallTime> io_time_of(const json_t *object)
{
    const Result<std::string> text = text_field(object, "io_time");
    if (!text) {
        return tl::make_unexpected(text.error());
    }
    const auto time = parse_time(*text);
    if (!time) {
        return malformed("io_time is not a valid time: " + quote(*text));
    }
    return *time;
}

std::string_view method_of_step(const json_t *name) noexcept
{
    return json_is_string(name) ? method_of_name(text_of(name))
                                : std::string_view{};
}

/** verify_mode as the vendor text has it: the names of the steps taken. */
std::string_view method_of_steps(const json_t *steps) noexcept
{
    if (!json_is_array(steps)) {
        return method_of_step(steps);
    }
    const std::string_view first = method_of_step(json_array_get(steps, 0));
    for (std::size_t i = 1; i < json_array_size(steps); ++i) {
        if (method_of_step(json_array_get(steps, i)) != first) {
            return "combined";
        }
    }
    return first;
}

void read_verify_mode(RealtimeGlog &glog, const json_t *object) noexcept
{
    glog.verify_mode = integer_field(object, "verify_mode");
    if (!glog.verify_mode) {
        glog.method = method_of_steps(json_object_get(object, "verify_mode"));
        return;
    }
    const std::string_view library = json_string(object, "fk_bin_data_lib");
    glog.method = method_of(*glog.verify_mode, library);
    if (library.empty()) {
        const auto m50_method = method_of(*glog.verify_mode, "M50");
        if (m50_method != glog.method) {
            glog.m50_method = m50_method;
        }
    }
}

} // namespace

ReceiveCmd decode_receive_cmd(const Body &body)
{
    const json_t *object = body.json.get();
    ReceiveCmd poll;
    poll.fk_name = json_string(object, "fk_name");
    poll.fk_time = parse_time(json_string(object, "fk_time"));

    json_t *info = json_object_get(object, "fk_info");
    json_t *name = json_object_get(object, "fk_name");
    poll.firmware = json_string(info, "firmware");
    if (!json_is_object(info) && !name) {
        return poll;
    }
    const Json devinfo(json_is_object(info) ? json_copy(info) : json_object());
    if (name) {
        json_object_set(devinfo.get(), "fk_name", name);
    }
    poll.devinfo = json_text(devinfo.get());
    return poll;
}

Result<RealtimeGlog> decode_realtime_glog(const Body &body)
{
    const json_t *object = body.json.get();
    if (!object) {
        return malformed("the body holds no JSON");
    }
    Result<std::string> user_id = user_id_field(object, "user_id");
    if (!user_id) {
        return tl::make_unexpected(std::move(user_id.error()));
    }
    Result<WallTime> io_time = io_time_of(object);
    if (!io_time) {
        return tl::make_unexpected(std::move(io_time.error()));
    }
    RealtimeGlog glog;
    glog.user_id = std::move(*user_id);
    glog.io_time = *io_time;
    read_verify_mode(glog, object);
    glog.io_mode = integer_field(object, "io_mode");
    if (glog.io_mode) {
        glog.direction = direction_of(*glog.io_mode);
    }
    const json_t *image = json_object_get(object, "log_image");
    const auto bin = body.bin(image);
    glog.log_image = bin.value_or(Bytes{});
    glog.image_missing = !bin && names_bin(image);
    return glog;
}

namespace
{

/** A switch that firmwares write as ON/OFF, YES/NO, true/false or a number;
 *  nothing if it is none of these. */
std::optional<bool> switch_field(const json_t *object, const char *key) noexcept
{
    if (const auto number = integer_field(object, key)) {
        return *number != 0;
    }
    const json_t *value = json_object_get(object, key);
    if (json_is_boolean(value)) {
        return json_is_true(value);
    }
    const std::string_view text = json_string(object, key);
    for (const std::string_view yes : {"ON", "YES", "TRUE"}) {
        if (equals_ignoring_case(text, yes)) {
            return true;
        }
    }
    for (const std::string_view no : {"OFF", "NO", "FALSE"}) {
        if (equals_ignoring_case(text, no)) {
            return false;
        }
    }
    return std::nullopt;
}

/** Reads enroll_data_array item by item: a bad item costs itself only. */
class CredentialReader
{
  public:
    explicit CredentialReader(const Body &body) : body_(body) {}

    void read(const json_t *array)
    {
        if (!json_is_array(array)) {
            missing_ += array && !json_is_null(array);
            return;
        }
        for (std::size_t i = 0; i < json_array_size(array); ++i) {
            read_item(json_array_get(array, i));
        }
    }

    unsigned missing() const noexcept { return missing_; }

    std::vector<Credential> credentials() const
    {
        std::vector<Credential> list;
        list.reserve(by_number_.size());
        for (const auto &[number, credential] : by_number_) {
            list.push_back(credential);
        }
        return list;
    }

  private:
    void read_item(const json_t *item)
    {
        const auto number = integer_field(item, "backup_number");
        const json_t *reference = json_object_get(item, "enroll_data");
        const auto data = body_.bin(reference);
        if (!number || *number < 0 || *number > kLargestBackupNumber ||
            (!data && says_something(reference))) {
            ++missing_;
            return;
        }
        if (!data || data->empty()) {
            return;
        }
        const auto backup_number = static_cast<std::int32_t>(*number);
        const Credential credential = credential_of(backup_number, *data);
        if (!credential.data.empty()) {
            by_number_.insert_or_assign(backup_number, credential);
        }
    }

    static bool says_something(const json_t *value) noexcept
    {
        return value && !json_is_null(value) &&
               !(json_is_string(value) && json_string_length(value) == 0);
    }

    const Body &body_;
    std::map<std::int32_t, Credential> by_number_; // the last of equals
    unsigned missing_ = 0;
};

} // namespace

Result<RealtimeEnrollData> decode_realtime_enroll_data(const Body &body)
{
    const json_t *object = body.json.get();
    if (!object) {
        return malformed("the body holds no JSON");
    }
    Result<std::string> user_id = user_id_field(object, "user_id");
    if (!user_id) {
        return tl::make_unexpected(std::move(user_id.error()));
    }
    RealtimeEnrollData user;
    user.user_id = std::move(*user_id);
    user.user_name = json_string(object, "user_name");

    auto privilege =
        privilege_of(text_field(object, "user_privilege").value_or(""));
    user.privilege = std::move(privilege.text);
    user.admin = privilege.number;

    user.enabled = switch_field(object, "user_enabled");
    if (!user.enabled) {
        user.enabled = switch_field(object, "enable_flag");
    }
    const json_t *photo = json_object_get(object, "user_photo");
    const auto bin = body.bin(photo);
    user.user_photo = bin.value_or(Bytes{});

    CredentialReader reader(body);
    reader.read(json_object_get(object, "enroll_data_array"));
    user.credentials = reader.credentials();
    user.missing_bins = reader.missing() + (!bin && names_bin(photo));
    return user;
}

} // namespace wac::fk
