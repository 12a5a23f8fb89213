"""What the parts of the bench have in common: the machine they run on, how
PostgreSQL is set, and how two sides are compared."""

import pathlib
import re
import statistics
import subprocess
import time

DURABLE = {
    "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on",
    "autovacuum": "on", "shared_buffers": "256MB", "max_wal_size": "4GB",
}


class Failed(Exception):
    pass


def compare(ours, theirs, rounds):
    """Medians of legs that alternate: ours, theirs, ours, theirs, …"""
    rates = ([], [])
    for _ in range(rounds):
        rates[0].append(ours())
        rates[1].append(theirs())
    a, b = map(statistics.median, rates)
    return {"wac": round(a), "other": round(b), "ratio": round(a / b, 2),
            "wac_legs": [round(rate) for rate in rates[0]],
            "other_legs": [round(rate) for rate in rates[1]]}


def print_comparison(title, found, say):
    say(f"\n{title}\n    wac {found['wac']:>8}   {found['beside']} "
        f"{found['other']:>8}   ratio {found['ratio']:.2f}\n"
        f"    legs {found['wac_legs']} and {found['other_legs']}")


def peak_kb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+)", status, re.M)[1])


def settings_of(cluster):
    names = [*DURABLE, "wal_sync_method", "commit_delay", "max_connections",
             "server_version"]
    with cluster.connect("postgres") as connection:
        rows = connection.execute(
            "SELECT name, current_setting(name) AS value FROM pg_settings "
            "WHERE name = ANY (%s) ORDER BY name", (names,)).fetchall()
    return {row["name"]: row["value"] for row in rows}


def file_system(directory):
    run = subprocess.run(["stat", "-f", "-c", "%T", directory],
                         capture_output=True, text=True)
    return run.stdout.strip()


def busy_percent():
    """How much of the processors others use."""
    def ticks():
        fields = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()
        numbers = [int(field) for field in fields[1:9]]
        return sum(numbers), numbers[3] + numbers[4]
    before = ticks()
    time.sleep(2)
    after = ticks()
    return round(100 - 100 * (after[1] - before[1])
                 / max(1, after[0] - before[0]))
