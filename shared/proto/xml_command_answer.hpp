// What an answer of an XML terminal says of its request: whether it worked,
// why not, and what of it is kept as the command's result.
#pragma once

#include "codec/json.hpp"
#include "proto/operation.hpp"
#include "proto/xml_command_request.hpp"

#include <string>

namespace wac::xml
{

struct Verdict {
    bool done = true;
    bool missing = false;    // a bare Fail: there is no such thing, or no more
    std::string return_code; // as the terminal says it; "OK" if it is silent
    std::string failure;     // in words, if it is not done
};

Verdict verdict_of(const Message &answer);

/** The answer without what says only that it is one and without secrets, as
 *  JSON text, its names readable; "" if nothing is left. */
std::string result_of(const Message &answer);

/** The command's end by one answer. */
CommandEnd end_by(const Message &answer);

/** A success with this result. */
CommandEnd end_with(const Json &result);

} // namespace wac::xml
