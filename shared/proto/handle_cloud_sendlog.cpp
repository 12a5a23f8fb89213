// sendlog (cloud-json.md 2.2): punches and door events. What cannot be
// understood goes beside them into the quarantine, and the message is
// acknowledged as a whole.
#include "proto/cloud_operations.hpp"

namespace wac::cloud
{

namespace
{

std::optional<std::int64_t> instant_of(const TimeText &time)
{
    if (!time.utc_offset_s) {
        return std::nullopt;
    }
    return time.wall.since_2000_us() -
           static_cast<std::int64_t>(*time.utc_offset_s) * 1000000;
}

} // namespace

AttendanceRecord attendance_of(LogRecord record, Profile profile, Texts &texts)
{
    AttendanceRecord row;
    row.enrollid = std::move(record.enrollid);
    row.name = std::move(record.name);
    row.record_time = record.time.wall;
    row.instant_us = instant_of(record.time);
    row.mode = record.mode;
    row.inout = record.inout;
    row.event = record.event;
    row.verifymode = record.verifymode;
    row.temperature = record.temperature;
    if (!is_door_event(row.enrollid)) {
        row.method = method_of(profile, record.mode, record.verifymode);
        row.direction = direction_of(record.inout);
    }
    row.raw = texts.emplace_back(std::move(record.raw));
    if (!record.image.empty()) {
        row.photo = as_bytes(texts.emplace_back(std::move(record.image)));
    }
    return row;
}

StoreAttendance handle_sendlog(const Message &message, Profile profile,
                               std::string sn, std::string_view zone)
{
    LogBatch batch = read_logs(message.object.get());
    StoreAttendance store;
    store.sn = std::move(sn);
    store.protocol = Protocol::cloud;
    store.zone = zone;
    store.records.reserve(batch.records.size());
    for (LogRecord &record : batch.records) {
        store.records.push_back(
            attendance_of(std::move(record), profile, store.texts));
    }
    store.invalid.request = message.name;
    for (const InvalidRecord &record : batch.invalid) {
        store.invalid.frame += store.invalid.frame.empty() ? "" : "\n";
        store.invalid.frame += record.raw;
    }
    if (!batch.invalid.empty()) {
        store.invalid.reason = std::to_string(batch.invalid.size()) + " of " +
                               std::to_string(batch.received()) +
                               " records: " + batch.invalid.front().reason;
    }
    return store;
}

} // namespace wac::cloud
