// Finds in an answer what goes into tables. For handle_send_cmd_result only:
// whoever takes in an answer includes fk_result.hpp.
#pragma once

#include "proto/fk_result.hpp"

namespace wac::fk
{

/** An answer and what it answers. */
struct Answer {
    std::string_view fk_name; // of the command
    const json_t *param;      // the command's, or null
    std::string_view sn;
    std::string_view library; // whose rows these are
    const Body *body;         // holds JSON
};

/** Whether answers to this command carry anything for the tables. */
bool has_content(std::string_view fk_name) noexcept;

/** Of a command that has content. Malformed: the body contradicts itself.
 *  Refused: it has a form that is not known here. */
Result<ResultContent> read_content(const Answer &answer);

} // namespace wac::fk
