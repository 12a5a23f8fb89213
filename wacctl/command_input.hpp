// What `command send` is given to send: parameters from the line, a file or
// standard input, and binaries from files.
#pragma once

#include "base/error.hpp"
#include "codec/json.hpp"

#include <optional>
#include <string>
#include <vector>

namespace wac::ctl
{

/** All of a command's binaries, and as many bytes of parameters. */
inline constexpr std::size_t kMostInputBytes = 16UL * 1024 * 1024;

struct CommandInput {
    std::string param_text; // as given; "" for none
    Json param;             // an object; null for none
    std::vector<std::string> binaries;
};

/** `param` is JSON, @FILE or @- for standard input. An error in text that
 *  stood on the command line quotes it, in others it tells only the place. */
Result<CommandInput> read_command_input(const std::optional<std::string> &param,
                                        const std::vector<std::string> &files);

} // namespace wac::ctl
