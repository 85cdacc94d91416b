"""Each question to a post: what it says when all is well, and each fault provoked."""

import os
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from contract.wire import OutboxFacts
from device.check import Answer, Question, Roots, Verdict, answered
from device.check_device import Around
from device.outbox import Outbox, SavedAt
from device.settings import load
from kiosk.check import questions
from kiosk.check_keys import keys_answer
from kiosk.check_outbox import judged, outbox_answer
from kiosk.check_page import page_answer
from kiosk.check_speech import speech_answer
from kiosk.settings import PostSettings
from tests.fakes.answers import Answers
from tests.fakes.clock import FakeClock

SAVED = SavedAt("boot-1", 1_000, datetime(2026, 11, 23, 7, 30, tzinfo=UTC))
SETTINGS = """
state_dir = "{folder}/state"
{top}
[central]
url = "http://127.0.0.1:9"
station = "pitea"
[identity]
token_file = "{folder}/state/token.json"
{sections}
"""
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a post.toml."""

    def write(sections: str = "", top: str = "") -> Path:
        path = tmp_path / "post.toml"
        path.write_text(SETTINGS.format(folder=tmp_path, sections=sections, top=top))
        return path

    return write


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    """A machine with a GPIO chip and nothing else."""
    found = Roots(tmp_path / "dev", tmp_path / "proc", tmp_path / "sys")
    found.dev.mkdir()
    (found.dev / "gpiochip0").touch()
    return found


def settings_of(config: Path) -> PostSettings:
    return load(config, PostSettings)


def ask(name: str, asked: list[Question]) -> Answer:
    (question,) = [one for one in asked if one.name == name]
    ((_, answer),) = answered([question])
    return answer


# -- settings ----------------------------------------------------------------------------------


def test_faulty_settings_are_named_and_what_needs_none_is_asked_all_the_same(
    write: Write, roots: Roots
) -> None:
    asked = questions(write("[keypat]\n"), Around(FakeClock(), roots))
    assert "Settings" == asked[0].name
    assert {"Power", "Clock", "Watchdog"} < {one.name for one in asked}
    answer = ask("Settings", asked)
    assert Verdict.FAIL is answer.verdict
    assert "did you mean keypad?" in answer.sentence


def test_settings_of_the_demo_are_a_fault_on_a_post(write: Write, roots: Roots) -> None:
    asked = questions(write(top="demo = true"), Around(FakeClock(), roots))
    assert Verdict.FAIL is ask("Settings", asked).verdict
    assert Verdict.PASS is ask("Settings", questions(write(), Around(FakeClock(), roots))).verdict


def test_about_ten_questions_are_asked_and_none_of_them_stops_the_others(
    write: Write, roots: Roots
) -> None:
    central = Answers()
    for _ in range(3):
        central.fail(requests.ConnectionError("away"))
    found = list(answered(questions(write(), Around(FakeClock(), roots, central.session))))
    assert {"PASS", "WAIT"} < {answer.verdict for _, answer in found}
    assert 10 < len(found) < 20
    assert all(answer.sentence for _, answer in found)
    assert all(answer.todo for _, answer in found if answer.verdict is Verdict.FAIL)


# -- keys --------------------------------------------------------------------------------------


def keys(config: Path, roots: Roots) -> Answer:
    return keys_answer(settings_of(config), roots)


def test_keys_on_pins_need_a_gpio_chip(write: Write, roots: Roots) -> None:
    assert Verdict.PASS is keys(write(), roots).verdict
    (roots.dev / "gpiochip0").unlink()
    answer = keys(write(), roots)
    assert Verdict.FAIL is answer.verdict
    assert "no GPIO chip" in answer.sentence


def test_a_terminal_is_no_post_outside(write: Write, roots: Roots) -> None:
    assert Verdict.LOOK is keys(write('[keypad]\nkind = "terminal"'), roots).verdict


def test_the_demo_has_keys_of_its_own(write: Write, roots: Roots) -> None:
    (roots.dev / "gpiochip0").unlink()
    assert Verdict.LOOK is keys(write(top="demo = true"), roots).verdict


SERIAL = '[keypad]\nkind = "serial"\n[keypad.serial]\nport = "{port}"'


def test_a_serial_keypad_must_be_there_and_be_a_line(write: Write, roots: Roots) -> None:
    master, slave = os.openpty()
    try:
        there = keys(write(SERIAL.format(port=os.ttyname(slave))), roots)
    finally:
        os.close(master)
        os.close(slave)
    assert Verdict.PASS is there.verdict
    gone = keys(write(SERIAL.format(port=roots.dev / "ttyUSB0")), roots)
    assert (Verdict.FAIL, f"there is no serial keypad at {roots.dev}/ttyUSB0.") == (
        gone.verdict,
        gone.sentence,
    )
    wrong = keys(write(SERIAL.format(port=roots.dev / "gpiochip0")), roots)
    assert "is no serial line" in wrong.sentence


USB = '[keypad]\nkind = "usb"\n[keypad.usb]\n'
KEYPAD_BITS = "1000000000007 ff800000000007ff febeffdff3cfffff fffffffffffffffe"
BUTTON_BITS = "10000000000000 0"


def plug(roots: Roots, ids: str, bits: str, name: str = "Keypad", serial: str = "") -> None:
    events = roots.sys / "class/input"
    device = events / f"event{len(list(events.glob('*')))}" / "device"
    for folder in ("id", "capabilities"):
        (device / folder).mkdir(parents=True)
    vendor, product = ids.split(":")
    (device / "id/vendor").write_text(f"{vendor}\n")
    (device / "id/product").write_text(f"{product}\n")
    (device / "name").write_text(f"{name}\n")
    (device / "uniq").write_text(f"{serial}\n")
    (device / "capabilities/key").write_text(f"{bits}\n")


def test_a_usb_keypad_is_found_by_its_ids(write: Write, roots: Roots) -> None:
    plug(roots, "046d:c31c", KEYPAD_BITS, "Keyboard")
    plug(roots, "2047:0855", KEYPAD_BITS, "Storm 720", "A1")
    ours = write(USB + 'vendor = "2047"\nproduct = "0855"\nserial = "a1"')
    answer = keys(ours, roots)
    assert (Verdict.PASS, "the USB keypad is there: Storm 720 (2047:0855).") == (
        answer.verdict,
        answer.sentence,
    )
    other = keys(write(USB + 'vendor = "2047"\nserial = "B2"'), roots)
    assert Verdict.FAIL is other.verdict


def test_a_keypad_that_was_unplugged_is_a_fault_that_names_what_is_there(
    write: Write, roots: Roots
) -> None:
    plug(roots, "046d:c31c", KEYPAD_BITS, "Keyboard")
    answer = keys(write(USB + 'vendor = "2047"'), roots)
    assert Verdict.FAIL is answer.verdict
    assert "no USB keypad 2047:any is plugged in, only Keyboard (046d:c31c)." == answer.sentence


def test_a_power_button_is_no_keypad(write: Write, roots: Roots) -> None:
    plug(roots, "0000:0001", BUTTON_BITS, "Power Button")
    answer = keys(write(USB), roots)
    assert (Verdict.FAIL, "no USB keypad any:any is plugged in.") == (
        answer.verdict,
        answer.sentence,
    )


# -- page --------------------------------------------------------------------------------------


def shown(config: Path, **words: object) -> Answer:
    service = Answers()
    whole = {"screen": 7, "drawn": 7, "name": "idle", "drawn_ms_ago": 2_000, "beat_ms_ago": 900}
    service.give(200, {**whole, **words})
    answer = page_answer(settings_of(config), service.session)
    assert "http://127.0.0.1:8082/shown" == service.asked[0].url
    return answer


def test_a_page_that_was_just_drawn_is_well(write: Write) -> None:
    answer = shown(write())
    assert (Verdict.PASS, 'the browser drew "idle", reported 2 s ago.') == (
        answer.verdict,
        answer.sentence,
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"drawn_ms_ago": 15_000}, "the browser has not drawn for 15 s."),
        ({"drawn_ms_ago": None}, "no browser has drawn its page"),
        ({"beat_ms_ago": 6_001}, "the service has stood still for 6 s."),
        ({"name": "out_of_order"}, "out of order"),
    ],
)
def test_each_fault_of_the_page(write: Write, words: dict[str, object], says: str) -> None:
    answer = shown(write(), **words)
    assert Verdict.FAIL is answer.verdict
    assert says in answer.sentence
    assert answer.todo


def test_where_no_browser_is_expected_none_is_missed(write: Write) -> None:
    answer = shown(write("[browser]\nexpected = false"), drawn_ms_ago=None)
    assert Verdict.LOOK is answer.verdict


def test_a_service_that_does_not_run_is_a_fault(write: Write) -> None:
    service = Answers()
    service.fail(requests.ConnectionError("Connection refused"))
    answer = page_answer(settings_of(write()), service.session)
    assert Verdict.FAIL is answer.verdict
    assert "the service does not answer on port 8082 (Connection refused)." == answer.sentence
    assert "sudo systemctl restart portvakt-kiosk" in answer.todo


@pytest.mark.parametrize(("status", "words"), [(404, {}), (200, {"some": "thing"})])
def test_another_program_on_the_port_is_a_fault(
    write: Write, status: int, words: dict[str, str]
) -> None:
    service = Answers()
    service.give(status, words)
    assert Verdict.FAIL is page_answer(settings_of(write()), service.session).verdict


# -- screen and hall lamp ----------------------------------------------------------------------


def connector(roots: Roots, name: str, status: str, dpms: str = "On") -> None:
    folder = roots.sys / "class/drm" / f"card1-{name}"
    folder.mkdir(parents=True)
    (folder / "status").write_text(status)
    (folder / "enabled").write_text("enabled" if status == "connected" else "disabled")
    (folder / "dpms").write_text(dpms)


@pytest.mark.parametrize(
    ("status", "dpms", "verdict", "says"),
    [
        ("connected", "On", Verdict.PASS, "plugged in and switched on"),
        ("disconnected", "Off", Verdict.FAIL, "No display answers on HDMI-A-1."),
        ("connected", "Off", Verdict.FAIL, "HDMI-A-1 is switched off (dpms Off)."),
    ],
)
def test_the_screen(
    write: Write, roots: Roots, status: str, dpms: str, verdict: Verdict, says: str
) -> None:
    connector(roots, "HDMI-A-1", status, dpms)
    answer = ask("Screen", questions(write(), Around(FakeClock(), roots)))
    assert verdict is answer.verdict
    assert says in answer.sentence


def test_a_machine_without_a_display_is_only_noted(write: Write, roots: Roots) -> None:
    answer = ask("Screen", questions(write(), Around(FakeClock(), roots)))
    assert Verdict.LOOK is answer.verdict


@pytest.mark.parametrize(
    ("pins", "verdict", "says"),
    [
        ("hall_lamp = 22\nhall_sense = 23", Verdict.PASS, "with its sense line"),
        ("hall_lamp = 22", Verdict.LOOK, "the post will never claim that the lamp shines"),
        ("", Verdict.LOOK, "no lamp in the hall is wired"),
    ],
)
def test_the_hall_lamp(write: Write, roots: Roots, pins: str, verdict: Verdict, says: str) -> None:
    asked = questions(write(f"[signals]\n{pins}"), Around(FakeClock(), roots))
    answer = ask("Hall lamp", asked)
    assert verdict is answer.verdict
    assert says in answer.sentence


# -- memory ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("controllers", "verdict", "says"),
    [
        ("cpuset cpu io memory pids\n", Verdict.PASS, "the units' limits hold"),
        ("cpuset cpu io pids\n", Verdict.LOOK, "the kernel counts no memory"),
        (None, Verdict.LOOK, "does not say whether"),
    ],
)
def test_limits_on_memory_that_the_firmware_switched_off_are_noted(
    write: Write, roots: Roots, controllers: str | None, verdict: Verdict, says: str
) -> None:
    if controllers is not None:
        folder = roots.sys / "fs/cgroup"
        folder.mkdir(parents=True)
        (folder / "cgroup.controllers").write_text(controllers)
    answer = ask("Memory", questions(write(), Around(FakeClock(), roots)))
    assert verdict is answer.verdict
    assert says in answer.sentence
    if controllers and verdict is Verdict.LOOK:
        assert "cgroup_enable=memory" in answer.todo


# -- outbox ------------------------------------------------------------------------------------


def test_the_outbox_is_read_while_the_service_has_it(tmp_path: Path, roots: Roots) -> None:
    """The service locks its file; the look must neither fail nor get in its way."""
    clock = FakeClock()
    (roots.dev / "shm").mkdir()
    with closing(Outbox(tmp_path / "outbox.sqlite3")) as outbox:
        assert outbox.can_save()
        empty = outbox_answer(tmp_path, clock, roots.dev)
        for name in ("a", "b"):
            outbox.save(name, b"x", SAVED)
        clock.advance(120_000)
        two = outbox_answer(tmp_path, clock, roots.dev)
        outbox.save("c", b"x", SAVED)
    assert (Verdict.PASS, "empty; central has every arrival.") == (empty.verdict, empty.sentence)
    assert (Verdict.WAIT, "2 arrivals wait, the oldest for 2 min.") == (two.verdict, two.sentence)
    assert [] == list((roots.dev / "shm").iterdir())


def test_a_post_that_never_ran_has_no_outbox_and_gets_none(tmp_path: Path, roots: Roots) -> None:
    assert Verdict.WAIT is outbox_answer(tmp_path, FakeClock(), roots.dev).verdict
    assert not (tmp_path / "outbox.sqlite3").exists()


@pytest.mark.parametrize(
    ("facts", "verdict", "says"),
    [
        (OutboxFacts(waiting=1, oldest_s=5), Verdict.WAIT, "1 arrival waits, the oldest for 5 s."),
        (OutboxFacts(waiting=4, oldest_s=600), Verdict.FAIL, "the oldest for 10 min."),
        (OutboxFacts(waiting=4, oldest_s=90_000), Verdict.FAIL, "the oldest for 25 h."),
        (OutboxFacts(waiting=2, oldest_s=5, refused=1), Verdict.FAIL, "Central refused 1."),
    ],
)
def test_what_waits_long_or_was_refused_is_a_fault(
    facts: OutboxFacts, verdict: Verdict, says: str
) -> None:
    answer = judged(facts)
    assert verdict is answer.verdict
    assert says in answer.sentence
    assert answer.todo


def test_an_outbox_that_cannot_be_read_is_a_fault(tmp_path: Path, roots: Roots) -> None:
    (tmp_path / "outbox.sqlite3").mkdir()
    ((_, answer),) = answered(
        [Question("Outbox", lambda: outbox_answer(tmp_path, FakeClock(), roots.dev))]
    )
    assert Verdict.FAIL is answer.verdict


# -- speech ------------------------------------------------------------------------------------


def espeak(folder: Path, script: str) -> str:
    """A program that stands in for espeak-ng."""
    path = folder / "espeak-ng"
    path.write_text(f"#!/bin/sh\necho Pty Language\n{script}\n")
    path.chmod(0o755)
    return f'[speech]\nprogram = "{path}"'


def speech(config: Path) -> Answer:
    return speech_answer(settings_of(config))


def test_speech_that_is_not_installed_says_what_happens_and_what_to_install(write: Write) -> None:
    answer = speech(write('[speech]\nprogram = "espeak-nought"'))
    assert Verdict.FAIL is answer.verdict
    assert "espeak-nought is not installed; the TAL key gives a tone." == answer.sentence
    assert "apt-get install espeak-ng" == answer.todo


def test_each_language_needs_a_voice(write: Write, tmp_path: Path) -> None:
    program = espeak(tmp_path, '[ "$1" = --voices=sv ] && echo "5 sv" || true')
    answer = speech(write(program))
    assert Verdict.FAIL is answer.verdict
    assert answer.sentence.endswith("has no voice for en.")
    assert Verdict.PASS is speech(write(program, 'languages = ["sv"]')).verdict


def test_a_program_that_does_not_start_is_a_fault(write: Write, tmp_path: Path) -> None:
    answer = speech(write(espeak(tmp_path, "exit 3")))
    assert Verdict.FAIL is answer.verdict
    assert "does not start" in answer.sentence


def test_speech_that_is_switched_off_is_noted(write: Write) -> None:
    assert Verdict.LOOK is speech(write("[speech]\non = false")).verdict


def test_the_real_espeak_ng_has_the_voices_of_every_language(write: Write) -> None:
    if subprocess.run(["which", "espeak-ng"], capture_output=True, check=False).returncode:
        pytest.skip("no espeak-ng here: apt-get install -y espeak-ng")
    assert Verdict.PASS is speech(write(top='languages = ["sv", "en", "fi", "nb"]')).verdict
