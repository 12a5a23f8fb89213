// reg (cloud-json.md 2.1): what a terminal says of itself. Its devinfo is kept
// whole; some firmware writes those fields beside cmd.
#include "proto/cloud_operations.hpp"

#include "base/text.hpp"

namespace wac::cloud
{

namespace
{

constexpr std::size_t kLongestWord = 200;

std::string word(const json_t *object, std::string_view name)
{
    std::string text = text_of(field(object, name));
    return text.size() <= kLongestWord ? text : std::string();
}

/** The message itself without what is not about the terminal. */
Json flat_devinfo(const Message &message)
{
    Json info(json_copy(message.object.get()));
    std::vector<std::string> keys;
    const char *key = nullptr;
    json_t *value = nullptr;
    json_object_foreach(info.get(), key, value)
    {
        for (const std::string_view name :
             {"cmd", "ret", "sn", "cpusn", "token", "nosenduser"}) {
            if (equals_ignoring_case(key, name)) {
                keys.emplace_back(key);
            }
        }
    }
    for (const std::string &name : keys) {
        json_object_del(info.get(), name.c_str());
    }
    return info;
}

} // namespace

Contact contact_of(const Message &message, std::string sn, Enrolment policy,
                   std::string_view addr, std::string_view zone)
{
    Contact contact;
    contact.sn = std::move(sn);
    contact.protocol = Protocol::cloud;
    contact.policy = policy;
    contact.addr = addr;
    contact.zone = zone;
    if (message.kind != Kind::command || verb_of(message.name) != Verb::reg) {
        return contact;
    }
    contact.cpusn = word(message.object.get(), "cpusn");
    const json_t *devinfo = field(message.object.get(), "devinfo");
    Json flat;
    if (!json_is_object(devinfo)) {
        flat = flat_devinfo(message);
        devinfo = flat.get();
    }
    if (json_object_size(devinfo) > 0) {
        contact.devinfo = write_json(devinfo);
    }
    contact.model = word(devinfo, "modelname");
    contact.firmware = word(devinfo, "firmware");
    if (const auto time = parse_time(text_of(field(devinfo, "time")))) {
        contact.device_time = time->wall;
    }
    return contact;
}

} // namespace wac::cloud
