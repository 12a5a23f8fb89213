#include "proto/fk_operations.hpp"

namespace wac::fk
{

Result<Work> handle_realtime_enroll_data(const RequestHead &head,
                                         const Body &body)
{
    auto user = decode_realtime_enroll_data(body);
    if (!user) {
        return tl::make_unexpected(user.error());
    }
    StoreEnrolment store;
    store.sn = head.dev_id;
    store.enrollid = std::move(user->user_id);
    store.name = std::move(user->user_name);
    store.privilege = std::move(user->privilege);
    store.admin = user->admin;
    store.enabled = user->enabled;
    store.photo = user->user_photo;
    store.raw = body.json_text;
    for (const Credential &credential : user->credentials) {
        store.credentials.push_back(
            {credential.backup_number, credential.is_text, credential.data});
    }

    Work work{std::move(store), 1, {}};
    if (user->missing_bins > 0) {
        work.note = std::to_string(user->missing_bins) +
                    " of the user's fields name binaries that did not come";
    }
    return work;
}

} // namespace wac::fk
