#include "proto/fk_operations.hpp"

namespace wac::fk
{

Contact contact_of(const RequestHead &head, const Origin &origin)
{
    Contact contact;
    contact.sn = head.dev_id;
    contact.protocol = Protocol::fk;
    contact.policy = origin.policy;
    contact.addr = origin.addr;
    contact.zone = origin.zone;
    contact.model = head.dev_model;
    return contact;
}

Contact handle_receive_cmd(const RequestHead &head, const Origin &origin,
                           const Body &body)
{
    ReceiveCmd report = decode_receive_cmd(body);
    Contact contact = contact_of(head, origin);
    contact.device_time = report.fk_time;
    contact.name = std::move(report.fk_name);
    contact.firmware = std::move(report.firmware);
    contact.devinfo = std::move(report.devinfo);
    return contact;
}

} // namespace wac::fk
