"""The judge of the long runs is judged first: it must see what must never happen."""

from pathlib import Path

import pytest

from signage.encoders.max7219 import encode
from signage.frame import Frame
from signage.layout import layout
from tests.e2e.judge import Granted, Grants, Shown, drawn, faults, on_two_doors, shown

MS = 1_000_000
ABC = drawn("ABC 123")
DEF = drawn("DEF 456")
ENTER = drawn("KÖR IN")
DARK = ("." * 48,) * 8
TEXTS = ["ABC 123", "DEF 456"]


def _grant(at_ms: int, text: str = "ABC 123", ttl_ms: int = 2000) -> Granted:
    return Granted(at_ms * MS, "1", text, "call", ttl_ms)


def _show(at_ms: int, picture: tuple[str, ...]) -> Shown:
    return Shown(at_ms * MS, 1, picture)


def _faults(pictures: list[Shown], *grants: Granted, end_ms: int = 60_000) -> list[str]:
    return faults([_show(0, DARK), *pictures], grants, TEXTS, end_ms * MS)


def test_a_plate_within_its_lease_is_no_fault() -> None:
    assert _faults([_show(1100, ABC), _show(3100, DARK)], _grant(1000)) == []


def test_a_plate_that_is_renewed_in_time_is_no_fault() -> None:
    assert _faults([_show(1100, ABC), _show(4000, DARK)], _grant(1000), _grant(2500)) == []


@pytest.mark.parametrize(
    ("pictures", "grants"),
    [
        ([_show(900, ABC), _show(1500, DARK)], [_grant(1000)]),
        ([_show(1100, ABC), _show(3300, DARK)], [_grant(1000)]),
        ([_show(1100, ABC), _show(5000, DARK)], [_grant(1000), _grant(3500)]),
        ([_show(1100, ABC), _show(1200, DARK)], [_grant(1000, "DEF 456")]),
        ([_show(1100, ABC)], []),
    ],
    ids=["before its lease", "after it", "in a gap", "of another plate", "for ever"],
)
def test_a_plate_outside_of_its_lease_is_a_fault(
    pictures: list[Shown], grants: list[Granted]
) -> None:
    assert [fault for fault in _faults(pictures, *grants) if "without a live lease" in fault]


def test_half_a_picture_may_pass_but_not_stand() -> None:
    half = (*ABC[:4], *DARK[:4])
    assert _faults([_show(1100, half), _show(1110, ABC), _show(1500, DARK)], _grant(1000)) == []
    assert "stood" in _faults([_show(1100, half), _show(2500, DARK)], _grant(1000))[0]


def test_drive_in_may_follow_a_plate_under_its_lease_and_never_comes_alone() -> None:
    pages = [_show(1100, ABC), _show(1500, DARK), _show(1501, ENTER), _show(1900, DARK)]
    assert _faults(pages, _grant(1000)) == []
    assert "without a plate" in _faults(pages[1:], _grant(1000))[0]
    assert "without a live lease" in _faults(pages[:-1], _grant(1000))[0]


def test_the_same_plate_on_two_doors_at_once_is_a_fault_and_one_after_the_other_is_none() -> None:
    one = [_show(0, DARK), _show(1000, ABC), _show(2000, DARK)]
    after = [_show(0, DARK), _show(2000, ABC), _show(3000, DARK)]
    during = [_show(0, DARK), _show(1990, ABC), _show(3000, DARK)]
    other = [_show(0, DARK), _show(1990, DEF), _show(3000, DARK)]
    assert on_two_doors(one, after, 9000 * MS) == []
    assert on_two_doors(one, other, 9000 * MS) == []
    assert len(on_two_doors(one, during, 9000 * MS)) == 1


def test_a_record_of_bytes_becomes_pictures_with_the_process_that_drew_them(tmp_path: Path) -> None:
    wake = [bytes([register, value]) * 6 for register, value in ((0x0B, 7), (0x0C, 1))]
    plate = list(encode(layout("ABC 123", 48, 8)))
    dark = list(encode(Frame.dark(48, 8)))
    lines = [f"{n} {7 if n < 10 else 8} {data.hex()}" for n, data in enumerate(wake + plate + dark)]
    (tmp_path / "sign.log").write_text("\n".join(lines))
    pictures = shown(tmp_path / "sign.log")
    assert ABC in [one.picture for one in pictures]
    assert (pictures[-1].picture, pictures[-1].sender) == (DARK, 8)


def test_grants_are_heard_however_the_answer_is_cut() -> None:
    answer = (
        b'HTTP/1.1 200 OK\r\n\r\n{"answer":"grant","nonce":"n","epoch":"e","seq":4,"bay":"1",'
        b'"call":"c","plate":"ABC123","text":"ABC 123","ttl_ms":7000}'
    )
    grants = Grants()
    heard = grants.tap()
    for ns, byte in enumerate(answer + answer):
        heard(ns, bytes([byte]))
    heard(0, b'{"answer":"dark","nonce":"n","epoch":"e","seq":5,"reason":"no_call"}')
    first, second = grants.all
    assert first == Granted(len(answer) - 1, "1", "ABC 123", "c", 7000)
    assert second.ns == 2 * len(answer) - 1
