#include "device_proof.hpp"

#include "device_view.hpp"
#include "json_rows.hpp"
#include "random_token.hpp"
#include "table.hpp"

namespace wac::ctl
{

namespace
{

/** The device as it is then, "no device", or a refusal if its dialect is
 *  `other_than`. */
Result<Rows> change(Database &database, const std::string &sn,
                    const std::string &assignments, Parameters parameters,
                    const std::string &other_than = "")
{
    parameters.emplace_back(other_than);
    const auto changed =
        database.query("UPDATE wac_devices SET " + assignments +
                           " WHERE sn = $1 AND protocol <> $" +
                           std::to_string(parameters.size()) + " RETURNING sn",
                       parameters);
    if (!changed) {
        return tl::make_unexpected(changed.error());
    }
    auto device = find_device(database, sn);
    if (device && changed->empty()) {
        return failure(ErrorCode::refused,
                       "device token: " + sn +
                           " speaks xml: it gets its token when it registers. "
                           "To let it register anew: wacctl device reset " +
                           sn);
    }
    return device;
}

Result<Outcome> tell(const Result<Rows> &device, bool json,
                     std::string (*text)(const Rows &device))
{
    if (!device) {
        return tl::make_unexpected(device.error());
    }
    if (json) {
        print_json(json_row(*device, 0));
    } else {
        print_line(text(*device));
    }
    return Outcome::done;
}

std::string without_token(const Rows &device)
{
    const std::string sn = device.text(0, "sn");
    return device.text(0, "protocol") == "type"
               ? "device " + sn +
                     " has no token, and cannot register without one: \"wacctl "
                     "device token " +
                     sn + "\" makes one"
               : "device " + sn + " needs no token";
}

std::string after_reset(const Rows &device)
{
    const std::string text = "device " + device.text(0, "sn");
    const std::string protocol = device.text(0, "protocol");
    if (protocol == "xml") {
        return text + " has no token: the next terminal that registers as it "
                      "is given one";
    }
    if (protocol == "type") {
        return without_token(device);
    }
    return text + " is bound to no processor number and needs no token: the "
                  "next terminal that registers as it is bound";
}

} // namespace

Result<Outcome> make_token(Database &database, const std::string &sn, bool json)
{
    const auto token = random_token();
    if (!token) {
        return tl::make_unexpected(token.error());
    }
    const auto device = change(database, sn, "token_hash = $2::bytea",
                               {sn, token->hash}, "xml");
    if (!device) {
        return tl::make_unexpected(device.error());
    }
    if (json) {
        const Json answer(json_object());
        set_member(answer, "sn", sn);
        set_member(answer, "token", token->text);
        print_json(answer);
        return Outcome::done;
    }
    print_line("device " + sn +
               " needs this token from now on; it is not shown again:");
    print_line(token->text);
    return Outcome::done;
}

Result<Outcome> clear_token(Database &database, const std::string &sn,
                            bool json)
{
    return tell(change(database, sn, "token_hash = NULL", {sn}, "xml"), json,
                without_token);
}

Result<Outcome> reset_device(Database &database, const std::string &sn,
                             bool json)
{
    return tell(change(database, sn,
                       "cpusn = NULL, token_hash = NULL, token_offer = NULL",
                       {sn}),
                json, after_reset);
}

} // namespace wac::ctl
