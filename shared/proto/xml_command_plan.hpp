// A command on its way from what an operator wrote to the requests that its
// terminal gets: checked and translated. Checking a command is planning it,
// so what was checked can be sent. What answers make of a plan is
// xml_command_course's.
#pragma once

#include "base/error.hpp"
#include "codec/json.hpp"
#include "proto/xml_command_course.hpp"
#include "proto/xml_command_table.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace wac::xml
{

/** What a plan is made of. */
struct PlanInput {
    std::string_view cmd_code;
    const json_t *param = nullptr;
    std::span<const std::string> bins;
    bool has_contents = true; // of the binaries; false: only their number
    WallTime device_now{2000, 1, 1, 0, 0, 0};
};

using Planned = Result<std::unique_ptr<Way>>;

/** Of a command that is not native. Refused as check_command says. */
Planned plan_command(const PlanInput &input);

/** Of a native one: one request, the parameters as they are. */
Planned plan_native(const PlanInput &input);

/** What a word needs beyond its row of the table, whose parameters, read, are
 *  `param`. */
struct Shape {
    std::string_view command;
    Planned (*make)(const CommandRule &rule, const json_t *param,
                    const PlanInput &input);
};
using Shapes = std::span<const Shape>;

Shapes user_shapes() noexcept;

/** One request. */
std::unique_ptr<Way> one(Request request);

tl::unexpected<Error> refuse(std::string text);

} // namespace wac::xml
