// The text of a header's or a setting's value, without the blanks around it.
#pragma once

#include <string_view>

namespace wac::worker
{

inline std::string_view trimmed(std::string_view text) noexcept
{
    const auto first = text.find_first_not_of(" \t");
    if (first == text.npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

} // namespace wac::worker
