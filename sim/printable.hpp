// Text from the peer made fit for a terminal and for JSON: what is not
// printable ASCII becomes a question mark.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace wac::sim
{

inline std::string printable(std::string_view text)
{
    std::string out(text);
    std::replace_if(
        out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return out;
}

} // namespace wac::sim
