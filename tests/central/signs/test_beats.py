"""Signs: one plate, one door, and never longer than the truth lasts; on the real database."""

import pytest

from central.line import calls
from central.signs import beats
from contract.problems import Problem
from contract.transitions import Verb
from contract.wire import Grant, PanelFacts
from contract.words import VisitWords
from tests.central.yards import DESK_1, FONT, PITEA, Sign, Station, breaks_the_commit, together

LEASES_OVER_MS = 7_000 + 1_000 + 50


@pytest.fixture
def awake(station: Station) -> Station:
    """Both signs have said that they are dark."""
    station.sign_1.wakes()
    station.sign_2.wakes()
    station.nudges.clear()
    return station


def sign_facts(station: Station) -> list[str]:
    """What the signs have told, in order."""
    return [kind for kind in station.happened() if kind.startswith("sign_")]


def ticks(station: Station, seconds: int) -> None:
    for _ in range(seconds):
        station.clock.advance(1_000)
        station.yard.tick()


# -- a call is lit ------------------------------------------------------------------------------


def test_a_called_plate_is_lit_and_goes_dark_when_the_car_is_in(awake: Station) -> None:
    awake.comes("ABC123")
    assert "no_call" == awake.sign_1.dark()
    awake.calls("ABC123")
    assert "ABC 123" == awake.sign_1.lit()
    assert "no_call" == awake.sign_2.dark()
    awake.does(Verb.ENTER, "ABC123", "1")
    assert "no_call" == awake.sign_1.dark()


def test_a_sign_learns_the_epoch_before_it_may_be_lit(station: Station) -> None:
    station.comes("ABC123")
    station.calls("ABC123")
    assert "other_epoch" == station.sign_1.dark()
    assert "ABC 123" == station.sign_1.lit()


def test_the_timeline_holds_what_the_sign_was_told_sent_and_stopped_showing(
    awake: Station,
) -> None:
    visit = awake.comes("ABC123").visit
    awake.calls("ABC123")
    for _ in range(3):
        awake.sign_1.lit()
    awake.does(Verb.ENTER, "ABC123", "1")
    for _ in range(3):
        awake.sign_1.dark()
    told = [(row.kind, row.actor) for row in awake.yard.timeline(PITEA, visit)]
    assert [
        ("arrived", "Post 1"),
        ("called", "Desk 1"),
        ("sign_granted", "Sign 1"),
        ("sign_sent", "Sign 1"),
        ("entered", "Desk 1"),
        ("sign_dark", "Sign 1"),
    ] == told


def test_the_answer_counts_the_facts_of_its_own_beat(awake: Station) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123")
    answer = awake.sign_1.ask()
    assert awake.yard.cursor(PITEA) == (answer.epoch, answer.seq)
    assert "sign_granted" == awake.happened()[-1]


def test_a_beat_that_tells_nothing_new_writes_no_event(awake: Station) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123")
    awake.sign_1.lit()
    awake.sign_1.lit()
    before = awake.happened()
    for _ in range(5):
        awake.clock.advance(2_000)
        awake.sign_1.lit()
    assert before == awake.happened()


def test_a_lost_answer_does_no_harm(awake: Station) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123")
    assert isinstance(awake.sign_1.ask(answer_lost=True), Grant)
    assert awake.sign_1.shows is None
    assert "ABC 123" == awake.sign_1.lit()
    assert 1 == awake.happened().count("sign_granted")


def test_after_two_minutes_the_sign_is_dark_and_the_visit_still_called(awake: Station) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123")
    awake.sign_1.lit()
    awake.clock.advance(119_000)
    answer = awake.sign_1.ask()
    assert isinstance(answer, Grant)
    assert 1_000 == answer.ttl_ms
    awake.clock.advance(1_000)
    assert "cap" == awake.sign_1.dark()
    assert "called" == awake.row("ABC123").state


def test_the_two_minutes_survive_a_restart_of_central(awake: Station) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123")
    awake.sign_1.lit()
    awake.clock.advance(120_000)
    awake.restart()
    assert "cap" == awake.sign_1.dark()


# -- one plate, one door ------------------------------------------------------------------------


def test_a_plate_moved_to_door_2_waits_until_door_1_is_dark(awake: Station) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123", "1")
    awake.sign_1.lit()
    awake.does(Verb.MOVE, "ABC123", "2")
    assert "waits_for_dark" == awake.sign_2.dark()
    assert ["1"] == [bay.waits_for for bay in awake.queue().bays if bay.bay == "2"]
    awake.sign_1.ask()
    awake.sign_1.ask()
    assert "ABC 123" == awake.sign_2.lit()
    assert [None, None] == [bay.waits_for for bay in awake.queue().bays]


def test_the_waiting_sign_is_hinted_as_soon_as_the_other_is_dark(awake: Station) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123", "1")
    awake.sign_1.lit()
    awake.does(Verb.MOVE, "ABC123", "2")
    awake.sign_2.dark()
    awake.sign_1.ask()
    awake.nudges.clear()
    awake.sign_1.ask()
    assert [awake.sign_2.device.id] == [nudge.device for nudge in awake.nudges]


def test_a_sign_that_went_dark_by_a_hint_is_asked_again_at_once(awake: Station) -> None:
    """It was blank before it had heard the number of the change, so its word cannot free the plate yet."""
    awake.comes("ABC123")
    awake.calls("ABC123", "1")
    awake.sign_1.lit()
    awake.does(Verb.MOVE, "ABC123", "2")
    awake.sign_1.goes_dark()
    awake.nudges.clear()
    awake.sign_1.ask(answer_lost=True)
    awake.sign_1.ask(answer_lost=True)
    assert [awake.sign_1.device.id] == [nudge.device for nudge in awake.nudges]
    assert "waits_for_dark" == awake.sign_2.dark()
    awake.sign_1.ask()
    awake.sign_1.ask()
    assert "ABC 123" == awake.sign_2.lit()


def test_a_silent_sign_frees_the_plate_when_its_last_lease_must_be_over(awake: Station) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123", "1")
    awake.sign_1.lit()
    awake.does(Verb.MOVE, "ABC123", "2")
    ticks(awake, 9)
    assert "waits_for_dark" == awake.sign_2.dark()
    awake.nudges.clear()
    ticks(awake, 1)
    assert [awake.sign_2.device.id] == [nudge.device for nudge in awake.nudges]
    assert "ABC 123" == awake.sign_2.lit()


def test_a_restarted_central_waits_anew(awake: Station) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123", "1")
    awake.sign_1.lit()
    awake.does(Verb.MOVE, "ABC123", "2")
    ticks(awake, 8)
    awake.restart()
    ticks(awake, 8)
    assert "waits_for_dark" == awake.sign_2.dark()
    ticks(awake, 2)
    assert "ABC 123" == awake.sign_2.lit()


def test_what_was_seen_in_a_lost_group_is_forgotten(sqlite_station: Station) -> None:
    """The number of a lost change is given again; the wait for the real one must not begin with the lost.

    Only jobs that share a transaction see each other's changes before the commit, so only SQLite's do.
    """
    awake = sqlite_station
    awake.sign_1.wakes()
    awake.sign_2.wakes()
    awake.comes("ABC123")
    row = awake.calls("ABC123", "1")
    awake.sign_1.lit()
    awake.sign_1.lit()
    beat, words = awake.sign_2.words(), VisitWords(version=row.version, bay="2")
    known = awake.yard._known
    lost = together(
        awake.store,
        lambda tx: calls.act(tx, known, PITEA, DESK_1, row.visit, Verb.MOVE, words),
        lambda tx: beats.beat(tx, known, PITEA, awake.sign_2.device.id, beat),
        breaks_the_commit,
    )
    assert all(isinstance(future.exception(), Problem) for future in lost)
    for _ in range(5):
        awake.clock.advance(2_000)
        awake.sign_1.lit()
    awake.does(Verb.MOVE, "ABC123", "2")
    assert "waits_for_dark" == awake.sign_2.dark()


def test_a_sign_that_restarted_passes_its_row_on_and_frees_the_plate(awake: Station) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123", "1")
    awake.sign_1.lit()
    awake.does(Verb.MOVE, "ABC123", "2")
    reborn = Sign(awake.yard, awake.sign_1.device, boot="boot-2")
    assert "other_epoch" == reborn.dark()
    assert "waits_for_dark" == awake.sign_2.dark()
    reborn.ask()
    assert "ABC 123" == awake.sign_2.lit()


def test_a_recall_keeps_the_row_and_the_picture(awake: Station) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123")
    first = awake.sign_1.ask()
    awake.does(Verb.RECALL, "ABC123")
    second = awake.sign_1.ask()
    assert isinstance(first, Grant)
    assert isinstance(second, Grant)
    assert first.call != second.call
    assert 2 == awake.happened().count("sign_granted")


def test_two_calls_in_a_row_at_one_door_go_dark_in_between(awake: Station) -> None:
    awake.comes("ABC123")
    awake.comes("DEF456")
    awake.calls("ABC123", "1")
    awake.sign_1.lit()
    awake.does(Verb.PUT_BACK, "ABC123")
    awake.calls("DEF456", "1")
    assert "waits_for_dark" == awake.sign_1.dark()
    assert "DEF 456" == awake.sign_1.lit()


def test_a_sign_hung_over_another_door_frees_the_old_one_first(awake: Station) -> None:
    awake.comes("ABC123")
    awake.comes("DEF456")
    awake.calls("ABC123", "1")
    awake.sign_1.lit()
    awake.yard.devices.assign_sign(PITEA, DESK_1, awake.sign_2.device.id, "1")
    assert [awake.sign_2.device.id, None] == [
        bay.sign and bay.sign.device for bay in awake.queue().bays
    ]
    assert "waits_for_dark" == awake.sign_2.dark()
    assert "no_call" == awake.sign_1.dark()
    awake.sign_1.dark()
    assert "ABC 123" == awake.sign_2.lit()


def test_a_revoked_sign_is_unknown_and_its_plate_is_free_when_its_lease_is_over(
    awake: Station,
) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123", "1")
    awake.sign_1.lit()
    awake.yard.devices.revoke(PITEA, DESK_1, awake.sign_1.device.id)
    with pytest.raises(Problem) as error:
        awake.sign_1.ask()
    assert "unknown_device" == error.value.kind.reason
    awake.does(Verb.MOVE, "ABC123", "2")
    assert "waits_for_dark" == awake.sign_2.dark()
    ticks(awake, 11)
    assert "waits_for_dark" == awake.sign_2.dark(), "nobody knows how slow it was"
    ticks(awake, 5)
    assert "ABC 123" == awake.sign_2.lit()


# -- faults -------------------------------------------------------------------------------------


def test_a_faulty_panel_holds_its_row_until_a_person_says_dark(awake: Station) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123", "1")
    awake.sign_1.lit()
    awake.sign_1.fault = "no answer from the panel"
    assert "fault" == awake.sign_1.dark()
    awake.does(Verb.MOVE, "ABC123", "2")
    ticks(awake, 60)
    assert "waits_for_dark" == awake.sign_2.dark()
    assert awake.queue().bays[0].holds_frame
    awake.yard.seen_dark(PITEA, DESK_1, "1")
    assert "ABC 123" == awake.sign_2.lit()
    assert not awake.queue().bays[0].holds_frame


def test_a_fault_and_its_end_are_told_once(awake: Station) -> None:
    awake.sign_1.fault = "no answer from the panel"
    awake.sign_1.ask()
    awake.sign_1.ask()
    sign = awake.queue().bays[0].sign
    assert sign is not None
    assert ("fault", "no answer from the panel") == (sign.state, sign.fault)
    awake.sign_1.fault = ""
    awake.sign_1.ask()
    awake.sign_1.ask()
    assert ["sign_fault", "sign_well"] == sign_facts(awake)


def test_nobody_s_word_counts_about_a_sign_that_speaks_for_itself(awake: Station) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123", "1")
    awake.sign_1.lit()
    with pytest.raises(Problem) as error:
        awake.yard.seen_dark(PITEA, DESK_1, "1")
    assert "wrong_state" == error.value.kind.reason


def test_a_silent_sign_is_noticed_once_and_so_is_its_return(awake: Station) -> None:
    ticks(awake, 29)
    assert [] == sign_facts(awake)
    ticks(awake, 10)
    awake.restart()
    ticks(awake, 60)
    assert ["sign_silent", "sign_silent"] == sign_facts(awake)
    sign = awake.queue().bays[0].sign
    assert sign is not None
    assert not sign.reachable
    awake.sign_1.ask()
    awake.sign_1.ask()
    assert ["sign_silent", "sign_silent", "sign_back"] == sign_facts(awake)


def test_central_s_own_pause_is_not_held_against_the_signs(awake: Station) -> None:
    awake.clock.advance(3_600_000)
    awake.restart()
    ticks(awake, 29)
    assert [] == sign_facts(awake)


# -- what cannot be drawn -----------------------------------------------------------------------


def test_a_plate_that_the_sign_cannot_draw_is_told_to_the_board_at_once(awake: Station) -> None:
    awake.comes("ABCDEFG123")
    awake.calls("ABCDEFG123", "1")
    assert "ABCDEFG123" == awake.queue().bays[0].cannot_show
    assert "cannot_show" == awake.sign_1.dark()
    assert "cannot_show" == awake.sign_1.dark()
    assert ["sign_cannot_show"] == sign_facts(awake)


def test_a_sign_with_a_narrower_panel_than_we_knew_says_so_by_its_beat(awake: Station) -> None:
    awake.comes("ABC123")
    awake.calls("ABC123", "1")
    awake.sign_1.panel = PanelFacts(
        width_px=24, fonts=[FONT], holds_last_frame=True, worst_dark_ms=50, hang_ms=0
    )
    assert "cannot_show" == awake.sign_1.dark()
    assert "ABC 123" == awake.queue().bays[0].cannot_show


def test_the_board_sees_what_the_sign_was_told_and_sent(awake: Station) -> None:
    awake.comes("ABC123")
    call = awake.calls("ABC123", "1").call
    awake.sign_1.lit()
    awake.sign_1.lit()
    sign = awake.queue().bays[0].sign
    assert sign is not None
    assert (call, call, True, True) == (
        sign.commanded,
        sign.sent,
        sign.sent_whole,
        sign.reachable,
    )


def test_a_plate_that_is_lit_again_after_an_outage_is_told_again(awake: Station) -> None:
    """The timeline answers complaints: between the two lines the sign was dark, and it says so."""
    awake.comes("ABC123")
    visit = awake.calls("ABC123").visit
    for _ in range(2):
        awake.sign_1.lit()
        awake.sign_1.ask()
        awake.clock.advance(20_000)
        awake.sign_1.goes_dark()
    kinds = [event.kind for event in awake.yard.timeline(PITEA, visit)]
    assert ["sign_sent", "sign_dark", "sign_sent"] == [
        kind for kind in kinds if kind in ("sign_sent", "sign_dark")
    ]


def test_a_restart_of_central_sends_nobody_out_to_look_at_a_sign(awake: Station) -> None:
    awake.clock.advance(120_000)
    awake.restart()
    assert [True, True] == [bay.sign.reachable for bay in awake.queue().bays if bay.sign]
    awake.clock.advance(31_000)
    assert [False, False] == [bay.sign.reachable for bay in awake.queue().bays if bay.sign]


def test_a_car_that_is_called_is_told_its_door_and_not_to_watch_the_sign(awake: Station) -> None:
    assert awake.comes("ABC123").watch_sign
    awake.calls("ABC123")
    told = awake.yard.status(PITEA, awake.post, "ABC123")
    assert told is not None
    assert ("1", False) == (told.door, told.watch_sign)


def test_what_was_said_is_kept_of_a_post_and_not_of_the_desk(awake: Station) -> None:
    visit = awake.comes("ABC123").visit
    awake.told_at_the_desk("ABC123")
    typed, told = awake.yard.timeline(PITEA, visit)
    assert "said" in typed.data
    assert "said" not in told.data
