#include "option_values.hpp"

#include "base/text.hpp"

#include <cmath>

namespace wac::sim
{

CLI::Validator whole_number(std::int64_t least, std::int64_t most)
{
    return CLI::Validator(
        [least, most](const std::string &text) -> std::string {
            const auto number = parse_integer<std::int64_t>(text);
            return number && *number >= least && *number <= most
                       ? ""
                       : "\"" + text + "\" is not a whole number from " +
                             std::to_string(least) + " to " +
                             std::to_string(most);
        },
        "NUMBER");
}

std::optional<double> real_of(const std::string &text)
{
    double value = 0;
    const char *const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end && std::isfinite(value)
               ? std::optional{value}
               : std::nullopt;
}

CLI::Validator real_number(double most)
{
    return CLI::Validator(
        [most](const std::string &text) -> std::string {
            const auto number = real_of(text);
            return number && *number >= 0 && *number <= most
                       ? ""
                       : "\"" + text + "\" is not a number from 0 to " +
                             std::to_string(static_cast<long long>(most));
        },
        "NUMBER");
}

void add_duration(CLI::App &command, const char *name, const char *help,
                  const std::function<void(std::chrono::milliseconds)> &take)
{
    command
        .add_option_function<std::string>(
            name, [take](const auto &text) { take(*duration_of(text)); }, help)
        ->check(duration());
}

} // namespace wac::sim
