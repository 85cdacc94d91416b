"""The lease engine by examples: one station, one sign, a clock that a test moves."""

from collections.abc import Iterator
from itertools import count

import pytest

from contract.wire import Beat, Dark, Grant, Listed, Listing, PanelFacts, PanelState, Sent
from signage.layout import Canvas, layout
from signage.lease import LeaseEngine, Limits
from signage.panel import described
from signage.script import Drawing
from signage.showing import Report

DARK_MS = 200
CANVAS = Canvas(40, 8)
FACTS = PanelFacts(
    width_px=40, fonts=described(CANVAS), holds_last_frame=True, worst_dark_ms=DARK_MS, lines=1
)
STALE = layout("ASK", 40, 8)
IS_DARK = Report(Sent(call=None, sha256="0", whole=True))


class Door:
    """An engine, its clock, and a central that answers as told."""

    def __init__(self, limits: Limits | None = None, second: str = "") -> None:
        nonces: Iterator[int] = count()
        self.now_ms = 1_000
        self.engine = LeaseEngine(
            "boot",
            FACTS,
            Drawing(CANVAS, second=second).script,
            lambda: f"n{next(nonces)}",
            limits=limits or Limits(),
            stale=STALE,
        )

    def beat(self) -> Beat:
        return self.engine.sent_beat(self.now_ms, self.report())

    def report(self) -> Report:
        showing = self.engine.tick(self.now_ms)
        if showing is None:
            return IS_DARK
        script = showing.script
        listed = script.calls if script.lists else ()
        return Report(Sent(call=script.call, whole=True), listed=listed)

    def grant(self, beat: Beat, call: str = "c1", *, seq: int = 5, **more: object) -> None:
        words: dict[str, object] = {"epoch": "e1", "ttl_ms": 7_000, "text": "ABC 123", **more}
        lease = Grant(nonce=beat.nonce, seq=seq, bay="1", call=call, plate="ABC123", **words)  # type: ignore[arg-type]
        self.engine.answered(lease, self.now_ms)

    def refuse(self, beat: Beat, seq: int = 5, epoch: str = "e1") -> None:
        lease = Dark(nonce=beat.nonce, epoch=epoch, seq=seq, reason="no_call")
        self.engine.answered(lease, self.now_ms)

    def notice(self, beat: Beat, notice: str, seq: int = 5) -> None:
        lease = Dark(nonce=beat.nonce, epoch="e1", seq=seq, reason="no_call", notice=notice)
        self.engine.answered(lease, self.now_ms)

    def list(self, beat: Beat, *rows: tuple[str, str], seq: int = 5) -> None:
        """Answer with rows of call and text, all at door 1."""
        listed = [Listed(text=text, door="1", call=call) for call, text in rows]
        lease = Listing(nonce=beat.nonce, epoch="e1", seq=seq, rows=listed, ttl_ms=7_000)
        self.engine.answered(lease, self.now_ms)

    def later(self, ms: int) -> None:
        self.now_ms += ms

    @property
    def says(self) -> str:
        """The words that stand there."""
        showing = self.engine.tick(self.now_ms)
        return "" if showing is None else showing.script.pages[0].words

    @property
    def shows(self) -> str | None:
        showing = self.engine.tick(self.now_ms)
        return None if showing is None else showing.script.call

    @property
    def due(self) -> bool:
        return self.engine.beat_due(self.now_ms)


@pytest.fixture
def door() -> Door:
    """A sign that has met its central and is dark."""
    door = Door()
    door.refuse(door.beat())
    door.later(100)
    door.refuse(door.beat())
    door.later(100)
    return door


@pytest.fixture
def lit(door: Door) -> Door:
    door.grant(door.beat())
    assert "c1" == door.shows
    return door


def test_a_sign_is_dark_until_it_is_told_otherwise() -> None:
    assert Door().shows is None


def test_the_first_beat_goes_at_once_and_says_what_the_panel_is() -> None:
    door = Door()
    assert door.due
    assert FACTS == door.beat().panel


def test_a_grant_lights_the_plate(lit: Door) -> None:
    showing = lit.engine.tick(lit.now_ms)
    assert showing is not None
    assert (layout("ABC 123", 40, 8),) == showing.script.pages
    assert 7_000 - DARK_MS == showing.ttl_ms


def test_the_lease_runs_from_the_sending_of_the_beat_not_from_the_answer(door: Door) -> None:
    beat = door.beat()
    door.later(6_000)
    door.grant(beat)
    assert "c1" == door.shows
    door.later(1_000 - DARK_MS)
    assert door.shows is None


def test_an_answer_that_took_too_long_is_born_dead(door: Door) -> None:
    beat = door.beat()
    door.later(7_000 - DARK_MS)
    door.grant(beat)
    assert door.shows is None


def test_darkness_begins_early_enough_for_the_panel(lit: Door) -> None:
    lit.later(7_000 - DARK_MS - 1)
    assert "c1" == lit.shows
    lit.later(1)
    assert lit.shows is None


def test_a_longer_lease_than_allowed_is_cut(door: Door) -> None:
    door.grant(door.beat(), ttl_ms=60_000)
    door.later(7_000)
    assert door.shows is None


def test_a_setting_may_make_the_lease_shorter() -> None:
    door = Door(Limits(ttl_ms=1_000))
    door.refuse(door.beat())
    door.grant(door.beat())
    assert "c1" == door.shows
    door.later(1_000)
    assert door.shows is None


def test_every_answer_renews(lit: Door) -> None:
    for _ in range(20):
        lit.later(2_000)
        assert lit.due
        lit.grant(lit.beat())
        assert "c1" == lit.shows


def test_only_the_newest_beat_has_an_answer(door: Door) -> None:
    old = door.beat()
    door.later(2_000)
    door.beat()
    door.grant(old)
    assert door.shows is None
    assert 1 == door.engine.ignored


def test_an_answer_counts_once(door: Door) -> None:
    beat = door.beat()
    door.grant(beat)
    door.engine.nudged_dark("c1")
    door.grant(beat, call="c2")
    assert door.shows is None


def test_an_older_answer_is_refused_and_an_equal_one_renews(lit: Door) -> None:
    lit.later(2_000)
    lit.refuse(lit.beat(), seq=4)
    assert "c1" == lit.shows
    lit.later(2_000)
    lit.grant(lit.beat(), seq=5)
    lit.later(5_000)
    assert "c1" == lit.shows


def test_another_history_of_the_database_blanks_before_it_may_light(lit: Door) -> None:
    lit.later(2_000)
    lit.grant(lit.beat(), epoch="e2", seq=1)
    assert lit.shows is None
    lit.later(100)
    assert lit.due
    beat = lit.beat()
    assert ("e2", 1, None) == (beat.epoch, beat.seq, beat.commanded)
    lit.grant(beat, epoch="e2", seq=1)
    assert "c1" == lit.shows


def test_dark_means_dark_at_once_and_is_reported_at_once(lit: Door) -> None:
    lit.later(2_000)
    lit.refuse(lit.beat(), seq=6)
    assert lit.shows is None
    lit.later(100)
    assert lit.due
    beat = lit.beat()
    assert (None, 6) == (beat.commanded, beat.seq)


def test_a_nudge_darkens_its_call_for_good(lit: Door) -> None:
    lit.engine.nudged_dark("c1")
    assert lit.shows is None
    lit.later(100)
    lit.grant(lit.beat(), seq=9)
    assert lit.shows is None


def test_a_nudge_that_overtakes_the_grant_bars_it(door: Door) -> None:
    beat = door.beat()
    door.engine.nudged_dark("c1")
    door.grant(beat)
    assert door.shows is None


def test_a_nudge_for_another_call_leaves_the_plate_alone(lit: Door) -> None:
    lit.engine.nudged_dark("c0")
    assert "c1" == lit.shows


def test_after_the_cap_a_call_stays_dark_and_a_new_call_may_be_lit(lit: Door) -> None:
    for _ in range(62):
        lit.later(2_000)
        lit.grant(lit.beat())
    assert lit.shows is None
    lit.later(100)
    lit.grant(lit.beat(), call="c2", seq=6)
    assert "c2" == lit.shows


def test_the_cap_belongs_to_the_call_also_after_a_pause(lit: Door) -> None:
    lit.later(100_000)
    assert lit.shows is None
    lit.grant(lit.beat())
    assert "c1" == lit.shows
    for _ in range(10):
        lit.later(2_000)
        lit.grant(lit.beat())
    assert lit.shows is None


def test_what_cannot_be_drawn_is_refused_and_named(lit: Door) -> None:
    lit.later(2_000)
    lit.grant(lit.beat(), call="c2", seq=6, text="ABCDEFG 123")
    assert lit.shows is None
    lit.later(100)
    beat = lit.beat()
    assert beat.fault.startswith("textTooBig: ABCDEFG 123 needs 61 columns")
    lit.grant(beat, call="c3", seq=7)
    assert "" == lit.beat().fault


def test_a_broken_panel_shows_nothing_and_takes_no_grant_until_it_is_mended(lit: Door) -> None:
    lit.engine.panel_is(PanelState.FAULT)
    assert lit.shows is None
    lit.later(100)
    assert lit.due
    lit.grant(lit.beat(), seq=6)
    assert lit.shows is None

    lit.engine.panel_is(PanelState.OK)
    lit.later(100)
    assert lit.due
    lit.grant(lit.beat(), seq=6)
    assert "c1" == lit.shows


def test_beats_go_every_two_seconds_lit_and_every_ten_dark(lit: Door) -> None:
    lit.later(1_999)
    assert not lit.due
    lit.later(1)
    assert lit.due
    lit.refuse(lit.beat(), seq=6)
    lit.later(100)
    lit.refuse(lit.beat(), seq=6)
    lit.later(9_999)
    assert not lit.due
    lit.later(1)
    assert lit.due


def test_a_lost_plate_is_reported_with_the_change_that_took_it(lit: Door) -> None:
    """Central lets go of a plate only when the sign, knowing of the change, says that it is dark."""
    lit.later(7_000)
    assert lit.shows is None
    assert lit.due
    lit.refuse(lit.beat(), seq=8)
    lit.later(100)
    assert lit.due
    beat = lit.beat()
    assert (8, None) == (beat.seq, beat.commanded)
    lit.refuse(beat, seq=8)
    lit.later(2_000)
    assert not lit.due


def test_a_busy_station_does_not_make_a_dark_sign_beat_for_ever(lit: Door) -> None:
    lit.engine.nudged_dark("c1")
    beats = 0
    for seq in range(10, 110):
        lit.later(100)
        if lit.due:
            beats += 1
            lit.refuse(lit.beat(), seq=seq)
    assert beats <= 3


def test_a_nudge_asks_for_a_beat_but_not_for_a_flood(door: Door) -> None:
    door.refuse(door.beat())
    door.engine.nudged()
    assert not door.due
    door.later(100)
    assert door.due


def test_unanswered_beats_are_repeated_at_growing_distances_up_to_the_dark_interval(
    door: Door,
) -> None:
    waits = []
    for _ in range(6):
        door.engine.unanswered(door.beat().nonce)
        before = door.now_ms
        while not door.due:
            door.later(100)
        waits.append(door.now_ms - before)
    assert [1_000, 2_000, 4_000, 8_000, 10_000, 10_000] == waits


def test_the_answer_of_a_beat_that_was_given_up_is_ignored(door: Door) -> None:
    beat = door.beat()
    door.engine.unanswered(beat.nonce)
    door.grant(beat)
    assert door.shows is None


# -- pages, notices, listings ----------------------------------------------------------------------


@pytest.fixture
def paged() -> Door:
    """A sign that shows KÖR IN after the plate, lit."""
    door = Door(second="KÖR IN")
    door.refuse(door.beat())
    door.grant(door.beat())
    return door


def pages(door: Door) -> list[str]:
    showing = door.engine.tick(door.now_ms)
    return [] if showing is None else [page.words for page in showing.script.pages]


def test_the_plate_comes_first_and_then_how_to_drive_in(paged: Door) -> None:
    assert ["ABC 123", "KÖR IN"] == pages(paged)


def test_a_renewed_lease_is_the_same_script_and_a_recall_another(paged: Door) -> None:
    first = paged.engine.tick(paged.now_ms)
    paged.later(1_400)
    paged.grant(paged.beat())
    again = paged.engine.tick(paged.now_ms)
    paged.grant(paged.beat(), call="c2", seq=6)
    recalled = paged.engine.tick(paged.now_ms)
    assert first is not None and again is not None and recalled is not None  # noqa: PT018 - for types
    assert first.script == again.script
    assert again.script != recalled.script


def test_no_page_stands_after_the_lease(paged: Door) -> None:
    paged.later(7_000)
    assert [] == pages(paged)


def test_what_does_not_fit_after_the_plate_is_left_out_and_the_plate_stands() -> None:
    door = Door(second="KÖR IN NU GENAST")
    door.refuse(door.beat())
    door.grant(door.beat())
    assert ["ABC 123"] == pages(door)


def test_a_notice_stands_while_central_says_so_and_lights_nobody(door: Door) -> None:
    door.notice(door.beat(), "RAST")
    assert ("RAST", False, None) == (door.says, door.engine.is_lit, door.beat().commanded)
    door.refuse(door.beat())
    assert "" == door.says


def test_a_notice_ends_some_time_after_the_last_word_of_central(door: Door) -> None:
    door.notice(door.beat(), "RAST")
    door.later(24_900)
    assert "RAST" == door.says
    door.later(100)
    assert "" == door.says


def test_a_notice_asks_no_oftener_than_darkness(door: Door) -> None:
    door.notice(door.beat(), "RAST")
    door.later(9_999)
    assert not door.due


def test_a_call_takes_the_place_of_a_notice_and_the_notice_never_that_of_a_plate(
    door: Door,
) -> None:
    door.notice(door.beat(), "RAST")
    door.later(100)
    door.grant(door.beat(), seq=6)
    assert "ABC 123" == door.says
    door.later(100)
    door.notice(door.beat(), "RAST", seq=7)
    assert "RAST" == door.says
    door.later(100)
    assert door.due, "central waits to hear that the plate is gone"


def test_a_notice_that_cannot_be_drawn_is_darkness_and_said(door: Door) -> None:
    door.notice(door.beat(), "STÄNGT FÖR DAGEN")
    assert "" == door.says
    assert door.beat().fault.startswith("textTooBig")


def test_a_yard_sign_lists_calls_and_commands_none(door: Door) -> None:
    door.list(door.beat(), ("c1", "AB 1"))
    assert "AB 1  1" == door.says
    beat = door.beat()
    assert (None, ["c1"]) == (beat.commanded, beat.listed)


def test_a_line_that_went_is_reported_at_once(door: Door) -> None:
    door.list(door.beat(), ("c1", "AB 1"), ("c2", "AB 2"))
    door.later(2_000)
    door.list(door.beat(), ("c2", "AB 2"), seq=6)
    door.later(100)
    assert door.due
    beat = door.beat()
    assert (["c2"], 6) == (beat.listed, beat.seq)
    door.list(beat, ("c2", "AB 2"), seq=6)
    door.later(1_900)
    assert not door.due


def test_an_ended_call_leaves_a_yard_sign_at_once_and_the_others_stay(door: Door) -> None:
    door.list(door.beat(), ("c1", "AB 1"), ("c2", "AB 2"))
    door.engine.nudged_dark("c1")
    assert "AB 2  1" == door.says
    assert ["c2"] == door.beat().listed
    door.later(100)
    door.list(door.beat(), ("c1", "AB 1"), ("c2", "AB 2"))
    assert "AB 2  1" == door.says, "an answer that still names the ended call is not believed"


def test_the_last_line_that_ends_leaves_darkness_and_no_text_of_ignorance(door: Door) -> None:
    door.list(door.beat(), ("c1", "AB 1"))
    door.engine.nudged_dark("c1")
    assert "" == door.says


def test_a_line_whose_two_minutes_are_over_goes_alone(door: Door) -> None:
    for _ in range(59):
        door.list(door.beat(), ("c1", "AB 1"))
        door.later(2_000)
    door.list(door.beat(), ("c1", "AB 1"), ("c2", "AB 2"))
    door.later(2_000 - DARK_MS - 1)
    assert ["c1", "c2"] == door.beat().listed
    door.later(1)
    assert "AB 2  1" == door.says
    door.later(100)
    assert door.due


def test_a_line_may_end_before_the_others(door: Door) -> None:
    beat = door.beat()
    rows = [
        Listed(text="AB 1", door="1", call="c1", ttl_ms=1_000),
        Listed(text="AB 2", door="2", call="c2"),
    ]
    door.engine.answered(
        Listing(nonce=beat.nonce, epoch="e1", seq=5, rows=rows, ttl_ms=7_000), door.now_ms
    )
    door.later(1_000 - DARK_MS)
    assert ["c2"] == door.beat().listed


def test_a_yard_sign_that_knows_nothing_says_so(door: Door) -> None:
    door.list(door.beat(), ("c1", "AB 1"))
    door.later(7_000)
    assert "ASK" == door.says
    assert [] == door.beat().listed


def test_an_empty_listing_is_darkness_not_ignorance(door: Door) -> None:
    door.list(door.beat())
    assert "" == door.says


def test_a_yard_sign_that_is_hung_over_a_door_forgets_its_text(door: Door) -> None:
    door.list(door.beat(), ("c1", "AB 1"))
    door.later(2_000)
    door.refuse(door.beat(), seq=6)
    assert "" == door.says


def test_a_line_that_cannot_be_drawn_is_left_out_and_named(door: Door) -> None:
    door.list(door.beat(), ("c1", "ABCDEFG 123"), ("c2", "AB 2"))
    beat = door.beat()
    assert ["c2"] == beat.listed
    assert "ABCDEFG 123" in beat.fault


def test_a_sign_that_cannot_say_that_it_is_dark_does_not_flood_central(lit: Door) -> None:
    lit.engine.nudged_dark("c1")
    beats = 0
    for _ in range(200):
        lit.later(100)
        if lit.due:
            beats += 1
            beat = lit.engine.sent_beat(lit.now_ms, Report(Sent(call="c1", whole=False)))
            lit.refuse(beat, seq=6)
    assert beats < 40
