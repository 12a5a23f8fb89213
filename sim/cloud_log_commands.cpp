// Commands on the log: getnewlog, getalllog, cleanlog.
#include "cloud_command.hpp"

#include "cloud_frames.hpp"
#include "json_build.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace wac::sim
{

namespace
{

constexpr std::size_t kPage = 50;
constexpr std::int64_t kDay_s = 86400;

/** "2026-2-1" as well as "2026-02-01 08:00:00"; nothing without a date. */
std::optional<std::int64_t> date_of(std::string_view text)
{
    if (const auto time = time_of(text)) {
        return time;
    }
    std::array<unsigned, 3> parts{};
    for (unsigned &part : parts) {
        const std::size_t end = std::min(text.find('-'), text.size());
        part = parse_integer<unsigned>(text.substr(0, end)).value_or(0);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    const WallTime time{static_cast<int>(std::min(parts[0], 10000U)), parts[1],
                        parts[2]};
    return text.empty() && time.valid() ? std::optional{seconds_of(time)}
                                        : std::nullopt;
}

/** Since the last getnewlog; what a page gave counts as given when the next
 *  one is asked for. */
CloudOutcome get_new_log(const CloudCommand &command)
{
    CloudTerminal &terminal = command.terminal;
    CloudPages &pages = terminal.new_log_pages;
    if (command.first_page()) {
        pages = {};
    } else {
        terminal.fetched_logs = pages.log;
    }
    const std::size_t first =
        std::min(terminal.fetched_logs, terminal.logs.size());
    const std::size_t end = std::min(first + kPage, terminal.logs.size());
    Json record(json_array());
    for (std::size_t i = first; i < end; ++i) {
        append(record, log_json(terminal.family, terminal.logs.at(i)));
    }
    const std::size_t from = pages.next;
    pages.next += end - first;
    pages.log = end;
    return cloud_page(command, std::move(record), from,
                      from + terminal.logs.size() - first);
}

void set_range(const CloudCommand &command, CloudPages &pages)
{
    const auto bound = [&command](const char *key, const char *bs_key) {
        const auto date = date_of(json_string(command.parameters, key));
        return date ? date : date_of(json_string(command.parameters, bs_key));
    };
    const auto until = bound("to", "endtime");
    pages.from_s = bound("from", "starttime")
                       .value_or(std::numeric_limits<std::int64_t>::min());
    pages.until_s = until ? *until + (*until % kDay_s == 0 ? kDay_s : 1)
                          : std::numeric_limits<std::int64_t>::max();
}

CloudOutcome get_all_log(const CloudCommand &command)
{
    const CloudLogs &logs = command.terminal.logs;
    CloudPages &pages = command.terminal.all_log_pages;
    if (command.first_page()) {
        pages = {};
        set_range(command, pages);
    }
    const auto belongs = [&pages](const CloudPunch &punch) {
        return punch.time_s >= pages.from_s && punch.time_s < pages.until_s;
    };
    Json record(json_array());
    for (; pages.log < logs.size() && json_array_size(record.get()) < kPage;
         ++pages.log) {
        const CloudPunch punch = logs.at(pages.log);
        if (belongs(punch)) {
            append(record, log_json(command.terminal.family, punch));
        }
    }
    std::size_t total = pages.next + json_array_size(record.get());
    for (std::size_t i = pages.log; i < logs.size(); ++i) {
        total += belongs(logs.at(i));
    }
    const std::size_t from = pages.next;
    pages.next += json_array_size(record.get());
    return cloud_page(command, std::move(record), from, total);
}

CloudOutcome clean_log(const CloudCommand &command)
{
    CloudTerminal &terminal = command.terminal;
    terminal.logs.clear();
    terminal.fetched_logs = 0;
    terminal.new_log_pages = {};
    terminal.all_log_pages = {};
    return {};
}

constexpr std::array<CloudCommandRow, 3> kRows{{
    {"getnewlog", get_new_log},
    {"getalllog", get_all_log},
    {"cleanlog", clean_log},
}};

} // namespace

std::span<const CloudCommandRow> cloud_log_commands()
{
    return kRows;
}

} // namespace wac::sim
