// Commands on the terminal itself: its clock, settings and door.
#include "cloud_command.hpp"

#include "json_build.hpp"

#include <algorithm>
#include <array>

namespace wac::sim
{

namespace
{

struct Setting {
    const char *key;
    json_int_t value; // of a new terminal
};

constexpr std::array<Setting, 9> kSettings{{
    {"deviceid", 1},
    {"language", 0},
    {"volume", 6},
    {"screensaver", 0},
    {"verifymode", 0},
    {"sleep", 0},
    {"userfpnum", 3},
    {"loghint", 1000},
    {"reverifytime", 0},
}};

/** What the server sent, without what every command has. */
Json parameters_of(const json_t *command)
{
    Json copy(json_copy(const_cast<json_t *>(command)));
    for (const char *key : {"cmd", "sn", "stn"}) {
        json_object_del(copy.get(), key);
    }
    return copy;
}

void update(const Json &object, const json_t *with)
{
    if (json_object_update(object.get(), const_cast<json_t *>(with)) != 0) {
        throw std::bad_alloc();
    }
}

// ---- clock -----------------------------------------------------------------

CloudOutcome set_time(const CloudCommand &command)
{
    const bool bs = !json_object_get(command.parameters, "cloudtime");
    const auto time =
        time_of(json_string(command.parameters, bs ? "time" : "cloudtime"));
    if (!time) {
        return cloud_failed();
    }
    command.terminal.clock_offset_s = *time - command.host_now_s;
    return {};
}

CloudOutcome get_time(const CloudCommand &command)
{
    CloudOutcome outcome;
    outcome.fields = Json(json_object());
    set(outcome.fields, "time",
        json_text_value(
            time_text(command.host_now_s + command.terminal.clock_offset_s)));
    return outcome;
}

// ---- settings --------------------------------------------------------------

CloudOutcome set_device_info(const CloudCommand &command)
{
    const json_t *inner = json_object_get(command.parameters, "devinfo");
    const Json given =
        parameters_of(json_is_object(inner) ? inner : command.parameters);
    if (json_object_size(given.get()) == 0) {
        return cloud_failed();
    }
    Json &settings = command.terminal.settings;
    if (!settings) {
        settings = Json(json_object());
    }
    update(settings, given.get());
    return {};
}

CloudOutcome get_device_info(const CloudCommand &command)
{
    CloudOutcome outcome;
    outcome.fields = Json(json_object());
    for (const Setting &setting : kSettings) {
        set(outcome.fields, setting.key, Json(json_integer(setting.value)));
    }
    if (command.terminal.settings) {
        update(outcome.fields, command.terminal.settings.get());
    }
    return outcome;
}

/** Documents that are kept as they come; the `get` gives them back. */
template <const char *const &Name>
CloudOutcome set_document(const CloudCommand &command)
{
    command.terminal.documents[Name] = parameters_of(command.parameters);
    return {};
}

template <const char *const &Name>
CloudOutcome get_document(const CloudCommand &command)
{
    const auto found = command.terminal.documents.find(Name);
    if (found == command.terminal.documents.end()) {
        return cloud_failed();
    }
    CloudOutcome outcome;
    outcome.fields = Json(json_copy(found->second.get()));
    return outcome;
}

constexpr const char *kLock = "devlock";
constexpr const char *kHoliday = "holiday";
constexpr const char *kQuestionnaire = "questionnaire";

// ---- door ------------------------------------------------------------------

CloudOutcome open_door(const CloudCommand &command)
{
    const auto door = command.number("doornum");
    if (door && (*door < 1 || *door > 4)) {
        return cloud_failed();
    }
    ++command.terminal.doors_opened;
    return {};
}

/** Only BS terminals know it. */
CloudOutcome control_lock(const CloudCommand &command)
{
    const auto control = command.number("ctrl");
    if (command.terminal.family != CloudFamily::bs || !control ||
        *control < 0 || *control > 2) {
        return cloud_failed();
    }
    command.terminal.lock = static_cast<int>(*control);
    return {};
}

// ---- the whole terminal ----------------------------------------------------

CloudOutcome disable_device(const CloudCommand &command)
{
    command.terminal.disabled = true;
    return {};
}

CloudOutcome enable_device(const CloudCommand &command)
{
    command.terminal.disabled = false;
    return {};
}

CloudOutcome init_system(const CloudCommand &command)
{
    command.terminal.users.clear();
    command.terminal.logs.clear();
    command.terminal.fetched_logs = 0;
    return {};
}

constexpr std::array<CloudCommandRow, 15> kRows{{
    {"settime", set_time},
    {"gettime", get_time},
    {"setdevinfo", set_device_info},
    {"getdevinfo", get_device_info},
    {"setdevlock", set_document<kLock>},
    {"getdevlock", get_document<kLock>},
    {"setholiday", set_document<kHoliday>},
    {"getholiday", get_document<kHoliday>},
    {"setquestionnaire", set_document<kQuestionnaire>},
    {"getquestionnaire", get_document<kQuestionnaire>},
    {"opendoor", open_door},
    {"lockctrl", control_lock},
    {"disabledevice", disable_device},
    {"enabledevice", enable_device},
    {"initsys", init_system},
}};

} // namespace

std::span<const CloudCommandRow> cloud_device_commands()
{
    return kRows;
}

} // namespace wac::sim
