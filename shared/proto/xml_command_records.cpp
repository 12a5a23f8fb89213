#include "proto/xml_command_records.hpp"

#include "base/text.hpp"
#include "codec/cloud_records.hpp"
#include "codec/cloud_values.hpp"
#include "proto/xml_fields.hpp"
#include "proto/xml_operations.hpp"

#include <algorithm>
#include <array>

namespace wac::xml
{

namespace
{

constexpr std::array<std::string_view, 3> kPrivileges{"User", "Manager",
                                                      "Administrator"};

constexpr std::string_view kPersonAnswers[] = {
    "GetUserData", "GetFirstUserData", "GetNextUserData", "GetNextUserDataExt"};

std::optional<std::int32_t> rank_of(std::string_view privilege) noexcept
{
    for (std::size_t i = 0; i < kPrivileges.size(); ++i) {
        if (equals_ignoring_case(kPrivileges[i], privilege)) {
            return static_cast<std::int32_t>(i);
        }
    }
    return std::nullopt;
}

/** The fingers of the mask: each has two bits, the second for duress. */
std::vector<std::int32_t> fingers_of(std::string_view mask)
{
    const std::int64_t bits = number_of(mask).value_or(0);
    std::vector<std::int32_t> fingers;
    for (std::int32_t finger = 0; finger < kFingers; ++finger) {
        if (bits >> (2 * finger) & 1) {
            fingers.push_back(finger);
        }
    }
    return fingers;
}

std::string card_of(std::string_view text)
{
    if (text.empty()) {
        return {};
    }
    const auto card = decode_card(text);
    return !card ? std::string(text) : *card == 0 ? "" : std::to_string(*card);
}

void add_credential(StoreEnrolment &store, ResultRecords &records,
                    std::int32_t backupnum, std::string_view record)
{
    if (!record.empty()) {
        const std::string &text = records.texts.emplace_back(record);
        store.credentials.push_back({backupnum, true, as_bytes(text)});
    }
}

/** Into wac_users as of a list, and beside it what a list has no room for. */
ResultRecords person_records(const Message &answer, const Request &request)
{
    ResultRecords records;
    const auto person = person_in(answer, request);
    if (!person) {
        return records;
    }
    ListedUser user;
    user.enrollid = person->enrollid;
    user.privilege = privilege_word(person->privilege);
    user.admin = rank_of(person->privilege);
    user.enabled = person->enabled;
    user.raw = raw_of(answer, {"Result", "More", "Name"});
    StoreEnrolment store;
    store.enrollid = person->enrollid;
    store.name = person->name;
    store.privilege = user.privilege;
    store.admin = user.admin;
    store.enabled = person->enabled;
    add_credential(store, records, kPin, person->pin);
    add_credential(store, records, kCard, person->card);
    records.rows = 1;
    records.users.push_back(std::move(user));
    records.enrolment = std::move(store);
    return records;
}

/** The number and the text of the one credential that an answer is about. */
std::pair<std::int32_t, std::string> credential_in(const Message &answer,
                                                   const Request &request)
{
    if (request.name == "GetFingerData") {
        const auto finger = number_of(request.value("FingerNo"));
        return {static_cast<std::int32_t>(
                    std::min<std::int64_t>(finger.value_or(0), kFingers - 1)),
                std::string(answer.value("FingerData"))};
    }
    if (request.name == "GetFaceData") {
        return {kFace, std::string(answer.value("FaceData"))};
    }
    if (request.name == "GetUserPhoto") {
        return {kPhoto, std::string(answer.value("PhotoData"))};
    }
    if (request.name == "GetUserPassword") {
        return {kPin, std::string(answer.value("Password"))};
    }
    if (request.name == "GetUserCardNo") {
        return {kCard, card_of(answer.value("CardNo"))};
    }
    return {0, {}};
}

ResultRecords credential_records(const Message &answer, const Request &request)
{
    ResultRecords records;
    const auto [backupnum, record] = credential_in(answer, request);
    const std::string_view enrollid = request.value("UserID");
    if (record.empty() || !valid_id(enrollid)) {
        return records;
    }
    StoreEnrolment store;
    store.enrollid = enrollid;
    add_credential(store, records, backupnum, record);
    if (backupnum == kPhoto) {
        auto photo = cloud::decode_base64(record);
        if (photo && photo->starts_with("\xff\xd8\xff")) {
            store.photo =
                as_bytes(records.texts.emplace_back(std::move(*photo)));
        }
    }
    records.rows = 1;
    records.enrolment = std::move(store);
    return records;
}

/** One that cannot be understood goes aside, whole. */
ResultRecords log_records(const Message &answer)
{
    ResultRecords records;
    records.rows = 1;
    auto log = attendance_of(answer, records.texts);
    if (log) {
        records.logs.push_back(std::move(*log));
        return records;
    }
    records.invalid_rows = 1;
    records.invalid = raw_of(answer, {});
    records.invalid_reason = log.error().text;
    return records;
}

} // namespace

std::string privilege_word(std::string_view privilege)
{
    const auto rank = rank_of(privilege);
    return std::string(rank ? cloud::privilege_of(rank) : privilege);
}

std::optional<Person> person_in(const Message &answer, const Request &request)
{
    Person person;
    person.user_id = answer.value("UserID");
    if (person.user_id.empty() && request.name == "GetUserData") {
        person.user_id = request.value("UserID");
    }
    const std::string_view long_id = answer.value("UserID_Base36");
    person.enrollid = long_id.empty() ? person.user_id : std::string(long_id);
    if (!valid_id(person.enrollid) || person.enrollid == "0") {
        return std::nullopt;
    }
    person.name = decode_name(answer.value("Name")).value_or("");
    person.privilege = answer.value("Privilege");
    person.enabled = truth_of(answer.value("Enabled"));
    person.pin = answer.value("PWD");
    person.card = card_of(answer.value("Card"));
    person.fingers = fingers_of(answer.value("Fingers"));
    person.has_face = truth_of(answer.value("FaceEnrolled")).value_or(false);
    return person;
}

ResultRecords records_in(const Message &answer, const Request &request)
{
    const std::string_view name = request.name;
    if (std::find(std::begin(kPersonAnswers), std::end(kPersonAnswers), name) !=
        std::end(kPersonAnswers)) {
        return person_records(answer, request);
    }
    if (name == "GetFirstGlog" || name == "GetNextGlog") {
        return answer.find("LogID") ? log_records(answer) : ResultRecords{};
    }
    return credential_records(answer, request);
}

} // namespace wac::xml
