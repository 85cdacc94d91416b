"""The browser's unit and policy: what it may reach, who starts it again, and what nobody may do with it."""

import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk.browser import REBOOT
from kiosk.settings import PageSettings
from tests.systemd.test_units import SYSTEMD, lines

BROWSER = SYSTEMD / "portvakt-browser.service"
KIOSK = SYSTEMD / "portvakt-kiosk.service"
POLICY = json.loads((SYSTEMD / "chromium/portvakt.json").read_text())
RULES = (SYSTEMD / "udev/80-portvakt-post.rules").read_text()


def after_the_end(status: str, folder: Path) -> str:
    """What systemctl is told by the unit's last command, for one exit status."""
    (line,) = lines(BROWSER, "ExecStopPost")
    assert line.startswith("+"), "the browser's own user may not restart the machine"
    stand_in = folder / "systemctl"
    stand_in.write_text('#!/bin/sh\necho "$*"\n')
    stand_in.chmod(0o755)
    # systemd.service(5), COMMAND LINES: "$$" is a dollar sign.
    words = [word.replace("$$", "$") for word in shlex.split(line.removeprefix("+"))]
    env = {"PATH": str(folder), "EXIT_STATUS": status}
    return subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout


def test_the_command_asks_for_a_reboot_by_one_exit_status_and_by_no_other(tmp_path: Path) -> None:
    assert after_the_end(str(REBOOT), tmp_path) == "--no-block reboot\n"
    for status in ("0", "1", "2", "ABRT", "KILL"):
        assert after_the_end(status, tmp_path) == ""


def test_no_number_of_starts_is_too_many_and_none_of_them_reboots_by_itself() -> None:
    """A browser that is broken for good would start the post again every minute."""
    assert lines(BROWSER, "Restart") == ["always"]
    assert lines(BROWSER, "StartLimitIntervalSec") == ["0"]
    assert lines(BROWSER, "StartLimitAction") == []
    assert lines(BROWSER, "StateDirectory") == ["portvakt-browser"], "where it counts"


@pytest.mark.parametrize("unit", [BROWSER, KIOSK], ids=lambda unit: unit.stem)
def test_no_memory_that_holds_plates_goes_to_a_swap_file(unit: Path) -> None:
    assert lines(unit, "MemorySwapMax") == ["0"]


def test_a_program_that_is_missing_does_not_start_the_machine_again_and_again() -> None:
    """Exit status 2 is that of every error which a person must mend."""
    assert lines(BROWSER, "RestartPreventExitStatus") == ["2"]


def test_the_browser_reaches_this_machine_only_and_stays_in_its_unit() -> None:
    assert lines(BROWSER, "IPAddressDeny") == ["any"]
    assert lines(BROWSER, "IPAddressAllow") == ["localhost"]
    assert lines(BROWSER, "PAMName") == [], "a session of logind would leave these limits"
    assert lines(BROWSER, "MemoryMax")


def test_the_browser_has_the_screen_and_no_keys() -> None:
    assert lines(BROWSER, "SupplementaryGroups") == ["video render"]
    assert lines(BROWSER, "DeviceAllow") == ["char-drm rw"]


def test_the_post_has_its_pins_its_keypads_and_its_voice() -> None:
    assert lines(KIOSK, "SupplementaryGroups") == ["gpio input dialout audio portvakt"]
    assert lines(KIOSK, "DeviceAllow") == [
        "char-gpiochip rw",
        "char-input r",
        "char-ttyUSB rw",
        "char-ttyACM rw",
        "char-ttyAMA rw",
        "/dev/ttyS0 rw",
        "char-alsa rw",
    ]


def test_no_key_reaches_the_compositor_and_a_serial_keypad_has_its_name() -> None:
    assert 'KERNEL=="event*"' in RULES
    assert 'ENV{LIBINPUT_IGNORE_DEVICE}="1"' in RULES
    assert 'SYMLINK+="portvakt-keypad"' in RULES


def test_when_memory_runs_out_the_browser_goes_first() -> None:
    assert int(lines(BROWSER, "OOMScoreAdjust")[0]) > 0
    assert lines(KIOSK, "OOMScoreAdjust") == []


def test_the_browser_opens_our_page_and_nothing_else() -> None:
    assert POLICY["URLBlocklist"] == ["*"]
    assert POLICY["URLAllowlist"] == [f"http://127.0.0.1:{PageSettings().port}"]
    assert POLICY["DownloadRestrictions"] == 3
    assert POLICY["DeveloperToolsAvailability"] == 2
    assert POLICY["RemoteDebuggingAllowed"] is False


@pytest.mark.browser
def test_chromium_knows_every_policy() -> None:
    """A misspelt one would be ignored without a word."""
    found = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    program = Path("/usr/lib/chromium/chromium")
    if found is None or not program.exists():
        pytest.skip("no chromium of Debian here: apt-get install -y chromium")
    content = program.read_bytes()

    missing = [name for name in POLICY if not re.search(rb"\0" + name.encode() + rb"\0", content)]

    assert missing == []
