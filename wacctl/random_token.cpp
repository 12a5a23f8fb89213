#include "random_token.hpp"

#include "base/sha256.hpp"
#include "bytea.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/random.h>

namespace wac::ctl
{

Result<RandomToken> random_token()
{
    std::array<unsigned char, 16> bytes;
    if (getrandom(bytes.data(), bytes.size(), 0) !=
        static_cast<ssize_t>(bytes.size())) {
        return failure(ErrorCode::unavailable,
                       std::string("token: no random numbers: ") +
                           std::strerror(errno));
    }
    const std::string text = hexadecimal(bytes);
    return RandomToken{text, "\\x" + hexadecimal(sha256(as_bytes(text)))};
}

} // namespace wac::ctl
