"""The blanker, which runs when everything else has failed."""

import os
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from signage import blank
from signage.blank import main, run
from signage.bus import PacketBus
from signage.encoders.max7219 import encode, lit
from signage.layout import layout
from tests.fakes.panel_recorder import Chain, PanelRecorder
from tests.fakes.serial_end import SerialEnd
from tests.waiting import until

SETTINGS = """
central.url = "http://127.0.0.1:9"
central.station = "pitea"
panel.modules = 5
panel.bus = "{bus}"
"""


OFF = bytes.fromhex("0c00") * 5


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder of a sign that has none yet."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setattr(blank, "STATE", tmp_path / "state")
    return tmp_path / "state"


def settings(folder: Path, bus: str) -> Path:
    path = folder / "sign.toml"
    path.write_text(SETTINGS.format(bus=bus))
    return path


def plate() -> list[bytes]:
    return lit(encode(layout("ABC 123", 40, 8)), 5, 7)


def test_a_plate_that_a_dead_service_left_goes_dark(
    recorder: PanelRecorder, tmp_path: Path
) -> None:
    dead = PacketBus(recorder.path)
    for transfer in plate():
        dead.data(transfer)
    dead.cleanup()
    until(lambda: not recorder.is_dark, what="the plate")

    assert 0 == run(settings(tmp_path, f"unix:{recorder.path}"))

    until(lambda: recorder.is_dark, what="darkness")
    assert OFF == recorder.seen()[len(plate())]


def test_a_display_test_that_got_stuck_ends_too(recorder: PanelRecorder, tmp_path: Path) -> None:
    recorder.chain.chips[0].registers[0xF] = 1
    main(["--config", str(settings(tmp_path, f"unix:{recorder.path}"))])
    until(lambda: recorder.is_dark, what="darkness")


def test_on_spi_each_transfer_is_one_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A plain file stands in for the device: it takes the bytes, though not the speed."""
    (tmp_path / "spidev0.1").write_bytes(b"")
    assert 0 == run(settings(tmp_path, "spi:0.1"), devices=tmp_path)

    sent = (tmp_path / "spidev0.1").read_bytes()
    chain = Chain(5)
    for transfer in plate():
        chain.take(transfer)
    for at in range(0, len(sent), 10):
        chain.take(sent[at : at + 10])
        assert chain.is_dark
    assert "did not take its speed" in capsys.readouterr().err


@pytest.mark.parametrize("bus", ["unix:/nowhere/panel.sock", "spi:9.9"])
def test_a_panel_that_is_not_there_does_not_fail_the_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bus: str
) -> None:
    assert 0 == run(settings(tmp_path, bus))
    assert "look whether a plate stands there" in capsys.readouterr().err


def test_settings_that_are_not_there_do_not_fail_the_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == run(tmp_path / "sign.toml")
    assert "look whether a plate stands there" in capsys.readouterr().err


@pytest.mark.parametrize(
    "fault",
    ["panel.modules = 'five'", "panel = 5", "panel.bus = 7", "this is not TOML", "panel.bus = 'x'"],
)
def test_with_faulty_settings_the_panel_of_the_last_good_ones_goes_dark(
    recorder: PanelRecorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    good = settings(tmp_path, f"unix:{recorder.path}")
    good.rename(tmp_path / "sign.last-good.toml")
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    (tmp_path / "sign.toml").write_text(fault)
    for transfer in plate():
        recorder.chain.take(transfer)

    assert 0 == run(tmp_path / "sign.toml")

    until(lambda: recorder.is_dark, what="darkness")


def test_faults_elsewhere_in_the_settings_do_not_matter(
    recorder: PanelRecorder, tmp_path: Path
) -> None:
    path = settings(tmp_path, f"unix:{recorder.path}")
    path.write_text(path.read_text() + "nonsense = 1\nlease.ttl_ms = -1\n")
    run(path)
    until(lambda: OFF in recorder.seen(), what="the blank")


def test_one_panel_of_two_files_is_blanked_as_one(
    recorder: PanelRecorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service starts again only when the blanker has ended."""
    path = settings(tmp_path, f"unix:{recorder.path}")
    (tmp_path / "sign.last-good.toml").write_text(path.read_text())
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))
    run(path)
    until(lambda: len(recorder.seen()) == 20, what="two rounds")


def test_it_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    """Whatever is broken about luma, Pillow, pyserial or the network, the blanker still works."""
    code = (
        "import sys, signage.blank;"
        "heavy = {'luma', 'PIL', 'requests', 'serial', 'gpiozero', 'msgspec', 'spidev', 'numpy'};"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


def test_a_plate_goes_dark_although_nobody_knows_how_wide_the_panel_is(tmp_path: Path) -> None:
    (tmp_path / "spidev0.1").write_bytes(b"")
    path = settings(tmp_path, "spi:0.1")
    path.write_text(path.read_text().replace("modules = 5", "modules = 'five'"))

    assert 0 == run(path, devices=tmp_path)

    chain = Chain(32)
    for transfer in lit(encode(layout("ABC 123", 256, 8)), 32, 7):
        chain.take(transfer)
    chain.take((tmp_path / "spidev0.1").read_bytes()[:64])
    assert chain.is_dark


def test_a_sign_that_takes_no_bytes_does_not_hold_the_unit_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """While the blanker hangs the service cannot start again."""
    end = SerialEnd(lambda _: None)
    handle = os.open(end.place, os.O_WRONLY | os.O_NOCTTY)
    termios.tcflow(handle, termios.TCOOFF)
    path = tmp_path / "sign.toml"
    path.write_text(f'panel = {{ kind = "alpha", bus = "serial:{end.place}" }}')

    assert 0 == run(path, sleep_s=lambda _: None)

    said = capsys.readouterr().err
    assert "does not take what is written to it" in said
    assert "look whether a plate stands there" in said
    os.close(handle)
    end.unplug()


def test_an_emulator_without_a_picture_needs_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sign.toml"
    path.write_text('panel.kind = "emulator"')
    assert 0 == run(path)
    assert capsys.readouterr().err == ""


class Slot:
    """A device file of the SPI bus that keeps what is written to it, in order."""

    def __init__(self, place: Path) -> None:
        os.mkfifo(place)
        self.handle = os.open(place, os.O_RDWR | os.O_NONBLOCK)

    def got(self) -> bytes:
        return os.read(self.handle, 65_536)

    def fill_up(self) -> None:
        """Take nothing any more: a write to it waits for ever."""
        with suppress(BlockingIOError):
            while True:
                os.write(self.handle, bytes(4_096))


def last_good(state: Path, bus: str, modules: int = 6) -> None:
    state.mkdir()
    (state / "sign.last-good.toml").write_text(f'panel = {{ bus = "{bus}", modules = {modules} }}')


def test_the_panel_that_showed_the_plate_is_told_first_and_nothing_waits_before_all_are_told(
    tmp_path: Path, state: Path
) -> None:
    """Settings newer than those that the service ran on: whatever it ran on holds the plate."""
    slot, other = Slot(tmp_path / "spidev0.0"), Slot(tmp_path / "spidev0.1")
    last_good(state, "spi:0.0", modules=6)
    path = settings(tmp_path, "spi:0.0")
    path.write_text(path.read_text() + "panel.hertz = 'fast'\npanel.kind = 'neon'\n")
    got: list[bytes] = []

    def pause(_: float) -> None:
        got.append(slot.got())

    run(path, tmp_path, pause)

    first, *others = got
    six = bytes.fromhex("0c00") * 6 + bytes.fromhex("0f00") * 6
    assert first.startswith(six), "six modules, as it was"
    assert len(first) > 10 * 12 + 10 * 64, "a chain of unknown length, and pixels"
    assert others == []
    assert slot.got() == first, "the second round is the first again"
    os.close(slot.handle)
    os.close(other.handle)


@pytest.mark.parametrize("kind", ["alpha", "mobitec", "neon"])
def test_serial_panels_that_may_hang_there_are_told_before_any_pause(
    tmp_path: Path, state: Path, kind: str
) -> None:
    end, newer = SerialEnd(lambda _: None), SerialEnd(lambda _: None)
    state.mkdir()
    good = f'panel = {{ kind = "mobitec", bus = "serial:{end.place}", height_px = 16 }}'
    (state / "sign.last-good.toml").write_text(good)
    (tmp_path / "sign.toml").write_text(
        f'panel = {{ kind = "{kind}", bus = "serial:{newer.place}" }}'
    )
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        if not pauses:
            until(lambda: end.got and newer.got, what="both told")
        pauses.append(seconds)

    run(tmp_path / "sign.toml", sleep_s=pause)
    # A deaf one is told again after a second, an Alpha sign once more after that.
    assert pauses == ([1.0] if kind == "mobitec" else [1.0, 0.3])
    end.unplug()
    newer.unplug()


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator[Slot]:
    slot = Slot(tmp_path / "spidev0.0")
    slot.fill_up()
    yield slot
    # Lets go of the threads that wait there.
    os.set_blocking(slot.handle, True)
    os.read(slot.handle, 65_536)
    os.close(slot.handle)


def test_a_bus_that_hangs_for_ever_does_not_keep_the_next_panel_lit(
    tmp_path: Path,
    state: Path,
    hanging: Slot,
    recorder: PanelRecorder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(blank, "EACH_S", 0.2)
    last_good(state, "spi:0.0")
    for transfer in plate():
        recorder.chain.take(transfer)

    assert 0 == run(settings(tmp_path, f"unix:{recorder.path}"), tmp_path)

    until(lambda: recorder.is_dark, what="darkness")
    assert "spi:0.0: it could not be blanked (it hangs)" in capsys.readouterr().err


def test_the_whole_ends_in_time_although_a_panel_has_not_been_told(
    tmp_path: Path,
    state: Path,
    hanging: Slot,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The service cannot start again before that, and systemd would cut it off."""
    monkeypatch.setattr(blank, "WHOLE_S", 0.1)
    (tmp_path / "spidev0.1").write_bytes(b"")
    last_good(state, "spi:0.0")

    assert 0 == run(settings(tmp_path, "spi:0.1"), tmp_path)

    said = capsys.readouterr().err
    assert "spi:0.1: it could not be blanked (no time was left)" in said
    assert "look whether a plate stands there" in said


def test_a_file_that_python_itself_gives_up_on_does_not_keep_the_other_panel_lit(
    tmp_path: Path, state: Path
) -> None:
    (tmp_path / "spidev0.1").write_bytes(b"")
    last_good(state, "spi:0.1")
    (tmp_path / "sign.toml").write_text(f"x = {'[' * 5_000}")
    assert 0 == run(tmp_path / "sign.toml", tmp_path)
    assert (tmp_path / "spidev0.1").read_bytes().startswith(OFF)


def test_by_hand_it_finds_the_last_good_settings_where_the_service_keeps_them(
    tmp_path: Path, state: Path
) -> None:
    (tmp_path / "spidev0.1").write_bytes(b"")
    last_good(state, "spi:0.1")
    run(tmp_path / "sign.toml", tmp_path)
    assert (tmp_path / "spidev0.1").read_bytes().startswith(OFF)


def test_a_font_that_the_settings_refuse_does_not_keep_a_bus_sign_lit(tmp_path: Path) -> None:
    end = SerialEnd(lambda _: None)
    path = tmp_path / "sign.toml"
    path.write_text(
        f'[panel]\nkind = "mobitec"\nbus = "serial:{end.place}"\nheight_px = 16\n'
        "[panel.mobitec]\naddress = 9\nfont = 0x77\n"
    )
    run(path, sleep_s=lambda _: None)
    until(lambda: b"\xff\x09\xa2" in end.got, what="the blank to the sign's own address")
    end.unplug()
