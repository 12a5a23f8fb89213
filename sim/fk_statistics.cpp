#include "fk_statistics.hpp"

#include "json_build.hpp"

namespace wac::sim
{

std::string status_line(const FkStatistics &statistics, double seconds)
{
    return text_of(seconds, 0) + " s: " + std::to_string(statistics.polls) +
           " polls; punches: " + std::to_string(statistics.punches_sent) +
           " sent, " + std::to_string(statistics.punches_acked) +
           " acknowledged, " + std::to_string(statistics.punches_waiting()) +
           " waiting; " + std::to_string(total(statistics.commands)) +
           " commands, " + std::to_string(total(statistics.refused)) +
           " refusals, " +
           std::to_string(statistics.errors + statistics.connect_failures) +
           " errors\n";
}

std::string summary(const FkStatistics &statistics, double seconds)
{
    const auto line = [](const char *name, const std::string &value) {
        std::string text = name;
        text.resize(18, ' ');
        return text + value + '\n';
    };
    const auto number = [&line](const char *name, std::uint64_t value) {
        return line(name, std::to_string(value));
    };
    std::string punches =
        std::to_string(statistics.punches_sent) + " sent, " +
        std::to_string(statistics.punches_acked) + " acknowledged, " +
        std::to_string(statistics.punches_waiting()) + " waiting, " +
        std::to_string(statistics.resends) + " resends";
    if (statistics.punches_not_made > 0) {
        punches += ", " + std::to_string(statistics.punches_not_made) +
                   " not made (nobody enrolled, or the log full)";
    }
    return number("terminals", statistics.devices) +
           line("time", text_of(seconds, 1) + " s") +
           number("polls", statistics.polls) + line("punches", punches) +
           line("enrolments", std::to_string(statistics.enrolments_sent) +
                                  " sent, " +
                                  std::to_string(statistics.enrolments_acked) +
                                  " acknowledged") +
           line("commands", text_of(statistics.commands)) +
           number("results", statistics.results_sent) +
           line("refusals", text_of(statistics.refused)) +
           line("faults", text_of(statistics.faults)) +
           number("errors", statistics.errors) +
           number("connect failures", statistics.connect_failures) +
           line("punch answers", text_of(statistics.punch_answers)) +
           line("poll answers", text_of(statistics.poll_answers));
}

Json summary_json(const FkStatistics &statistics, double seconds, bool complete)
{
    Json object(json_object());
    const auto number = [&object](const char *name, std::uint64_t value) {
        set(object, name, Json(json_integer(static_cast<json_int_t>(value))));
    };
    set(object, "complete", Json(json_boolean(complete)));
    set(object, "seconds", Json(json_real(seconds)));
    number("devices", statistics.devices);
    number("polls", statistics.polls);
    number("punches_made", statistics.punches_made);
    number("punches_not_made", statistics.punches_not_made);
    number("punches_sent", statistics.punches_sent);
    number("punches_acked", statistics.punches_acked);
    number("punches_waiting", statistics.punches_waiting());
    number("resends", statistics.resends);
    number("enrolments_sent", statistics.enrolments_sent);
    number("enrolments_acked", statistics.enrolments_acked);
    set(object, "commands", json_of(statistics.commands));
    number("results_sent", statistics.results_sent);
    set(object, "refused", json_of(statistics.refused));
    set(object, "faults", json_of(statistics.faults));
    number("errors", statistics.errors);
    number("connect_failures", statistics.connect_failures);
    set(object, "punch_ms", json_of(statistics.punch_answers));
    set(object, "poll_ms", json_of(statistics.poll_answers));
    return object;
}

} // namespace wac::sim
