// The messages that a simulated XML terminal sends, in both dialects. When it
// sends them is xml_device.cpp's.
#pragma once

#include "xml_execute.hpp"

namespace wac::sim
{

std::string xml_register(const XmlOptions &options, const std::string &sn);
std::string xml_login(const std::string &sn, const std::string &token);
std::string xml_keepalive(const XmlOptions &options,
                          const XmlTerminal &terminal, std::int64_t now_s);

/** One log of dialect M, from LogID to Photo; `photo` is base64, "": none. */
XmlFields timelog_fields(const XmlTerminal &terminal, std::size_t index,
                         const std::string &photo);

/** The event with the punch at `index` of the log. */
std::string xml_timelog(const XmlOptions &options, const XmlTerminal &terminal,
                        std::size_t index);
std::string xml_adminlog(const XmlOptions &options, const XmlTerminal &terminal,
                         const XmlAdminLog &log);

/** The answer to a request. */
std::string xml_response(const XmlTerminal &terminal, const std::string &name,
                         const XmlOutcome &outcome);

/** How the events are called. */
const char *timelog_name(const XmlOptions &options);
const char *adminlog_name(const XmlOptions &options);

/** LogId of dialect O, by which its answer is known. */
std::string operation_log_id(bool admin, std::int64_t log_id);

} // namespace wac::sim
