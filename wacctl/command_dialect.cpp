#include "command_dialect.hpp"

#include "proto/cloud_commands.hpp"
#include "proto/fk_commands.hpp"

#include <algorithm>

namespace wac::ctl
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
    {"fk", fk::check_command, fk::is_destructive, fk::is_urgent, fk_loss,
     fk::command_reference},
    {"cloud", cloud::check_command, cloud::is_destructive, cloud::is_urgent,
     cloud::loss_by, cloud::command_reference},
};

} // namespace

std::span<const CommandDialect> command_dialects() noexcept
{
    return kDialects;
}

const CommandDialect *command_dialect(std::string_view protocol) noexcept
{
    const auto *const found =
        std::find_if(std::begin(kDialects), std::end(kDialects),
                     [protocol](const CommandDialect &dialect) {
                         return dialect.protocol == protocol;
                     });
    return found == std::end(kDialects) ? nullptr : found;
}

} // namespace wac::ctl
