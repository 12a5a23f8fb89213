// Commands about people. Of set_user: what changes of a person, and each
// credential's request. Records are dealt out by the cloud dialect's rules;
// here it is decided what each number may hold.
#include "proto/xml_command_plan.hpp"

#include "base/text.hpp"
#include "codec/cloud_records.hpp"
#include "proto/cloud_command_plan.hpp"
#include "proto/cloud_command_values.hpp"
#include "proto/xml_command_records.hpp"

#include <algorithm>
#include <array>

namespace wac::xml
{

namespace
{

std::string user_id_of(const json_t *param)
{
    return std::to_string(
        json_integer_value(json_object_get(param, "enrollid")));
}

std::optional<std::int64_t> backupnum_of(const json_t *param) noexcept
{
    const json_t *backupnum = json_object_get(param, "backupnum");
    return backupnum
               ? std::optional<std::int64_t>(json_integer_value(backupnum))
               : std::nullopt;
}

std::optional<std::string> privilege_of(const json_t *param)
{
    constexpr std::array<std::string_view, 3> kWords{"User", "Manager",
                                                     "Administrator"};
    const json_t *rank = json_object_get(param, "privilege");
    return rank
               ? std::optional<std::string>(
                     kWords[static_cast<std::size_t>(json_integer_value(rank))])
               : std::nullopt;
}

struct Credential {
    std::int64_t backupnum = 0;
    std::string record; // text, or a binary in base64
};

/** Each with its record or binary. */
Result<std::vector<Credential>> credentials_of(const json_t *param,
                                               const PlanInput &input)
{
    std::vector<Credential> credentials;
    Json holders(json_object());
    for (const char *key : {"enrollid", "backupnum", "record", "credentials"}) {
        if (const json_t *value = json_object_get(param, key)) {
            cloud::set_member(holders.get(), key, cloud::shared(value));
        }
    }
    const bool any = json_object_get(param, "backupnum") ||
                     json_array_size(json_object_get(param, "credentials")) > 0;
    if (!any && json_object_get(param, "record")) {
        return refuse("backupnum is missing");
    }
    if (!any && input.bins.empty()) {
        return credentials;
    }
    cloud::PlanInput dealt;
    dealt.cmd_code = "set_user";
    dealt.bins = input.bins;
    dealt.always_string = true;
    const auto plan = cloud::plan_credentials(std::move(holders), dealt);
    if (!plan) {
        return tl::make_unexpected(plan.error());
    }
    for (const cloud::Step &step : plan->steps) {
        credentials.push_back(
            {json_integer_value(json_object_get(step.frame.get(), "backupnum")),
             std::string(json_string(step.frame.get(), "record"))});
    }
    return credentials;
}

bool is_digits(std::string_view text) noexcept
{
    constexpr std::size_t kMost = 16;
    return !text.empty() && text.size() <= kMost &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return c >= '0' && c <= '9'; });
}

std::string label_of(const Credential &credential)
{
    return "credential " + std::to_string(credential.backupnum);
}

/** A template is opaque, so base64 is all that is asked of it. */
Result<Step> template_step(const Credential &credential,
                           const std::string &user_id, bool has_contents)
{
    const auto bytes = cloud::decode_base64(credential.record);
    if (!bytes || (bytes->empty() && has_contents)) {
        return refuse("the record of backupnum " +
                      std::to_string(credential.backupnum) +
                      " must be a template in base64");
    }
    Step step;
    step.label = label_of(credential);
    step.request.add("UserID", user_id);
    if (credential.backupnum == kFace) {
        step.request.name = "SetFaceData";
        step.request.add("DuplicationCheck", "No")
            .add("FaceData", credential.record);
        return step;
    }
    step.request.name = "SetFingerData";
    step.request.add("FingerNo", credential.backupnum)
        .add("DuplicationCheck", 1)
        .add("Duress", 0)
        .add("FingerData", credential.record);
    return step;
}

Result<Step> photo_step(const Credential &credential,
                        const std::string &user_id, bool has_contents)
{
    constexpr std::size_t kMost = 32768;
    const auto bytes = cloud::decode_base64(credential.record);
    const bool untold = !has_contents && credential.record.empty();
    if (!untold && (!bytes || !bytes->starts_with("\xff\xd8\xff"))) {
        return refuse("the record of backupnum 50 must be a JPEG; a face "
                      "template is backupnum 20");
    }
    if (!untold && bytes->size() > kMost) {
        return refuse("the JPEG is longer than " + std::to_string(kMost) +
                      " bytes");
    }
    Step step;
    step.label = label_of(credential);
    step.request.name = "EnrollFaceByPhoto";
    step.request.add("UserID", user_id)
        .add("PhotoSize", static_cast<std::int64_t>(untold ? 0 : bytes->size()))
        .add("PhotoData", credential.record);
    return step;
}

/** Into the change, as a field of the person or a request behind it. */
Result<void> add_credential(UserChange &change, const Credential &credential,
                            bool has_contents)
{
    const std::int64_t number = credential.backupnum;
    if (number == kPin) {
        if (!is_digits(credential.record)) {
            return refuse("the record of backupnum 10 must be 1 to 16 digits");
        }
        change.pin = credential.record;
        return {};
    }
    if (number == kCard) {
        const auto card = parse_integer<std::uint32_t>(credential.record);
        if (!is_digits(credential.record) || !card) {
            return refuse("the record of backupnum 11 must be the card's "
                          "number, at most 4294967295");
        }
        change.card = encode_card(*card);
        return {};
    }
    if (number >= kFingers && number != kFace && number != kPhoto) {
        return refuse("an XML terminal has credentials 0 to 9, 10, 11, 20 "
                      "and 50");
    }
    auto step = number == kPhoto
                    ? photo_step(credential, change.user_id, has_contents)
                    : template_step(credential, change.user_id, has_contents);
    if (!step) {
        return tl::make_unexpected(std::move(step.error()));
    }
    change.credentials.push_back(std::move(*step));
    return {};
}

Planned set_user(const CommandRule &, const json_t *param,
                 const PlanInput &input)
{
    UserChange change;
    change.user_id = user_id_of(param);
    change.privilege = privilege_of(param);
    if (json_object_get(param, "name")) {
        change.name = std::string(json_string(param, "name"));
    }
    if (const json_t *enabled = json_object_get(param, "enabled")) {
        change.enabled = json_is_true(enabled);
    }
    const auto credentials = credentials_of(param, input);
    if (!credentials) {
        return tl::make_unexpected(credentials.error());
    }
    for (const Credential &credential : *credentials) {
        if (auto added = add_credential(change, credential, input.has_contents);
            !added) {
            return tl::make_unexpected(std::move(added.error()));
        }
    }
    const bool nothing = !change.name && !change.privilege && !change.enabled &&
                         credentials->empty();
    if (nothing) {
        return refuse("there is nothing to set: neither credentials nor name, "
                      "privilege nor enabled");
    }
    return way_to_change(std::move(change));
}

// ---- the others ------------------------------------------------------------

Request about_user(std::string_view name, const json_t *param)
{
    Request request{std::string(name), {}};
    request.add("UserID", user_id_of(param));
    return request;
}

Planned get_user(const CommandRule &, const json_t *param, const PlanInput &)
{
    const auto backupnum = backupnum_of(param);
    if (!backupnum) {
        return way_to_read(user_id_of(param));
    }
    if (*backupnum < kFingers) {
        Request request = about_user("GetFingerData", param);
        request.add("FingerNo", *backupnum).add("FingerOnly", 1);
        return one(std::move(request));
    }
    switch (*backupnum) {
    case kPin:
    case kCard:
        return one(about_user("GetUserData", param));
    case kFace:
        return one(about_user("GetFaceData", param));
    case kPhoto:
        return one(about_user("GetUserPhoto", param));
    default:
        return refuse("an XML terminal has credentials 0 to 9, 10, 11, 20 "
                      "and 50");
    }
}

Planned delete_user(const CommandRule &rule, const json_t *param,
                    const PlanInput &)
{
    constexpr std::int64_t kWholeUser = 13;
    const std::int64_t backupnum = backupnum_of(param).value_or(kWholeUser);
    if (backupnum < kFingers) {
        Request request = about_user("SetFingerData", param);
        return one(std::move(request.add("FingerNo", backupnum)));
    }
    Request request = about_user(rule.wire, param);
    if (backupnum == kWholeUser) {
        return one(std::move(request.add("Type", "Delete")));
    }
    if (backupnum != kPin && backupnum != kCard) {
        return refuse("an XML terminal deletes the credentials 0 to 9, 10 and "
                      "11, or the whole user");
    }
    request.add("Type", "Set")
        .add(backupnum == kPin ? "PWD" : "Card", "")
        .add("AllowNoCertificate", "Yes");
    return one(std::move(request));
}

Planned change_user(const CommandRule &, const json_t *param, const PlanInput &)
{
    UserChange change;
    change.user_id = user_id_of(param);
    change.must_exist = true;
    change.privilege = privilege_of(param);
    if (json_object_get(param, "name")) {
        change.name = std::string(json_string(param, "name"));
    }
    return way_to_change(std::move(change));
}

Planned list_users(const CommandRule &, const json_t *, const PlanInput &)
{
    return way_of_people();
}

Planned enroll_user(const CommandRule &rule, const json_t *param,
                    const PlanInput &)
{
    const std::int64_t backupnum = backupnum_of(param).value_or(0);
    Request request = about_user(rule.wire, param);
    if (backupnum < kFingers) {
        request.add("Backup", "RemoteEnrollFP").add("FingerNo", backupnum);
    } else if (backupnum == kCard) {
        request.add("Backup", "RemoteEnrollCard");
    } else if (backupnum == kFace || backupnum == kPhoto) {
        request.add("Backup", "RemoteEnrollFace");
    } else {
        return refuse("an XML terminal enrols fingers (0 to 9), a card (11) "
                      "and the face (20 or 50)");
    }
    return one(std::move(request));
}

constexpr Shape kShapes[] = {
    {"get_user", get_user},         {"set_user", set_user},
    {"delete_user", delete_user},   {"rename_user", change_user},
    {"set_privilege", change_user}, {"list_users", list_users},
    {"enroll_user", enroll_user},
};

} // namespace

Shapes user_shapes() noexcept
{
    return kShapes;
}

} // namespace wac::xml
