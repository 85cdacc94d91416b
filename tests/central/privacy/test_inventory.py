"""Nobody adds a column or a word of an event without saying what becomes of it."""

import sqlalchemy as sa

from central import schema
from central.privacy import inventory
from central.privacy.inventory import IMPERSONAL, PERSONAL
from central.schema.columns import Flag, Json, UtcTime
from contract.transitions import Verb
from contract.words import ReInspection, VisitWords
from tests.central.yards import DESK_1, PITEA, Station

_SAYS_NOTHING = (sa.Integer, sa.BigInteger, sa.Boolean, Flag, UtcTime)


def texts(table: sa.Table) -> set[str]:
    return {column.name for column in table.columns if not isinstance(column.type, _SAYS_NOTHING)}


def test_every_column_that_may_hold_text_is_personal_or_is_not() -> None:
    undecided = {
        f"{table.name}.{column}"
        for table in schema.metadata.sorted_tables
        for column in texts(table)
        if (column in PERSONAL.get(table.name, {}))
        == (column in IMPERSONAL.get(table.name, frozenset()))
    }
    assert undecided == set()


def test_no_column_is_named_that_is_not_there() -> None:
    there = {
        (table.name, column) for table in schema.metadata.sorted_tables for column in texts(table)
    }
    named = {(table, column) for table, columns in PERSONAL.items() for column in columns}
    named |= {(table, column) for table, columns in IMPERSONAL.items() for column in columns}
    assert named == there


def test_a_json_column_counts_as_text() -> None:
    assert not issubclass(Json, _SAYS_NOTHING)


def test_every_word_of_every_event_is_kept_or_lost_on_purpose(station: Station) -> None:
    decided = inventory.EVENT_KEEPS | inventory.EVENT_LOSES | inventory.EVENT_NAMES
    station.comes("ABC123")
    row = station.does(Verb.ENTER, "ABC123", "1")
    words = VisitWords(version=row.version, outcome=ReInspection(remarks=["brake hose"]))
    station.yard.act(PITEA, DESK_1, row.visit, Verb.FINISH, words)
    rows = station.store.read(lambda view: view.all(sa.select(schema.event)))
    assert {word for event in rows for word in event.data} <= decided


def test_of_an_outcome_only_the_result_stays() -> None:
    data = {
        "outcome": {"result": "re_inspection", "remarks": ["owner: +46701234567"]},
        "version": 3,
    }
    assert inventory.without_customer(data) == {
        "outcome": {"result": "re_inspection"},
        "version": 3,
    }


def test_a_word_that_nobody_has_thought_of_does_not_stay() -> None:
    assert inventory.without_customer({"invented": "ABC123", "to": "done"}) == {"to": "done"}


def test_what_undo_would_need_of_a_person_s_words_goes_too() -> None:
    data = {"was": {"state": "waiting", "reason": "owner called", "note": "asked for keys"}}
    assert inventory.without_customer(data) == {"was": {"state": "waiting"}}
