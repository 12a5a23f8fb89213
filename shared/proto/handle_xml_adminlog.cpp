// AdminLog_v2 and AdminLog (biometric-xml.md 2.5, 2.9): what managers did at
// a terminal. It cannot be asked for again, so one that cannot be understood
// is an error, for the quarantine.
#include "proto/xml_operations.hpp"

#include "proto/xml_fields.hpp"

namespace wac::xml
{

Result<StoreAdminLogs> handle_adminlog(const Message &message, std::string sn,
                                       std::string_view zone)
{
    auto log_id = log_id_of(message);
    auto admin = person_of(message, "Admin");
    auto user = person_of(message, "User");
    auto time = log_time_of(message, "Time");
    for (Result<std::string> *id : {&log_id, &admin, &user}) {
        if (!*id) {
            return tl::make_unexpected(std::move(id->error()));
        }
    }
    if (!time) {
        return tl::make_unexpected(std::move(time.error()));
    }
    StoreAdminLogs store;
    store.sn = std::move(sn);
    store.zone = zone;
    AdminRecord &record = store.records.emplace_back();
    record.log_id = std::move(*log_id);
    record.admin_id = std::move(*admin);
    record.user_id = std::move(*user);
    record.action = message.value("Action");
    record.record_time = time->wall;
    record.instant_us = time->instant_us;
    record.raw = raw_of(message, {});
    return store;
}

} // namespace wac::xml
