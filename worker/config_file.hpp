// The configuration file's lines: "key = value", with # before a comment
// that has a line of its own. A value may stand in double quotes; nothing in
// it is special.
#pragma once

#include "base/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wac::worker
{

struct Setting {
    std::string key;
    std::string value;
    std::string place; // "FILE:LINE", for messages
};

/** Errors name file and line. */
Result<std::vector<Setting>> parse_settings(std::string_view text,
                                            const std::string &file);

Result<std::vector<Setting>> read_settings(const std::string &file);

} // namespace wac::worker
