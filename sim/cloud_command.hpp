// What one command sees while a simulated `cloud` terminal executes it. The
// commands are in cloud_user_commands.cpp, cloud_log_commands.cpp and
// cloud_device_commands.cpp.
#pragma once

#include "base/text.hpp"
#include "cloud_execute.hpp"

#include <span>

namespace wac::sim
{

/** Numbers may come as text. */
inline std::optional<std::int64_t> json_number(const json_t *object,
                                               const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_integer(value)) {
        return json_integer_value(value);
    }
    return parse_integer<std::int64_t>(json_string(object, key));
}

struct CloudCommand {
    CloudTerminal &terminal;
    const json_t *parameters;
    std::int64_t host_now_s;

    std::optional<std::int64_t> number(const char *key) const
    {
        return json_number(parameters, key);
    }

    /** The person that `enrollid` names, if the terminal holds him. */
    CloudUser *user() const
    {
        const auto enrollid = number("enrollid");
        const auto found =
            enrollid ? terminal.users.find(*enrollid) : terminal.users.end();
        return found == terminal.users.end() ? nullptr : &found->second;
    }

    /** Whether the first page of a list is asked for. */
    bool first_page() const
    {
        const auto page = number("page");
        return page ? *page <= 1
                    : !json_is_false(json_object_get(parameters, "stn"));
    }
};

struct CloudCommandRow {
    std::string_view name;
    CloudOutcome (*execute)(const CloudCommand &);
};

std::span<const CloudCommandRow> cloud_user_commands();
std::span<const CloudCommandRow> cloud_log_commands();
std::span<const CloudCommandRow> cloud_device_commands();

/** Reason 1: no such user, or anything else. */
inline CloudOutcome cloud_failed(int reason = 1)
{
    CloudOutcome outcome;
    outcome.result = false;
    outcome.reason = reason;
    return outcome;
}

inline CloudOutcome cloud_done(bool done = true)
{
    return done ? CloudOutcome{} : cloud_failed();
}

/** A page of a list. TH counts `to` exclusively and says how many this page
 *  has; the others say how many there are (cloud-json.md 3.2). */
CloudOutcome cloud_page(const CloudCommand &command, Json record,
                        std::size_t from, std::size_t total);

} // namespace wac::sim
