"""`portvakt check` at a sign: what hangs on its wires, and what only a person can see."""

import fcntl
import grp
import os
import pty
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.check import Answer, Roots, Verdict, answered
from device.check_device import Around
from signage.check import pages_answer, plates_answer, questions, speed_answer
from signage.check_wires import current_answer, light_answer, timer_answer, wire_answer
from signage.layout import Canvas
from signage.light_sensor import SensorLost
from signage.light_settings import CurrentSettings, LightSettings, TimerSettings
from signage.panel_settings import MobitecSettings, PanelSettings
from signage.panels.opened import open_panel
from signage.settings import PageSettings

SERIAL = "serial:/dev/portvakt-sign"
OK, NOTE, FAULT = Verdict.PASS, Verdict.LOOK, Verdict.FAIL
LIGHT = LightSettings(sensor="bh1750")
CURRENT = CurrentSettings(sensor="ina219", dot_ma=10.0)


def brief(answer: Answer) -> tuple[Verdict, str]:
    assert answer.verdict is not FAULT or answer.todo, "a fault says what to do"
    return answer.verdict, answer.sentence


def silent() -> float:
    raise SensorLost("light sensor", "/dev/i2c-1, address 0x23", "no answer")


@pytest.fixture
def line() -> Iterator[Path]:
    """A serial line whose other end stays open."""
    ours, theirs = pty.openpty()
    yield Path(os.ttyname(theirs))
    os.close(ours)
    os.close(theirs)


def serial_panel(path: Path) -> PanelSettings:
    return PanelSettings(kind="alpha", bus=f"serial:{path}")


def test_a_bus_or_line_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    for panel, what in (
        (PanelSettings(), f"no SPI bus {tmp_path}/spidev0.0"),
        (PanelSettings(kind="mobitec", bus=SERIAL), f"no serial line {tmp_path}/portvakt-sign"),
        (PanelSettings(bus=f"unix:{tmp_path}/panel"), f"nobody listens at {tmp_path}/panel"),
    ):
        verdict, said = brief(wire_answer(panel, tmp_path))
        assert FAULT is verdict
        assert what in said


def test_a_file_in_place_of_a_serial_line_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "portvakt-sign").touch()
    verdict, said = brief(wire_answer(PanelSettings(kind="alpha", bus=SERIAL), tmp_path))
    assert (FAULT, f"{tmp_path}/portvakt-sign is no serial line.") == (verdict, said)


def test_a_line_of_a_foreign_group_is_told(line: Path) -> None:
    verdict, said = brief(wire_answer(serial_panel(line), Path("/dev")))
    assert NOTE is verdict
    assert "the service is in dialout" in said


def test_a_line_that_is_open_elsewhere_is_told_and_not_a_fault(
    line: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = grp.getgrgid(line.stat().st_gid).gr_name
    monkeypatch.setattr("signage.check_wires.GROUPS", {"serial": group, "spi": "spi"})
    line.chmod(0o660)
    assert OK is (free := brief(wire_answer(serial_panel(line), Path("/dev"))))[0]
    assert "nobody has it open" in free[1]
    with line.open("rb", buffering=0) as service:
        fcntl.flock(service, fcntl.LOCK_EX | fcntl.LOCK_NB)
        verdict, said = brief(wire_answer(serial_panel(line), Path("/dev")))
    assert OK is verdict
    assert "is open in another process" in said


def test_a_sensor_that_answers_says_what_it_measures(tmp_path: Path) -> None:
    (tmp_path / "i2c-1").touch()
    assert "answers: 321 lx" in brief(light_answer(LIGHT, tmp_path, lambda: 321.0))[1]
    assert "draws 90 mA" in brief(current_answer(CURRENT, tmp_path, lambda: 90.0))[1]


def test_a_sensor_without_its_bus_or_its_answer_is_a_fault(tmp_path: Path) -> None:
    assert FAULT is brief(light_answer(LIGHT, tmp_path, silent))[0]
    assert FAULT is brief(current_answer(CURRENT, tmp_path, silent))[0]
    (tmp_path / "i2c-1").touch()
    verdict, said = brief(light_answer(LIGHT, tmp_path, silent))
    assert FAULT is verdict
    assert "address 0x23 cannot be read" in said
    assert "i2cdetect -y 1" in light_answer(LIGHT, tmp_path, silent).todo
    assert FAULT is brief(current_answer(CURRENT, tmp_path, silent))[0]


def test_without_sensors_the_check_says_what_the_sign_does(tmp_path: Path) -> None:
    by_sun = LightSettings(latitude=65.3, longitude=21.5)
    assert "100 %, by day and by night" in brief(light_answer(LightSettings(), tmp_path, silent))[1]
    assert "sun's height" in brief(light_answer(by_sun, tmp_path, silent))[1]
    assert OK is brief(current_answer(CurrentSettings(), tmp_path, silent))[0]


def timer(
    pin: int | None, kind: str, dev: Path, *, holds: bool = True, gpio: bool = True
) -> Verdict:
    answer = timer_answer(TimerSettings(pin=pin), kind, dev, holds_last_frame=holds, has_gpio=gpio)
    return brief(answer)[0]


def test_a_panel_that_keeps_its_picture_asks_for_a_timer(tmp_path: Path) -> None:
    assert NOTE is timer(None, "max7219", tmp_path)
    assert OK is timer(None, "signhead", tmp_path, holds=False)
    assert FAULT is timer(24, "max7219", tmp_path)
    (tmp_path / "gpiochip0").touch()
    assert OK is timer(24, "max7219", tmp_path)
    assert FAULT is timer(24, "max7219", tmp_path, gpio=False)


def test_a_picture_of_a_panel_needs_no_timer(tmp_path: Path) -> None:
    """The emulator's file keeps the last picture too, but no driver looks at a file."""
    assert OK is timer(None, "emulator", tmp_path)


def test_no_timer_can_help_a_sign_that_wakes_with_its_old_text(tmp_path: Path) -> None:
    assert NOTE is timer(None, "alpha", tmp_path)
    answer = timer_answer(TimerSettings(), "alpha", tmp_path, holds_last_frame=True, has_gpio=True)
    assert "do not hang it above a door" in answer.todo


def test_a_panel_that_is_too_slow_for_a_door_is_a_fault() -> None:
    slow = PanelSettings(kind="signhead", bus=SERIAL, width_px=256, height_px=64, baud=9_600)
    verdict, said = brief(speed_answer(slow))
    assert FAULT is verdict
    assert "more than 2000" in said
    assert "as measured" in brief(speed_answer(PanelSettings(dark_ms=900)))[1]
    assert "arithmetic" in brief(speed_answer(PanelSettings()))[1]


def test_a_bus_sign_that_nobody_measured_is_a_fault_that_says_what_to_measure() -> None:
    def asked(**how: object) -> Answer:
        mobitec = MobitecSettings(**how)  # type: ignore[arg-type]
        panel = PanelSettings("mobitec", SERIAL, width_px=112, height_px=16, mobitec=mobitec)
        return speed_answer(panel)

    assert FAULT is brief(asked())[0]
    assert "bench test S11) and write panel.mobitec.draws_ms" in asked().todo
    assert 'panel.mobitec.draws = "text"' not in asked().todo
    assert 'panel.mobitec.draws = "text"' in asked(draws="dots", draws_ms=500).todo
    assert OK is brief(asked(draws_ms=500))[0]


def test_what_the_panel_can_show_is_tried() -> None:
    assert OK is brief(plates_answer(Canvas(48, 8)))[0]
    assert NOTE is brief(plates_answer(Canvas(40, 8)))[0]
    assert FAULT is brief(plates_answer(Canvas(24, 8)))[0]


def test_a_second_page_that_does_not_fit_is_told() -> None:
    narrow = open_panel(PanelSettings(modules=5))
    assert OK is brief(pages_answer(PageSettings(), narrow))[0]
    wordy = PageSettings(second="KÖR IN GENOM PORTEN")
    assert NOTE is brief(pages_answer(wordy, narrow))[0]
    assert "plate stands alone" in brief(pages_answer(PageSettings(second=""), narrow))[1]
    slow = open_panel(PanelSettings(kind="alpha", bus=SERIAL))
    assert "too slow" in brief(pages_answer(PageSettings(), slow))[1]


def test_the_last_words_are_that_only_a_lit_panel_proves_the_wires(tmp_path: Path) -> None:
    config = tmp_path / "sign.toml"
    config.write_text(
        '[central]\nurl = "http://127.0.0.1:9"\nstation = "pitea"\n[panel]\nmodules = 6\n'
    )
    asked = questions(config, Around(roots=Roots(dev=tmp_path, sys=tmp_path)))
    ((name, answer),) = answered(asked[-1:])
    assert ("Dots", NOTE) == (name, answer.verdict)
    assert "only a lit panel proves the wires" in answer.sentence
    assert "portvakt sign test --config /etc/portvakt/sign.toml" in answer.todo
