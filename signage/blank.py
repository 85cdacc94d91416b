"""Make the panel dark after the service has died, however it died.

This is the unit's ExecStopPost, so it must work when the service could not: it imports neither luma nor
Pillow, pyserial nor the network, speaks to the kernel alone, never fails and never hangs.  Panels keep
their picture without us; a plate left standing would send somebody through a closed door.

What hangs above the door may not be sure, so there is more than one candidate.  Each is told at once,
the likeliest first, and only then is there a pause; a plate stands for as long as we wait before that.
"""

import argparse
import os
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Sequence
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
# How often each kind is told, and the least time from one to the next.  Once more after a moment: what the
# dead service had sent may still be on its way through a queue.  An Alpha sign loses what comes within a
# quarter of a second of the packet before it, and may take the first blank for the end of that.  A Mobitec
# sign may be deaf for as long as it draws.
_ROUNDS = {"alpha": 3}
_PAUSE_S = {"alpha": 0.3, "mobitec": 1.0}
_USUAL_ROUNDS, _USUAL_PAUSE_S = 2, 0.05
# The unit's TimeoutStopSec= must be well above the whole: it would cut the blanker off.
EACH_S, WHOLE_S = 1.0, 3.0
_NO_TIME = "no time was left"
# Where the unit's state folder is for who runs this by hand.
STATE = Path("/var/lib/portvakt-sign")
_SIGNHEAD_BAUD = 115_200


def run(
    config: Path,
    devices: Path = Path("/dev"),
    sleep_s: Callable[[float], object] = time.sleep,
) -> int:
    """Blank the panel that *config* names; always 0, with a line on standard error when it could not.

    Before it the panel of the last good settings, on which the service ran if *config* is faulty or newer.
    """
    left = _told(_panels(config), devices, sleep_s)
    for panel, why in left.items():
        if why is not None:
            sys.stderr.write(f"{panel.kind} at {panel.bus}: it could not be blanked ({why}).\n")
    if None not in left.values():
        sys.stderr.write(
            f"{config}: no panel could be blanked; look whether a plate stands there.\n"
        )
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line of `python -m signage.blank`."""
    parser = argparse.ArgumentParser(prog="signage.blank", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the sign's settings file")
    return run(parser.parse_args(arguments).config)


def _panels(config: Path) -> list[PanelSettings]:
    """What the files name, each panel once; the one that most likely showed the plate comes first."""
    found: list[PanelSettings] = []
    # systemd.exec(5), StateDirectory=
    last_good = Path(os.environ.get("STATE_DIRECTORY") or STATE) / LAST_GOOD
    for file in (last_good, config):
        try:
            panels = least_settings(tomllib.loads(file.read_text("utf-8")).get("panel", {}))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one file, the other counts
            if file == config or not isinstance(error, FileNotFoundError):
                sys.stderr.write(f"{file}: names no panel ({error}).\n")
        else:
            found += [one for one in panels if one not in found]
    return found


def _told(
    panels: Sequence[PanelSettings], devices: Path, sleep_s: Callable[[float], object]
) -> dict[PanelSettings, object]:
    """Tell them all round by round; why each could not be blanked, None for those that could."""
    end_s = time.monotonic() + WHOLE_S
    left: dict[PanelSettings, object] = dict.fromkeys(panels, _NO_TIME)
    for number in range(max(_ROUNDS.values())):
        due = [one for one in panels if number < _ROUNDS.get(one.kind, _USUAL_ROUNDS)]
        if due and number:
            pause_s = max(_PAUSE_S.get(one.kind, _USUAL_PAUSE_S) for one in due)
            sleep_s(max(0.0, min(pause_s, end_s - time.monotonic())))
        for panel in due:
            why = _tried(panel, devices, min(EACH_S, end_s - time.monotonic()))
            left[panel] = left[panel] and why
    return left


def _tried(panel: PanelSettings, devices: Path, seconds: float) -> object:
    """Blank *panel* within *seconds*; why it could not be, or None."""
    if seconds <= 0:
        return _NO_TIME
    answers: list[object] = ["it hangs"]
    # In a thread that nobody waits for: a driver of the kernel may hang for ever.
    thread = threading.Thread(
        target=lambda: answers.append(_why_not(panel, devices)), name=panel.kind, daemon=True
    )
    thread.start()
    thread.join(seconds)
    return answers[-1]


def _why_not(panel: PanelSettings, devices: Path) -> Exception | None:
    try:
        _blank(panel, devices)
    except Exception as error:  # noqa: BLE001 - the next panel must have its turn
        return error
    return None


def _blank(panel: PanelSettings, devices: Path) -> None:
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


def _max7219(panel: PanelSettings) -> list[bytes]:
    """Darkness first; a display test, which overrides it, next; then the columns."""
    modules = panel.modules * panel.rows
    off, *empty = max7219.blank(modules)
    return [off, max7219.told(modules, _DISPLAY_TEST, 0), *empty]


def _transfer(transfers: list[bytes], panel: PanelSettings, devices: Path, hertz: int) -> None:
    match panel.wire:
        case UnixSocket(path):
            with connected(path) as line:
                for transfer in transfers:
                    line.send(transfer)
        case Spi() as bus:
            spi.send(devices / bus.node, transfers, hertz)


def _say(panel: PanelSettings) -> None:
    """Write the packet of a panel on a serial line."""
    place = Path(panel.bus.removeprefix("serial:"))
    match panel.kind:
        case "alpha":
            form = tty.Form(panel.baud or alpha.BAUD, seven_even=True)
            tty.send(place, [alpha.blank(panel.alpha.kind, panel.alpha.address)], form)
        case "mobitec":
            sign = mobitec.Sign(panel.mobitec.address, *panel.size_px)
            form = tty.Form(panel.baud or mobitec.BAUD)
            tty.send(place, [mobitec.surely_blank(sign)], form)
        case "signhead":
            form = tty.Form(panel.baud or _SIGNHEAD_BAUD)
            tty.send(place, [signhead.blank_packet()], form)


def _draw(panel: PanelSettings) -> None:
    if panel.picture is not None:
        write_whole(panel.picture, png(Frame.dark(*panel.size_px)), mode=0o644)


if __name__ == "__main__":
    sys.exit(main())
