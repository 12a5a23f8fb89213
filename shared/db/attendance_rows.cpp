#include "db/attendance_rows.hpp"

#include <algorithm>
#include <functional>
#include <tuple>
#include <unordered_map>

namespace wac::db
{

namespace
{

struct RecordKey {
    std::string_view sn;
    const AttendanceRecord *record;

    bool operator==(const RecordKey &other) const
    {
        return sn == other.sn && record->enrollid == other.record->enrollid &&
               record->record_time == other.record->record_time &&
               record->mode == other.record->mode &&
               record->inout == other.record->inout &&
               record->event == other.record->event &&
               record->log_id == other.record->log_id;
    }
};

struct RecordKeyHash {
    std::size_t operator()(const RecordKey &key) const noexcept
    {
        const std::hash<std::string_view> text;
        return text(key.sn) ^ text(key.record->enrollid) * 31 ^
               std::hash<std::int64_t>{}(
                   key.record->record_time.since_2000_us());
    }
};

// wac_attendance_row
constexpr PgType kFields[] = {
    PgType::int4,        // n
    PgType::int4,        // copies
    PgType::text,        // sn
    PgType::text,        // protocol
    PgType::text,        // zone
    PgType::text,        // enrollid
    PgType::text,        // name
    PgType::timestamp,   // record_time
    PgType::timestamptz, // instant
    PgType::int8,        // mode
    PgType::int8,        // inout
    PgType::int8,        // event
    PgType::int8,        // verifymode
    PgType::text,        // method
    PgType::text,        // direction
    PgType::text,        // m50_method
    PgType::float8,      // temperature
    PgType::bytea,       // photo
    PgType::text,        // log_id
    PgType::float8,      // latitude
    PgType::float8,      // longitude
    PgType::text,        // raw
};

auto key_of(const AttendanceRow &row)
{
    const AttendanceRecord &r = *row.record;
    return std::tuple(row.sn, std::string_view(r.enrollid),
                      r.record_time.since_2000_us(), r.mode, r.inout, r.event,
                      std::string_view(r.log_id));
}

} // namespace

void mark_copies(std::vector<AttendanceRow> &rows)
{
    std::unordered_map<RecordKey, std::size_t, RecordKeyHash> seen;
    seen.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        AttendanceRow &row = rows[i];
        const auto [at, is_new] = seen.try_emplace({row.sn, row.record}, i);
        if (is_new) {
            continue;
        }
        row.copies = -1;
        AttendanceRow &first = rows[at->second];
        ++first.copies;
        if (first.photo.empty()) {
            first.photo = row.photo;
        }
    }
    std::sort(rows.begin(), rows.end(),
              [](const AttendanceRow &a, const AttendanceRow &b) {
                  return key_of(a) < key_of(b);
              });
}

PgRows parameter_of(const std::vector<AttendanceRow> &rows,
                    StatementQueue &queue)
{
    constexpr std::size_t kUsual = 400; // bytes of a row
    PgRows out(kFields, rows.size() * kUsual);
    for (const AttendanceRow &row : rows) {
        const AttendanceRecord &r = *row.record;
        out.begin_row();
        out.add_int4(row.n);
        out.add_int4(row.copies);
        out.add(row.sn);
        out.add(name_of(row.protocol));
        out.add_or_null(row.zone);
        out.add(r.enrollid);
        out.add_or_null(r.name);
        out.add_timestamp(r.record_time);
        out.add_int8(r.instant_us);
        out.add_int8(r.mode);
        out.add_int8(r.inout);
        out.add_int8(r.event);
        out.add_int8(r.verifymode);
        out.add_or_null(r.method);
        out.add_or_null(r.direction);
        out.add_or_null(r.m50_method);
        out.add_float8(r.temperature);
        out.add_or_null(queue.hash_of(row.photo));
        out.add_or_null(r.log_id);
        out.add_float8(r.latitude);
        out.add_float8(r.longitude);
        out.add_or_null(r.raw);
    }
    return out;
}

} // namespace wac::db
