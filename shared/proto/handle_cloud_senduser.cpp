// senduser (cloud-json.md 2.3): one credential of a person, or only a name.
// A record is never changed: it must go back to a terminal as it came.
#include "proto/cloud_operations.hpp"

namespace wac::cloud
{

Result<StoreEnrolment> handle_senduser(const Message &message, std::string sn,
                                       Texts &texts)
{
    auto credential = read_credential(message.object.get());
    if (!credential) {
        return tl::make_unexpected(std::move(credential.error()));
    }
    StoreEnrolment store;
    store.sn = std::move(sn);
    store.enrollid = std::move(credential->enrollid);
    store.name = std::move(credential->name);
    store.admin = credential->admin;
    store.privilege = privilege_of(credential->admin);
    store.raw = texts.emplace_back(std::move(credential->raw));
    if (credential->has_record && credential->backupnum) {
        StoredCredential &stored = store.credentials.emplace_back();
        stored.backupnum = *credential->backupnum;
        stored.is_text = true;
        stored.data =
            as_bytes(texts.emplace_back(std::move(credential->record)));
    }
    if (!credential->photo.empty()) {
        store.photo =
            as_bytes(texts.emplace_back(std::move(credential->photo)));
    }
    return store;
}

} // namespace wac::cloud
