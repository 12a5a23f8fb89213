// Commands on people: their list, their credentials, names and rights.
#include "cloud_command.hpp"

#include "cloud_frames.hpp"
#include "json_build.hpp"

#include <array>

namespace wac::sim
{

namespace
{

constexpr std::size_t kListPage = 40;
constexpr std::size_t kMostNames = 50;
constexpr std::size_t kLongestProfile = 200;
constexpr int kAllFingers = 12;
constexpr int kWholeUser = 13;
constexpr int kFingers = 10;

std::optional<CloudRecord> record_of(const json_t *value)
{
    if (json_is_integer(value)) {
        return CloudRecord{std::to_string(json_integer_value(value)), true};
    }
    if (json_is_string(value) && json_string_length(value) > 0) {
        return CloudRecord{
            {json_string_value(value), json_string_length(value)}, false};
    }
    return std::nullopt;
}

std::optional<int> backupnum_of(const CloudCommand &command)
{
    const auto number = command.number("backupnum");
    return number && *number >= 0 && *number <= 99
               ? std::optional{static_cast<int>(*number)}
               : std::nullopt;
}

/** The request's enrollid and backupnum, as most replies repeat them. */
CloudOutcome repeating(const CloudCommand &command, CloudOutcome outcome)
{
    outcome.fields = Json(json_object());
    for (const char *key : {"enrollid", "backupnum"}) {
        if (const auto number = command.number(key)) {
            set(outcome.fields, key, Json(json_integer(*number)));
        }
    }
    return outcome;
}

// ---- lists -----------------------------------------------------------------

std::size_t credential_count(const CloudUsers &users)
{
    std::size_t count = 0;
    for (const auto &[enrollid, user] : users) {
        count += user.credentials.size();
    }
    return count;
}

/** One entry per credential. */
CloudOutcome get_user_list(const CloudCommand &command)
{
    const CloudUsers &users = command.terminal.users;
    CloudPages &pages = command.terminal.user_pages;
    if (command.first_page()) {
        pages = {};
    }
    Json record(json_array());
    const std::size_t from = pages.next;
    for (auto user = users.lower_bound(pages.enrollid);
         user != users.end() && pages.next < from + kListPage; ++user) {
        if (user->first != pages.enrollid) {
            pages.enrollid = user->first;
            pages.backupnum = -1;
        }
        for (auto each = user->second.credentials.upper_bound(pages.backupnum);
             each != user->second.credentials.end() &&
             pages.next < from + kListPage;
             ++each, ++pages.next) {
            Json entry(json_object());
            set(entry, "enrollid", Json(json_integer(user->first)));
            set(entry, "admin", Json(json_integer(user->second.admin)));
            set(entry, "backupnum", Json(json_integer(each->first)));
            append(record, std::move(entry));
            pages.backupnum = each->first;
        }
    }
    return cloud_page(command, std::move(record), from,
                      credential_count(users));
}

CloudOutcome get_user_ids(const CloudCommand &command)
{
    Json record(json_array());
    for (const auto &[enrollid, user] : command.terminal.users) {
        append(record, Json(json_integer(enrollid)));
    }
    return cloud_page(command, std::move(record), 0,
                      command.terminal.users.size());
}

// ---- one person ------------------------------------------------------------

CloudOutcome get_user_info(const CloudCommand &command)
{
    const CloudUser *user = command.user();
    const auto backupnum = backupnum_of(command);
    if (!user || !backupnum || !user->credentials.contains(*backupnum)) {
        return cloud_failed();
    }
    CloudOutcome outcome;
    outcome.fields =
        user_json(command.terminal, {*command.number("enrollid"), *backupnum});
    return outcome;
}

/** The profile keys may come alone (cloud-json.md 3.1). */
CloudOutcome set_user_info(const CloudCommand &command)
{
    const auto enrollid = command.number("enrollid");
    const auto backupnum = backupnum_of(command);
    const json_t *value = json_object_get(command.parameters, "record");
    auto record = record_of(value);
    if (!enrollid || *enrollid < 1 || (value && (!record || !backupnum))) {
        return repeating(command, cloud_failed());
    }
    CloudUser &user = command.terminal.users[*enrollid];
    if (json_object_get(command.parameters, "name")) {
        user.name = json_string(command.parameters, "name");
    }
    user.admin = static_cast<int>(command.number("admin").value_or(user.admin));
    user.enabled = command.number("enable").value_or(user.enabled) != 0;
    if (record) {
        user.credentials[*backupnum] = std::move(record);
    }
    return repeating(command, {});
}

CloudOutcome delete_user(const CloudCommand &command)
{
    CloudUser *user = command.user();
    const auto backupnum = backupnum_of(command);
    if (!user || !backupnum) {
        return repeating(command, cloud_failed());
    }
    if (*backupnum == kWholeUser) {
        command.terminal.users.erase(*command.number("enrollid"));
        return repeating(command, {});
    }
    std::size_t erased = 0;
    if (*backupnum == kAllFingers) {
        erased = std::erase_if(user->credentials, [](const auto &each) {
            return each.first < kFingers;
        });
    } else {
        erased = user->credentials.erase(*backupnum);
    }
    return repeating(command, cloud_done(erased > 0));
}

CloudOutcome get_user_name(const CloudCommand &command)
{
    const CloudUser *user = command.user();
    if (!user) {
        return cloud_failed();
    }
    CloudOutcome outcome;
    outcome.fields = Json(json_object());
    set(outcome.fields,
        command.terminal.family == CloudFamily::bs ? "name" : "record",
        json_text_value(user->name));
    return outcome;
}

CloudOutcome set_user_name(const CloudCommand &command)
{
    const json_t *record = json_object_get(command.parameters, "record");
    if (!json_is_array(record) || json_array_size(record) > kMostNames) {
        return cloud_failed();
    }
    for (std::size_t i = 0; i < json_array_size(record); ++i) {
        const json_t *entry = json_array_get(record, i);
        const auto enrollid = json_number(entry, "enrollid");
        const auto user = enrollid ? command.terminal.users.find(*enrollid)
                                   : command.terminal.users.end();
        if (user != command.terminal.users.end()) {
            user->second.name = json_string(entry, "name");
        }
    }
    return {};
}

CloudOutcome enable_user(const CloudCommand &command)
{
    CloudUser *user = command.user();
    const auto flag = command.number(
        json_object_get(command.parameters, "enflag") ? "enflag" : "enable");
    if (!user || !flag) {
        return cloud_failed();
    }
    user->enabled = *flag != 0;
    return {};
}

/** The finger, or face, is there at once, and follows as a senduser. */
CloudOutcome add_user(const CloudCommand &command)
{
    const auto enrollid = command.number("enrollid");
    const auto backupnum = backupnum_of(command);
    if (!enrollid || *enrollid < 1 || !backupnum) {
        return repeating(command, cloud_failed());
    }
    CloudUser &user = command.terminal.users[*enrollid];
    user.name = json_string(command.parameters, "name");
    user.admin = static_cast<int>(command.number("admin").value_or(0));
    user.credentials[*backupnum] = std::nullopt;
    CloudOutcome outcome = repeating(command, {});
    outcome.enrolment = {*enrollid, *backupnum};
    return outcome;
}

// ---- profiles --------------------------------------------------------------

CloudOutcome set_user_profile(const CloudCommand &command)
{
    const auto profile = json_string(command.parameters, "profile");
    CloudUser *user = command.user();
    if (!user || profile.size() > kLongestProfile) {
        return cloud_failed();
    }
    user->profile = profile;
    return repeating(command, {});
}

CloudOutcome get_user_profile(const CloudCommand &command)
{
    const CloudUser *user = command.user();
    if (!user) {
        return cloud_failed();
    }
    CloudOutcome outcome = repeating(command, {});
    set(outcome.fields, "record", json_text_value(user->profile));
    return outcome;
}

// ---- all -------------------------------------------------------------------

CloudOutcome clean_user(const CloudCommand &command)
{
    command.terminal.users.clear();
    return {};
}

CloudOutcome clean_admin(const CloudCommand &command)
{
    for (auto &[enrollid, user] : command.terminal.users) {
        user.admin = 0;
    }
    return {};
}

constexpr std::array<CloudCommandRow, 13> kRows{{
    {"getuserlist", get_user_list},
    {"getuserids", get_user_ids},
    {"getuserinfo", get_user_info},
    {"setuserinfo", set_user_info},
    {"deleteuser", delete_user},
    {"getusername", get_user_name},
    {"setusername", set_user_name},
    {"enableuser", enable_user},
    {"adduser", add_user},
    {"setuserprofile", set_user_profile},
    {"getuserprofile", get_user_profile},
    {"cleanuser", clean_user},
    {"cleanadmin", clean_admin},
}};

} // namespace

std::span<const CloudCommandRow> cloud_user_commands()
{
    return kRows;
}

} // namespace wac::sim
