// The commands about people and their credentials.
#include "fk_command.hpp"

#include "codec/fk_data_lib.hpp"
#include "codec/fk_values.hpp"
#include "fk_bodies.hpp"
#include "json_build.hpp"

#include <algorithm>
#include <stdexcept>

namespace wac::sim
{

namespace
{

constexpr std::int32_t kPassword = 10;
constexpr std::int32_t kCard = 11;
constexpr std::int32_t kFace = 12;

std::optional<std::int32_t> backup_number_of(const json_t *object)
{
    const auto number = fk::integer_field(object, "backup_number");
    if (!number || *number < 0 || *number > fk::kLargestBackupNumber) {
        return std::nullopt;
    }
    return static_cast<std::int32_t>(*number);
}

/** What `object` holds under backup_number and enroll_data. */
std::optional<FkCredential> credential_in(const FkCommand &command,
                                          const json_t *object)
{
    const auto number = backup_number_of(object);
    const auto data = command.body.bin(json_object_get(object, "enroll_data"));
    if (!number || !data) {
        return std::nullopt;
    }
    const fk::Credential credential = fk::credential_of(*number, *data);
    return FkCredential{*number, std::string(as_text(credential.data))};
}

void put(FkUser &user, FkCredential credential)
{
    if (FkCredential *old = user.credential(credential.backup_number)) {
        *old = std::move(credential);
    } else {
        user.credentials.push_back(std::move(credential));
    }
}

/** One of the four names of 8.3; nothing for any other. */
std::optional<std::string> privilege_in(const json_t *object)
{
    const json_t *value = json_object_get(object, "user_privilege");
    const auto number = fk::integer_field(object, "user_privilege");
    const auto privilege = fk::privilege_of(
        json_is_integer(value) ? std::to_string(number.value_or(-1))
                               : json_string(object, "user_privilege"));
    return privilege.number ? std::optional{privilege.text} : std::nullopt;
}

// ---- one credential --------------------------------------------------------

FkOutcome get_enroll_data(const FkCommand &command)
{
    const auto number = backup_number_of(command.parameters());
    const auto user_id = command.id(command.parameters());
    if (!number || !user_id) {
        return fk_invalid_parameter();
    }
    FkUser *user = command.user();
    const FkCredential *found = user ? user->credential(*number) : nullptr;
    if (!found) {
        return fk_no_id();
    }
    FkOutcome outcome;
    outcome.body =
        framed(command.dialect, R"({"enroll_data":"BIN_1"})",
               {found->data ? *found->data
                            : made_credential(command.terminal.library,
                                              *user_id, *number)});
    return outcome;
}

FkOutcome set_enroll_data(const FkCommand &command)
{
    const auto user_id = command.id(command.parameters());
    auto credential = credential_in(command, command.parameters());
    if (!user_id || !credential) {
        return fk_invalid_parameter();
    }
    put(command.terminal.users[*user_id], std::move(*credential));
    return {};
}

/** Remote enrolment: the sensor makes the template once a finger was laid on
 *  it, and the whole person follows as an enrolment. */
FkOutcome set_command(const FkCommand &command)
{
    const json_t *param = json_object_get(command.parameters(), "param");
    const auto user_id = command.id(param);
    const auto number = backup_number_of(param);
    if (json_string(command.parameters(), "cmd") != "enter_enroll" ||
        !user_id || !number) {
        return fk_invalid_parameter();
    }
    put(command.terminal.users[*user_id], {*number, std::nullopt});
    FkOutcome outcome;
    outcome.enrolments = {*user_id};
    return outcome;
}

// ---- one person ------------------------------------------------------------

FkOutcome delete_user(const FkCommand &command)
{
    const auto user_id = command.id(command.parameters());
    if (!user_id) {
        return fk_invalid_parameter();
    }
    return command.terminal.users.erase(*user_id) > 0 ? FkOutcome{}
                                                      : fk_no_id();
}

FkOutcome set_user_name(const FkCommand &command)
{
    const json_t *name = json_object_get(command.parameters(), "user_name");
    if (!json_is_string(name)) {
        return fk_invalid_parameter();
    }
    FkUser *user = command.user();
    if (!user) {
        return fk_no_id();
    }
    user->name = json_string(command.parameters(), "user_name");
    return {};
}

FkOutcome set_user_privilege(const FkCommand &command)
{
    auto privilege = privilege_in(command.parameters());
    if (!privilege) {
        return fk_invalid_parameter();
    }
    FkUser *user = command.user();
    if (!user) {
        return fk_no_id();
    }
    user->privilege = std::move(*privilege);
    return {};
}

/** The person as the command describes him; what it leaves out is gone. */
std::optional<FkUser> user_in(const FkCommand &command)
{
    const json_t *parameters = command.parameters();
    FkUser user;
    user.name = json_string(parameters, "user_name");
    if (json_object_get(parameters, "user_privilege")) {
        auto privilege = privilege_in(parameters);
        if (!privilege) {
            return std::nullopt;
        }
        user.privilege = std::move(*privilege);
    }
    const json_t *photo = json_object_get(parameters, "user_photo");
    if (fk::names_bin(photo)) {
        const auto bytes = command.body.bin(photo);
        if (!bytes) {
            return std::nullopt;
        }
        user.photo = as_text(*bytes);
    }
    const json_t *array = json_object_get(parameters, "enroll_data_array");
    for (std::size_t i = 0; i < json_array_size(array); ++i) {
        auto credential = credential_in(command, json_array_get(array, i));
        if (!credential) {
            return std::nullopt;
        }
        put(user, std::move(*credential));
    }
    return user;
}

FkOutcome set_user_info(const FkCommand &command)
{
    const auto user_id = command.id(command.parameters());
    auto user = user_in(command);
    if (!user_id || !user) {
        return fk_invalid_parameter();
    }
    command.terminal.users[*user_id] = std::move(*user);
    return {};
}

FkOutcome get_user_info(const FkCommand &command)
{
    const FkUser *user = command.user();
    if (!user) {
        return fk_silent();
    }
    FkOutcome outcome;
    outcome.body =
        user_body(command.dialect, *command.id(command.parameters()), *user);
    return outcome;
}

// ---- all -------------------------------------------------------------------

std::int32_t privilege_number(const FkUser &user)
{
    return fk::privilege_of(user.privilege).number.value_or(0);
}

/** Bits as in fk-http.md 7.3. */
std::uint16_t flags_of(const FkUser &user)
{
    unsigned fingers = 0;
    unsigned veins = 0;
    unsigned palms = 0;
    unsigned flags = 0;
    for (const FkCredential &each : user.credentials) {
        const std::int32_t number = each.backup_number;
        fingers += number < kPassword;
        veins += number >= 20 && number <= 29;
        palms += number >= 13 && number <= 16;
        flags |= number == kPassword ? 1U : 0U;
        flags |= number == kCard ? 2U : 0U;
        flags |= number == kFace ? 4U : 0U;
    }
    flags |= std::min(fingers, 15U) << 3 | std::min(veins, 63U) << 7 |
             std::min(palms, 3U) << 13;
    return static_cast<std::uint16_t>(flags);
}

/** Ids came through id_of(), so the layout holds them. */
void append_row(std::string &rows, const FkCommand &command,
                const fk::UserIdRow &row)
{
    const auto appended =
        fk::append_user_id_row(rows, command.terminal.library, row);
    if (!appended) {
        throw std::logic_error("user id row: " + appended.error().text);
    }
}

FkOutcome get_user_id_list(const FkCommand &command)
{
    std::string rows;
    std::int64_t count = 0;
    fk::UserIdRow row;
    row.enabled = true;
    for (const auto &[user_id, user] : command.terminal.users) {
        row.user_id = user_id;
        row.privilege = privilege_number(user);
        if (!command.terminal.lists_credentials()) {
            row.flags = flags_of(user);
            append_row(rows, command, row);
            ++count;
            continue;
        }
        for (const FkCredential &each : user.credentials) {
            row.backup_number = each.backup_number;
            append_row(rows, command, row);
            ++count;
        }
    }
    const auto size = fk::user_id_row_size(command.terminal.library);
    const Json result(json_object());
    set(result, "one_user_id_size",
        integer(command.dialect, static_cast<std::int64_t>(size.value_or(0))));
    set(result, "user_id_array", json_text_value("BIN_1"));
    set(result, "user_id_count", integer(command.dialect, count));
    FkOutcome outcome;
    outcome.body = framed(command.dialect, json_text(result.get()), {rows});
    return outcome;
}

FkOutcome get_all_user_info(const FkCommand &command)
{
    FkOutcome outcome;
    for (const auto &[user_id, user] : command.terminal.users) {
        outcome.enrolments.push_back(user_id);
    }
    return outcome;
}

FkOutcome clear_enroll_data(const FkCommand &command)
{
    command.terminal.users.clear();
    return {};
}

FkOutcome clear_manager(const FkCommand &command)
{
    for (auto &[user_id, user] : command.terminal.users) {
        user.privilege = "USER";
    }
    return {};
}

constexpr FkCommandRow kCommands[] = {
    {"GET_ENROLL_DATA", get_enroll_data},
    {"SET_ENROLL_DATA", set_enroll_data},
    {"SET_COMMAND", set_command},
    {"DELETE_USER", delete_user},
    {"SET_USER_NAME", set_user_name},
    {"SET_USER_PRIVILEGE", set_user_privilege},
    {"SET_USER_INFO", set_user_info},
    {"GET_USER_INFO", get_user_info},
    {"GET_USER_ID_LIST", get_user_id_list},
    {"GET_ALL_USER_INFO", get_all_user_info},
    {"CLEAR_ENROLL_DATA", clear_enroll_data},
    {"CLEAR_MANAGER", clear_manager},
    {"CLEAR_ALL_ADMIN", clear_manager},
};

} // namespace

std::span<const FkCommandRow> fk_user_commands()
{
    return kCommands;
}

} // namespace wac::sim
