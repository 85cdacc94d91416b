"""Which voice, guards and lamps a post gets by its settings."""

from dataclasses import replace
from pathlib import Path

import pytest
from gpiozero import Device

from device.settings import load
from kiosk.fake_matrix import FakeBoard
from kiosk.faults import Fault, Part
from kiosk.hardware import Hardware, connect
from kiosk.keys import PadEvent
from kiosk.output_settings import ScreenSettings, SpeechSettings
from kiosk.settings import PostSettings
from kiosk.showing import Showing
from tests.fakes.clock import FakeClock

ROOT = Path(__file__).parent.parent.parent
AS_INSTALLED = load(ROOT / "deploy/settings/post.toml", PostSettings)
DEMO = replace(AS_INSTALLED, demo=True)


def connected(settings: PostSettings, faults: list[PadEvent | Fault]) -> Hardware:
    return connect(settings, FakeClock(), Showing(), faults.append)


def test_the_demo_has_a_lamp_in_the_hall_that_says_that_it_shines() -> None:
    hardware = connected(DEMO, [])
    hardware.signals.hall(True)
    assert hardware.signals.hall_is_lit() is True
    hardware.close()


def test_only_a_real_post_watches_its_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Device, "pin_factory", FakeBoard())
    post = connected(AS_INSTALLED, [])
    assert [guard.name for guard in post.guards] == ["speech", "screen"]
    post.close()
    unwatched = connected(replace(AS_INSTALLED, screen=ScreenSettings(guard=False)), [])
    assert [guard.name for guard in unwatched.guards] == ["speech"]
    unwatched.close()
    demo = connected(DEMO, [])
    assert [guard.name for guard in demo.guards] == ["speech"]
    demo.close()


def test_a_voice_that_is_switched_off_needs_no_worker() -> None:
    hardware = connected(replace(DEMO, speech=SpeechSettings(on=False)), [])
    assert not hardware.voice.can_speak
    assert hardware.guards == ()
    hardware.close()


def test_a_machine_without_any_pins_reports_its_signals_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The keypad says for itself that it is lost; a post with a USB keypad needs no pins at all."""
    monkeypatch.setattr(Device, "pin_factory", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "none-such")
    faults: list[PadEvent | Fault] = []
    hardware = connected(AS_INSTALLED, faults)
    hardware.signals.click()
    hardware.signals.hall(True)
    assert hardware.signals.hall_is_lit() is None
    told = faults[-1]
    assert isinstance(told, Fault)
    assert told.part is Part.SIGNALS
    assert told.present
    hardware.close()
