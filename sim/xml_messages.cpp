#include "xml_messages.hpp"

#include "base64.hpp"
#include "made_jpeg.hpp"
#include "tally.hpp"

namespace wac::sim
{

namespace
{

bool is_message(const XmlOptions &options)
{
    return options.dialect == xml::Dialect::message;
}

/** What every message of dialect M but Register and Login begins with. */
xml::Writer message_of(const XmlTerminal &terminal)
{
    xml::Writer writer("Message");
    writer.text("TerminalType", "F500")
        .text("TerminalID", "1")
        .text("DeviceSerialNo", terminal.sn);
    return writer;
}

xml::Writer operation(const char *name)
{
    xml::Writer writer("Request");
    writer.text("Operation", name);
    return writer;
}

void add(xml::Writer &writer, const XmlFields &fields)
{
    for (const auto &[name, value] : fields) {
        writer.text(name, value);
    }
}

const char *action_of(const CloudPunch &punch)
{
    constexpr int kFace = 8;
    return punch.mode == kFace ? "FACE" : "FP";
}

std::int64_t log_id_of(std::size_t index)
{
    return static_cast<std::int64_t>(index) + 1;
}

std::string photo_of(const XmlOptions &options, const XmlTerminal &terminal,
                     std::size_t index)
{
    return options.photo == 0
               ? ""
               : base64(made_jpeg(terminal.sn + ' ' +
                                      std::to_string(log_id_of(index)),
                                  options.photo));
}

std::string operation_timelog(const XmlOptions &options,
                              const XmlTerminal &terminal, std::size_t index)
{
    const CloudPunch punch = terminal.logs.at(index);
    xml::Writer writer = operation("TimeLog_v2");
    writer.text("LogId", operation_log_id(false, log_id_of(index)))
        .number("UserId", punch.enrollid)
        .text("PunchTime", xml::format_iso_time(wall_time(punch.time_s)));
    if (terminal.utc_offset_minutes) {
        constexpr double kHour = 60;
        writer.text("GMT", text_of(*terminal.utc_offset_minutes / kHour, 2));
    }
    writer.number("AttendStat", punch.inout)
        .text("APStat", "0")
        .text("Action", action_of(punch))
        .text("JobCode", "0");
    if (options.photo > 0) {
        writer.text("Photo", photo_of(options, terminal, index));
    }
    return writer.encode();
}

} // namespace

const char *timelog_name(const XmlOptions &options)
{
    return options.old_events && is_message(options) ? "TimeLog" : "TimeLog_v2";
}

const char *adminlog_name(const XmlOptions &options)
{
    return options.old_events && is_message(options) ? "AdminLog"
                                                     : "AdminLog_v2";
}

std::string operation_log_id(bool admin, std::int64_t log_id)
{
    return (admin ? "ADMIN" : "LOG") + std::to_string(log_id);
}

// ---- the link --------------------------------------------------------------

std::string xml_register(const XmlOptions &options, const std::string &sn)
{
    if (!is_message(options)) {
        return operation("Register")
            .text("DeviceSerialNo", sn)
            .text("CloudId", options.cloud_id)
            .encode();
    }
    return xml::Writer("Message")
        .text("Request", "Register")
        .text("TerminalType", "F500")
        .text("DeviceSerialNo", sn)
        .text("CloudId", options.cloud_id)
        .encode();
}

std::string xml_login(const std::string &sn, const std::string &token)
{
    return xml::Writer("Message")
        .text("Request", "Login")
        .text("DeviceSerialNo", sn)
        .text("Token", token)
        .encode();
}

std::string xml_keepalive(const XmlOptions &options,
                          const XmlTerminal &terminal, std::int64_t now_s)
{
    if (!is_message(options)) {
        return operation("KeepAlive").encode();
    }
    return message_of(terminal)
        .text("Event", "KeepAlive")
        .text("DevTime", xml::format_time(wall_time(now_s)))
        .encode();
}

// ---- logs ------------------------------------------------------------------

XmlFields timelog_fields(const XmlTerminal &terminal, std::size_t index,
                         const std::string &photo)
{
    const CloudPunch punch = terminal.logs.at(index);
    XmlFields fields{{"LogID", std::to_string(log_id_of(index))}};
    if (terminal.utc_offset_minutes) {
        // printed without its sign, as by real ones
        fields.emplace_back("UtcTimezoneMinutes",
                            std::to_string(static_cast<std::uint32_t>(
                                *terminal.utc_offset_minutes)));
    }
    fields.emplace_back("Time", xml::format_time(wall_time(punch.time_s)));
    fields.emplace_back("UserID", std::to_string(punch.enrollid));
    fields.emplace_back("Action", action_of(punch));
    fields.emplace_back("AttendStat", punch.inout == 0 ? "DutyOn" : "DutyOff");
    fields.emplace_back("APStat", "None");
    fields.emplace_back("JobCode", "0");
    fields.emplace_back("Photo", photo.empty() ? "No" : "Yes");
    if (!photo.empty()) {
        fields.emplace_back("LogImage", photo);
    }
    return fields;
}

std::string xml_timelog(const XmlOptions &options, const XmlTerminal &terminal,
                        std::size_t index)
{
    if (!is_message(options)) {
        return operation_timelog(options, terminal, index);
    }
    xml::Writer writer = message_of(terminal);
    writer.text("Event", timelog_name(options));
    add(writer,
        timelog_fields(terminal, index, photo_of(options, terminal, index)));
    if (!options.old_events) {
        writer.number("TransID", log_id_of(index));
    }
    return writer.encode();
}

std::string xml_adminlog(const XmlOptions &options, const XmlTerminal &terminal,
                         const XmlAdminLog &log)
{
    if (!is_message(options)) {
        return operation("AdminLog_v2")
            .text("LogId", operation_log_id(true, log.log_id))
            .number("AdminId", log.admin_id)
            .number("UserId", log.user_id)
            .text("Action", log.action)
            .text("Time", xml::format_iso_time(wall_time(log.time_s)))
            .encode();
    }
    xml::Writer writer = message_of(terminal);
    writer.text("Event", adminlog_name(options))
        .number("LogID", log.log_id)
        .text("Time", xml::format_time(wall_time(log.time_s)))
        .number("AdminID", log.admin_id)
        .number("UserID", log.user_id)
        .text("Action", log.action)
        .text("Stat", "0");
    if (!options.old_events) {
        writer.number("TransID", log.log_id);
    }
    return writer.encode();
}

// ---- answers ---------------------------------------------------------------

std::string xml_response(const XmlTerminal &terminal, const std::string &name,
                         const XmlOutcome &outcome)
{
    xml::Writer writer = message_of(terminal);
    writer.text("Response", name);
    add(writer, outcome.fields);
    if (!outcome.result.empty()) {
        writer.text("Result", outcome.result);
    }
    if (!outcome.error.empty()) {
        writer.text(name == "EnrollFaceByPhoto" ? "Reason" : "Error",
                    outcome.error);
    }
    return writer.encode();
}

} // namespace wac::sim
