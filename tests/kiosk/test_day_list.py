"""The list of the day on the disk."""

from pathlib import Path

import pytest

from contract.wire import Expected
from kiosk.day_list import DayList

TODAY = Expected(day="2026-11-23", plates=["ABC123"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "expected.json"


def test_what_was_kept_is_read_after_a_restart(path: Path) -> None:
    DayList(path).keep(TODAY)
    assert DayList(path).read() == TODAY
    assert path.stat().st_mode & 0o777 == 0o600


def test_without_a_file_there_is_no_list(path: Path) -> None:
    assert DayList(path).read() is None


def test_erased_nothing_of_it_is_left(path: Path) -> None:
    kept = DayList(path)
    kept.keep(TODAY)
    kept.erase()
    kept.erase()
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("spoiled", [b'{"day": "2026-11-', b'{"day": "2026-11-2\xc3"}'])
def test_a_damaged_file_is_no_list_and_no_fall(path: Path, spoiled: bytes) -> None:
    path.write_bytes(spoiled)
    assert DayList(path).read() is None
    DayList(path).keep(TODAY)
    assert DayList(path).read() == TODAY


def test_a_disk_that_refuses_is_complained_about_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    kept = DayList(tmp_path / "file" / "expected.json")
    kept.keep(TODAY)
    kept.keep(TODAY)
    assert [record.message.split(" reason")[0] for record in caplog.records] == [
        "list of the day not written"
    ]
    assert "ABC" not in caplog.text
