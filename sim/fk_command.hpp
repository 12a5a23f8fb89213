// What one command sees while a simulated terminal executes it, and the
// answers that all of them give. The commands are in fk_user_commands.cpp
// and fk_device_commands.cpp.
#pragma once

#include "codec/fk.hpp"
#include "fk_execute.hpp"

#include <span>

namespace wac::sim
{

struct FkCommand {
    FkTerminal &terminal;
    const FkDialect &dialect;
    const fk::Body &body;
    std::int64_t host_now_s;

    const json_t *parameters() const { return body.json.get(); }

    /** The person that `key` of `object` names, as this terminal writes the
     *  id, whether it holds him or not; nothing: it can hold no such id. */
    std::optional<std::string> id(const json_t *object,
                                  const char *key = "user_id") const
    {
        const auto text = fk::user_id_field(object, key);
        return text ? terminal.id_of(*text) : std::nullopt;
    }

    /** The person that `user_id` names, if the terminal holds him. */
    FkUser *user() const
    {
        const auto user_id = id(parameters());
        const auto found =
            user_id ? terminal.users.find(*user_id) : terminal.users.end();
        return found == terminal.users.end() ? nullptr : &found->second;
    }
};

struct FkCommandRow {
    std::string_view name;
    FkOutcome (*execute)(const FkCommand &);
};

std::span<const FkCommandRow> fk_user_commands();
std::span<const FkCommandRow> fk_device_commands();

inline FkOutcome fk_failed(std::string return_code)
{
    return {true, std::move(return_code), {}, {}};
}

/** The spelling is real (fk-http.md 3.2). */
inline FkOutcome fk_invalid_parameter()
{
    return fk_failed("ERROR_INVALID_PARAMTER");
}

inline FkOutcome fk_no_id()
{
    return fk_failed("ERROR_NO_ID");
}

inline FkOutcome fk_silent()
{
    return {false, {}, {}, {}};
}

} // namespace wac::sim
