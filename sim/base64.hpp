// Bytes as base64, by OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace wac::sim
{

std::string base64(std::string_view bytes);

} // namespace wac::sim
