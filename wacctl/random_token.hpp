// What people, programs and terminals prove themselves with. The database
// keeps no more than the hash.
#pragma once

#include "base/error.hpp"

#include <string>

namespace wac::ctl
{

struct RandomToken {
    std::string text; // 32 hexadecimal digits
    std::string hash; // its SHA-256 as a parameter for a bytea
};

Result<RandomToken> random_token();

} // namespace wac::ctl
