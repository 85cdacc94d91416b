"""Calls and cuts are measured on real processes, with real polls of the same central beside them."""

import pytest

from portvakt.bench import calls, cuts, doors
from portvakt.bench.calls import Called


class Asked:
    """A poller's log, without the poller."""

    def __init__(self, *asked: tuple[int, int]) -> None:
        self.asked = list(asked)


def test_a_poller_knows_of_a_call_by_the_first_question_that_came_after_it() -> None:
    call = Called(asked_ns=10_000_000, said_ns=15_000_000, lit_ns=40_000_000)
    log = Asked((12_000_000, 13_000_000), (2_012_000_000, 2_020_000_000))
    assert 30.0 == call.ms
    assert 2_010.0 == calls.Poller.known_ms(log, call)  # type: ignore[arg-type] # its log is all it needs
    assert calls.Poller.known_ms(Asked(), call) is None  # type: ignore[arg-type]


@pytest.mark.processes
def test_a_call_is_measured_to_the_last_byte_alone_and_in_a_crowd(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calls, "SIGNS", 2)
    monkeypatch.setattr(calls, "POLLS_S", (0.2,))
    said: list[str] = []
    alone, polled, crowded = calls.measure(1, 3, said.append, crowd_of=2)
    assert "call to last byte, 2 signs, p95" == alone.name
    assert "the same, polling every 0.2 s, p95" == polled.name
    assert "call to last byte, 4 devices connected, p95" == crowded.name
    assert all(one.value > 0 for one in (alone, polled, crowded))
    assert "calls, pass 1 of 1" in said


@pytest.mark.processes
def test_a_cut_is_measured_until_the_last_sign_is_dark(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign that was just lit lives through a beat's time of its lease, and no longer than the lease."""
    short = "[lease]\nttl_ms = 2000\nbeat_lit_ms = 500\n"
    monkeypatch.setattr(doors, "CONFIG", doors.CONFIG + short)
    (longest,) = cuts.measure(1, lambda _: None, signs=1)
    assert 7.2 == longest.target
    assert 1.0 < longest.value < 4.0
