// What a server's request does to a simulated XML terminal, and what the
// terminal answers (biometric-xml.md 3): no clock, no I/O.
#pragma once

#include "xml_terminal.hpp"

namespace wac::sim
{

struct XmlOutcome {
    XmlFields fields;                     // between Response and Result
    std::string result = "OK";            // "": the reply has none
    std::string error;                    // text behind it; "": none
    bool restart = false;                 // after the answer
    std::optional<XmlAdminLog> admin_log; // what follows; without its LogID
};

/** `host_now_s` is the host's wall clock, without the terminal's offset. */
XmlOutcome execute(XmlTerminal &terminal, const xml::Message &request,
                   std::int64_t host_now_s);

} // namespace wac::sim
