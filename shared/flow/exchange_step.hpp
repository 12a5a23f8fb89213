// What an exchange asks its driver for, whatever the dialect. A driver grants
// the wish and calls the exchange again, until it gets an answer.
#pragma once

#include "base/log.hpp"
#include "proto/operation.hpp"

#include <optional>
#include <string>

namespace wac
{

/** Carry out `operation` (it lives in the exchange until the next call). */
struct Run {
    const Operation *operation;
};

/** Have the large answer to this command taken into the tables. It is kept
 *  already; resume() with the command's state when that is done. */
struct TakeIn {
    std::string trans_id;
};

/** What is to be noted when an answer goes out. */
struct AnswerNote {
    unsigned records = 0;             // committed with this request
    std::optional<Sighting> sighting; // to be written behind
    std::string note;                 // one log line, "" for none
    LogLevel note_level = LogLevel::info;
};

} // namespace wac
