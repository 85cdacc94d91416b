"""Who may be lit, rule by rule, on values alone."""

from dataclasses import replace

import msgspec
import pytest
from msgspec import structs

from central.signs.lit import Call, Lit, Sign, Station, Verdict, Witness, decide, waits_for
from central.signs.lit import without_waited_out as still_lit
from contract.wire import Beat, Dark, Font, Grant, PanelFacts, PanelState, Sent

FONT = Font(letters="ABC123456789", advance_px=6, gap_px=3)
PANEL = PanelFacts(width_px=48, fonts=[FONT], holds_last_frame=True, worst_dark_ms=50, hang_ms=0)
SIGN_1 = Sign("s1", "b1", 1, PANEL)
SIGN_2 = Sign("s2", "b2", 2, PANEL)
CALL_1 = Call("c1", "b1", "ABC123", "ABC123", "ABC 123")
ROW_1 = Lit("s1", "boot", "b1", "ABC123", "c1")
DARK = Sent(call=None, sha256="0", whole=True)
TIMER_MS = 7_000 + 1_000 + 50


def the_yard(*calls: Call, rows: tuple[Lit, ...] = (), seq: int = 10) -> Station:
    return Station("epoch", seq, rows, calls, (SIGN_1, SIGN_2))


def a_beat(**words: object) -> Beat:
    said = {"nonce": "n", "boot": "boot", "epoch": "epoch", "seq": 0, "sent": DARK, "panel": PANEL}
    return Beat(**{**said, **words})  # type: ignore[arg-type]


def lit_beat(call: str = "c1", **words: object) -> Beat:
    return a_beat(commanded=call, sent=Sent(call=call, sha256="1", whole=True), **words)


def ask(station: Station, beat: Beat, device: str = "s1", **more: int) -> Verdict:
    return decide(station, beat, device, Witness(), more.get("now_ms", 0), more.get("shown_ms", 0))


def refusal(verdict: Verdict) -> str:
    assert isinstance(verdict.answer, Dark)
    return verdict.answer.reason


def test_a_called_plate_is_granted_and_its_row_is_there_before_the_answer() -> None:
    verdict = ask(the_yard(CALL_1), a_beat())
    assert isinstance(verdict.answer, Grant)
    assert ("n", "ABC 123", 7_000, 10) == (
        verdict.answer.nonce,
        verdict.answer.text,
        verdict.answer.ttl_ms,
        verdict.answer.seq,
    )
    assert (ROW_1,) == verdict.rows


def test_nobody_called_means_dark() -> None:
    assert "no_call" == refusal(ask(the_yard(), a_beat()))


def test_a_sign_that_hangs_nowhere_is_dark() -> None:
    station = replace(the_yard(CALL_1), signs=(replace(SIGN_1, bay=None), SIGN_2))
    assert "no_call" == refusal(ask(station, a_beat()))


def test_a_sign_from_another_epoch_must_go_dark_and_adopt_it_first() -> None:
    assert "other_epoch" == refusal(ask(the_yard(CALL_1), a_beat(epoch="older")))


def test_a_plate_that_the_sign_cannot_draw_is_not_granted() -> None:
    long = replace(CALL_1, text="ABCABCABC1")
    assert "cannot_show" == refusal(ask(the_yard(long), a_beat()))


def test_a_call_whose_plate_is_erased_lights_nothing() -> None:
    nameless = replace(CALL_1, match_key="", plate="", text="")
    verdict = ask(the_yard(nameless), a_beat())
    assert ("cannot_show", ()) == (refusal(verdict), verdict.rows)


def test_a_panel_that_takes_more_than_two_seconds_to_go_dark_is_refused() -> None:
    slow = PanelFacts(
        width_px=48, fonts=[FONT], holds_last_frame=True, worst_dark_ms=2_001, hang_ms=0
    )
    assert "panel_too_slow" == refusal(ask(the_yard(CALL_1), a_beat(panel=slow)))


def test_a_sign_that_does_not_say_what_panel_it_has_is_refused() -> None:
    assert "panel_unknown" == refusal(ask(the_yard(CALL_1), a_beat(panel=None)))


def test_a_sign_in_fault_is_not_granted() -> None:
    assert "fault" == refusal(ask(the_yard(CALL_1), a_beat(state=PanelState.FAULT)))


def test_the_cap_ends_a_showing_after_two_minutes_and_shortens_the_last_lease() -> None:
    almost = ask(the_yard(CALL_1), a_beat(), shown_ms=119_000).answer
    assert isinstance(almost, Grant)
    assert 1_000 == almost.ttl_ms
    assert "cap" == refusal(ask(the_yard(CALL_1), a_beat(), shown_ms=120_000))


def test_the_cap_holds_when_the_wall_clock_jumps_back() -> None:
    witness = Witness()
    station = the_yard(CALL_1)
    decide(station, a_beat(), "s1", witness, 0, 0)
    late = decide(station, a_beat(), "s1", witness, 120_000, 0)
    assert "cap" == refusal(late)


# -- one plate, one door ------------------------------------------------------------------------


MOVED = (replace(CALL_1, ended_seq=9), Call("c2", "b2", "ABC123", "ABC123", "ABC 123"))


def test_a_plate_moved_to_another_door_waits_for_the_old_door_to_go_dark() -> None:
    verdict = ask(the_yard(*MOVED, rows=(ROW_1,)), a_beat(), "s2")
    assert "waits_for_dark" == refusal(verdict)
    assert (ROW_1,) == verdict.rows
    assert "b1" == waits_for(the_yard(*MOVED, rows=(ROW_1,)), "b2")


def test_the_old_door_frees_the_plate_by_reporting_dark_with_the_change_seen() -> None:
    verdict = ask(the_yard(*MOVED, rows=(ROW_1,)), a_beat(seq=9), "s1")
    assert () == verdict.rows


@pytest.mark.parametrize(
    "beat",
    [
        a_beat(seq=8),
        a_beat(seq=8, boot="another"),
        a_beat(seq=9, epoch="older"),
        lit_beat(seq=9),
        a_beat(seq=9, sent=Sent(call=None, sha256="0", whole=False)),
        a_beat(seq=9, sent=Sent(call="c1", sha256="1", whole=True)),
        a_beat(seq=9, state=PanelState.FAULT),
    ],
    ids=[
        "too old",
        "new boot that has not seen it",
        "other epoch",
        "lit",
        "half written",
        "not blanked yet",
        "fault",
    ],
)
def test_any_other_report_keeps_the_row(beat: Beat) -> None:
    verdict = ask(the_yard(*MOVED, rows=(ROW_1,)), beat, "s1")
    assert ["ABC123"] == [row.match_key for row in verdict.rows]


def test_a_row_goes_when_every_lease_has_run_out_by_this_process_s_own_clock() -> None:
    station, witness = the_yard(*MOVED, rows=(ROW_1,)), Witness()
    assert (ROW_1,) == still_lit(station, witness, 50_000)
    assert (ROW_1,) == still_lit(station, witness, 50_000 + TIMER_MS - 1)
    assert () == still_lit(station, witness, 50_000 + TIMER_MS)


def test_a_new_change_starts_the_wait_anew() -> None:
    """The car was called back to door 1 and moved away again: the first wait proves nothing."""
    witness = Witness()
    still_lit(the_yard(*MOVED, rows=(ROW_1,)), witness, 0)
    again = the_yard(replace(CALL_1, ended_seq=20), rows=(ROW_1,), seq=20)
    assert (ROW_1,) == still_lit(again, witness, TIMER_MS)


def test_a_standing_call_never_loses_its_row_by_waiting() -> None:
    station, witness = the_yard(CALL_1, rows=(ROW_1,)), Witness()
    still_lit(station, witness, 0)
    assert (ROW_1,) == still_lit(station, witness, 10 * TIMER_MS)


def test_the_next_plate_at_a_door_waits_until_the_sign_has_been_dark() -> None:
    """Otherwise the old plate could be granted elsewhere while this sign still shows it."""
    ended, follows = replace(CALL_1, ended_seq=9), Call("c3", "b1", "CBA321", "CBA321", "CBA 321")
    station = the_yard(ended, follows, rows=(ROW_1,))
    assert "waits_for_dark" == refusal(ask(station, lit_beat(seq=8)))
    verdict = ask(station, a_beat(seq=9))
    assert isinstance(verdict.answer, Grant)
    assert [("CBA321", "c3")] == [(row.match_key, row.call) for row in verdict.rows]


def test_a_recall_keeps_the_sign_lit_under_its_new_call() -> None:
    recalled = replace(CALL_1, id="c2")
    station = the_yard(replace(CALL_1, ended_seq=9), recalled, rows=(ROW_1,))
    verdict = ask(station, lit_beat(seq=8))
    assert isinstance(verdict.answer, Grant)
    assert [replace(ROW_1, call="c2")] == list(verdict.rows)


def test_a_restarted_sign_takes_over_its_row_once_it_has_reported_dark() -> None:
    station = the_yard(CALL_1, rows=(ROW_1,))
    assert "waits_for_dark" == refusal(ask(station, lit_beat(boot="new")))
    verdict = ask(station, a_beat(boot="new"))
    assert isinstance(verdict.answer, Grant)
    assert [replace(ROW_1, boot="new")] == list(verdict.rows)


def test_a_new_device_at_the_door_waits_for_the_one_that_hung_there() -> None:
    swapped = (replace(SIGN_1, bay=None, bay_seq=9), replace(SIGN_2, bay="b1", bay_seq=9))
    station = replace(the_yard(CALL_1, rows=(ROW_1,)), signs=swapped)
    assert "waits_for_dark" == refusal(ask(station, a_beat(), "s2"))
    assert () == ask(station, a_beat(seq=9), "s1").rows


def test_a_fault_on_a_panel_that_keeps_its_picture_holds_the_row_whatever_the_clock_says() -> None:
    held = ask(the_yard(*MOVED, rows=(ROW_1,)), a_beat(seq=9, state=PanelState.FAULT), "s1").rows
    station, witness = the_yard(*MOVED, rows=held), Witness()
    still_lit(station, witness, 0)
    assert held == still_lit(station, witness, 10 * TIMER_MS)


def test_a_sign_that_recovers_and_goes_dark_lets_go_of_a_held_row() -> None:
    station = the_yard(*MOVED, rows=(replace(ROW_1, held=True),))
    assert () == ask(station, a_beat(seq=9), "s1").rows


def test_a_witness_forgets_what_is_over() -> None:
    witness = Witness()
    still_lit(the_yard(*MOVED, rows=(ROW_1,)), witness, 0)
    witness.forget((), ())
    assert (ROW_1,) == still_lit(the_yard(*MOVED, rows=(ROW_1,)), witness, TIMER_MS)


# -- what can be felt ------------------------------------------------------------------------------

FELT = PanelFacts(
    width_px=48,
    fonts=[FONT],
    holds_last_frame=True,
    worst_dark_ms=50,
    hang_ms=0,
    reads_back=True,
)


@pytest.mark.parametrize(("confirmed", "rows"), [(None, 1), (False, 1), (True, 0)])
def test_where_the_panel_can_be_felt_only_darkness_that_was_felt_frees_the_plate(
    confirmed: bool | None, rows: int
) -> None:
    """The first beat after a blank comes before a current has settled."""
    over = replace(CALL_1, ended_seq=9)
    beat = a_beat(seq=10, panel=FELT, confirmed=confirmed)
    assert rows == len(ask(the_yard(over, rows=(ROW_1,)), beat).rows)


def test_a_panel_that_draws_current_in_the_dark_frees_nothing() -> None:
    over = replace(CALL_1, ended_seq=9)
    assert (ROW_1,) == ask(the_yard(over, rows=(ROW_1,)), a_beat(seq=10, confirmed=False)).rows


def test_a_sign_that_may_hang_unheard_is_waited_for_as_long_as_its_watchdog_takes() -> None:
    slow = replace(SIGN_1, panel=structs.replace(PANEL, hang_ms=5_000))
    station = replace(the_yard(replace(CALL_1, ended_seq=9), rows=(ROW_1,)), signs=(slow, SIGN_2))
    witness = Witness()
    assert (ROW_1,) == still_lit(station, witness, 0)
    assert (ROW_1,) == still_lit(station, witness, TIMER_MS + 4_999)
    assert () == still_lit(station, witness, TIMER_MS + 5_000)


def test_an_older_sign_that_says_nothing_of_hangs_is_thought_to_hang() -> None:
    told = {"width_px": 48, "fonts": [], "holds_last_frame": True, "worst_dark_ms": 50}
    assert 5_050 == Sign("s1", "b1", 1, msgspec.convert(told, PanelFacts)).dark_ms


# -- two machines with the sign's token --------------------------------------------------------


def cloned(station: Station) -> Station:
    return replace(station, signs=(replace(SIGN_1, cloned=True), SIGN_2))


def test_a_sign_that_may_be_two_is_granted_nothing_and_gets_no_row() -> None:
    verdict = ask(cloned(the_yard(CALL_1)), a_beat())
    assert "cloned" == refusal(verdict)
    assert () == verdict.rows


def test_the_darkness_of_one_frees_no_plate_that_the_other_may_be_showing() -> None:
    station = the_yard(*MOVED, rows=(ROW_1,))
    assert () == ask(station, a_beat(seq=9)).rows
    assert (ROW_1,) == ask(cloned(station), a_beat(seq=9)).rows
    assert "waits_for_dark" == refusal(ask(cloned(station), a_beat(), "s2"))


def test_its_plate_is_free_once_every_lease_must_be_over() -> None:
    station, witness = cloned(the_yard(*MOVED, rows=(ROW_1,))), Witness()
    assert (ROW_1,) == still_lit(station, witness, 0)
    assert () == still_lit(station, witness, TIMER_MS)


def test_a_fault_that_one_of_them_reports_holds_the_row() -> None:
    broken = a_beat(state=PanelState.FAULT, sent=Sent(call="c1", whole=False))
    (row,) = ask(cloned(the_yard(*MOVED, rows=(ROW_1,))), broken).rows
    assert row.held
