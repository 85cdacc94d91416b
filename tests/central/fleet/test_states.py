"""How a machine is, in one word; and the fleet in one line."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from central.fleet import states, summary
from central.fleet.states import State
from contract.fleet import BadRelease, MachineSaid, Phase, UnitFacts
from contract.fleet_view import MachineRow, MachineState
from contract.wire import DeviceFault, Heartbeat

NOW = datetime(2026, 11, 23, 13, 17, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Stockholm")
OLD, NEW = "26.2.0", "26.3.0"


def said(**words: Any) -> MachineSaid:
    return MachineSaid(**({"release": OLD, "platform": "cp311-aarch64", "boot": "b"} | words))


def heard(seconds: float, **words: Any) -> State:
    """How a machine is that was heard so many seconds ago."""
    return states.of(said(**words), NOW - timedelta(seconds=seconds), NOW, words.get("wanted"))


def row(name: str = "Post 1", station: str = "0417", **words: Any) -> MachineRow:
    words = {"state": MachineState.READY} | words
    return MachineRow(station=station, device=f"post-{name}", name=name, role="post", **words)


def line(*rows: MachineRow) -> str:
    return summary.says(rows, NOW, ZONE)


# -- one machine ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "state"),
    [
        (0, MachineState.READY),
        (179, MachineState.READY),
        (180, MachineState.LATE),
        (899, MachineState.LATE),
        (900, MachineState.LOST),
    ],
)
def test_silence_is_late_and_then_lost(seconds: int, state: MachineState) -> None:
    assert heard(seconds).state is state


@pytest.mark.parametrize(
    ("phase", "state"),
    [
        (Phase.STAGING, MachineState.STAGING),
        (Phase.TRIAL, MachineState.TRIAL),
        (Phase.REFUSED, MachineState.REFUSED),
    ],
)
def test_an_update_under_way_is_said(phase: Phase, state: MachineState) -> None:
    assert heard(5, phase=phase, about=NEW, why="disk full") == State(
        state, about=NEW, why="disk full"
    )


def test_one_that_went_back_says_from_what_and_why() -> None:
    found = heard(
        200,
        phase=Phase.ROLLED_BACK,
        about=NEW,
        why="panel did not open",
        bad=[BadRelease(release=NEW)],
    )
    assert found == State(MachineState.ROLLED_BACK, about=NEW, why="panel did not open")


def test_a_service_that_fails_is_named() -> None:
    found = heard(5, units=[UnitFacts(unit="portvakt-sign", state="failed")])
    assert (found.state, found.why) == (MachineState.UNIT_FAILING, "portvakt-sign failed")


def test_a_card_that_became_read_only_is_a_fault() -> None:
    assert heard(5, root_writable=False).state is MachineState.FAULT


def test_who_waits_for_the_night_runs_an_old_release() -> None:
    assert states.of(said(), NOW, NOW, NEW) == State(MachineState.OLD, about=NEW)


def test_a_part_of_the_post_that_fails_is_said_in_words() -> None:
    found = states.of_service(
        Heartbeat(release=OLD, boot="b", faults=[DeviceFault(part="keypad")]), NOW, NOW
    )
    assert (found.state, found.why) == (MachineState.FAULT, "nobody can type")


def test_a_machine_whose_service_alone_is_silent_is_not_lost() -> None:
    gone, well = State(MachineState.LOST, since=NOW), State(MachineState.READY)
    assert states.together(well, gone) == State(
        MachineState.FAULT,
        since=NOW,
        about="service",
        why="its service has not been heard, though the machine is",
    )
    assert states.together(gone, well).why == "the machine's own reports have stopped"
    assert states.together(gone, gone).state is MachineState.LOST


# -- all of them ----------------------------------------------------------------------------------


def test_the_line_says_who_is_ready_and_what_is_wrong_where() -> None:
    lost = row("Post 1", "0312", state=MachineState.LOST, since=NOW.replace(hour=13, minute=2))
    back = row("0417-2", state=MachineState.ROLLED_BACK, about=NEW, why="panel did not open")
    assert line(row(station="0100"), lost, back) == (
        "1 of 3 stations ready; 0312 lost since 14:02;"
        " 0417-2 rolled back 26.3.0: panel did not open."
    )


def test_a_station_of_which_one_machine_is_lost_is_not_lost_itself() -> None:
    lost = row("Sign 1", state=MachineState.LOST, since=NOW - timedelta(days=2))
    assert line(row("Post 1"), lost) == (
        "0 of 1 station ready; 0417 Sign 1 lost since 2026-11-21 14:17."
    )


def test_when_all_is_well_it_says_so() -> None:
    assert line(row(), row(station="0312")) == "2 of 2 stations ready. Nothing needs anybody."


def test_who_is_late_or_on_trial_keeps_no_station_from_being_ready() -> None:
    calm = [row(str(state), state=state) for state in states.CALM]
    assert line(*calm) == "1 of 1 station ready. Nothing needs anybody."


def test_a_station_that_nobody_ever_heard_is_not_ready() -> None:
    unheard = row("Sign 1", state=MachineState.UNHEARD)
    assert line(unheard) == "0 of 1 station ready; 0417 Sign 1 was never heard."


def test_a_hall_without_contact_is_not_a_hall_whose_machines_died() -> None:
    late = row(station="0312", state=MachineState.LATE)
    away = {"0312": NOW.replace(hour=13, minute=2), "0999": NOW}
    assert summary.says([row(), late], NOW, ZONE, away) == (
        "1 of 2 stations ready; no contact with the hall 0312 since 14:02,"
        " its machines were well then."
    )
    ill = row(station="0312", state=MachineState.FAULT, why="nobody can type")
    assert summary.says([ill], NOW, ZONE, away).endswith(
        "nobody can type; no contact with the hall 0312 since 14:02."
    )


def test_a_revoked_machine_makes_no_station() -> None:
    assert line(row(state=MachineState.REVOKED)) == "No machine was heard yet."


def test_the_line_stays_a_line() -> None:
    many = [row("Post", f"{n:04}", state=MachineState.LOST, since=NOW) for n in range(9)]
    assert line(*many).endswith("0003 lost since 14:17; 5 more.")


def test_what_needs_a_person_comes_first() -> None:
    rows = [row(state.value, state=state) for state in reversed(MachineState)]
    assert [one.state for one in sorted(rows, key=states.order)] == list(MachineState)
