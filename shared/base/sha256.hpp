// SHA-256 by libcrypto: photos that come again, and tokens, are recognised by
// it.
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <openssl/sha.h>
#include <string_view>

namespace wac
{

using Sha256 = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

inline Sha256 sha256(Bytes bytes) noexcept
{
    Sha256 hash;
    SHA256(bytes.data(), bytes.size(), hash.data());
    return hash;
}

/** Whether `hash` is the token's: in a time that does not depend on where they
 *  differ. */
inline bool token_matches(std::string_view token, std::string_view hash)
{
    const Sha256 given = sha256(as_bytes(token));
    if (hash.size() != given.size()) {
        return false;
    }
    unsigned difference = 0;
    for (std::size_t i = 0; i < given.size(); ++i) {
        difference |= given[i] ^ static_cast<unsigned char>(hash[i]);
    }
    return difference == 0;
}

} // namespace wac
