// A command on its way from what an operator wrote to the frames that its
// terminal gets: checked, translated, in their order. Checking a command is
// planning it, so what was checked can be sent. What answers make of a plan
// is cloud_command_course's.
#pragma once

#include "base/error.hpp"
#include "base/wall_time.hpp"
#include "codec/cloud_values.hpp"
#include "codec/json.hpp"
#include "proto/cloud_command_table.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wac::cloud
{

/** How a plan's frames make one command. */
enum class Course {
    all,   // each in turn; one that fails fails the command
    first, // until one succeeds
    each,  // each in turn, and what is missing is passed over
    sweep, // the same, and it has succeeded even if all were missing
    pages, // the only frame, again and again: a list (3.2)
};

struct Step {
    Json frame;        // an object, "cmd" first
    std::string label; // what it is about, if there are several
    int group = 0;     // a miss passes over the others of a group; 0: none
};

struct CommandPlan {
    std::vector<Step> steps; // one at least
    Course course = Course::all;
};

/** What a plan is made of. */
struct PlanInput {
    std::string_view cmd_code;
    const json_t *param = nullptr;
    std::span<const std::string> bins;
    bool always_string = false;
    WallTime device_now{2000, 1, 1, 0, 0, 0};
};

/** Of a command that is not native. Refused as check_command says. */
Result<CommandPlan> plan_command(const PlanInput &input);

/** Of a native one: one frame, the parameters as they are. */
Result<CommandPlan> plan_native(const PlanInput &input);

/** What a command needs beyond its row of the table, whose parameters, read,
 *  are `param`. */
struct Shape {
    std::string_view command; // a common word, or what it becomes
    Result<CommandPlan> (*make)(const CommandRule &rule, Json param,
                                const PlanInput &input);
};
using Shapes = std::span<const Shape>;

Shapes user_shapes() noexcept;

CommandPlan one_frame(std::string_view name, const json_t *param,
                      Course course = Course::all);

/** {"cmd":name,…} */
Json frame_of(std::string_view name, const json_t *param);

/** Of setuserinfo and set_user, whose parameters, read, are `param`. */
Result<CommandPlan> plan_credentials(Json param, const PlanInput &input);

/** Whether a person is let in. */
Step enabling_step(const json_t *param, const char *enabled);

} // namespace wac::cloud
