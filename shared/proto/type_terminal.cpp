// register (cloud-json.md 6.1): a terminal says who it is, and proves it.
#include "proto/type_operations.hpp"

#include "base/sha256.hpp"

namespace wac::type
{

Contact contact_of(const Message &message, std::string sn, Enrolment policy,
                   std::string_view addr, std::string_view zone)
{
    Contact contact;
    contact.sn = std::move(sn);
    contact.protocol = Protocol::type;
    contact.policy = policy;
    contact.addr = addr;
    contact.zone = zone;
    if (message.verb != Verb::register_) {
        return contact;
    }
    if (const std::string_view token = token_of(message); !token.empty()) {
        const Sha256 hash = sha256(as_bytes(token));
        contact.token_hash = as_text(hash);
    }
    return contact;
}

} // namespace wac::type
