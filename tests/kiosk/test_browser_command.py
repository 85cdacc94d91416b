"""What is started on the screen, and what is refused before it is."""

import shlex
from pathlib import Path

import pytest

from kiosk.browser_command import ShellRefused, check, command
from kiosk.settings import BrowserSettings

URL = "http://127.0.0.1:8082/"
PROFILE = Path("/run/portvakt-browser/profile")


def program(folder: Path, name: str, says: str = "") -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\nprintf '%s' '{says}'\n")
    path.chmod(0o755)
    return str(path)


def test_the_usual_post_runs_chromium_in_cage_on_our_page_alone() -> None:
    words = command(BrowserSettings(), URL, PROFILE)
    assert words[:3] == ["cage", "--", "chromium"]
    assert words[-2:] == [f"--user-data-dir={PROFILE}", f"--app={URL}"]
    assert {"--kiosk", "--no-first-run", "--noerrdialogs", "--no-memcheck"} <= set(words)
    assert "--ozone-platform=wayland" in words


def test_the_sandbox_stays_on_and_nobody_can_drive_the_browser_from_outside() -> None:
    words = " ".join(command(BrowserSettings(), URL, PROFILE))
    assert "sandbox" not in words
    assert "remote-debugging" not in words


def test_a_shell_that_wants_one_word_gets_the_browser_as_one_word() -> None:
    settings = BrowserSettings(shell=("labwc", "-S", "{browser}"))
    labwc, option, browser = command(settings, URL, Path("/run/a profile"))
    assert (labwc, option) == ("labwc", "-S")
    assert "--user-data-dir=/run/a profile" in shlex.split(browser)


def test_without_a_shell_the_browser_stands_alone() -> None:
    assert command(BrowserSettings(shell=()), URL, PROFILE)[0] == "chromium"


@pytest.mark.parametrize(
    "says", ["Cage version 0.2.0", "Cage version 0.10", "Cage version 1.0.0-rc1"]
)
def test_a_new_cage_is_taken(tmp_path: Path, says: str) -> None:
    chromium = program(tmp_path, "chromium")
    check(BrowserSettings(shell=(program(tmp_path, "cage", says), "--"), program=chromium))


@pytest.mark.parametrize(
    ("says", "version"), [("Cage version 0.1.4", r"0\.1\.4"), ("", "of an unknown version")]
)
def test_an_old_cage_is_refused_with_the_way_out(tmp_path: Path, says: str, version: str) -> None:
    settings = BrowserSettings(
        shell=(program(tmp_path, "cage", says), "--"), program=program(tmp_path, "chromium")
    )
    with pytest.raises(
        ShellRefused, match=rf"\({version}\) ends when .*; install cage 0\.2 .*labwc"
    ):
        check(settings)


def test_another_shell_is_not_asked_for_its_version(tmp_path: Path) -> None:
    labwc = program(tmp_path, "labwc", "0.8.3")
    check(BrowserSettings(shell=(labwc, "-S", "{browser}"), program=program(tmp_path, "chromium")))


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    chromium = program(tmp_path, "chromium")
    missing = BrowserSettings(shell=("no-such-shell", "--"), program=chromium)
    with pytest.raises(
        ShellRefused, match="There is no program no-such-shell; run: apt-get install"
    ):
        check(missing)
    with pytest.raises(ShellRefused, match="There is no program no-such-browser"):
        check(BrowserSettings(shell=(), program="no-such-browser"))


def test_the_nightly_start_is_a_time_of_day_or_never() -> None:
    assert BrowserSettings(restart_at="").restart_time is None
    with pytest.raises(ValueError, match='restart_at = "at night" is not a time of day'):
        BrowserSettings(restart_at="at night")
