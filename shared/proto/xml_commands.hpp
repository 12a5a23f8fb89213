// What an XML terminal of dialect M can be told to do (biometric-xml.md 3):
// its own requests, and the words of the common vocabulary (DESIGN section 6)
// translated. Of dialect O no command is known: its sessions must not send
// any. Whoever queues a command checks it here, whoever sends it runs it by a
// CommandRun.
#pragma once

#include "base/error.hpp"
#include "codec/json.hpp"
#include "codec/xml.hpp"
#include "proto/command.hpp"
#include "proto/command_talk.hpp"
#include "proto/operation.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wac::xml
{

/** As cloud::check_command. A native command may be any request but the two
 *  of terminals, its parameters texts, numbers and truths. */
Result<void> check_command(std::string_view cmd_code, const json_t *cmd_param,
                           std::size_t bins, bool native);

/** What deletes users, logs or rights as a whole, replaces the terminal's
 *  program, or moves it to another server or network: asked for twice. */
bool is_destructive(std::string_view cmd_code) noexcept;

/** Door, reboot and enrol commands, by either name: given out once, within
 *  120 seconds. The database's trigger wac_command_limits enforces it. */
bool is_urgent(std::string_view cmd_code, const json_t *cmd_param) noexcept;

/** What a destructive command takes away, for the end of a sentence. */
std::string loss_by(std::string_view cmd_code);

/** All of them, in the order of the reference. */
std::vector<CommandInfo> command_reference();

/** One command on its way through its requests: one, one a setting, one a
 *  credential, one a person or a log. No I/O, no clock. Requests carry no
 *  number, so one at a time is under way. */
class CommandRun final : public CommandTalk
{
  public:
    /** Fails if the command cannot be put into requests; what check_command
     *  let pass can, unless its binaries are not what they should be. */
    static Result<CommandRun> begin(const ClaimedCommand &command);

    CommandRun(CommandRun &&) noexcept;
    CommandRun &operator=(CommandRun &&) noexcept;
    ~CommandRun() override;

    std::string frame() const override;
    Patience patience() const noexcept override;

    /** Of the request in frame(), and of its answer. */
    std::string_view request_name() const noexcept;

    /** Some firmware restarts before it has answered. */
    bool restarts() const noexcept override;

    /** Whether this message is the response of that name, about the same
     *  person, finger, setting … as frame(). */
    bool answered_by(const Message &message) const;

    /** Takes the answer to frame(). A terminal that is not ready is asked
     *  again, three times. */
    CommandProgress take(const Message &answer);

    /** Lists and templates that were read are worth keeping. */
    std::optional<CommandEnd> give_up() override;

    const std::string &trans_id() const noexcept override;
    const std::string &cmd_code() const noexcept override;

  private:
    struct State;
    explicit CommandRun(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

} // namespace wac::xml
