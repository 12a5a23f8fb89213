// What a terminal of the `type` dialect can be told to do (cloud-json.md 6.2):
// whatever it understands, by its own names, which are passed on as they are,
// and the few words of the common vocabulary (DESIGN section 6) that are
// translated. The dialect has no answer to a command: one is done when it is
// sent. What a terminal has to say about it, it says by an event.
#pragma once

#include "base/error.hpp"
#include "codec/json.hpp"
#include "proto/command.hpp"
#include "proto/command_talk.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wac::type
{

/** As fk::check_command. Any name that is no word of the common vocabulary is
 *  the terminal's own; `native` says so of the others, too. Parameters are
 *  any JSON value: they become the payload. */
Result<void> check_command(std::string_view cmd_code, const json_t *cmd_param,
                           std::size_t bins, bool native);

/** The common words that are, for a terminal that takes them by their own
 *  names. In any case of their letters. */
bool is_destructive(std::string_view cmd_code) noexcept;

/** Doors, restarts and enrolling, by every name that a dialect has for them:
 *  given out once, within 120 seconds. The database's trigger
 *  wac_command_limits enforces it. */
bool is_urgent(std::string_view cmd_code, const json_t *cmd_param) noexcept;

/** What a destructive command takes away, for the end of a sentence. */
std::string loss_by(std::string_view cmd_code);

/** The common words, then the names that the specification prints. */
std::vector<CommandInfo> command_reference();

/** A command on its way: one frame. No I/O, no clock. */
class CommandRun final : public CommandTalk
{
  public:
    /** Fails if the command cannot be put into a frame; what check_command
     *  let pass can. */
    static Result<CommandRun> begin(const ClaimedCommand &command,
                                    std::string_view device_id);

    std::string frame() const override { return frame_; }
    Patience patience() const noexcept override { return Patience::answer; }
    /** It does, perhaps; but nobody waits for that. */
    bool restarts() const noexcept override { return false; }

    /** Succeeded. */
    std::optional<CommandEnd> sent() override;

    std::optional<CommandEnd> give_up() override { return std::nullopt; }

    const std::string &trans_id() const noexcept override { return trans_id_; }
    const std::string &cmd_code() const noexcept override { return cmd_code_; }

  private:
    CommandRun() = default;

    std::string trans_id_;
    std::string cmd_code_;
    std::string frame_;
};

} // namespace wac::type
