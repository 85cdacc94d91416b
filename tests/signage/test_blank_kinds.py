"""Every kind of panel goes dark after its service was killed in the middle of a frame."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from signage.encoders import alpha, max7219, mobitec
from signage.frame import Frame
from signage.layout import layout
from signage.png import png
from signage.simulated_head import SimulatedHead
from tests.fakes.alpha_sign import AlphaSign
from tests.fakes.mobitec_sign import Framing, MobitecSign
from tests.fakes.panel_recorder import PanelRecorder, Recorder
from tests.fakes.serial_end import SerialEnd
from tests.fakes.ws2812_chain import Ws2812Chain
from tests.waiting import until

pytestmark = pytest.mark.processes

# Shows a plate, puts the first half of what follows on the wire, and waits to be killed.
SERVICE = """
import os, signal, sys, tomllib
from pathlib import Path
from signage.bus import connected
from signage.layout import plate
from signage.panel_settings import PanelSettings
from signage.panels.opened import open_panel

table = tomllib.loads(Path(sys.argv[1]).read_text())["panel"]
panel = open_panel(PanelSettings(**{name: Path(value) if name == "picture" else value
                                    for name, value in table.items()}))
panel.init()
panel.show(plate("ABC 123", panel.canvas), 7_000)
half = bytes.fromhex(sys.argv[2])
place = table.get("bus", "").partition(":")[2]
if table.get("bus", "").startswith("unix:"):
    connected(Path(place)).send(half)
elif half:
    os.write(os.open(place, os.O_WRONLY | os.O_NOCTTY), half)
print("half", flush=True)
signal.pause()
"""


@dataclass
class Far:
    """What hangs at the far end of a wire."""

    panel: str
    half: bytes
    is_dark: Callable[[], bool]
    close: Callable[[], object]


def far_max7219(folder: Path) -> Far:
    recorder = PanelRecorder(folder / "panel.sock", 6)
    half = max7219.encode(layout("WMX 99W", 48, 8))[0]
    panel = f'kind = "max7219"\nbus = "unix:{recorder.path}"'
    return Far(panel, half, lambda: recorder.is_dark, recorder.close)


def far_ws2812(folder: Path) -> Far:
    recorder = Recorder(folder / "panel.sock", Ws2812Chain(40, 7))
    panel = f'kind = "ws2812"\nbus = "unix:{recorder.path}"\nwidth_px = 40'
    # Ninety bytes of silence, and one pixel.
    half = bytes(90) + bytes.fromhex("924924 db6db6 924924")
    return Far(panel, half, lambda: recorder.is_dark, recorder.close)


def far_alpha(folder: Path) -> Far:
    sign = AlphaSign(restarts=False)
    end = SerialEnd(sign.take)
    panel = f'kind = "alpha"\nbus = "serial:{end.place}"'
    return Far(panel, alpha.text("WMX 99W")[:-6], lambda: sign.is_dark, end.unplug)


def far_mobitec(folder: Path) -> Far:
    sign = MobitecSign(framing=Framing.PAIRS)
    end = SerialEnd(sign.take)
    panel = f'kind = "mobitec"\nbus = "serial:{end.place}"\nwidth_px = 112\nheight_px = 16'
    half = mobitec.text("WMX 99W", mobitec.Sign())[:-2]
    return Far(panel, half, lambda: sign.is_dark, end.unplug)


def far_signhead(folder: Path) -> Far:
    """A head whose clock stands still, so that it does not go dark by itself."""
    clock = count()
    head = SimulatedHead(80, 7, now_ms=lambda: 1_000 + next(clock) // 1_000)
    end = SerialEnd(lambda data: end.say(head.hears(data)))
    panel = f'kind = "signhead"\nbus = "serial:{end.place}"'
    return Far(panel, b"\0\x07\x01\x01\x02", lambda: not head.is_lit, end.unplug)


def far_emulator(folder: Path) -> Far:
    picture = folder / "sign.png"
    panel = f'kind = "emulator"\npicture = "{picture}"'
    dark = png(Frame.dark(80, 7))
    return Far(panel, b"", lambda: picture.read_bytes() == dark, lambda: None)


KINDS = [far_max7219, far_ws2812, far_alpha, far_mobitec, far_signhead, far_emulator]


@pytest.fixture(params=KINDS, ids=lambda made: made.__name__.removeprefix("far_"))
def far(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Far]:
    far: Far = request.param(tmp_path)
    yield far
    far.close()


def test_a_service_killed_in_the_middle_of_a_frame_leaves_darkness(
    far: Far, tmp_path: Path
) -> None:
    config = tmp_path / "sign.toml"
    config.write_text(f"nonsense = 1\n[panel]\n{far.panel}\n")
    with subprocess.Popen(
        [sys.executable, "-c", SERVICE, str(config), far.half.hex()], stdout=subprocess.PIPE
    ) as service:
        assert service.stdout is not None
        assert service.stdout.readline() == b"half\n"
        service.send_signal(signal.SIGKILL)
        service.wait(10)
    until(lambda: not far.is_dark(), what="the plate")

    command = [sys.executable, "-m", "signage.blank", "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)

    assert done.stderr == ""
    until(far.is_dark, what="darkness")
