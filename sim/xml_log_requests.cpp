// Requests on the log: a ring whose positions count from 0, the oldest first.
#include "xml_request.hpp"

#include "xml_messages.hpp"

namespace wac::sim
{

namespace
{

constexpr std::int64_t kMostLogs = 500000;

XmlOutcome get_position_info(const XmlRequest &request)
{
    XmlOutcome outcome;
    outcome.fields = {
        {"LogCount", std::to_string(request.terminal.log_count())},
        {"MaxCount", std::to_string(kMostLogs)},
        {"StartPos", "0"}};
    return outcome;
}

bool belongs(const XmlRequest &request, const CloudPunch &punch)
{
    const auto bound = [&request](const char *field) {
        const auto time = xml::parse_time(request.message.value(field));
        return time ? std::optional{seconds_of(*time)} : std::nullopt;
    };
    const auto user = request.number("UserID");
    const auto from = bound("StartTime");
    const auto until = bound("EndTime");
    return (!user || *user == 0 || *user == punch.enrollid) &&
           (!from || punch.time_s >= *from) &&
           (!until || punch.time_s <= *until);
}

/** The first from BeginLogPos on that fits; Fail: there is no more. */
XmlOutcome get_log(const XmlRequest &request)
{
    const XmlTerminal &terminal = request.terminal;
    const auto position = request.number("BeginLogPos").value_or(0);
    if (position < 0 ||
        static_cast<std::uint64_t>(position) >= terminal.log_count()) {
        return xml_failed();
    }
    for (std::size_t i =
             terminal.first_log + static_cast<std::size_t>(position);
         i < terminal.logs.size(); ++i) {
        if (belongs(request, terminal.logs.at(i))) {
            XmlOutcome outcome;
            outcome.fields = timelog_fields(terminal, i, {});
            return outcome;
        }
    }
    return xml_failed();
}

XmlOutcome delete_oldest(const XmlRequest &request)
{
    const auto count = request.number("EndPos");
    if (!count || *count < 0 ||
        static_cast<std::uint64_t>(*count) > request.terminal.log_count()) {
        return xml_failed();
    }
    request.terminal.first_log += static_cast<std::size_t>(*count);
    return {};
}

/** LogIDs go on. */
XmlOutcome empty_logs(const XmlRequest &request)
{
    request.terminal.first_log = request.terminal.logs.size();
    return {};
}

XmlOutcome empty_admin_logs(const XmlRequest &)
{
    return {}; // they cannot be asked for
}

XmlOutcome empty_all(const XmlRequest &request)
{
    request.terminal.users.clear();
    return empty_logs(request);
}

constexpr std::array<XmlRequestRow, 7> kRows{{
    {"GetGlogPosInfo", get_position_info},
    {"GetFirstGlog", get_log},
    {"GetNextGlog", get_log},
    {"DeleteGlogWithPos", delete_oldest},
    {"EmptyTimeLog", empty_logs},
    {"EmptyManageLog", empty_admin_logs},
    {"EmptyAllData", empty_all},
}};

} // namespace

std::span<const XmlRequestRow> xml_log_requests()
{
    return kRows;
}

} // namespace wac::sim
