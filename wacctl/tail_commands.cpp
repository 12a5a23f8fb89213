// What comes in from all terminals, as it comes: a line an event for people,
// for programs the frames that dashboards get (cloud-json.md 6.2).
#include "tail_commands.hpp"

#include "codec/cloud.hpp"
#include "codec/type.hpp"
#include "interrupts.hpp"
#include "json_rows.hpp"
#include "live_feed.hpp"
#include "secrets.hpp"
#include "table.hpp"
#include "terminal_text.hpp"

#include <algorithm>
#include <cstdio>

namespace wac::ctl
{

namespace
{

struct TailOptions {
    FeedFilter filter;
    std::optional<long long> count;
};

CLI::Validator since()
{
    return CLI::Validator(
        [](const std::string &text) -> std::string {
            return type::parse_since(text)
                       ? ""
                       : "\"" + text +
                             "\" is neither an event's id nor a time such as "
                             "2026-01-31T08:00:00Z";
        },
        "ID|TIME");
}

Json payload_of(const Rows &events, int row)
{
    const auto text = events.value(row, "payload").value_or("{}");
    return Json(json_loadb(text.data(), text.size(),
                           JSON_DECODE_ANY | JSON_ALLOW_NUL, nullptr));
}

/** The frame is one line: a line end of JSON stands only between values. */
std::string frame_of(const Rows &events, int row)
{
    const std::string sn = events.text(row, "sn");
    const std::string type = events.text(row, "type");
    const std::int64_t id = events.integer(row, "id");
    const std::int64_t at_us = events.integer(row, "at_us");
    if (type == "device_status") {
        const Json payload = payload_of(events, row);
        return type::device_status(sn, json_string(payload.get(), "status"),
                                   at_us, id);
    }
    std::string payload(events.value(row, "payload").value_or("{}"));
    std::replace(payload.begin(), payload.end(), '\n', ' ');
    return type == "telemetry" ? type::telemetry(sn, payload, at_us, id)
                               : type::event(sn, events.text(row, "event_type"),
                                             payload, at_us, id);
}

/** "enrollid=7 name=\"Ann Lee\" method=face": what an object says, without
 *  what it does not know. */
std::string summary_of(const json_t *payload)
{
    if (!json_is_object(payload)) {
        return cloud::write_json(payload);
    }
    std::string text;
    const char *key;
    json_t *value;
    json_object_foreach(const_cast<json_t *>(payload), key, value)
    {
        if (json_is_null(value)) {
            continue;
        }
        const std::string_view word = cloud::verbatim_of(value);
        const bool plain =
            !word.empty() && word.find_first_of(" =\"") == word.npos;
        text += text.empty() ? "" : " ";
        text += std::string(key) + "=" +
                (plain ? std::string(word) : cloud::write_json(value));
    }
    return text;
}

/** "2026-01-31 08:00:00+00  HD00123  attendance  enrollid=7 …". */
std::string line_of(const Rows &events, int row)
{
    const std::string type = events.text(row, "type");
    const Json payload = without_secrets(payload_of(events, row).get());
    const bool status = type == "device_status";
    return cell(events, row, "at") + "  " + events.text(row, "sn") + "  " +
           (status ? std::string(json_string(payload.get(), "status"))
                   : (type == "event" ? events.text(row, "event_type") : type) +
                         "  " + summary_of(payload.get()));
}

void print_event(const Rows &events, int row, bool json)
{
    if (!json) {
        print_line(line_of(events, row));
        return;
    }
    std::puts(escaped_json(frame_of(events, row)).c_str());
}

Result<Outcome> tail(Database &database, const TailOptions &options, bool json)
{
    const Interrupts interrupts;
    auto feed = LiveFeed::begin(database, options.filter);
    if (!feed) {
        return tl::make_unexpected(feed.error());
    }
    long long shown = 0;
    while (!interrupts.any()) {
        const auto events = feed->next();
        if (!events) {
            return tl::make_unexpected(events.error());
        }
        for (int row = 0; row < events->size(); ++row) {
            print_event(*events, row, json);
            if (++shown == options.count) {
                return Outcome::done;
            }
        }
        if (std::fflush(stdout) != 0) {
            return Outcome::done; // main says why
        }
        if (events->empty()) {
            if (const auto waited = feed->wait(); !waited) {
                return tl::make_unexpected(waited.error());
            }
        }
    }
    return Outcome::done;
}

} // namespace

void add_tail_command(CLI::App &program, CommandLine &line)
{
    auto *command = program.add_subcommand(
        "tail", "Show what comes in from terminals, as it comes");
    auto options = std::make_shared<TailOptions>();
    command
        ->add_option("--device", options->filter.devices,
                     "Only of this terminal; may be given again")
        ->type_name("SN")
        ->allow_extra_args(false);
    command
        ->add_option("--type", options->filter.types,
                     "Only these: device_status, telemetry, event (all of "
                     "them), or one kind of events, such as attendance, "
                     "admin_log, command_result; may be given again")
        ->type_name("TYPE")
        ->allow_extra_args(false);
    command
        ->add_option_function<std::string>(
            "--since",
            [options](const std::string &text) {
                options->filter.since = type::parse_since(text);
            },
            "First what came after the event of this id, or from this time "
            "on (UTC, unless it has an offset); default: from now on")
        ->check(since());
    command
        ->add_option("--count", options->count,
                     "End after so many events; default: with Ctrl-C")
        ->check(positive_number());
    command->footer("With --json, each line is a frame as a dashboard gets it; "
                    "\"id\" is for --since.\n\n"
                    "Examples: wacctl tail --device HD00123 --type attendance\n"
                    "          wacctl tail --since 2026-01-31T08:00:00Z --json "
                    "| jq .payload");
    on_database(*command, line, [&line, options](Database &database) {
        return tail(database, *options, line.json);
    });
}

} // namespace wac::ctl
