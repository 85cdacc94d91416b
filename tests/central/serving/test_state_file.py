import json
from pathlib import Path

import pytest

from central.serving.state_file import StateFile


def test_central_says_how_it_is_at_each_change_and_again_within_the_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    now_ms = 0
    state, path = StateFile(lambda: now_ms), tmp_path / "state.json"

    state.note(["tick"])
    assert json.loads(path.read_bytes())["faults"] == ["tick"]
    assert path.stat().st_mode & 0o777 == 0o644
    path.unlink()
    state.note(["tick"])
    assert not path.exists()
    now_ms = 60_000
    state.note(["tick"])
    assert path.exists()


def test_outside_of_a_service_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    monkeypatch.chdir(tmp_path)
    StateFile().note(["tick"])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_nothing_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "nowhere"))
    StateFile().note(["tick"])
