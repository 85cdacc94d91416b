import json
import logging
from pathlib import Path

import pytest

from contract.release import release_in
from device.state_file import StateFile, runtime_folder
from tests.fakes.clock import FakeClock


def said(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "state.json").read_bytes())
    return found


def test_the_file_names_the_release_and_the_parts_that_fail_once_each(tmp_path: Path) -> None:
    StateFile(FakeClock(), tmp_path).note(["panel", "keypad", "panel"])

    assert said(tmp_path)["faults"] == ["keypad", "panel"]
    assert str(said(tmp_path)["release"])[0].isdigit()


def test_everybody_may_read_it(tmp_path: Path) -> None:
    StateFile(FakeClock(), tmp_path).note([])

    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o644


def test_it_is_written_at_each_change_and_again_within_the_minute(tmp_path: Path) -> None:
    clock = FakeClock()
    state = StateFile(clock, tmp_path)
    path = tmp_path / "state.json"
    state.note([])
    path.unlink()

    state.note([])
    assert not path.exists(), "nothing is new"
    state.note(["panel"])
    assert said(tmp_path)["faults"] == ["panel"]
    path.unlink()
    clock.advance(59_000)
    state.note(["panel"])
    assert said(tmp_path)["faults"] == ["panel"]


def test_a_customer_is_said_at_once_and_nothing_else_once_they_have_gone(tmp_path: Path) -> None:
    state = StateFile(FakeClock(), tmp_path)
    state.note(["panel"])
    assert "busy" not in said(tmp_path)

    state.note(["panel"], busy=True)
    assert (said(tmp_path)["busy"], said(tmp_path)["faults"]) == (True, ["panel"])
    state.note(["panel"])
    assert "busy" not in said(tmp_path)


def test_a_folder_that_takes_nothing_is_said_once_and_holds_nothing_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    (tmp_path / "file").write_text("")
    state = StateFile(FakeClock(), tmp_path / "file")

    state.note(["panel"])
    state.note([])

    assert len(caplog.records) == 1


def test_outside_of_a_service_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    assert runtime_folder() is None
    StateFile(FakeClock(), runtime_folder()).note(["panel"])


def test_the_folder_is_the_first_that_systemd_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/portvakt-sign:/run/other")
    assert runtime_folder() == Path("/run/portvakt-sign")


def test_a_release_is_named_by_its_folder_and_a_checkout_by_its_version(tmp_path: Path) -> None:
    (tmp_path / "release.json").write_text('{"release": "26.11.5-1a2b3c4d"}')
    assert release_in(tmp_path) == "26.11.5-1a2b3c4d"

    (tmp_path / "release.json").write_text("{")
    assert release_in(tmp_path) == release_in(tmp_path / "nowhere") != "26.11.5-1a2b3c4d"
