// What a terminal of the cloud dialect can be told to do (cloud-json.md 3):
// its own commands, and the words of the common vocabulary (DESIGN section 6)
// translated. One table says for each what its parameters are; whoever queues
// a command checks it here, whoever sends it runs it by a CommandRun.
#pragma once

#include "base/error.hpp"
#include "codec/cloud.hpp"
#include "codec/cloud_values.hpp"
#include "codec/json.hpp"
#include "proto/command.hpp"
#include "proto/command_talk.hpp"
#include "proto/operation.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wac::cloud
{

/** As fk::check_command. A native command may have any name that is not one
 *  of a message of terminals, and any object of parameters. */
Result<void> check_command(std::string_view cmd_code, const json_t *cmd_param,
                           std::size_t bins, bool native);

/** What deletes users, records or settings as a whole, and what replaces the
 *  terminal's program or files: asked for twice. In any case of its letters,
 *  as a native name may be. */
bool is_destructive(std::string_view cmd_code) noexcept;

/** Door, reboot and enrol commands, by either name: given out once, within 120
 *  seconds. The database's trigger wac_command_limits enforces it. */
bool is_urgent(std::string_view cmd_code, const json_t *cmd_param) noexcept;

/** What a destructive command takes away, for the end of a sentence. */
std::string loss_by(std::string_view cmd_code);

/** All of them, in the order of the reference. */
std::vector<CommandInfo> command_reference();

/** One command on its way through pages of a list, one frame a credential, a
 *  second try with another number. No I/O, no clock. Where it stands can be
 *  kept as text and taken up again by another process (terminals that poll).
 */
class CommandRun final : public CommandTalk
{
  public:
    /** Fails if the command cannot be put into frames; what check_command let
     *  pass can. command.progress: "" to begin, or what progress() said. */
    static Result<CommandRun> begin(const ClaimedCommand &command,
                                    Profile profile, bool always_string);

    CommandRun(CommandRun &&) noexcept;
    CommandRun &operator=(CommandRun &&) noexcept;
    ~CommandRun() override;

    /** Compact JSON, "cmd" first. */
    std::string frame() const override { return frame({}); }
    /** With `sn` behind it if that is not empty (over HTTP). */
    std::string frame(std::string_view sn) const;

    Patience patience() const noexcept override;
    bool restarts() const noexcept override;

    /** Whether this message (a reply, or a command in disguise: 1.2) answers
     *  frame(). */
    bool answered_by(const Message &message) const;

    /** Takes the answer to frame(). */
    CommandProgress take(const Message &answer);

    /** A list whose later page is missing is worth keeping. */
    std::optional<CommandEnd> give_up() override;

    /** Where it stands, as JSON text. */
    std::string progress() const;

    const std::string &trans_id() const noexcept override;
    const std::string &cmd_code() const noexcept override;

  private:
    struct State;
    explicit CommandRun(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

} // namespace wac::cloud
