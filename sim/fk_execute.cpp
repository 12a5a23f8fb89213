#include "fk_execute.hpp"

#include "fk_command.hpp"

#include <algorithm>

namespace wac::sim
{

namespace
{

const FkCommandRow *find_command(std::string_view name)
{
    for (const auto rows : {fk_user_commands(), fk_device_commands()}) {
        const auto found =
            std::find_if(rows.begin(), rows.end(),
                         [name](const auto &row) { return row.name == name; });
        if (found != rows.end()) {
            return &*found;
        }
    }
    return nullptr;
}

} // namespace

FkOutcome execute(FkTerminal &terminal, const FkDialect &dialect,
                  std::string_view cmd_code, std::string_view body,
                  std::int64_t host_now_s)
{
    const FkCommandRow *command = find_command(cmd_code);
    if (!command) {
        return fk_silent();
    }
    const auto decoded = fk::decode_body(as_bytes(body));
    if (!decoded) {
        return fk_invalid_parameter();
    }
    if (!decoded->framed) { // a command must be framed (fk-http.md 2.4)
        return fk_failed("Error");
    }
    return command->execute({terminal, dialect, *decoded, host_now_s});
}

} // namespace wac::sim
