#include "cloud_execute.hpp"

#include "cloud_command.hpp"
#include "json_build.hpp"

#include <algorithm>

namespace wac::sim
{

namespace
{

const CloudCommandRow *find_command(std::string_view name)
{
    for (const auto rows : {cloud_user_commands(), cloud_log_commands(),
                            cloud_device_commands()}) {
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

CloudOutcome execute(CloudTerminal &terminal, std::string_view name,
                     const json_t *command, std::int64_t host_now_s)
{
    const CloudCommandRow *row = find_command(name);
    return row ? row->execute({terminal, command, host_now_s}) : cloud_failed();
}

CloudOutcome cloud_page(const CloudCommand &command, Json record,
                        std::size_t from, std::size_t total)
{
    const std::size_t size = json_array_size(record.get());
    const bool inclusive = command.terminal.family != CloudFamily::th;
    CloudOutcome outcome;
    outcome.fields = Json(json_object());
    const auto number = [&outcome](const char *key, std::size_t value) {
        set(outcome.fields, key,
            Json(json_integer(static_cast<json_int_t>(value))));
    };
    number("count", size == 0 || !inclusive ? size : total);
    number("from", size == 0 ? 0 : from);
    number("to", size == 0 ? 0 : from + size - inclusive);
    set(outcome.fields, "record", std::move(record));
    return outcome;
}

} // namespace wac::sim
