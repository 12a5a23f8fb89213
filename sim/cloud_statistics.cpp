#include "cloud_statistics.hpp"

#include "json_build.hpp"

#include <array>

namespace wac::sim
{

namespace
{

struct Counter {
    const char *name;
    std::uint64_t CloudStatistics::*value;
};

/** Those whose name says enough; in the order of the summary. */
constexpr std::array<Counter, 19> kCounters{{
    {"devices", &CloudStatistics::devices},
    {"registered", &CloudStatistics::registered},
    {"registrations", &CloudStatistics::registrations},
    {"links", &CloudStatistics::links},
    {"links_lost", &CloudStatistics::links_lost},
    {"punches_made", &CloudStatistics::punches_made},
    {"punches_not_made", &CloudStatistics::punches_not_made},
    {"punches_sent", &CloudStatistics::punches_sent},
    {"punches_acked", &CloudStatistics::punches_acked},
    {"enrolments_sent", &CloudStatistics::enrolments_sent},
    {"enrolments_acked", &CloudStatistics::enrolments_acked},
    {"resends", &CloudStatistics::resends},
    {"acks_again", &CloudStatistics::acks_again},
    {"unanswered", &CloudStatistics::unanswered},
    {"given_up", &CloudStatistics::given_up},
    {"checklives", &CloudStatistics::checklives},
    {"results_sent", &CloudStatistics::results_sent},
    {"pings", &CloudStatistics::pings},
    {"errors", &CloudStatistics::errors},
}};

std::string words(std::string_view name)
{
    std::string text(name);
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

} // namespace

std::string status_line(const CloudStatistics &statistics, double seconds)
{
    return text_of(seconds, 0) +
           " s: " + std::to_string(statistics.registered) +
           " registered; punches: " + std::to_string(statistics.punches_sent) +
           " sent, " + std::to_string(statistics.punches_acked) +
           " acknowledged, " + std::to_string(statistics.punches_waiting()) +
           " waiting; " + std::to_string(total(statistics.commands)) +
           " commands, " + std::to_string(total(statistics.refused)) +
           " refusals, " + std::to_string(statistics.links_lost) +
           " links lost, " +
           std::to_string(statistics.errors + statistics.connect_failures) +
           " errors\n";
}

std::string summary(const CloudStatistics &statistics, double seconds)
{
    std::string text;
    const auto line = [&text](std::string name, const std::string &value) {
        name.resize(18, ' ');
        text += name + value + '\n';
    };
    line("time", text_of(seconds, 1) + " s");
    for (const Counter &counter : kCounters) {
        line(words(counter.name), std::to_string(statistics.*counter.value));
    }
    line("punches waiting", std::to_string(statistics.punches_waiting()));
    line("connect failures", std::to_string(statistics.connect_failures));
    line("commands", text_of(statistics.commands));
    line("refusals", text_of(statistics.refused));
    line("faults", text_of(statistics.faults));
    line("punch answers", text_of(statistics.punch_answers));
    line("reg answers", text_of(statistics.reg_answers));
    return text;
}

Json summary_json(const CloudStatistics &statistics, double seconds,
                  bool complete)
{
    Json object(json_object());
    const auto number = [&object](const char *name, std::uint64_t value) {
        set(object, name, Json(json_integer(static_cast<json_int_t>(value))));
    };
    set(object, "complete", Json(json_boolean(complete)));
    set(object, "seconds", Json(json_real(seconds)));
    for (const Counter &counter : kCounters) {
        number(counter.name, statistics.*counter.value);
    }
    number("punches_waiting", statistics.punches_waiting());
    number("connect_failures", statistics.connect_failures);
    set(object, "commands", json_of(statistics.commands));
    set(object, "refused", json_of(statistics.refused));
    set(object, "faults", json_of(statistics.faults));
    set(object, "punch_ms", json_of(statistics.punch_answers));
    set(object, "reg_ms", json_of(statistics.reg_answers));
    return object;
}

} // namespace wac::sim
