// Records of an answer, a portion at a time: rows of its array as the tables
// want them, so that an answer of ten megabytes is never in memory as
// records. Rows that say neither who nor when are put aside for the
// quarantine.
#include "codec/fk_values.hpp"
#include "proto/fk_result.hpp"

#include <map>

namespace wac::fk
{

namespace
{

void append_hex(std::string &out, Bytes bytes)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const unsigned char byte : bytes) {
        out += kDigits[byte >> 4];
        out += kDigits[byte & 0xf];
    }
}

void append_member(std::string &out, std::string_view key, std::int64_t value)
{
    out.append("\"").append(key).append("\":");
    out.append(std::to_string(value)).append(",");
}

/** The beginning of a row's raw JSON. */
std::string begin_raw(std::string_view library)
{
    const Json name(json_stringn(library.data(), library.size()));
    return library.empty() || !name
               ? "{"
               : "{\"fk_bin_data_lib\":" + json_text(name.get()) + ",";
}

void append_row(std::string &raw, Bytes row)
{
    raw += "\"row\":\"";
    append_hex(raw, row);
    raw += "\"}";
}

void put_aside(ResultRecords &records, Bytes row)
{
    ++records.invalid_rows;
    records.invalid.append(as_text(row));
}

// ---- punches ---------------------------------------------------------------

void take_log(ResultRecords &records, LogRow &&row, const std::string &begin,
              std::string_view library)
{
    if (!row.io_time) {
        put_aside(records, row.bytes);
        return;
    }
    AttendanceRecord record;
    record.enrollid = std::move(row.user_id);
    record.record_time = *row.io_time;
    record.mode = row.verify_mode;
    record.inout = row.io_mode;
    record.method = method_of(row.verify_mode, library);
    record.direction = direction_of(row.io_mode);

    std::string &raw = records.texts.emplace_back(begin);
    if (row.work_code) {
        append_member(raw, "work_code", *row.work_code);
    }
    if (row.backup_number) {
        append_member(raw, "backup_number", *row.backup_number);
    }
    append_row(raw, row.bytes);
    record.raw = raw;
    records.logs.push_back(std::move(record));
}

// ---- people ----------------------------------------------------------------

std::string shown(bool value)
{
    return value ? "true" : "false";
}

std::string raw_of_flags(const UserIdRow &row, const std::string &begin)
{
    const UserFlags has = user_flags_of(row.flags.value_or(0));
    std::string raw = begin + "\"flags\":{\"password\":" + shown(has.password) +
                      ",\"card\":" + shown(has.card) +
                      ",\"face\":" + shown(has.face) + ',';
    append_member(raw, "fingers", has.fingers);
    append_member(raw, "veins", has.veins);
    append_member(raw, "palms", has.palms);
    raw.back() = '}';
    raw += ',';
    append_row(raw, row.bytes);
    return raw;
}

/** One row a person, whatever the layout: HS100 and HS200 have one a
 *  credential, and a statement can write a person only once. */
class PeopleReader
{
  public:
    PeopleReader(ResultRecords &records, std::string_view library)
        : records_(records), begin_(begin_raw(library))
    {
    }

    void take(const UserIdRow &row)
    {
        if (row.user_id.empty()) {
            put_aside(records_, row.bytes);
            return;
        }
        const auto [place, is_new] =
            index_.try_emplace(row.user_id, records_.users.size());
        if (is_new) {
            records_.users.push_back({row.user_id, {}, {}, false, {}});
            credentials_.emplace_back();
        }
        ListedUser &user = records_.users[place->second];
        Privilege privilege = privilege_of(std::to_string(row.privilege));
        user.privilege = std::move(privilege.text);
        user.admin = privilege.number;
        if (row.backup_number) {
            user.enabled = *user.enabled || row.enabled;
            add_credential(credentials_[place->second], row);
        } else {
            user.enabled = row.enabled;
            user.raw = raw_of_flags(row, begin_);
        }
    }

    void finish()
    {
        for (std::size_t i = 0; i < credentials_.size(); ++i) {
            const Credentials &of = credentials_[i];
            if (!of.numbers.empty()) {
                records_.users[i].raw = begin_ + "\"backup_numbers\":[" +
                                        of.numbers + "],\"rows\":[" + of.rows +
                                        "]}";
            }
        }
    }

  private:
    struct Credentials {
        std::string numbers; // the insides of JSON arrays
        std::string rows;
    };

    static void add_credential(Credentials &to, const UserIdRow &row)
    {
        if (!to.numbers.empty()) {
            to.numbers += ',';
            to.rows += ',';
        }
        to.numbers += std::to_string(*row.backup_number);
        to.rows += '"';
        append_hex(to.rows, row.bytes);
        to.rows += '"';
    }

    ResultRecords &records_;
    std::string begin_;
    std::map<std::string, std::size_t> index_; // of users, by their id
    std::vector<Credentials> credentials_;     // beside users
};

// ---- management log --------------------------------------------------------

std::string raw_of(const ManagementLogRow &row)
{
    std::string raw = "{";
    append_member(raw, "kind", row.kind);
    if (!row.kind_name.empty()) {
        raw.append("\"kind_name\":\"").append(row.kind_name).append("\",");
    }
    append_member(raw, "backup_number", row.backup_number);
    append_member(raw, "item", row.item_code);
    if (!row.item_name.empty()) {
        raw.append("\"item_name\":\"").append(row.item_name).append("\",");
    }
    append_row(raw, row.bytes);
    return raw;
}

void take_admin_log(ResultRecords &records, const ManagementLogRow &row)
{
    if (!row.time) {
        put_aside(records, row.bytes);
        return;
    }
    AdminRecord record;
    // Its time has no seconds: kind, credential and item tell changes of the
    // same minute apart, as far as the terminal does.
    append_hex(record.log_id, row.bytes.subspan(1, 3));
    record.admin_id = row.operator_id;
    record.user_id = row.target_id;
    record.action = row.kind_name.empty() ? "kind_" + std::to_string(row.kind)
                                          : std::string(row.kind_name);
    record.record_time = *row.time;
    record.raw = raw_of(row);
    records.admin_logs.push_back(std::move(record));
}

// ---- any of them -----------------------------------------------------------

struct Portion {
    std::size_t first;
    std::size_t last; // one behind
    std::string_view library;
};

void take(ResultRecords &, const std::monostate &, const Portion &) {}

void take(ResultRecords &records, const LogArray &array, const Portion &portion)
{
    const std::string begin = begin_raw(portion.library);
    for (std::size_t i = portion.first; i < portion.last; ++i) {
        take_log(records, array.at(i), begin, portion.library);
    }
}

void take(ResultRecords &records, const UserIdArray &array,
          const Portion &portion)
{
    PeopleReader people(records, portion.library);
    for (std::size_t i = portion.first; i < portion.last; ++i) {
        people.take(array.at(i));
    }
    people.finish();
}

void take(ResultRecords &records, const ManagementLogArray &array,
          const Portion &portion)
{
    for (std::size_t i = portion.first; i < portion.last; ++i) {
        take_admin_log(records, array.at(i));
    }
}

void take(ResultRecords &records, const StoreEnrolment &user,
          const Portion &portion)
{
    if (portion.last > portion.first) {
        records.enrolment = user;
    }
}

std::size_t size_of(const std::monostate &)
{
    return 0;
}

std::size_t size_of(const StoreEnrolment &)
{
    return 1;
}

template <typename Array>
std::size_t size_of(const Array &array)
{
    return array.size();
}

/** "3 rows of GET_LOG_DATA have no valid time or user id" */
std::string reason_of(std::size_t invalid_rows, std::string_view fk_name,
                      bool has_time)
{
    return std::to_string(invalid_rows) +
           (invalid_rows == 1 ? " row of " : " rows of ") +
           std::string(fk_name) + (invalid_rows == 1 ? " has" : " have") +
           " no valid " + (has_time ? "time or user id" : "user id");
}

} // namespace

std::size_t CommandResult::rows() const noexcept
{
    return std::visit([](const auto &content) { return size_of(content); },
                      content_);
}

ResultRecords CommandResult::portion(std::size_t first, std::size_t count) const
{
    const std::size_t all = rows();
    first = std::min(first, all);
    const Portion portion{first, first + std::min(count, all - first),
                          library_};
    ResultRecords records;
    records.rows = portion.last - portion.first;
    std::visit([&](const auto &content) { take(records, content, portion); },
               content_);
    if (records.invalid_rows > 0) {
        records.invalid_reason =
            reason_of(records.invalid_rows, fk_name_,
                      !std::holds_alternative<UserIdArray>(content_));
    }
    return records;
}

} // namespace wac::fk
