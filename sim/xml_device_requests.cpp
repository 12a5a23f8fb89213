// Requests on the terminal itself: its clock, state, settings and lock.
#include "xml_request.hpp"

#include <algorithm>

namespace wac::sim
{

namespace
{

// ---- clock -----------------------------------------------------------------

XmlOutcome get_time(const XmlRequest &request)
{
    XmlOutcome outcome;
    outcome.result.clear();
    outcome.fields = {{"Time", xml::format_time(wall_time(request.now_s()))}};
    return outcome;
}

XmlOutcome set_time(const XmlRequest &request)
{
    const auto time = xml::parse_time(request.message.value("Time"));
    if (!time) {
        return xml_failed();
    }
    request.terminal.clock_offset_s = seconds_of(*time) - request.host_now_s;
    return {};
}

// ---- state -----------------------------------------------------------------

XmlFields status_of(const XmlTerminal &terminal)
{
    const auto count = [&terminal](const auto &counts) {
        std::size_t sum = 0;
        for (const auto &[id, user] : terminal.users) {
            sum += counts(user);
        }
        return std::to_string(sum);
    };
    return {
        {"ManagerCount",
         count([](const auto &user) { return user.privilege != "User"; })},
        {"UserCount", std::to_string(terminal.users.size())},
        {"FaceCount", count([](const auto &user) { return user.has_face; })},
        {"FpCount",
         count([](const auto &user) { return user.fingers.size(); })},
        {"CardCount",
         count([](const auto &user) { return !user.card.empty(); })},
        {"PwdCount",
         count([](const auto &user) { return !user.password.empty(); })},
        {"QRCount", count([](const auto &user) { return !user.qr.empty(); })},
        {"DoorStatus", terminal.lock == 1 || terminal.lock == 3 ? "1" : "0"},
        {"AlarmStatus", "0"},
    };
}

XmlFields info_of(const XmlTerminal &terminal)
{
    const auto offset =
        static_cast<std::uint32_t>(terminal.utc_offset_minutes.value_or(0));
    std::map<std::string, std::string> all{
        {"ManagersNumber", "5"},
        {"MachineID", "1"},
        {"Language", "0"},
        {"LockReleaseTime", "5"},
        {"ReverifyTime", "0"},
        {"IdentifyMode", "1"},
        {"SoundVolume", "6"},
        {"WiegandFormat", "0"},
        {"DoorSensorType", "0"},
        {"AutoSleepTime", "0"},
        {"UtcTimezoneMinutes", std::to_string(offset)},
    };
    for (const auto &[name, value] : terminal.settings) {
        all[name] = value;
    }
    return {all.begin(), all.end()};
}

XmlOutcome without_result(XmlFields fields)
{
    XmlOutcome outcome;
    outcome.result.clear();
    outcome.fields = std::move(fields);
    return outcome;
}

/** One of them, by ParamName. */
XmlOutcome one_of(const XmlRequest &request, const XmlFields &all)
{
    const std::string name = request.text("ParamName");
    const auto found =
        std::find_if(all.begin(), all.end(),
                     [&name](const auto &each) { return each.first == name; });
    if (found == all.end()) {
        return repeating(request, {"ParamName"}, xml_failed());
    }
    return without_result({{"ParamName", name}, {"Value", found->second}});
}

XmlOutcome get_status(const XmlRequest &request)
{
    return one_of(request, status_of(request.terminal));
}

XmlOutcome get_all_status(const XmlRequest &request)
{
    return without_result(status_of(request.terminal));
}

// ---- settings --------------------------------------------------------------

XmlOutcome get_info(const XmlRequest &request)
{
    return one_of(request, info_of(request.terminal));
}

XmlOutcome get_all_info(const XmlRequest &request)
{
    return without_result(info_of(request.terminal));
}

XmlOutcome set_info(const XmlRequest &request)
{
    const auto value = request.number("Value");
    const std::string name = request.text("ParamName");
    if (!value || name.empty()) {
        return repeating(request, {"ParamName"}, xml_failed());
    }
    request.terminal.settings[name] = request.text("Value");
    return repeating(request, {"ParamName"}, {});
}

XmlOutcome get_extended(const XmlRequest &request)
{
    const auto found =
        request.terminal.extended.find(request.text("ParamName"));
    if (found == request.terminal.extended.end()) {
        return repeating(request, {"ParamName"}, xml_failed());
    }
    XmlOutcome outcome;
    outcome.fields = found->second;
    return repeating(request, {"ParamName"}, std::move(outcome));
}

/** Only kept: not even WebServerUrl makes it call another server. */
XmlOutcome set_extended(const XmlRequest &request)
{
    const std::string name = request.text("ParamName");
    if (name.empty()) {
        return xml_failed();
    }
    XmlFields values;
    for (const char *field :
         {"Value1", "Value2", "Value3", "Value4", "Value5"}) {
        if (request.has(field)) {
            values.emplace_back(field, request.text(field));
        }
    }
    request.terminal.extended[name] = std::move(values);
    return {};
}

// ---- lock and the whole terminal -------------------------------------------

XmlOutcome enable(const XmlRequest &request)
{
    const auto value = xml::truth_of(request.message.value("Enable"));
    if (!value) {
        return xml_failed();
    }
    request.terminal.enabled = *value;
    return {};
}

XmlOutcome control_lock(const XmlRequest &request)
{
    constexpr std::int64_t kReboot = 5;
    constexpr std::int64_t kCancelWarning = 6;
    const auto mode = request.number("Mode");
    if (!mode || *mode < 1 || *mode > kCancelWarning) {
        return xml_failed();
    }
    XmlOutcome outcome;
    outcome.restart = *mode == kReboot;
    if (*mode < kReboot) {
        request.terminal.lock = static_cast<int>(*mode);
        request.terminal.doors_opened += *mode == 1;
    }
    return outcome;
}

XmlOutcome lock_status(const XmlRequest &request)
{
    return without_result({{"Mode", std::to_string(request.terminal.lock)}});
}

XmlOutcome firmware(const XmlRequest &)
{
    return without_result(
        {{"Version", "TestFace v1.2.3"}, {"BuildNumber", "0x20260101"}});
}

XmlOutcome upgrade(const XmlRequest &request)
{
    return request.text("Data").empty() ? xml_failed() : XmlOutcome{};
}

constexpr std::array<XmlRequestRow, 14> kRows{{
    {"GetTime", get_time},
    {"SetTime", set_time},
    {"GetDeviceStatus", get_status},
    {"GetDeviceStatusAll", get_all_status},
    {"GetDeviceInfo", get_info},
    {"GetDeviceInfoAll", get_all_info},
    {"SetDeviceInfo", set_info},
    {"GetDeviceInfoExt", get_extended},
    {"SetDeviceInfoExt", set_extended},
    {"EnableDevice", enable},
    {"LockControl", control_lock},
    {"LockControlStatus", lock_status},
    {"GetFirmwareVersion", firmware},
    {"FirmwareUpgradeHttp", upgrade},
}};

// ---- what is only kept -----------------------------------------------------

struct Document {
    std::string_view get;
    std::string_view set;
    const char *key; // which of several; null: there is one
};

constexpr std::array<Document, 7> kDocuments{{
    {"GetDepartment", "SetDepartment", "DeptNo"},
    {"GetProxyDept", "SetProxyDept", "ProxyNo"},
    {"GetAutoAttendance", "SetAutoAttendance", nullptr},
    {"GetAccessTimeZone", "SetAccessTimeZone", "TimeZoneNo"},
    {"GetBellTime", "SetBellTime", nullptr},
    {"GetEthernetSetting", "SetEthernet", nullptr},
    {"GetPowerSetting", "SetPowerSetting", nullptr},
}};

} // namespace

std::span<const XmlRequestRow> xml_device_requests()
{
    return kRows;
}

std::optional<XmlOutcome> execute_document(const XmlRequest &request)
{
    const std::string &name = request.message.name;
    const auto found = std::find_if(
        kDocuments.begin(), kDocuments.end(), [&name](const auto &each) {
            return each.get == name || each.set == name;
        });
    if (found == kDocuments.end()) {
        return std::nullopt;
    }
    const std::string place =
        std::string(found->get) + (found->key ? request.text(found->key) : "");
    auto &documents = request.terminal.documents;
    if (name == found->set) {
        XmlFields fields;
        for (const xml::Field &field : request.message.fields) {
            // a name is written under Data and read under Name
            fields.emplace_back(field.name == "Data" ? "Name" : field.name,
                                field.value);
        }
        documents[place] = std::move(fields);
        return XmlOutcome{};
    }
    const auto kept = documents.find(place);
    if (kept == documents.end()) {
        return xml_failed("Not exist");
    }
    return without_result(kept->second);
}

} // namespace wac::sim
