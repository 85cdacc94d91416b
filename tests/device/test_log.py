import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.plate import Plate
from device import log
from device.log import Outage, event

PLATE = Plate.parse("abc 123")


@pytest.fixture
def _root_logger() -> Iterator[None]:
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = kept
    root.setLevel(level)


@pytest.mark.usefixtures("_root_logger")
def test_a_plate_is_masked_whoever_logs_it(capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up()

    logging.getLogger("x").info("typed plate=%s", PLATE)
    logging.getLogger("x").info("typed plate=%(plate)s", {"plate": PLATE})
    logging.getLogger("x").info(event("typed", plate=PLATE))

    written = capsys.readouterr().err
    assert written.count("typed plate=A****3") == 3
    assert "ABC123" not in written


@pytest.mark.usefixtures("_root_logger")
def test_the_journal_gets_a_priority_on_every_line_and_no_second_time_stamp(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1234")
    log.set_up()

    logging.getLogger("x").warning("panel lost\nport=1")

    assert capsys.readouterr().err == "<4>panel lost\n<4>port=1\n"


@pytest.mark.usefixtures("_root_logger")
def test_a_traceback_says_where_and_what_kind_but_not_what_somebody_typed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.set_up()
    try:
        try:
            raise KeyError(PLATE.text)  # noqa: TRY301 - what is caught is the point
        except KeyError as error:
            raise ValueError(f"no such plate: {error}") from error
    except ValueError:
        logging.getLogger("x").exception("request broken")
    try:
        Path(PLATE.text).read_bytes()
    except OSError:
        logging.getLogger("x").exception("disk broken")

    written = capsys.readouterr().err
    assert "builtins.KeyError\n\nFrom that came:" in written
    assert written.count("test_log.py") == 3
    assert "builtins.FileNotFoundError: No such file or directory" in written
    assert PLATE.text not in written


def test_what_ends_a_thread_or_the_process_is_told_so_too() -> None:
    program = """
import threading
from device import log
log.set_up()
def ends():
    raise KeyError(chr(65) + "BC123")
thread = threading.Thread(target=ends)
thread.start()
thread.join()
ends()
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.count("thread ended") == ended.stderr.count("builtins.KeyError") == 2
    assert "ABC123" not in ended.stderr


def test_a_line_names_the_event_first_and_quotes_what_has_spaces() -> None:
    assert event("panel lost", port="/dev/x", reason="no answer", n=3, why="") == (
        'panel lost port=/dev/x reason="no answer" n=3 why=""'
    )


def test_an_outage_is_told_once_when_it_begins_and_once_when_it_ends(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    outage = Outage(logging.getLogger("x"), "central")

    outage.back(500)
    for now_ms in range(1_000, 6_000, 1_000):
        outage.lost(now_ms, "no answer in time")
    assert outage.is_on
    outage.back(61_000)
    outage.back(62_000)

    assert [record.message for record in caplog.records] == [
        'central lost reason="no answer in time"',
        "central back after_s=60 missed=5",
    ]
