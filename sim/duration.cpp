#include "duration.hpp"

#include "base/duration.hpp"

namespace wac::sim
{

std::optional<std::chrono::milliseconds> duration_of(std::string_view text)
{
    const auto duration = parse_duration(text);
    return duration && duration->count() > 0 ? duration : std::nullopt;
}

CLI::Validator duration()
{
    return CLI::Validator(
        [](const std::string &text) -> std::string {
            return duration_of(text) ? ""
                                     : "\"" + text +
                                           "\" is not a length of time such "
                                           "as 500ms, 30s, 5m or 2h";
        },
        "TIME");
}

} // namespace wac::sim
