// What a command does to a simulated terminal, and what the terminal answers
// (fk-http.md section 6). Bytes in, bytes out: no clock, no I/O. RESET_FK is
// not here: it concerns the exchange, not what the terminal holds.
#pragma once

#include "fk_options.hpp"
#include "fk_terminal.hpp"

namespace wac::sim
{

struct FkOutcome {
    bool answered = true; // real terminals pass over some in silence (5.3)
    std::string return_code = "OK";
    std::string body;
    std::vector<std::string> enrolments; // user ids to send afterwards
};

/** `host_now_s` is the host's wall clock, without the terminal's offset. */
FkOutcome execute(FkTerminal &terminal, const FkDialect &dialect,
                  std::string_view cmd_code, std::string_view body,
                  std::int64_t host_now_s);

} // namespace wac::sim
