"""The head on a pseudo-terminal: the driver, pyserial, the kernel and a head's main loop together."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from signage import blank
from signage.frame import Frame
from signage.head_simulator import PtyHead, run
from signage.layout import layout
from signage.panel import PanelLost
from signage.panel_settings import PanelSettings
from signage.panels.signhead import SignHeadPanel, from_settings
from signage.simulated_head import SimulatedHead
from tests.waiting import until

ABC = layout("ABC 123", 96, 16)
ROOT = Path(__file__).parents[2]
TTL_MS = 1_500
LIGHTS = """
import sys
from signage.layout import layout
from signage.panel_settings import PanelSettings
from signage.panels.signhead import from_settings

panel = from_settings(PanelSettings(kind="signhead", bus=sys.argv[1], width_px=96, height_px=16))
panel.init()
panel.show(layout("ABC 123", 96, 16), int(sys.argv[2]))
print("lit", flush=True)
panel.heal(int(sys.argv[2]))
print("healed", flush=True)
# The head's answers are its pace.
while True:
    panel.heal(int(sys.argv[2]))
"""


def now_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class Served:
    """A head whose main loop runs in a thread, and when its dots changed."""

    def __init__(self) -> None:
        self.pty = PtyHead(SimulatedHead(96, 16, now_ms=now_ms))
        self._seen: list[str] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stands(self, frame: Frame) -> bool:
        return self._seen == list(frame.rows)

    def pull_the_plug(self) -> None:
        self._stopping.set()
        self._thread.join(5)
        self.pty.close()

    def _serve(self) -> None:
        self.pty.serve(self._stopping, self._see)

    def _see(self, rows: list[str]) -> None:
        self._seen = rows


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    yield served
    if not served._stopping.is_set():
        served.pull_the_plug()


def opened(served: Served) -> SignHeadPanel:
    return from_settings(
        PanelSettings(kind="signhead", bus=f"serial:{served.pty.name}", width_px=96, height_px=16)
    )


def test_a_plate_is_lit_kept_and_darkened_over_a_real_line(served: Served) -> None:
    panel = opened(served)
    panel.init()
    panel.show(ABC, 5_000)
    until(lambda: served.stands(ABC), what="the plate")
    for _ in range(5):
        panel.heal(5_000)
        assert panel.health() is True
    panel.blank()
    until(lambda: served.stands(Frame.dark(96, 16)), what="darkness")
    panel.close()


def test_the_blanker_makes_a_head_dark_that_a_dead_service_has_left_lit(
    served: Served, tmp_path: Path
) -> None:
    panel = opened(served)
    panel.init()
    panel.show(ABC, 7_000)
    panel.close()
    config = tmp_path / "sign.toml"
    config.write_text(f'[panel]\nkind = "signhead"\nbus = "serial:{served.pty.name}"\n')
    assert 0 == blank.run(config)
    until(lambda: served.stands(Frame.dark(96, 16)), seconds=2, what="darkness")


def test_an_unplugged_head_is_a_lost_panel(served: Served) -> None:
    panel = opened(served)
    panel.init()
    served.pull_the_plug()
    with pytest.raises(PanelLost):
        panel.show(ABC, 5_000)
    with pytest.raises(PanelLost):
        panel.init()


@pytest.mark.processes
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_a_head_is_dark_when_the_process_that_lit_it_is(
    served: Served, end: signal.Signals
) -> None:
    sign = subprocess.Popen(
        [sys.executable, "-c", LIGHTS, f"serial:{served.pty.name}", str(TTL_MS)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert sign.stdout is not None
        assert b"lit\n" == sign.stdout.readline()
        sign.stdout.readline()
        until(lambda: served.stands(ABC), what="the plate")
        sign.send_signal(end)
        # From here on nothing can put off the end.
        assert 0 < served.pty.head.left_ms <= TTL_MS
        until(lambda: served.stands(Frame.dark(96, 16)), what="darkness")
    finally:
        sign.kill()
        sign.communicate()


def test_the_command_says_where_it_hangs_and_draws_its_dots() -> None:
    said: list[str] = []
    stopping = threading.Event()
    bench = threading.Thread(target=run, args=(said.append, 96, 16, 1, stopping))
    bench.start()
    try:
        until(lambda: len(said) >= 3, what="the first dots")
        name = said[0].split('"')[3]
        panel = from_settings(PanelSettings(kind="signhead", bus=name, width_px=96, height_px=16))
        panel.init()
        panel.show(ABC, 5_000)
        drawn = str(ABC).replace("#", "●").replace(".", "·")
        until(lambda: said[-1].strip() == drawn, what="the plate")
        panel.close()
    finally:
        stopping.set()
        bench.join(5)


@pytest.mark.processes
def test_the_command_line_has_a_head_that_ends_when_interrupted() -> None:
    bench = subprocess.Popen(
        [sys.executable, "-m", "portvakt", "sign", "head", "--width", "32", "--height", "8"],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )
    try:
        assert bench.stdout is not None
        assert bench.stdout.readline().startswith('kind = "signhead", bus = "serial:/dev/pts/')
        assert "width_px = 32, height_px = 8, signhead.address = 1\n" == bench.stdout.readline()
        assert "·" * 32 + "\n" == bench.stdout.readline()
        bench.send_signal(signal.SIGINT)
        assert 0 == bench.wait(10)
    finally:
        bench.kill()
        bench.communicate()
