"""What central says to a code is noted beside the token, for whoever stands at the device."""

from pathlib import Path

import pytest

from contract.problems import CODE_REFUSED, TOO_MANY
from device.central_settings import CentralPlace
from device.refused_code import RefusedCode
from device.session import CentralRefused

CODE, OTHER = "K7QF-93TM", "K7QF-93TN"
NOTE = "enrol-code.waits"


@pytest.fixture
def refused(tmp_path: Path) -> RefusedCode:
    return noted_in(tmp_path)


def noted_in(folder: Path) -> RefusedCode:
    return RefusedCode(folder / "token.json", CentralPlace("https://hall.example", "0417"))


def asks(refused: RefusedCode, code: str, reason: str, retry_after_s: int = 0) -> None:
    """Central says no to *code*."""
    with pytest.raises(CentralRefused), refused.noting(code):
        raise CentralRefused(429, reason, "no", retry_after_s)


def test_too_many_tries_are_no_refusal_and_say_how_long_to_wait(
    refused: RefusedCode, tmp_path: Path
) -> None:
    asks(refused, CODE, TOO_MANY.reason, 55)
    assert not refused.is_it(CODE), "it is tried again"
    assert noted_in(tmp_path).wait_s(CODE) == 55
    assert noted_in(tmp_path).wait_s(OTHER) is None
    assert CODE not in (tmp_path / NOTE).read_text()


def test_a_central_that_is_busy_for_a_second_means_no_code(refused: RefusedCode) -> None:
    asks(refused, CODE, TOO_MANY.reason, 1)
    assert refused.wait_s(CODE) is None


def test_a_code_that_is_tried_for_an_hour_wears_no_card(
    refused: RefusedCode, tmp_path: Path
) -> None:
    asks(refused, CODE, TOO_MANY.reason, 55)
    (tmp_path / NOTE).unlink()
    asks(refused, CODE, TOO_MANY.reason, 40)
    assert not (tmp_path / NOTE).exists()


def test_who_is_judged_waits_no_longer(refused: RefusedCode) -> None:
    asks(refused, CODE, TOO_MANY.reason, 55)
    asks(refused, CODE, CODE_REFUSED.reason)
    assert refused.wait_s(CODE) is None
    assert refused.is_it(CODE)


def test_a_code_that_was_taken_waits_no_longer(refused: RefusedCode) -> None:
    asks(refused, CODE, TOO_MANY.reason, 55)
    with refused.noting(CODE):
        pass
    assert refused.wait_s(CODE) is None


def test_a_note_that_cannot_be_read_says_nothing(refused: RefusedCode, tmp_path: Path) -> None:
    (tmp_path / NOTE).write_bytes(b"\xff half a line")
    assert refused.wait_s(CODE) is None


def test_a_folder_that_takes_no_note_stops_nobody(tmp_path: Path) -> None:
    refused = noted_in(tmp_path / "gone")
    (tmp_path / "gone").write_text("no folder")
    asks(refused, CODE, TOO_MANY.reason, 55)
    assert not refused.is_it(CODE)
