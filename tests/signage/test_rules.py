"""The fifteen rules of a sign that is right or dark, each looked at where it counts: on the chips."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from contract.wire import PanelState
from signage.encoders.max7219 import encode
from signage.frame import Frame
from signage.layout import Canvas, layout, listing
from signage.light_settings import LightSettings, SelfTestSettings, TimerSettings
from signage.senses import LightSensed
from signage.showing import PAGE_MS
from tests.fakes.panel_recorder import Chain
from tests.signage.door_rig import MODULES, Door

ABC = layout("ABC 123", 40, 8).rows
BCD = layout("BCD 234", 40, 8).rows
ENTER = layout("KÖR IN", 40, 8).rows
OFF = bytes.fromhex("0c00") * MODULES


@pytest.fixture
def door(tmp_path: Path) -> Door:
    """A sign that knows its central and is dark."""
    return Door(tmp_path).wakes()


@pytest.fixture
def lit(door: Door) -> Door:
    door.grants()
    assert door.shows(*ABC)
    return door


def pictures(door: Door) -> list[tuple[str, ...]]:
    """Every picture that stood on the chips, transfer by transfer, from power-on."""
    chain = Chain(MODULES)
    seen: list[tuple[str, ...]] = []
    for transfer in door.wire.sent:
        chain.take(transfer)
        if not seen or seen[-1] != tuple(chain.rows()):
            seen.append(tuple(chain.rows()))
    return seen


DARK = Frame.dark(40, 8).rows


# -- 1 ---------------------------------------------------------------------------------------------


def test_rule_1_dark_is_the_safe_state_and_drive_in_never_stands_without_a_plate(
    tmp_path: Path,
) -> None:
    door = Door(tmp_path, second="KÖR IN").wakes()
    door.turns(5_000)
    assert {DARK} == set(pictures(door))
    door.grants()
    door.turns(20_000)
    seen = pictures(door)
    assert ENTER in seen
    assert all(ABC in seen[:at] for at, picture in enumerate(seen) if picture == ENTER)
    assert door.is_dark


def test_rule_1_a_notice_is_the_stations_choice_and_no_plate(door: Door) -> None:
    door.darkens(notice="RAST")
    assert door.shows(*layout("RAST", 40, 8).rows)
    assert door.beat().commanded is None


# -- 2 ---------------------------------------------------------------------------------------------


def test_rule_2_a_plate_is_shown_only_under_a_lease(lit: Door) -> None:
    lit.turns(6_700)
    assert lit.shows(*ABC)
    lit.turns(300)
    assert lit.is_dark


def test_rule_2_a_lit_sign_asks_every_two_seconds_and_each_answer_renews(lit: Door) -> None:
    for _ in range(10):
        before_ms = lit.clock.mono_ms
        lit.grants()
        assert 2_000 == lit.clock.mono_ms - before_ms
    assert lit.shows(*ABC)


def test_rule_2_after_two_minutes_it_is_dark_whatever_the_renewals_say(lit: Door) -> None:
    started_ms = lit.clock.mono_ms
    while lit.clock.mono_ms - started_ms < 119_700:
        lit.grants()
    lit.turns(300)
    assert lit.is_dark
    lit.grants()
    lit.turns(200)
    assert lit.is_dark
    lit.grants(call="c2", seq=6)
    assert lit.shows(*ABC), "a new call has its own two minutes"


# -- 3 ---------------------------------------------------------------------------------------------


def test_rule_3_a_lease_runs_from_the_sending_of_its_beat(door: Door) -> None:
    beat = door.beat()
    door.turns(6_500)
    door.answers(door.grant(beat))
    assert door.shows(*ABC)
    door.turns(400)
    assert door.is_dark


def test_rule_3_a_late_answer_is_born_dead_and_a_foreign_one_is_none(door: Door) -> None:
    beat = door.beat()
    door.turns(7_000)
    door.answers(door.grant(beat))
    assert door.is_dark
    foreign = msgspec.structs.replace(door.grant(door.beat()), nonce="somebody-elses")
    door.answers(foreign)
    assert door.is_dark


def test_rule_3_a_wall_clock_that_jumps_changes_nothing(lit: Door) -> None:
    for years in (1970, 2038):
        lit.clock.set_wall(lit.clock.wall.replace(year=years))
        lit.grants()
        assert lit.shows(*ABC)
    lit.turns(7_000)
    assert lit.is_dark


# -- 4 ---------------------------------------------------------------------------------------------


def test_rule_4_only_the_newest_beat_is_answered_and_no_older_event_counts(lit: Door) -> None:
    old = lit.grants()
    lit.answers(lit.grant(old, "BCD 234", "c2", seq=9))
    assert lit.shows(*ABC), "an answer counts once"
    lit.grants("BCD 234", "c0", seq=4)
    assert lit.shows(*ABC), "an older event is refused"
    lit.grants(seq=5)
    assert lit.shows(*ABC), "an equal one renews"


def test_rule_4_another_history_of_the_database_is_darkness_first(lit: Door) -> None:
    lit.grants(epoch="e2", seq=1)
    assert lit.is_dark
    lit.grants(epoch="e2", seq=1)
    assert lit.shows(*ABC)


# -- 5 ---------------------------------------------------------------------------------------------


def test_rule_5_cancel_wins_and_bars_the_call_for_good(lit: Door) -> None:
    lit.wire.sent.clear()
    lit.cancels("c1")
    assert OFF == lit.wire.sent[0], "the very first bytes are darkness"
    assert lit.is_dark
    lit.grants(seq=99)
    assert lit.is_dark
    lit.cancels("c9")
    lit.grants("BCD 234", "c9", seq=100)
    assert lit.is_dark, "also when it overtakes the grant"


# -- 6 ---------------------------------------------------------------------------------------------


def test_rule_6_one_plate_one_door_a_dark_sign_says_so_at_once_with_the_change_that_took_it(
    lit: Door,
) -> None:
    """Central's half of this rule is tested with the yard: the histories of `tests/simulation`."""
    lit.darkens(seq=8)
    before_ms = lit.clock.mono_ms
    beat = lit.beat()
    assert lit.clock.mono_ms - before_ms <= 150
    assert (None, None, True, 8) == (beat.commanded, beat.sent.call, beat.sent.whole, beat.seq)


# -- 7 (more of it with real processes in test_service.py) -----------------------------------


def test_rule_7_the_first_bytes_of_a_start_are_darkness(tmp_path: Path) -> None:
    door = Door(tmp_path)
    door.chain.take(bytes.fromhex("0c01") * MODULES)
    door.chain.take(bytes.fromhex("01ff") * MODULES)
    door.sign.turn()
    assert OFF == door.wire.sent[0]
    assert door.is_dark


def test_rule_7_the_last_bytes_of_a_stop_are_darkness(lit: Door) -> None:
    lit.sign.go_dark()
    assert lit.is_dark


# -- 8 (the hang of a process is in test_service.py) -----------------------------------------


def test_rule_8_a_write_that_returns_an_error_is_a_fault_and_the_sign_lives(lit: Door) -> None:
    lit.wire.is_cut = True
    lit.turns(1_400)
    assert PanelState.FAULT == lit.says_nothing().state
    lit.wire.is_cut = False
    lit.turns(3_000)
    lit.grants(seq=6)
    lit.turns(100)
    assert lit.shows(*ABC)


# -- 9 ---------------------------------------------------------------------------------------------


def test_rule_9_the_driver_is_told_how_long_a_picture_may_stand(lit: Door) -> None:
    told: list[int] = []
    lit.panel.hears = told.append
    lit.turns(6_000)
    assert len(told) >= 5
    assert told == sorted(told, reverse=True)
    assert all(0 < ttl_ms < 7_000 for ttl_ms in told)
    assert lit.panel.facts.holds_last_frame, "so hardware.md asks for a timer in its supply"


# -- 10 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"), [("ABCDEFGH", "textTooBig"), ("ΩBC 123", "characterNotDefined")]
)
def test_rule_10_what_cannot_be_drawn_is_refused_whole_and_said(
    lit: Door, text: str, reason: str
) -> None:
    lit.grants(text, "c2", seq=6)
    assert lit.is_dark
    assert lit.beat().fault.startswith(f"{reason}: ")


# -- 11 --------------------------------------------------------------------------------------------


def test_rule_11_one_lease_covers_both_pages_and_the_plate_comes_first(tmp_path: Path) -> None:
    door = Door(tmp_path, second="KÖR IN").wakes()
    door.wire.sent.clear()
    door.grants()
    assert door.shows(*ABC)
    door.turns(PAGE_MS)
    assert door.shows(*ENTER)
    door.turns(PAGE_MS)
    assert door.shows(*ABC)
    assert DARK in pictures(door), "never a mixture of two pages"
    assert {ABC, ENTER, DARK} == set(pictures(door))
    door.turns(7_000 - 2 * PAGE_MS)
    assert door.is_dark


def test_rule_11_the_lease_is_looked_at_before_each_page(tmp_path: Path) -> None:
    door = Door(tmp_path, second="KÖR IN").wakes()
    door.grants()
    door.turns(PAGE_MS - 50)
    door.cancels("c1")
    door.turns(20_000)
    assert ENTER not in pictures(door)


# -- 12 --------------------------------------------------------------------------------------------


def test_rule_12_once_a_second_what_a_spike_took_is_told_again(lit: Door) -> None:
    lit.turns(500)
    for register in (0x0A, 0x0B, 0x0C, 0x03):
        lit.chain.chips[2].registers[register] = 0
    assert not lit.shows(*ABC)
    lit.wire.sent.clear()
    lit.turns(1_000)
    assert lit.shows(*ABC)
    assert 13 == len(lit.wire.sent)


def test_rule_12_a_dark_panel_that_lights_by_itself_is_dark_within_a_second(door: Door) -> None:
    door.chain.chips[1].registers.update(dict.fromkeys(range(1, 16), 0xFF))
    door.turns(1_050)
    assert door.is_dark


def test_rule_12_a_half_written_frame_is_never_two_plates(door: Door) -> None:
    door.grants("BCD 234", "c0")
    for transfers in range(30):
        door.grants("ABC 123", f"c{2 * transfers + 1}", seq=door.seq)
        door.wire.left = transfers
        door.grants("BCD 234", f"c{2 * transfers + 2}", seq=door.seq)
        assert tuple(door.chain.rows()) in {ABC, BCD, DARK} or _is_part_of(door, BCD)
        door.wire.left, door.wire.is_cut = None, False
        door.turns(1_000)


def _is_part_of(door: Door, whole: tuple[str, ...]) -> bool:
    """Whether every lit dot belongs to *whole*: columns are written while the chips are off."""
    return all(
        seen != "#" or dot == "#"
        for row, wanted in zip(door.chain.rows(), whole, strict=True)
        for seen, dot in zip(row, wanted, strict=True)
    )


# -- 13 --------------------------------------------------------------------------------------------


def test_rule_13_it_says_only_what_is_known(lit: Door) -> None:
    beat = lit.beat()
    wanted = hashlib.sha256(b"".join(encode(layout("ABC 123", 40, 8)))).hexdigest()
    assert ("c1", "c1", wanted, True) == (
        beat.commanded,
        beat.sent.call,
        beat.sent.sha256,
        beat.sent.whole,
    )
    assert beat.confirmed is None, "these chips say nothing back"


def test_rule_13_a_write_that_failed_is_not_called_sent(lit: Door) -> None:
    lit.wire.is_cut = True
    lit.cancels("c1")
    beat = lit.says_nothing()
    assert (None, "c1", False) == (beat.commanded, beat.sent.call, beat.sent.whole)


# -- 14 --------------------------------------------------------------------------------------------


def brightness(door: Door) -> set[int]:
    """The steps that stand in the chips."""
    return {chip.registers[0x0A] for chip in door.chain.chips}


def test_rule_14_the_sensor_decides_how_bright_it_is_and_darkness_never_puts_a_lit_sign_out(
    tmp_path: Path,
) -> None:
    door = Door(tmp_path, light=LightSettings(latitude=65.3, longitude=21.5)).wakes()
    door.sign.heard(LightSensed(60_000.0, door.clock.mono_ms))
    door.grants()
    door.turns(2_000)
    assert {15} == brightness(door)
    for _ in range(20):
        door.sign.heard(LightSensed(0.0, door.clock.mono_ms))
        door.grants()
        door.turns(2_000)
    assert max(brightness(door)) <= 1
    assert door.shows(*ABC)


# -- 15 --------------------------------------------------------------------------------------------


def test_rule_15_the_self_test_comes_after_the_first_darkness_and_yields_to_a_lease(
    tmp_path: Path,
) -> None:
    test = SelfTestSettings(at_start=True, story=False, at="")
    door = Door(tmp_path, self_test=test)
    door.sign.turn()
    assert OFF == door.wire.sent[0]
    door.turns(200)
    assert not door.is_dark
    door.turns(2_500)
    assert door.is_dark

    again = Door(tmp_path, self_test=test)
    again.sign.turn()
    again.turns(5_000)
    assert {DARK} == set(pictures(again)), "once for each start of the machine"


def test_rule_15_a_lease_takes_the_panel_from_the_test(tmp_path: Path) -> None:
    door = Door(tmp_path, self_test=SelfTestSettings(at_start=True, story=False, at=""))
    door.sign.turn()
    door.turns(100)
    assert not door.is_dark
    door.darkens()
    door.grants()
    assert door.shows(*ABC)
    door.turns(1_000)
    assert door.shows(*ABC)


def test_rule_15_a_yard_sign_with_nobody_to_list_is_tested_at_night_and_one_with_a_line_is_not(
    tmp_path: Path,
) -> None:
    night = datetime(2026, 11, 23, 5, 1).astimezone().astimezone(UTC)
    door = Door(tmp_path, self_test=SelfTestSettings(at_start=False, at="05:00")).wakes()
    door.lists(("c1", "AB 1"))
    door.turns(1_000)
    door.clock.set_wall(night)
    door.lists(("c1", "AB 1"))
    door.turns(1_900)
    assert door.shows(*listing([("AB 1", "1")], Canvas(40, 8)).rows)
    for _ in range(8):
        door.lists()
        door.turns(1_900)
    assert not door.is_dark


# -- what the sign says of itself -------------------------------------------------------------------


def test_what_central_is_told_of_a_hang_is_what_guards_against_it(tmp_path: Path) -> None:
    assert 5_000 == Door(tmp_path).wakes().beat().panel.hang_ms  # type: ignore[union-attr]
    timed = Door(tmp_path, timer=TimerSettings(pin=24))
    panel = timed.beat().panel
    assert panel is not None
    assert 3_000 == panel.hang_ms
