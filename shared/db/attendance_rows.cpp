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

} // namespace wac::db
