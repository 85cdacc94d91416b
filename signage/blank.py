"""Make the panel dark after the service has died, however it died.

This is the unit's ExecStopPost, so it must work when the service could not: it imports neither luma nor
Pillow nor the network, speaks to the kernel alone, and never fails.  The chips keep their picture
without us; a plate left standing would send somebody through a closed door.
"""

import argparse
import fcntl
import os
import struct
import sys
import time
import tomllib
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from signage.bus import Spi, UnixSocket, connected
from signage.max7219 import blank, told
from signage.panel_settings import LAST_GOOD, PanelSettings

# linux/spi/spidev.h: _IOW('k', 1, __u8) and _IOW('k', 4, __u32)
SPI_IOC_WR_MODE = 0x40016B01
SPI_IOC_WR_MAX_SPEED_HZ = 0x40046B04
_DISPLAY_TEST = 0x0F

# Once more after a moment: what the dead service had sent may still be on its way through a queue.
_ROUNDS, _PAUSE_S = 2, 0.05


def run(config: Path, devices: Path = Path("/dev")) -> int:
    """Blank the panel that *config* names; always 0, with a line on standard error when it could not.

    Where the service ran on the last good settings because *config* is faulty, that panel goes dark too.
    """
    state = os.environ.get("STATE_DIRECTORY")  # systemd.exec(5), StateDirectory=
    last_good = Path(state) / LAST_GOOD if state else config
    done = {file: _blanked(file, devices) for file in (config, last_good) if file.exists()}
    if not any(done.values()):
        sys.stderr.write(
            f"{config}: no panel could be blanked; look whether a plate stands there.\n"
        )
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line of `python -m signage.blank`."""
    parser = argparse.ArgumentParser(prog="signage.blank", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the sign's settings file")
    return run(parser.parse_args(arguments).config)


def _blanked(file: Path, devices: Path) -> bool:
    try:
        panel = _panel(file)
        if panel.kind == "max7219":
            for _ in range(_ROUNDS):
                _send(_transfers(panel), panel, devices)
                time.sleep(_PAUSE_S)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        sys.stderr.write(f"{file}: the panel could not be blanked ({error}).\n")
        return False
    return True


def _panel(file: Path) -> PanelSettings:
    """Read the one section that matters: faults elsewhere must not keep a plate lit."""
    table = tomllib.loads(file.read_text("utf-8")).get("panel", {})
    known = {one.name for one in fields(PanelSettings)}
    return PanelSettings(**{name: value for name, value in table.items() if name in known})


def _transfers(panel: PanelSettings) -> list[bytes]:
    """Darkness first; a display test, which overrides it, next; then the columns."""
    off, *empty = blank(panel.modules)
    return [off, told(panel.modules, _DISPLAY_TEST, 0), *empty]


def _send(transfers: list[bytes], panel: PanelSettings, devices: Path) -> None:
    match panel.wire:
        case UnixSocket(path):
            with connected(path) as line:
                for transfer in transfers:
                    line.send(transfer)
        case Spi() as spi:
            _send_spi(transfers, devices / spi.node, panel.hertz)


def _send_spi(transfers: list[bytes], node: Path, hertz: int) -> None:
    """Each write(2) to spidev is one transfer with its own chip select (kernel, spi/spidev.rst)."""
    handle = os.open(node, os.O_RDWR | os.O_CLOEXEC)
    try:
        try:
            fcntl.ioctl(handle, SPI_IOC_WR_MODE, struct.pack("B", 0))
            fcntl.ioctl(handle, SPI_IOC_WR_MAX_SPEED_HZ, struct.pack("I", hertz))
        except OSError as error:
            # The speed that the dead service had set is still in force; trying beats giving up.
            sys.stderr.write(
                f"{node} did not take its speed ({error.strerror}); blanking all the same.\n"
            )
        for transfer in transfers:
            os.write(handle, transfer)
    finally:
        os.close(handle)


if __name__ == "__main__":
    sys.exit(main())
