// A command under way, by the course of its plan: frame by frame
// (cloud_command_steps.cpp) or page by page (cloud_command_paging.cpp). What
// answers a frame, and where a command comes from, is CommandRun's.
#pragma once

#include "proto/cloud_command_plan.hpp"
#include "proto/cloud_commands.hpp"

#include <memory>

namespace wac::cloud
{

class Way
{
  public:
    Way() = default;
    Way(const Way &) = delete;
    Way &operator=(const Way &) = delete;
    virtual ~Way() = default;

    /** What to send now. */
    virtual const json_t *frame() const = 0;
    virtual Patience patience() const = 0;

    virtual CommandProgress take(const json_t *answer) = 0;
    virtual std::optional<CommandEnd> give_up() = 0;

    /** Where it stands, and to go on from there; what says nothing of use
     *  begins at the beginning. */
    virtual Json progress() const = 0;
    virtual void resume(const json_t *progress) = 0;
};

std::unique_ptr<Way> way_of_steps(CommandPlan plan);
std::unique_ptr<Way> way_of_pages(CommandPlan plan, Profile profile);

} // namespace wac::cloud
