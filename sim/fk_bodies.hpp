// The bodies that a simulated terminal sends, in the dialect it speaks
// (fk-http.md 2, 3), and the parts that a long one is cut into (4).
#pragma once

#include "codec/fk.hpp"
#include "fk_options.hpp"
#include "fk_terminal.hpp"

namespace wac::sim
{

/** Length-prefixed JSON with the dialect's terminator, then the binaries. */
std::string framed(const FkDialect &dialect, std::string_view json_text,
                   const std::vector<std::string> &bins = {});

std::string poll_body(const FkDialect &dialect, const FkTerminal &terminal,
                      std::int64_t now_s);

std::string punch_body(const FkDialect &dialect, const FkTerminal &terminal,
                       const FkPunch &punch);

/** A person with all credentials: realtime_enroll_data, and the result of
 *  GET_USER_INFO. */
std::string user_body(const FkDialect &dialect, const std::string &user_id,
                      const FkUser &user);

/** An integer, as a number or as the digits that some firmware sends. */
Json integer(const FkDialect &dialect, std::int64_t value);

/** One part of a body. */
struct FkPart {
    std::optional<std::uint32_t> blk_no; // 1, 2, … and 0 for the last
    std::string_view bytes;
};

/** How many parts a body has; one at least, even if it is empty. */
std::size_t part_count(const FkDialect &dialect, std::size_t body_size);

/** Part `index`, counted from 0; must exist. */
FkPart part_of(const FkDialect &dialect, std::string_view body,
               std::size_t index);

} // namespace wac::sim
