#include "xml_execute.hpp"

#include "xml_request.hpp"

#include <algorithm>

namespace wac::sim
{

XmlOutcome execute(XmlTerminal &terminal, const xml::Message &request,
                   std::int64_t host_now_s)
{
    const XmlRequest seen{terminal, request, host_now_s};
    for (const auto rows : {xml_user_requests(), xml_credential_requests(),
                            xml_log_requests(), xml_device_requests()}) {
        const auto found =
            std::find_if(rows.begin(), rows.end(), [&request](const auto &row) {
                return row.name == request.name;
            });
        if (found != rows.end()) {
            return found->execute(seen);
        }
    }
    return execute_document(seen).value_or(xml_failed());
}

} // namespace wac::sim
