"""Every address that takes a visit, asked for one whose plate is erased: it answers or refuses."""

import pytest

from central.privacy import erasing
from contract.transitions import TRANSITIONS, Verb, Word
from contract.wire import Role
from tests.central.web.hall import STATION, Asker, Hall, reason

INSPECTED = {"result": "re_inspection", "remarks": ["brake hose"]}


@pytest.fixture
def staff(hall: Hall) -> Asker:
    return hall.person()


@pytest.fixture
def erased(hall: Hall, staff: Asker) -> str:
    """A car came, was inspected, and is erased; gives its visit."""
    assert 201 == hall.device(Role.POST).post("arrivals", hall.arrival()).status_code
    (row,) = hall.yard.queue(STATION).line
    deeds: list[tuple[Verb, dict[str, object]]] = [
        (Verb.ENTER, {"bay": "bay-1"}),
        (Verb.FINISH, {"outcome": INSPECTED}),
    ]
    for version, (verb, words) in enumerate(deeds, start=row.version):
        answer = staff.post(f"visits/{row.visit}/{verb}", {"version": version, **words})
        assert 200 == answer.status_code, answer.json
    hall.store.write(lambda tx: erasing.visits(tx, STATION, [row.visit]), STATION)
    return row.visit


def test_every_verb_is_refused(staff: Asker, erased: str) -> None:
    told: dict[Word, object] = {
        Word.BAY: "bay-1",
        Word.REASON: "a slip",
        Word.OUTCOME: INSPECTED,
        Word.BEFORE: erased,
    }
    for verb, row in TRANSITIONS.items():
        words = {str(word): told[word] for word in row.needs | row.takes}
        answer = staff.post(f"visits/{erased}/{verb}", {**words, "version": 3})
        assert (409, "wrong_state") == reason(answer), verb
        assert "check it in anew" in answer.json["detail"]  # type: ignore[index]


def test_the_last_deed_is_not_taken_back(staff: Asker, erased: str) -> None:
    for words in ({}, {"visit": erased}):
        assert (409, "wrong_state") == reason(staff.post("undo", words))


def test_its_vehicle_is_nobody_s(staff: Asker, erased: str) -> None:
    answer = staff.get(f"visits/{erased}/vehicle")
    assert answer.json is not None
    assert (200, "", []) == (answer.status_code, answer.json["plate"], answer.json["bookings"])
    assert answer.json.get("last") is None


def test_its_timeline_names_nobody(staff: Asker, erased: str) -> None:
    answer = staff.get(f"visits/{erased}/timeline")
    assert 200 == answer.status_code
    assert "ABC" not in answer.get_data(as_text=True)
    assert "brake" not in answer.get_data(as_text=True)


def test_it_is_neither_in_the_line_nor_found(staff: Asker, erased: str) -> None:
    for path in ("queue", "visits?plate=ABC"):
        answer = staff.get(path)
        assert 200 == answer.status_code
        assert erased not in answer.get_data(as_text=True)


def test_nobody_is_put_before_it_or_called_as_it(hall: Hall, staff: Asker, erased: str) -> None:
    hall.clock.advance(1_000)
    arrival = hall.arrival("DEF 456")
    assert 201 == hall.device(Role.POST).post("arrivals", arrival).status_code
    (row,) = hall.yard.queue(STATION).line
    words = {"version": row.version, "reason": "promised", "before": erased}
    assert 409 == staff.post(f"visits/{row.visit}/override", words).status_code
    answer = staff.post("bays/bay-1/call-next", {"visit": erased, "version": 3})
    assert (409, "changed_meanwhile") == reason(answer)
    assert "An erased visit is done now" in answer.json["detail"]  # type: ignore[index]
