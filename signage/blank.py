"""Make the panel dark after the service has died, however it died.

This is the unit's ExecStopPost, so it must work when the service could not: it imports neither luma nor
Pillow, pyserial nor the network, speaks to the kernel alone, never fails and never hangs.  Panels keep
their picture without us; a plate left standing would send somebody through a closed door.
"""

import argparse
import os
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from device.files import write_whole
from signage import spi, tty
from signage.bus import Spi, UnixSocket, connected
from signage.encoders import alpha, max7219, mobitec, signhead, ws2812
from signage.frame import Frame
from signage.least_settings import least_settings
from signage.panel_settings import LAST_GOOD, PanelSettings
from signage.png import png

_DISPLAY_TEST = 0x0F
# Once more after a moment: what the dead service had sent may still be on its way through a queue.
_ROUNDS, _PAUSE_S = 2, 0.05
# An Alpha sign loses what comes within a quarter of a second of the packet before it, and may take the
# first blank for the end of that.  A Mobitec sign may be deaf for as long as it draws.
_ALPHA_ROUNDS, _ALPHA_PAUSE_S = 3, 0.3
_MOBITEC_PAUSE_S = 1.0
_SIGNHEAD_BAUD = 115_200


def run(config: Path, devices: Path = Path("/dev")) -> int:
    """Blank the panel that *config* names; always 0, with a line on standard error when it could not.

    Where the service ran on the last good settings because *config* is faulty, that panel goes dark too.
    """
    state = os.environ.get("STATE_DIRECTORY")  # systemd.exec(5), StateDirectory=
    last_good = Path(state) / LAST_GOOD if state else config
    done = [_blanked(panel, devices) for panel in _panels([config, last_good])]
    if not any(done):
        sys.stderr.write(
            f"{config}: no panel could be blanked; look whether a plate stands there.\n"
        )
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line of `python -m signage.blank`."""
    parser = argparse.ArgumentParser(prog="signage.blank", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the sign's settings file")
    return run(parser.parse_args(arguments).config)


def _panels(files: Sequence[Path]) -> list[PanelSettings]:
    """What the files name, each panel once."""
    found: list[PanelSettings] = []
    for file in files:
        try:
            panels = least_settings(tomllib.loads(file.read_text("utf-8")).get("panel", {}))
        except (OSError, ValueError, TypeError, AttributeError) as error:
            sys.stderr.write(f"{file}: names no panel ({error}).\n")
        else:
            found += [one for one in panels if one not in found]
    return found


def _blanked(panel: PanelSettings, devices: Path) -> bool:
    try:
        match panel.kind:
            case "max7219":
                _transfer(_max7219(panel), panel, devices, panel.hertz)
            case "ws2812":
                # What is too many for the chain falls out at its end.
                blank = ws2812.blank(ws2812.DOTS_AT_MOST)
                _transfer(blank, panel, devices, ws2812.SPI_HERTZ)
            case "emulator":
                _draw(panel)
            case _:
                _say(panel)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{panel.kind} at {panel.bus}: it could not be blanked ({error}).\n")
        return False
    return True


def _max7219(panel: PanelSettings) -> list[bytes]:
    """Darkness first; a display test, which overrides it, next; then the columns."""
    modules = panel.modules * panel.rows
    off, *empty = max7219.blank(modules)
    return [off, max7219.told(modules, _DISPLAY_TEST, 0), *empty]


def _transfer(transfers: list[bytes], panel: PanelSettings, devices: Path, hertz: int) -> None:
    for _ in range(_ROUNDS):
        match panel.wire:
            case UnixSocket(path):
                with connected(path) as line:
                    for transfer in transfers:
                        line.send(transfer)
            case Spi() as bus:
                spi.send(devices / bus.node, transfers, hertz)
        time.sleep(_PAUSE_S)


def _say(panel: PanelSettings) -> None:
    """Write the packets of a panel on a serial line."""
    place = Path(panel.bus.removeprefix("serial:"))
    match panel.kind:
        case "alpha":
            form = tty.Form(panel.baud or alpha.BAUD, seven_even=True)
            dark = alpha.blank(panel.alpha.kind, panel.alpha.address)
            tty.send(place, [dark] * _ALPHA_ROUNDS, form, _ALPHA_PAUSE_S)
        case "mobitec":
            sign = mobitec.Sign(panel.mobitec.address, *panel.size_px)
            dark = mobitec.surely_blank(sign)
            tty.send(
                place, [dark] * _ROUNDS, tty.Form(panel.baud or mobitec.BAUD), _MOBITEC_PAUSE_S
            )
        case "signhead":
            form = tty.Form(panel.baud or _SIGNHEAD_BAUD)
            tty.send(place, [signhead.blank_packet()] * _ROUNDS, form, _PAUSE_S)


def _draw(panel: PanelSettings) -> None:
    if panel.picture is not None:
        write_whole(panel.picture, png(Frame.dark(*panel.size_px)), mode=0o644)


if __name__ == "__main__":
    sys.exit(main())
