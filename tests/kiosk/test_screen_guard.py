"""The display, by the files of /sys/class/drm."""

import logging
from pathlib import Path
from threading import Event

import pytest

from kiosk.faults import Fault, Part
from kiosk.screen_guard import ScreenGuard, plugged_in
from tests.waiting import until


class Sockets:
    """A folder like /sys/class/drm."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.faults: list[Fault] = []
        (root / "card1").mkdir()
        (root / "version").write_text("drm 1.1.0 20060810\n")

    def has(self, name: str, status: str, enabled: str = "enabled", dpms: str = "On") -> None:
        folder = self.root / f"card1-{name}"
        folder.mkdir(exist_ok=True)
        for file, word in {"status": status, "enabled": enabled, "dpms": dpms}.items():
            (folder / file).write_text(word + "\n")

    def guard(self, connector: str = "") -> ScreenGuard:
        return ScreenGuard(self.faults.append, connector=connector, root=self.root, period_s=0.01)

    def judged(self, connector: str = "") -> str:
        """What two looks find."""
        guard = self.guard(connector)
        guard.look()
        guard.look()
        return self.faults[-1].reason if self.faults else ""


@pytest.fixture
def sockets(tmp_path: Path) -> Sockets:
    return Sockets(tmp_path)


def test_a_display_that_is_plugged_in_and_on_is_well(sockets: Sockets) -> None:
    sockets.has("HDMI-A-1", "connected")
    assert sockets.judged() == ""
    assert sockets.faults == []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (("disconnected", "disabled", "Off"), "No display answers on HDMI-A-1: check its cable"),
        (("connected", "disabled", "On"), "No picture is sent to HDMI-A-1"),
        (("connected", "enabled", "Off"), "HDMI-A-1 is switched off (dpms Off)"),
        (("", "", ""), "does not say how HDMI-A-1 is"),
    ],
)
def test_each_way_to_be_dark_has_its_own_sentence(
    sockets: Sockets, state: tuple[str, str, str], words: str
) -> None:
    sockets.has("HDMI-A-1", *state)
    assert words in sockets.judged()
    assert sockets.faults[-1].part is Part.SCREEN
    assert len(sockets.faults[-1].reason) <= 200


def test_files_that_cannot_be_read_are_a_fault(sockets: Sockets) -> None:
    sockets.has("HDMI-A-1", "connected")
    (sockets.root / "card1-HDMI-A-1" / "dpms").unlink()
    assert "does not say how HDMI-A-1 is" in sockets.judged()


def test_a_change_of_mode_that_is_dark_for_one_look_is_no_fault(sockets: Sockets) -> None:
    guard = sockets.guard()
    for dpms in ("On", "Off", "On", "Off", "On"):
        sockets.has("HDMI-A-1", "connected", dpms=dpms)
        guard.look()
    assert sockets.faults == []


def test_a_fault_is_told_once_and_so_is_its_end(sockets: Sockets) -> None:
    guard = sockets.guard()
    for status in ("connected", "disconnected", "disconnected", "disconnected", "connected"):
        sockets.has("HDMI-A-1", status)
        guard.look()
    assert [fault.present for fault in sockets.faults] == [True, False]


@pytest.mark.parametrize(
    "first", [("disconnected", "disabled", "Off"), ("connected", "enabled", "Off")]
)
def test_one_display_on_any_of_two_sockets_is_enough(
    sockets: Sockets, first: tuple[str, str, str]
) -> None:
    sockets.has("HDMI-A-1", *first)
    sockets.has("HDMI-A-2", "connected")
    assert sockets.judged() == ""


def test_the_fault_names_the_socket_where_a_display_hangs(sockets: Sockets) -> None:
    sockets.has("HDMI-A-1", "disconnected", "disabled", "Off")
    sockets.has("HDMI-A-2", "connected", dpms="Off")
    assert sockets.judged().startswith("HDMI-A-2 is switched off")


def test_the_named_socket_counts_and_no_other(sockets: Sockets) -> None:
    sockets.has("HDMI-A-1", "disconnected", "disabled", "Off")
    sockets.has("HDMI-A-2", "connected")
    assert "No display answers on HDMI-A-1" in sockets.judged("HDMI-A-1")


def test_a_display_on_a_ribbon_cable_is_guarded_by_its_name(sockets: Sockets) -> None:
    sockets.has("DSI-1", "connected", dpms="Off")
    assert "DSI-1 is switched off" in sockets.judged("DSI-1")


def test_a_socket_that_is_not_there_is_a_fault_that_names_those_that_are(sockets: Sockets) -> None:
    sockets.has("HDMI-A-1", "connected")
    assert (
        sockets.judged("HDMI-A-9") == "There is no HDMI-A-9, only HDMI-A-1: check screen.connector."
    )


@pytest.mark.parametrize("name", ["eDP-1", "Writeback-1", None])
def test_a_machine_without_hdmi_is_not_judged_and_says_so_once(
    sockets: Sockets, caplog: pytest.LogCaptureFixture, name: str | None
) -> None:
    if name is not None:
        sockets.has(name, "disconnected")
    with caplog.at_level(logging.INFO):
        assert sockets.judged() == ""
    assert sockets.faults == []
    assert caplog.text.count("screen not guarded") == 1


def test_a_machine_without_graphics_is_not_judged(tmp_path: Path) -> None:
    faults: list[Fault] = []
    ScreenGuard(faults.append, root=tmp_path / "none").look()
    assert faults == []


def test_the_worker_looks_again_and_again_until_it_is_stopped(sockets: Sockets) -> None:
    sockets.has("HDMI-A-1", "disconnected")
    stopping = Event()

    class Plugged(list[Fault]):
        def append(self, fault: Fault) -> None:
            super().append(fault)
            sockets.has("HDMI-A-1", "connected")
            if not fault.present:
                stopping.set()

    sockets.faults = Plugged()
    sockets.guard().run(stopping)
    until(lambda: len(sockets.faults) == 2)


def test_a_display_hangs_there_even_while_it_is_dark(sockets: Sockets) -> None:
    sockets.has("HDMI-A-1", "disconnected")
    assert plugged_in(sockets.root) is False
    sockets.has("HDMI-A-2", "connected", "disabled", "Off")
    assert plugged_in(sockets.root) is True


@pytest.mark.parametrize("name", ["Writeback-1", "Virtual-1", "Composite-1"])
def test_a_connector_that_no_display_hangs_on_is_no_display(sockets: Sockets, name: str) -> None:
    sockets.has(name, "unknown", "disabled", "Off")
    assert plugged_in(sockets.root) is None
    sockets.has("HDMI-A-1", "disconnected", "disabled", "Off")
    assert plugged_in(sockets.root) is False


@pytest.mark.parametrize("name", ["HDMI-A-2", "DSI-1", "DP-1"])
def test_any_socket_for_a_display_counts_unless_one_is_named(sockets: Sockets, name: str) -> None:
    sockets.has("HDMI-A-1", "disconnected", "disabled", "Off")
    sockets.has(name, "connected")
    assert plugged_in(sockets.root) is True
    assert plugged_in(sockets.root, "HDMI-A-1") is False
    assert plugged_in(sockets.root, name) is True


def test_a_named_socket_that_is_not_there_says_nothing(sockets: Sockets) -> None:
    sockets.has("HDMI-A-1", "disconnected", "disabled", "Off")
    assert plugged_in(sockets.root, "DSI-1") is None


def test_without_a_connector_nobody_knows(tmp_path: Path) -> None:
    assert plugged_in(tmp_path) is None
