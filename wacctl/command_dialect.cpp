#include "command_dialect.hpp"

#include "proto/device.hpp"
#include "proto/fk_commands.hpp"

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

constexpr CommandDialect kFk{fk::check_command, fk::is_destructive,
                             fk::is_urgent, fk_loss};

const CommandDialect *dialect_of(Protocol protocol) noexcept
{
    switch (protocol) {
    case Protocol::fk:
        return &kFk;
    case Protocol::cloud:
    case Protocol::type:
    case Protocol::xml:
        return nullptr;
    }
    return nullptr;
}

} // namespace

const CommandDialect *command_dialect(std::string_view protocol) noexcept
{
    for (const Protocol known :
         {Protocol::fk, Protocol::cloud, Protocol::type, Protocol::xml}) {
        if (name_of(known) == protocol) {
            return dialect_of(known);
        }
    }
    return nullptr;
}

} // namespace wac::ctl
