"""Help asked for is owned by a named person until it is closed."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from central import schema
from contract import problems
from contract.ids import uuid7
from contract.problems import Problem, ProblemType
from contract.transitions import Verb
from contract.wire import HelpCall, HelpState
from contract.words import HelpClose
from tests.central.yards import DESK_1, DESK_2, PITEA, Station


def asked(station: Station, plate: str | None = None) -> HelpState:
    return station.yard.raise_help(PITEA, station.post, HelpCall(id=uuid7(1), plate=plate))


def refused(kind: ProblemType, deed: Callable[[], object]) -> Problem:
    with pytest.raises(Problem) as error:
        deed()
    assert kind == error.value.kind
    return error.value


def test_help_stands_on_the_board_at_once_with_its_post(station: Station) -> None:
    asked(station)
    (row,) = station.queue().help
    assert ("Post 1", None, None) == (row.post, row.plate, row.acknowledged_by)


def test_the_same_press_is_one_call_for_help(station: Station) -> None:
    call = HelpCall(id=uuid7(1))
    first = station.yard.raise_help(PITEA, station.post, call)
    station.minutes(1)
    assert first == station.yard.raise_help(PITEA, station.post, call)
    assert 1 == len(station.queue().help)
    refused(problems.ID_REUSED, lambda: station.yard.raise_help(PITEA, station.other_post, call))


def test_the_place_is_promised_only_with_an_open_visit(station: Station) -> None:
    assert not asked(station, "ABC123").has_place
    visit = station.comes("ABC123").visit
    help_id = asked(station, "abc 123").id
    state = station.yard.help_state(PITEA, station.post.id, help_id)
    assert state.has_place
    assert visit in {row.visit for row in station.queue().help}
    station.calls("ABC123")
    station.does(Verb.NO_SHOW, "ABC123")
    assert not station.yard.help_state(PITEA, station.post.id, help_id).has_place


def test_half_a_plate_on_the_screen_stops_nobody_s_help(station: Station) -> None:
    assert not asked(station, "A").has_place
    assert ["A"] == [row.plate for row in station.queue().help]


def test_the_first_who_acknowledges_has_it_and_the_second_hears_who(station: Station) -> None:
    help_id = asked(station).id
    assert "Desk 1" == station.yard.acknowledge(PITEA, DESK_1, help_id).acknowledged_by
    assert "Desk 1" == station.yard.acknowledge(PITEA, DESK_1, help_id).acknowledged_by
    problem = refused(
        problems.CHANGED_MEANWHILE, lambda: station.yard.acknowledge(PITEA, DESK_2, help_id)
    )
    assert "Desk 1" == problem.members["by"]
    told = station.yard.help_state(PITEA, station.post.id, help_id)
    assert ("Desk 1", False) == (told.acknowledged_by, told.closed)


def test_closing_leaves_a_word_and_clears_the_board(station: Station) -> None:
    help_id = asked(station).id
    assert station.yard.close_help(PITEA, DESK_2, help_id, HelpClose(word="stuck key")).closed
    assert [] == station.queue().help
    problem = refused(
        problems.CHANGED_MEANWHILE,
        lambda: station.yard.close_help(PITEA, DESK_1, help_id, HelpClose(word="again")),
    )
    assert "Desk 2" == problem.members["by"]
    refused(problems.CHANGED_MEANWHILE, lambda: station.yard.acknowledge(PITEA, DESK_1, help_id))
    last = station.yard.events_after(PITEA, 0)[-1]
    assert ("help_closed", "Desk 2", "stuck key") == (last.kind, last.actor, last.data["word"])


def test_a_post_hears_only_of_its_own_help(station: Station) -> None:
    help_id = asked(station).id
    refused(
        problems.NOT_FOUND,
        lambda: station.yard.help_state(PITEA, station.other_post.id, help_id),
    )
    refused(problems.NOT_FOUND, lambda: station.yard.acknowledge(PITEA, DESK_1, "no-such"))


def test_whose_name_is_kept_no_longer_is_somebody(station: Station) -> None:
    first, second = asked(station).id, uuid7(2)
    station.yard.raise_help(PITEA, station.post, HelpCall(id=second))
    station.yard.acknowledge(PITEA, DESK_1, first)
    station.yard.close_help(PITEA, DESK_1, second, HelpClose(word="stuck key"))
    nobody = {"acknowledged_by": None, "acknowledged_id": None, "closed_by": None}
    station.store.write(lambda tx: tx.run(sa.update(schema.help_call).values(nobody)))
    for deed, said in (
        (lambda: station.yard.acknowledge(PITEA, DESK_2, first), "Somebody is on the way already."),
        (lambda: station.yard.acknowledge(PITEA, DESK_2, second), "Somebody has closed this."),
        (
            lambda: station.yard.close_help(PITEA, DESK_2, second, HelpClose(word="again")),
            "Somebody has closed this already.",
        ),
    ):
        problem = refused(problems.CHANGED_MEANWHILE, deed)
        assert (said, "somebody") == (problem.detail, problem.members["by"])
