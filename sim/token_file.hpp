// Tokens of devices in a small file: a line for each, its name and its token.
#pragma once

#include "base/error.hpp"

#include <map>
#include <string>

namespace wac::sim
{

using Tokens = std::map<std::string, std::string>; // by device

/** What comes behind the token in a line is passed over. */
Result<Tokens> read_tokens(const std::string &path);

/** Replaces the file. */
Result<void> write_tokens(const std::string &path, const Tokens &tokens);

} // namespace wac::sim
