#include "cloud_frames.hpp"

#include "base64.hpp"
#include "json_build.hpp"
#include "made_jpeg.hpp"

namespace wac::sim
{

namespace
{

void set_number(const Json &object, const char *key, std::int64_t value)
{
    set(object, key, Json(json_integer(value)));
}

void set_text(const Json &object, const char *key, std::string_view value)
{
    set(object, key, json_text_value(value));
}

Json frame(const char *name, const CloudTerminal &terminal)
{
    Json object(json_object());
    set_text(object, "cmd", name);
    set_text(object, "sn", terminal.sn);
    return object;
}

std::int64_t credentials(const CloudTerminal &terminal, int least, int most)
{
    std::int64_t count = 0;
    for (const auto &[enrollid, user] : terminal.users) {
        for (const auto &[backupnum, record] : user.credentials) {
            count += backupnum >= least && backupnum <= most;
        }
    }
    return count;
}

const char *model_of(CloudFamily family)
{
    switch (family) {
    case CloudFamily::th:
        return "tfs30";
    case CloudFamily::ai:
        return "AI806";
    case CloudFamily::bs:
        break;
    }
    return "AiFace";
}

const char *firmware_of(CloudFamily family)
{
    switch (family) {
    case CloudFamily::th:
        return "TH600 V9.9";
    case CloudFamily::ai:
        return "ai806_f06v_v5.17";
    case CloudFamily::bs:
        break;
    }
    return "ai806_fp50h_v4.57";
}

Json devinfo(const CloudTerminal &terminal, std::int64_t now_s)
{
    constexpr std::int64_t kUsers = 3000;
    const bool faces = terminal.family != CloudFamily::th;
    const auto logs = static_cast<std::int64_t>(terminal.logs.size());
    Json info(json_object());
    set_text(info, "modelname", model_of(terminal.family));
    for (const char *key : {"usersize", "fpsize", "cardsize", "pwdsize"}) {
        set_number(info, key, kUsers);
    }
    set_number(info, "logsize", 100000);
    set_number(info, "useduser",
               static_cast<std::int64_t>(terminal.users.size()));
    set_number(info, "usedfp", credentials(terminal, 0, 9));
    set_number(info, "usedcard", credentials(terminal, 11, 11));
    set_number(info, "usedpwd", credentials(terminal, 10, 10));
    set_number(info, "usedlog", logs);
    set_number(info, "usednewlog", logs);
    if (faces) {
        set_number(info, "facesize", kUsers);
        set_number(info, "palmsize", 0);
        set_number(info, "usedface", credentials(terminal, 50, 50));
        set_number(info, "usedpalm", 0);
        set_number(info, "usedrtlog", 0);
        set_number(info, "netinuse", 1);
    }
    set_text(info, "fpalgo", "thbio3.0");
    set_text(info, "firmware", firmware_of(terminal.family));
    set_text(info, "time", time_text(now_s));
    set_text(info, "mac", "00-01-A9-01-00-01");
    return info;
}

} // namespace

Json log_json(CloudFamily family, const CloudPunch &punch)
{
    Json object(json_object());
    set_number(object, "enrollid", punch.enrollid);
    set_text(object, "time", time_text(punch.time_s));
    set_number(object, "mode", punch.mode);
    set_number(object, "inout", punch.inout);
    set_number(object, "event", 0);
    if (family == CloudFamily::bs) {
        set(object, "temp", Json(json_real(36.5)));
        set_number(object, "verifymode", punch.mode);
    }
    return object;
}

Json user_json(const CloudTerminal &terminal, const CloudEnrolment &of)
{
    const auto user = terminal.users.find(of.enrollid);
    Json object(json_object());
    set_number(object, "enrollid", of.enrollid);
    if (user == terminal.users.end()) { // deleted while it waited
        return object;
    }
    const auto held = user->second.credentials.find(of.backupnum);
    const CloudRecord record =
        held != user->second.credentials.end() && held->second
            ? *held->second
            : made_record(terminal.sn, of.enrollid, of.backupnum);
    set_text(object, "name", user->second.name);
    set_number(object, "backupnum", of.backupnum);
    set_number(object, "admin", user->second.admin);
    if (record.is_number) {
        set_number(object, "record", std::stoll(record.text));
    } else {
        set_text(object, "record", record.text);
    }
    return object;
}

std::string reg_frame(const CloudTerminal &terminal, std::int64_t now_s)
{
    Json object = frame("reg", terminal);
    if (terminal.family == CloudFamily::th) {
        set_text(object, "cpusn", "123456789");
    }
    set(object, "devinfo", devinfo(terminal, now_s));
    return json_text(object.get());
}

std::string sendlog_frame(const CloudTerminal &terminal,
                          std::span<const CloudPunch> punches,
                          std::size_t logindex, std::size_t photo)
{
    Json object = frame("sendlog", terminal);
    set_number(object, "count", static_cast<std::int64_t>(punches.size()));
    set_number(object, "logindex", static_cast<std::int64_t>(logindex));
    Json record(json_array());
    for (const CloudPunch &punch : punches) {
        Json log = log_json(terminal.family, punch);
        if (photo > 0) {
            set_text(log, "image",
                     base64(made_jpeg(terminal.sn + ' ' +
                                          std::to_string(punch.enrollid) + ' ' +
                                          time_text(punch.time_s),
                                      photo)));
        }
        append(record, std::move(log));
    }
    set(object, "record", std::move(record));
    return json_text(object.get());
}

std::string senduser_frame(const CloudTerminal &terminal,
                           const CloudEnrolment &of)
{
    const Json object = frame("senduser", terminal);
    const Json user = user_json(terminal, of);
    if (json_object_update(object.get(), user.get()) != 0) {
        throw std::bad_alloc();
    }
    return json_text(object.get());
}

std::string checklive_frame(const CloudTerminal &terminal, std::int64_t now_s)
{
    Json object = frame("checklive", terminal);
    set_text(object, "time", time_text(now_s));
    return json_text(object.get());
}

std::string result_frame(const CloudTerminal &terminal, std::string_view name,
                         const CloudOutcome &outcome, bool as_cmd)
{
    Json object(json_object());
    set_text(object, as_cmd ? "cmd" : "ret", name);
    set_text(object, "sn", terminal.sn);
    set(object, "result", Json(json_boolean(outcome.result)));
    if (outcome.reason) {
        set_number(object, "reason", *outcome.reason);
    }
    if (outcome.fields &&
        json_object_update(object.get(), outcome.fields.get()) != 0) {
        throw std::bad_alloc();
    }
    return json_text(object.get());
}

} // namespace wac::sim
