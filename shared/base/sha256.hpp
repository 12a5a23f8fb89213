// SHA-256 by libcrypto: photos that come again, and tokens, are recognised by
// it.
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <openssl/sha.h>

namespace wac
{

using Sha256 = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

inline Sha256 sha256(Bytes bytes) noexcept
{
    Sha256 hash;
    SHA256(bytes.data(), bytes.size(), hash.data());
    return hash;
}

} // namespace wac
