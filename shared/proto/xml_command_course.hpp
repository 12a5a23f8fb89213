// A command under way: which request is next, by what the last one brought.
// Whether a message answers it, and where a command comes from, is
// CommandRun's.
#pragma once

#include "proto/xml_command_request.hpp"
#include "proto/xml_commands.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace wac::xml
{

class Way
{
  public:
    Way() = default;
    Way(const Way &) = delete;
    Way &operator=(const Way &) = delete;
    virtual ~Way() = default;

    /** What to send now. */
    virtual const Request &request() const = 0;
    virtual Patience patience() const = 0;

    virtual CommandProgress take(const Message &answer) = 0;
    virtual std::optional<CommandEnd> give_up() = 0;
};

/** How long the answer to a request may take, unless it is a page. */
Patience patience_for(const Request &request) noexcept;

/** What is answered at once. */
CommandProgress ended(CommandEnd end, ResultRecords records = {});

struct Step {
    Request request;
    std::string label; // what it is about, if there are several
};

/** Each in turn; one that fails fails the command. One step at least. */
std::unique_ptr<Way> way_of_steps(std::vector<Step> steps);

/** A person with all templates. */
std::unique_ptr<Way> way_to_read(const std::string &user_id);

/** What to change of a person; what is not given stays. */
struct UserChange {
    std::string user_id;
    std::optional<std::string> name;      // UTF-8
    std::optional<std::string> privilege; // User, Manager, Administrator
    std::optional<bool> enabled;
    std::optional<std::string> pin;  // digits
    std::optional<std::string> card; // as it is sent
    bool must_exist = false;
    std::vector<Step> credentials; // without their Privilege, if they need one
};
std::unique_ptr<Way> way_to_change(UserChange change);

/** All people. */
std::unique_ptr<Way> way_of_people();

/** The logs from one time to another, the ends included. */
std::unique_ptr<Way> way_of_logs(std::optional<WallTime> from,
                                 std::optional<WallTime> to);

} // namespace wac::xml
