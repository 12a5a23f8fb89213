// The binaries of a command's answer as files: templates, photos, rows of
// logs. Only their owner can read them.
#pragma once

#include "database.hpp"

namespace wac::ctl
{

struct SavedBinary {
    std::string path;
    std::size_t bytes;
};

/** Writes BIN_1, BIN_2, … into `directory`, which is made if its parent
 *  exists. A file that is there already is left alone, and nothing is
 *  written then. A command without binaries is refused. */
Result<std::vector<SavedBinary>>
save_result_binaries(Database &database, const std::string &trans_id,
                     const std::string &directory);

} // namespace wac::ctl
