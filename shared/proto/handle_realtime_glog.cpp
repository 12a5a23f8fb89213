#include "proto/fk_operations.hpp"

namespace wac::fk
{

// mode and inout hold verify_mode and io_mode as sent (DESIGN section 4).
Result<Work> handle_realtime_glog(const RequestHead &head, const Origin &origin,
                                  const Body &body)
{
    auto punch = decode_realtime_glog(body);
    if (!punch) {
        return tl::make_unexpected(punch.error());
    }
    AttendanceRecord record;
    record.enrollid = std::move(punch->user_id);
    record.record_time = punch->io_time;
    record.mode = punch->verify_mode;
    record.inout = punch->io_mode;
    record.method = punch->method;
    record.direction = punch->direction;
    record.m50_method = punch->m50_method;
    record.raw = body.json_text;
    record.photo = punch->log_image;

    StoreAttendance store;
    store.sn = head.dev_id;
    store.protocol = Protocol::fk;
    store.zone = origin.zone;
    store.records.push_back(std::move(record));

    Work work{std::move(store), 1, {}};
    if (punch->image_missing) {
        work.note = "log_image names a binary that did not come";
    }
    return work;
}

} // namespace wac::fk
