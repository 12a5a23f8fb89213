// Pictures for simulated terminals: small, valid, and no two alike.
#pragma once

#include <string>
#include <string_view>

namespace wac::sim
{

/** A picture of 8 by 8 grey points that carries `comment`, which makes it
 *  differ from others. */
std::string made_jpeg(std::string_view comment);

/** The same, made as large as `size` by comments without content. */
std::string made_jpeg(std::string_view comment, std::size_t size);

} // namespace wac::sim
