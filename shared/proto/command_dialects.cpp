#include "proto/command_dialects.hpp"

#include "codec/cloud.hpp"
#include "proto/cloud_commands.hpp"
#include "proto/fk_commands.hpp"
#include "proto/type_commands.hpp"
#include "proto/xml_commands.hpp"

#include <algorithm>

namespace wac
{

namespace
{

std::string fk_loss(std::string_view cmd_code)
{
    const std::string_view name = fk::fk_name_of(cmd_code, nullptr);
    if (name == "CLEAR_LOG_DATA") {
        return "deletes all punches that the terminal keeps, those not yet "
               "sent included";
    }
    if (name == "CLEAR_ENROLL_DATA") {
        return "deletes all users of the terminal with their fingerprints, "
               "faces, cards and passwords";
    }
    if (name == "CLEAR_MANAGER" || name == "CLEAR_ALL_ADMIN") {
        return "takes the rights of all managers: anybody can then open the "
               "terminal's menu";
    }
    if (name == "SET_WEB_SERVER_INFO") {
        return "makes the terminal leave this server for another; only its "
               "menu brings it back";
    }
    if (name == "UPDATE_FIRMWARE") {
        return "replaces the terminal's firmware; a wrong file can leave it "
               "unusable";
    }
    return "deletes what cannot be brought back";
}

constexpr CommandDialect kDialects[] = {
    {Protocol::fk, fk::check_command, fk::is_destructive, fk::is_urgent,
     fk_loss, fk::command_reference},
    {Protocol::cloud, cloud::check_command, cloud::is_destructive,
     cloud::is_urgent, cloud::loss_by, cloud::command_reference},
    {Protocol::type, type::check_command, type::is_destructive, type::is_urgent,
     type::loss_by, type::command_reference},
    {Protocol::xml, xml::check_command, xml::is_destructive, xml::is_urgent,
     xml::loss_by, xml::command_reference},
};

/** The names that the `type` dialect has for common words. */
std::string_view common_word(std::string_view command) noexcept
{
    if (command == "unlock") {
        return "open_door";
    }
    return command == "lock" ? std::string_view("lock_door") : command;
}

} // namespace

std::span<const CommandDialect> command_dialects() noexcept
{
    return kDialects;
}

const CommandDialect &command_dialect(Protocol protocol) noexcept
{
    return kDialects[static_cast<std::size_t>(protocol)];
}

const CommandDialect *command_dialect(std::string_view protocol) noexcept
{
    const auto *const found =
        std::find_if(std::begin(kDialects), std::end(kDialects),
                     [protocol](const CommandDialect &dialect) {
                         return name_of(dialect.protocol) == protocol;
                     });
    return found == std::end(kDialects) ? nullptr : found;
}

Result<OrderedWords> common_command(Protocol protocol, std::string_view command,
                                    const json_t *payload, bool native)
{
    const bool as_it_is = native || protocol == Protocol::type;
    const std::string_view word = as_it_is ? command : common_word(command);
    const auto sound =
        command_dialect(protocol).check(word, payload, 0, native);
    if (!sound) {
        return tl::make_unexpected(sound.error());
    }
    const bool none =
        !payload ||
        (json_is_object(payload) && json_object_size(payload) == 0) ||
        (json_is_null(payload) && protocol != Protocol::type);
    return OrderedWords{std::string(word),
                        none ? std::string() : cloud::write_json(payload)};
}

} // namespace wac
