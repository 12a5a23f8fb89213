#include "proto/cloud_command_records.hpp"

#include "codec/cloud.hpp"
#include "codec/cloud_records.hpp"
#include "proto/cloud_command_values.hpp"
#include "proto/cloud_operations.hpp"

#include <map>

namespace wac::cloud
{

namespace
{

void put_aside(ResultRecords &records, std::string_view raw)
{
    records.invalid += records.invalid.empty() ? "" : "\n";
    records.invalid += raw;
    ++records.invalid_rows;
}

void explain(ResultRecords &records, const std::string &first_reason)
{
    if (records.invalid_rows > 0) {
        records.invalid_reason = std::to_string(records.invalid_rows) + " of " +
                                 std::to_string(records.rows) +
                                 " records: " + first_reason;
    }
}

void add_entry(ListedPerson &person, const CredentialRecord &entry)
{
    if (entry.admin) {
        person.admin = entry.admin;
    }
    if (entry.backupnum) {
        person.backupnums.push_back(*entry.backupnum);
    }
}

ListedUser listed(const ListedPerson &person)
{
    ListedUser user;
    user.enrollid = person.enrollid;
    user.privilege = privilege_of(person.admin);
    user.admin = person.admin;
    user.raw = "{\"backupnums\":[";
    for (const std::int32_t backupnum : person.backupnums) {
        user.raw += user.raw.ends_with('[') ? "" : ",";
        user.raw += std::to_string(backupnum);
    }
    user.raw += "]}";
    return user;
}

} // namespace

ResultRecords read_people(const json_t *answer, ListedPerson &last)
{
    ResultRecords records;
    std::vector<ListedPerson> people;
    std::map<std::string, std::size_t> index; // of people, by their number
    std::string reason;
    for (const json_t *element : record_elements(answer)) {
        ++records.rows;
        auto entry = read_credential(element);
        if (!entry) {
            put_aside(records, json_text(element));
            reason = reason.empty() ? std::move(entry.error().text) : reason;
            continue;
        }
        const auto [place, is_new] =
            index.try_emplace(entry->enrollid, people.size());
        if (is_new && entry->enrollid == last.enrollid) {
            people.push_back(std::move(last));
            last = {};
        } else if (is_new) {
            people.push_back({entry->enrollid, {}, {}});
        }
        add_entry(people[place->second], *entry);
    }
    explain(records, reason);
    for (const ListedPerson &person : people) {
        records.users.push_back(listed(person));
    }
    if (!people.empty()) {
        last = std::move(people.back());
    }
    return records;
}

ResultRecords read_punches(const json_t *answer, Profile profile)
{
    LogBatch batch = read_logs(answer);
    ResultRecords records;
    records.rows = batch.received();
    for (LogRecord &record : batch.records) {
        records.logs.push_back(
            attendance_of(std::move(record), profile, records.texts));
    }
    for (const InvalidRecord &record : batch.invalid) {
        put_aside(records, record.raw);
    }
    if (!batch.invalid.empty()) {
        explain(records, batch.invalid.front().reason);
    }
    return records;
}

std::optional<FoundCredential> read_enrolment(const json_t *answer,
                                              const json_t *frame,
                                              ResultRecords &records)
{
    const Json whole(json_copy(const_cast<json_t *>(answer)));
    for (const char *key : {"enrollid", "backupnum"}) {
        const json_t *asked = field(frame, key);
        if (asked && text_of(field(whole.get(), key)).empty()) {
            set_member(whole.get(), key, shared(asked));
        }
    }
    auto read = read_credential(whole.get());
    if (!read) {
        return std::nullopt;
    }
    StoreEnrolment store;
    store.enrollid = read->enrollid;
    store.name = read->name;
    store.admin = read->admin;
    store.privilege = privilege_of(read->admin);
    const bool has_record = read->has_record && !read->record.empty() &&
                            read->backupnum && *read->backupnum >= 0;
    if (has_record) {
        const std::string &text =
            records.texts.emplace_back(std::move(read->record));
        store.credentials.push_back({*read->backupnum, true, as_bytes(text)});
    }
    if (has_record && !read->photo.empty()) {
        store.photo =
            as_bytes(records.texts.emplace_back(std::move(read->photo)));
    }
    records.rows = 1;
    records.enrolment = std::move(store);
    return FoundCredential{std::move(read->enrollid), std::move(read->name),
                           read->admin, read->backupnum, has_record};
}

} // namespace wac::cloud
