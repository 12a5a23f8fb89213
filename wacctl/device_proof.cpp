#include "device_proof.hpp"

#include "base/sha256.hpp"
#include "bytea.hpp"
#include "device_view.hpp"
#include "json_rows.hpp"
#include "table.hpp"

#include <array>
#include <cstring>
#include <sys/random.h>

namespace wac::ctl
{

namespace
{

constexpr std::size_t kRandomBytes = 16;

Result<std::string> random_token()
{
    std::array<unsigned char, kRandomBytes> bytes;
    if (getrandom(bytes.data(), bytes.size(), 0) !=
        static_cast<ssize_t>(bytes.size())) {
        return failure(ErrorCode::unavailable,
                       std::string("device token: no random numbers: ") +
                           std::strerror(errno));
    }
    return hexadecimal(bytes);
}

/** The device as it is then; the error is "no device". */
Result<Rows> change(Database &database, const std::string &sn,
                    const std::string &assignments,
                    const Parameters &parameters)
{
    const auto changed = database.query(
        "UPDATE wac_devices SET " + assignments + " WHERE sn = $1 RETURNING sn",
        parameters);
    if (!changed) {
        return tl::make_unexpected(changed.error());
    }
    if (changed->empty()) {
        return tl::make_unexpected(no_device(sn));
    }
    return find_device(database, sn);
}

Result<Outcome> forget(Database &database, const std::string &sn,
                       const std::string &assignments, bool json,
                       const std::string &text)
{
    const auto device = change(database, sn, assignments, {sn});
    if (!device) {
        return tl::make_unexpected(device.error());
    }
    if (json) {
        print_json(json_row(*device, 0));
    } else {
        print_line(text);
    }
    return Outcome::done;
}

} // namespace

Result<Outcome> make_token(Database &database, const std::string &sn, bool json)
{
    const auto token = random_token();
    if (!token) {
        return tl::make_unexpected(token.error());
    }
    const Sha256 hash = sha256(as_bytes(*token));
    const auto device = change(database, sn, "token_hash = $2::bytea",
                               {sn, "\\x" + hexadecimal(hash)});
    if (!device) {
        return tl::make_unexpected(device.error());
    }
    if (json) {
        const Json answer(json_object());
        set_member(answer, "sn", sn);
        set_member(answer, "token", *token);
        print_json(answer);
        return Outcome::done;
    }
    print_line("device " + sn +
               " needs this token from now on; it is not shown again:");
    print_line(*token);
    return Outcome::done;
}

Result<Outcome> clear_token(Database &database, const std::string &sn,
                            bool json)
{
    return forget(database, sn, "token_hash = NULL", json,
                  "device " + sn + " needs no token");
}

Result<Outcome> reset_device(Database &database, const std::string &sn,
                             bool json)
{
    return forget(database, sn, "cpusn = NULL, token_hash = NULL", json,
                  "device " + sn +
                      " is bound to no processor number and needs no token: "
                      "the next terminal that registers as it is bound");
}

} // namespace wac::ctl
