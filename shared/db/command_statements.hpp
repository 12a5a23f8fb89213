#pragma once

#include "db/statement_queue.hpp"

namespace wac::db
{

std::span<const Statement> command_statements();

/** Commands given out and answered, and messages in parts. */
bool send_commands(StatementQueue &queue, Operations operations);

/** Before a claim of a command for this device: of two at once, one gets a
 *  command and the other nothing. */
bool put_claim_turn(StatementQueue &queue, const std::string &sn);

/** A command given out: state, trans_id, cmd_code, cmd_param, cmd_bin, native,
 *  device_now, and if there are such columns progress, and whether somebody
 *  else was at it. */
void read_claim(const PGresult *rows, int row, int column, Outcome &outcome);

} // namespace wac::db
