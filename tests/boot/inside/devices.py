"""Pretend devices of a box: a serial sign and a serial keypad on pseudo-terminals.

Runs inside the box, by the system's own Python.  `/dev/portvakt-sign` and `/dev/portvakt-keypad` are what
udev's names are on a real machine.  What the sign is told goes to LOG, one line a burst: seconds of the
monotonic clock and the bytes in hex.  What is written to KEYS is typed on the keypad.
"""

import os
import select
import shutil
import sys
import time
import tty
from pathlib import Path

PLACE = Path("/run/pretend")
LOG = PLACE / "sign.log"
KEYS = PLACE / "keys"
# The keypad's characters come one press at a time; what comes closer is two keys at once.
_PRESS_S = 0.2


def main() -> None:
    """Serve both until the box ends."""
    PLACE.mkdir(exist_ok=True)
    os.mkfifo(KEYS)
    sign = _device("portvakt-sign")
    keypad = _device("portvakt-keypad")
    # Open for both directions: a reader of a pipe that nobody writes to would see its end.
    keys = os.open(KEYS, os.O_RDWR)
    sys.stdout.write("READY\n")
    with LOG.open("a", encoding="ascii") as log:
        while True:
            for handle in select.select([sign, keypad, keys], [], [])[0]:
                data = os.read(handle, 4096)
                if handle == sign:
                    log.write(f"{time.monotonic():.3f} {data.hex()}\n")
                    log.flush()
                elif handle == keys:
                    _typed(keypad, data)


def _device(name: str) -> int:
    """A pseudo-terminal under a device's name; our end of it."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    place = os.ttyname(theirs)
    shutil.chown(place, "root", "dialout")
    Path(place).chmod(0o660)
    link = Path("/dev") / name
    link.unlink(missing_ok=True)
    link.symlink_to(place)
    return ours  # `theirs` stays open as well: a line that nobody has open would report a hang-up


def _typed(keypad: int, data: bytes) -> None:
    for byte in data:
        os.write(keypad, bytes((byte,)))
        time.sleep(_PRESS_S)


if __name__ == "__main__":
    main()
