"""An FK terminal and a command: given out, answered."""

from .terminal import FK_INFO


def sent(terminal, database, cmd_code="GET_DEVICE_STATUS", cmd_param=None,
         lib="FKDataHS101", **columns):
    """A command that the terminal has; the poll tells its data library."""
    trans_id = database.queue(terminal.dev_id, cmd_code, cmd_param, **columns)
    reply = terminal.poll(info={**FK_INFO, "fk_bin_data_lib": lib})
    assert reply.header("trans_id") == trans_id, reply
    return trans_id


def answered(terminal, database, cmd_code, body, cmd_param=None,
             cmd_return_code="OK", lib="FKDataHS101"):
    """The command's row when its answer was acknowledged."""
    trans_id = sent(terminal, database, cmd_code, cmd_param, lib)
    reply = terminal.result(trans_id, body, cmd_return_code)
    assert (reply.response_code, reply.header("trans_id")) == ("OK", trans_id)
    return database.command(trans_id)
