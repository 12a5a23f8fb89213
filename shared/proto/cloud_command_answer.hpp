// What an answer says of the frame it answers: whether it worked, why not in
// words (cloud-json.md 3.5), and what of it is kept as the command's result.
#pragma once

#include "codec/json.hpp"
#include "proto/operation.hpp"

#include <string>
#include <string_view>

namespace wac::cloud
{

struct Verdict {
    bool done = true;
    bool missing = false;    // reason 1, or none: there is no such thing
    std::string return_code; // "0", or the terminal's reason
    std::string failure;     // in words, if it is not done
};

Verdict verdict_of(const json_t *answer, const json_t *frame);

/** The answer without what says only that it is one, as JSON text; "" if
 *  nothing is left. Of a credential only whose and which it is: PINs,
 *  templates and photos go to their tables and nowhere else. */
std::string result_of(const json_t *answer, const json_t *frame);

/** The command's end by one answer. */
CommandEnd end_by(const json_t *answer, const json_t *frame);

/** The name of a frame's command. */
std::string_view command_of(const json_t *frame) noexcept;

} // namespace wac::cloud
