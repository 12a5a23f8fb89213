"""Waiting for a state. Tests never sleep for one."""

import time


def wait_for(condition, timeout=60.0, what=""):
    """Calls `condition` until it returns something true, and returns that."""
    deadline = time.monotonic() + timeout
    pause = 0.005
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            name = what or getattr(condition, "__name__", "the condition")
            raise AssertionError(
                f"waited {timeout:g} s in vain for {name}; last seen: {value!r}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
