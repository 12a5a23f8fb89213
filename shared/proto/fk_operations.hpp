// What each FK message means: the operation that carries it out. One file a
// request_code, handle_<request_code>.cpp; fk-http.md section 3 throughout.
#pragma once

#include "base/error.hpp"
#include "codec/fk.hpp"
#include "proto/operation.hpp"

#include <string>
#include <string_view>

namespace wac::fk
{

/** Where a request came to and came from. Views of the server's memory. */
struct Origin {
    std::string_view addr; // peer address, "" if it has none
    std::string_view zone; // wac_time_zone
    Enrolment policy = Enrolment::approve;
};

/** An operation, and how many records it stores. */
struct Work {
    Operation operation;
    unsigned records = 0;
    std::string note; // what was odd about a record that is kept, or ""
};

/** receive_cmd: the device's report, as the first contact would keep it. */
Contact handle_receive_cmd(const RequestHead &head, const Origin &origin,
                           const Body &body);

/** The contact of a device that showed up with another message. */
Contact contact_of(const RequestHead &head, const Origin &origin);

// Malformed: the record cannot be understood and belongs into quarantine.
Result<Work> handle_realtime_glog(const RequestHead &head, const Origin &origin,
                                  const Body &body);
Result<Work> handle_realtime_enroll_data(const RequestHead &head,
                                         const Body &body);
Result<Work> handle_realtime_door_status(const RequestHead &head,
                                         const Body &body);

} // namespace wac::fk
