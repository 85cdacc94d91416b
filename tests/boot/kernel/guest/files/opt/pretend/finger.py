"""Presses keys of the pretend matrix: finger.py KEY ...; prints the milliseconds of each press.

Holds a key until the post has scanned its rows some times, and lets go for as long: the machine is slow.
"""

import sys
import time
import tomllib
from pathlib import Path

KEYS = Path("/dev/pretend-keys")
SETTINGS = Path("/etc/portvakt/post.toml")
# What stands on the keys, as hardware.md draws them.
CAPS = ("1 2 3 ok", "4 5 6 clear", "7 8 9 cancel", "other 0 language speak")
HELD_SCANS, HELD_S = 6, 0.1
REST_SCANS, REST_S = 6, 0.3
PATIENCE_S = 60.0


def scans(row: int) -> int:
    """How often the post has driven *row*."""
    counts = dict(line.split() for line in KEYS.read_text("ascii").splitlines())
    return int(counts.get(str(row), 0))


def wait(row: int, some: int, seconds: float) -> None:
    """Wait for *some* scans, and at least *seconds*."""
    begun_s, before = time.monotonic(), scans(row)
    while scans(row) < before + some or time.monotonic() < begun_s + seconds:
        if time.monotonic() > begun_s + PATIENCE_S:
            sys.exit(f"the post does not scan row {row}")
        time.sleep(0.01)


def main() -> None:
    """Press the keys that are named."""
    pad = tomllib.loads(SETTINGS.read_text("utf-8"))["keypad"]
    place = {
        cap: (row, column)
        for row, caps in zip(pad["rows"], CAPS, strict=True)
        for column, cap in zip(pad["columns"], caps.split(), strict=True)
    }
    last = pad["rows"][-1]
    for key in sys.argv[1:]:
        begun_s = time.monotonic()
        row, column = place[key]
        KEYS.write_text(f"+{row} {column}", "ascii")
        wait(last, HELD_SCANS, HELD_S)
        KEYS.write_text(f"-{row} {column}", "ascii")
        wait(last, REST_SCANS, REST_S)
        sys.stdout.write(f"{key} {(time.monotonic() - begun_s) * 1000:.0f}\n")


main()
