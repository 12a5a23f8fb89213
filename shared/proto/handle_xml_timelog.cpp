// TimeLog_v2 and TimeLog (biometric-xml.md 2.4, 2.9): punches, refused
// attempts and what happens to the door. Offsets out of range, temperatures
// and places that are none, and photos that are no JPEG are dropped; the log
// is kept.
#include "proto/xml_operations.hpp"

#include "base/text.hpp"
#include "codec/cloud_records.hpp"
#include "proto/xml_fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace wac::xml
{

namespace
{

/** Without what spellings differ in. */
std::string folded(std::string_view text)
{
    std::string plain;
    for (const char c : text) {
        if (c != ' ' && c != '_' && c != '-') {
            plain.push_back(ascii_lower(c));
        }
    }
    return plain;
}

struct NamedValue {
    std::string_view name; // folded
    std::string_view value;
};

// clang-format off
constexpr std::array kMethods{
    NamedValue{"fp",          "finger"},
    NamedValue{"pwd",         "password"},
    NamedValue{"cd",          "card"},
    NamedValue{"face",        "face"},
    NamedValue{"qr",          "qr"},
    NamedValue{"palm",        "palm"},
    NamedValue{"tamper",      ""},
    NamedValue{"ilgopen",     ""},
    NamedValue{"lockover",    ""},
    NamedValue{"handlock",    ""},
    NamedValue{"proglock",    ""},
    NamedValue{"progopen",    ""},
    NamedValue{"progclose",   ""},
    NamedValue{"autorecover", ""},
    NamedValue{"",            ""},
    NamedValue{"none",        ""},
};

constexpr std::array kDirections{
    NamedValue{"dutyon",      "in"},
    NamedValue{"dutyoff",     "out"},
    NamedValue{"overtimeon",  "overtime_on"},
    NamedValue{"overtimeoff", "overtime_off"},
    NamedValue{"gooutoff",    "go_out_off"},
    NamedValue{"goouton",     "go_out_on"},
    NamedValue{"none",        ""},
    // the numbers of VPY and of dialect O
    NamedValue{"0",           "in"},
    NamedValue{"1",           "out"},
    NamedValue{"2",           "overtime_on"},
    NamedValue{"3",           "overtime_off"},
    NamedValue{"4",           "in"},
    NamedValue{"5",           "out"},
};
// clang-format on

template <std::size_t size>
const NamedValue *named(const std::array<NamedValue, size> &values,
                        std::string_view name) noexcept
{
    const auto at = std::find_if(
        values.begin(), values.end(),
        [name](const NamedValue &value) { return value.name == name; });
    return at == values.end() ? nullptr : &*at;
}

/** A list of methods, such as fp+cd+pwd. */
bool is_combined(std::string_view action) noexcept
{
    while (true) {
        const std::size_t plus = action.find('+');
        const NamedValue *method = named(kMethods, action.substr(0, plus));
        if (!method || method->value.empty()) {
            return false;
        }
        if (plus == action.npos) {
            return true;
        }
        action.remove_prefix(plus + 1);
    }
}

bool is_alphanumeric(char c) noexcept
{
    const char low = ascii_lower(c);
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9');
}

/** "Break Out" and "BreakOut" to "break_out". */
std::string as_words(std::string_view text)
{
    std::string words;
    char last = ' ';
    for (const char c : text) {
        const bool capital = ascii_lower(c) != c;
        const bool begins =
            !is_alphanumeric(last) || (capital && ascii_lower(last) == last);
        if (is_alphanumeric(c)) {
            words.append(begins && !words.empty() ? "_" : "");
            words.push_back(ascii_lower(c));
        }
        last = c;
    }
    return words;
}

/** A decimal number between -most and most. */
std::optional<double> degrees(std::string_view text, double most) noexcept
{
    double value = 0;
    const char *const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stopped != end || !(std::abs(value) <= most)) {
        return std::nullopt;
    }
    return value;
}

/** BodyTemperature100; 0 is not measured. */
std::optional<double> temperature_of(const Message &message) noexcept
{
    constexpr std::int64_t kMost = 10000;
    const auto hundredths = number_of(message.value("BodyTemperature100"));
    if (!hundredths || *hundredths == 0 || *hundredths > kMost) {
        return std::nullopt;
    }
    return static_cast<double>(*hundredths) / 100;
}

/** "" if there is none, or what came is no JPEG. */
std::string photo_of(const Message &message)
{
    std::string_view image;
    if (message.dialect == Dialect::operation) {
        image = message.value("Photo");
    } else if (truth_of(message.value("Photo")).value_or(false)) {
        image = message.value("LogImage");
    }
    auto photo = cloud::decode_base64(image);
    return photo && photo->starts_with("\xff\xd8\xff") ? std::move(*photo)
                                                       : std::string();
}

} // namespace

std::string_view method_of(std::string_view action)
{
    const std::string name = folded(action);
    if (const NamedValue *method = named(kMethods, name)) {
        return method->value;
    }
    return is_combined(name) ? "combined" : "other";
}

std::string direction_of(std::string_view attend_stat)
{
    if (const NamedValue *known = named(kDirections, folded(attend_stat))) {
        return std::string(known->value);
    }
    return number_of(attend_stat) ? std::string() : as_words(attend_stat);
}

Result<AttendanceRecord> attendance_of(const Message &message, Texts &texts)
{
    const bool operation = message.dialect == Dialect::operation;
    auto log_id = log_id_of(message);
    auto person = person_of(message, "User");
    auto time = log_time_of(message, operation ? "PunchTime" : "Time");
    if (!log_id || !person || !time) {
        return tl::make_unexpected(!log_id   ? std::move(log_id.error())
                                   : !person ? std::move(person.error())
                                             : std::move(time.error()));
    }
    if (person->empty()) {
        return failure(ErrorCode::malformed, "it does not say whose it is");
    }
    const std::string_view stat = message.value("AttendStat");
    AttendanceRecord row;
    row.enrollid = std::move(*person);
    row.log_id = std::move(*log_id);
    row.record_time = time->wall;
    row.instant_us = time->instant_us;
    row.inout = number_of(stat);
    row.method = method_of(message.value("Action"));
    row.direction = texts.emplace_back(direction_of(stat));
    row.temperature = temperature_of(message);
    row.latitude = degrees(message.value("Latitude"), 90);
    row.longitude = degrees(message.value("Longitude"), 180);
    row.raw = texts.emplace_back(
        raw_of(message, {operation ? "Photo" : "LogImage", "Result"}));
    if (std::string photo = photo_of(message); !photo.empty()) {
        row.photo = as_bytes(texts.emplace_back(std::move(photo)));
    }
    return row;
}

Result<StoreAttendance> handle_timelog(const Message &message, std::string sn,
                                       std::string_view zone)
{
    StoreAttendance store;
    auto record = attendance_of(message, store.texts);
    if (!record) {
        return tl::make_unexpected(std::move(record.error()));
    }
    store.sn = std::move(sn);
    store.protocol = Protocol::xml;
    store.zone = zone;
    store.records.push_back(std::move(*record));
    return store;
}

} // namespace wac::xml
