// One command on its way through one or several exchanges with a connected
// terminal, whatever the dialect: what the flow of commands needs of it.
//
//     frame() ──▶ terminal ──▶ (an answer, taken) ─┬─▶ frame() …
//                    │                             └─▶ end
//                    └─ silent ──▶ give_up() ─┬─▶ end
//                                             └─▶ back to the queue
#pragma once

#include "proto/operation.hpp"

#include <optional>
#include <string>

namespace wac
{

/** How long an answer may take. */
enum class Patience {
    answer, // an ordinary one
    page,   // a later page of a list
    photo,
    person, // somebody has to come to the terminal
};

/** What one answer brought: records to store (the sn of their enrolment is
 *  the caller's to set) and, if `end` is set, the command's end; if not,
 *  another frame is to be sent, once the records are committed. */
struct CommandProgress {
    ResultRecords records;
    std::optional<CommandEnd> end;
    bool not_ready = false; // the terminal was: the frame again, in a while
};

class CommandTalk
{
  public:
    virtual ~CommandTalk() = default;

    /** What to send now. */
    virtual std::string frame() const = 0;

    virtual Patience patience() const noexcept = 0;

    /** Whether it has no answer: it is done when the terminal is back. */
    virtual bool restarts() const noexcept = 0;

    /** Its end, if the dialect knows no answer to frame(): it is done when it
     *  is sent. */
    virtual std::optional<CommandEnd> sent() { return std::nullopt; }

    /** No answer came to frame(). The command's end if what came before is
     *  worth keeping; nothing if it is to be tried again as a whole. */
    virtual std::optional<CommandEnd> give_up() = 0;

    virtual const std::string &trans_id() const noexcept = 0;
    virtual const std::string &cmd_code() const noexcept = 0;

  protected:
    CommandTalk() = default;
    CommandTalk(CommandTalk &&) = default;
    CommandTalk &operator=(CommandTalk &&) = default;
};

} // namespace wac
