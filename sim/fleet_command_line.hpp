// The options that the subcommands for fleets have in common, and what they
// do alike before and after the run.
#pragma once

#include "command_line.hpp"
#include "endpoint.hpp"
#include "fleet_options.hpp"
#include "fleet_statistics.hpp"
#include "option_values.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <vector>

namespace wac::sim
{

inline constexpr std::uint32_t kMostDevices = 100000;
inline constexpr std::uint32_t kMostUsers = 1000000;
inline constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();

// ---- groups of options -----------------------------------------------------

/** --sn, --devices, --duration, --seed, --verbose, --json. */
void add_fleet_options(CLI::App &command, FleetOptions &options);

/** --rate, --backlog, --users, --logs, --clock-offset. */
void add_people_options(CLI::App &command, FleetOptions &options,
                        std::int64_t most_logs, std::int64_t most_old_logs);

/** --answer-delay, --no-answer. */
void add_answer_options(CLI::App &command, FleetOptions &options);

/** The URL, as an argument too. */
void add_url(CLI::App &command, LiveOptions &options, const char *help);

/** --ramp, --silent-after, and what WebSockets do: --header, --binary,
 *  --fragment, --no-pong. */
void add_live_options(CLI::App &command, LiveOptions &options);

// ---- options with an inner form --------------------------------------------

template <typename Faults>
struct FaultName {
    std::string_view name;
    double Faults::*probability;
};

/** "NAME=P", P from 0 to 1; nothing for any other text. */
std::optional<std::pair<std::string, double>>
probability_of(const std::string &text);

/** --fault NAME=P,... */
template <typename Faults, std::size_t Count>
void add_faults(CLI::App &command, Faults &faults,
                const std::array<FaultName<Faults>, Count> &known)
{
    std::string names;
    for (const auto &each : known) {
        names += (names.empty() ? "" : ", ") + std::string(each.name);
    }
    const auto take = [&faults, known, names](const std::string &text) {
        const auto given = probability_of(text);
        const auto found = std::find_if(
            known.begin(), known.end(), [&given](const auto &each) {
                return given && each.name == given->first;
            });
        if (found == known.end()) {
            throw CLI::ValidationError("--fault",
                                       "\"" + text + "\" is none of " + names +
                                           " with a probability from 0 to 1");
        }
        faults.*(found->probability) = given->second;
    };
    command
        .add_option_function<std::vector<std::string>>(
            "--fault",
            [take](const auto &list) {
                std::for_each(list.begin(), list.end(), take);
            },
            "Probabilities of " + names)
        ->delimiter(',')
        ->type_name("NAME=P,...");
}

/** --error COMMAND=WHAT; `take` throws CLI::ValidationError. */
void add_errors(CLI::App &command, const char *form,
                const std::function<void(const std::string &)> &take);

// ---- the run ---------------------------------------------------------------

/** What options say together. `lines`: connections of a terminal. */
Result<void> check_fleet(const FleetOptions &options, std::size_t longest_name,
                         std::uint64_t lines = 1);

/** What a URL of LiveOptions calls; `path` is that of one that has none. */
Result<Endpoint> live_endpoint(const LiveOptions &options,
                               const std::string &path);

/** Whether the run was what was wanted. */
inline Outcome outcome_of(bool complete, const FleetStatistics &statistics)
{
    return complete && statistics.punches_waiting() == 0 &&
                   statistics.punches_dropped == 0
               ? Outcome::done
               : Outcome::failed;
}

} // namespace wac::sim
