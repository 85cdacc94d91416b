"""Whoever holds a post's token learns nothing about a plate that was not typed there.

Not by an answer, its status, its headers or its size; and the same statements are sent to the database, so
that nothing can be told from the time either.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from central import schema
from central.database.tx import Tx
from central.places.setup import StationSetup
from central.words import SYSTEM
from contract.ids import uuid7
from contract.plate import Plate
from contract.transitions import Verb
from contract.wire import Role
from contract.words import BookingWords, DeskArrival, VisitWords
from tests.central.web.hall import STATION, Asker, Hall, reason
from tests.central.yards import DESK_1, local

ABSENT = "QQQ 900"
HOURS = "mon-sun 07:00-17:00"
# Who came and how: each with a plate of its own.
WAYS = {
    "told at the desk": "AAA 101",
    "typed at another post": "BBB 102",
    "booked and here": "CCC 103",
    "held, typed at another post": "DDD 104",
    "gone again": "EEE 105",
    "erased": "FFF 106",
    "typed here yesterday": "GGG 107",
}
_RANDOM = re.compile(r'"(?:id|visit|raised_at|as_of)":\s*"[^"]*"')
# That somebody asked is written down in the writer's own time, whatever the answer was.
_OF_NOBODY = re.compile(r"\blook\b|SAVEPOINT|FOR NO KEY UPDATE")


@contextmanager
def statements() -> Iterator[Counter[str]]:
    """Every statement that is sent meanwhile, and how often."""
    sent: Counter[str] = Counter()

    def keep(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not _OF_NOBODY.search(statement):
            sent[statement] += 1

    sa.event.listen(sa.Engine, "before_cursor_execute", keep)
    try:
        yield sent
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", keep)


def told_the_desk(hall: Hall, plate: str) -> str:
    words = DeskArrival(id=new_id(hall), plate=plate)
    return hall.yard.arrive(STATION, DESK_1, words, msgspec.json.encode(words)).visit


def new_id(hall: Hall) -> str:
    return uuid7(int(hall.clock.now().timestamp() * 1000))


def leaves(hall: Hall, visit: str) -> None:
    version = next(row.version for row in hall.yard.queue(STATION).line if row.visit == visit)
    hall.yard.act(STATION, DESK_1, visit, Verb.LEAVE, VisitWords(version=version))


def erased(hall: Hall, plate: str) -> None:
    """As retention leaves it."""
    key = Plate.parse(plate).match_key

    def erase(tx: Tx) -> None:
        for table in (schema.arrival, schema.visit):
            tx.run(sa.update(table).where(table.c.match_key == key).values(plate="", match_key=""))

    hall.store.write(erase)


def booked(hall: Hall, plate: str, at: str = "2026-11-23 09:00") -> None:
    words = BookingWords(plate=plate, slot_at=local(at))
    hall.yard.desk.save_booking(STATION, SYSTEM, f"R {plate}", words)


def came(hall: Hall, way: str, plate: str, other_post: Asker) -> None:
    """Somebody comes with *plate*, by one of `WAYS`."""
    arrival = hall.arrival(plate)
    if way == "typed at another post":
        other_post.post("arrivals", arrival)
    elif way.startswith("held"):
        other_post.post("arrivals", {**arrival, "at": hall.clock.now() - timedelta(days=1)})
    elif way != "typed here yesterday":
        visit = told_the_desk(hall, plate)
        if way in {"gone again", "erased"}:
            leaves(hall, visit)
    if way == "erased":
        erased(hall, plate)


@pytest.fixture
def posts(hall: Hall) -> tuple[Asker, Asker]:
    """The post whose token somebody has, and another one; everybody has come, by every way."""
    hall.yard.places.set_station(STATION, StationSetup(hours=HOURS))
    post, other = hall.device(Role.POST), hall.device(Role.POST)
    hall.clock.set_wall(hall.clock.now() - timedelta(days=1))
    post.post("arrivals", hall.arrival(WAYS["typed here yesterday"]))
    hall.clock.set_wall(hall.clock.now() + timedelta(days=1))
    booked(hall, WAYS["booked and here"])
    for way, plate in WAYS.items():
        came(hall, way, plate, other)
    return post, other


def what_is_seen(answer: TestResponse) -> tuple[int, list[tuple[str, str]], str]:
    """Everything of an answer but what is new in every one."""
    body = _RANDOM.sub("", answer.get_data(as_text=True))
    headers = sorted(pair for pair in answer.headers.items() if pair[0] != "Date")
    return answer.status_code, headers, body


def questions(hall: Hall, post: Asker) -> dict[str, Callable[[str], TestResponse]]:
    return {
        "status": lambda plate: post.get(f"status?plate={plate}"),
        "elsewhere": lambda plate: post.get(f"elsewhere?plate={plate}"),
        "help": lambda plate: post.post("help", {"id": new_id(hall), "plate": plate}),
    }


@pytest.mark.parametrize("question", ["status", "elsewhere", "help"])
def test_who_is_here_and_who_is_not_get_one_answer_for_the_same_work(
    hall: Hall, posts: tuple[Asker, Asker], question: str
) -> None:
    ask = questions(hall, posts[0])[question]
    ask("ZZZ 999")  # what is remembered from now on is remembered for all
    seen, work = {}, {}
    for way, plate in {"absent": ABSENT, **WAYS}.items():
        with statements() as sent:
            seen[way] = what_is_seen(ask(plate))
        work[way] = sent
    assert {way for way in seen if seen[way] != seen["absent"]} == set()
    assert {way for way in work if work[way] != work["absent"]} == set()
    assert work["absent"]


def test_a_post_is_told_of_what_it_took_itself(hall: Hall, posts: tuple[Asker, Asker]) -> None:
    """The tests above could not fail if nothing were ever told."""
    post, other = posts
    other.post("arrivals", hall.arrival("HHH 108"))
    assert reason(post.get("status?plate=HHH108")) == (404, "not_found")
    post.post("arrivals", hall.arrival("HHH 108"))
    assert post.get("status?plate=HHH108").status_code == 200
    asked = post.post("help", {"id": new_id(hall), "plate": "HHH 108"})
    assert asked.json is not None
    assert asked.json["has_place"] is True


def test_a_list_does_not_change_when_somebody_comes_or_goes_by_another_way(hall: Hall) -> None:
    hall.yard.places.set_station(STATION, StationSetup(hours=HOURS))
    post, other = hall.device(Role.POST), hall.device(Role.POST)
    for plate in WAYS.values():
        booked(hall, plate)
    before = post.get("expected")
    assert set(before.json["plates"]) == {plate.replace(" ", "") for plate in WAYS.values()}  # type: ignore[index]
    for way, plate in WAYS.items():
        came(hall, way, plate, other)
        came(hall, way, plate[:4] + "9" + plate[5:], other)
        assert what_is_seen(post.get("expected")) == what_is_seen(before), way
        unchanged = post.get("expected", headers={"If-None-Match": before.headers["ETag"]})
        assert unchanged.status_code == 304, way


def test_what_was_typed_here_stays_on_the_list_for_the_day_and_is_on_no_other_posts(
    hall: Hall,
) -> None:
    post, other = hall.device(Role.POST), hall.device(Role.POST)
    empty = other.get("expected").get_data()
    visit = post.post("arrivals", hall.arrival("abc-123")).json["visit"]  # type: ignore[index]
    assert post.get("expected").json["plates"] == ["ABC123"]  # type: ignore[index]
    leaves(hall, visit)
    assert post.get("expected").json["plates"] == ["ABC123"]  # type: ignore[index]
    assert other.get("expected").get_data() == empty
    hall.clock.set_wall(hall.clock.now() + timedelta(days=1))
    assert post.get("expected").json["plates"] == []  # type: ignore[index]


def test_a_cancelled_booking_is_on_no_list(hall: Hall) -> None:
    post = hall.device(Role.POST)
    booked(hall, "ABC 123")
    hall.yard.desk.cancel_booking(STATION, SYSTEM, "R ABC 123")
    assert post.get("expected").json["plates"] == []  # type: ignore[index]


@pytest.mark.parametrize("first_half", ["somebody's", "nobody's"])
def test_who_lacks_the_half_of_a_code_cannot_tell_by_any_role_what_it_is_for(
    hall: Hall, first_half: str
) -> None:
    code = hall.yard.devices.create_device_code(STATION, Role.POST, "Post 1")
    guess = f"{code[:5]}AAAA" if first_half == "somebody's" else "AAAA-AAAA"
    hall.stranger().post("devices/enrol", {"code": "QQQQ-QQQQ"})
    seen, work = [], []
    for role in (None, "post", "sign"):
        with statements() as sent:
            answer = hall.stranger().post("devices/enrol", {"code": guess, "role": role})
        seen.append(what_is_seen(answer))
        work.append(sent)
    assert reason(answer) == (403, "code_refused")
    assert seen == [seen[0]] * 3
    assert work == [work[0]] * 3


def test_plates_cannot_be_swept_for_bookings(sqlite_hall: Hall) -> None:
    """Ten a minute and two hundred a day; and who sweeps takes nothing from the customers' look-ups."""
    hall = sqlite_hall
    post = hall.device(Role.POST)
    post.post("arrivals", hall.arrival())
    found = 0
    for _ in range(30):
        while post.get("elsewhere?plate=DEF456").status_code == 200:
            found += 1
        hall.clock.advance(60_000)
    assert found == 200
    assert reason(post.get("elsewhere?plate=DEF456")) == (429, "too_many")
    assert post.get("status?plate=ABC123").status_code == 200
    hall.clock.advance(24 * 3_600_000)
    assert post.get("elsewhere?plate=DEF456").status_code == 200


def test_an_outbox_of_500_is_taken_at_once_and_then_one_plate_a_second(sqlite_hall: Hall) -> None:
    hall, arrival = sqlite_hall, sqlite_hall.arrival()
    post = hall.device(Role.POST)
    answers = [post.post("arrivals", arrival).status_code for _ in range(601)]
    assert answers == [201] + [200] * 599 + [429]
    assert post.post("arrivals", arrival).headers["Retry-After"] == "1"
    assert hall.device(Role.POST).post("arrivals", hall.arrival("DEF 456")).status_code == 201
    hall.clock.advance(3_000)
    answers = [post.post("arrivals", arrival).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


# -- the same for any script of questions -------------------------------------------------------------


@pytest.fixture(scope="module")
def enrolled(
    tmp_path_factory: pytest.TempPathFactory, fresh_database: Path
) -> tuple[Path, list[dict[str, str]]]:
    """A station with two posts, made once; gives their tokens too."""
    path = tmp_path_factory.mktemp("enrolled") / "central.db"
    copyfile(fresh_database, path)
    hall = Hall(f"sqlite:///{path}")
    hall.yard.places.set_station(STATION, StationSetup(hours=HOURS))
    headers = [hall.device(Role.POST).headers for _ in range(2)]
    hall.store.close()
    return path, headers


@contextmanager
def a_hall(folder: Path, enrolled: tuple[Path, list[dict[str, str]]]) -> Iterator[Hall]:
    path, _ = enrolled
    folder.mkdir()
    copyfile(path, folder / "central.db")
    hall = Hall(f"sqlite:///{folder / 'central.db'}")
    yield hall
    hall.store.close()


def a_day(
    hall: Hall, enrolled: tuple[Path, list[dict[str, str]]], here: str, seed: int
) -> list[Any]:
    """What the first post hears on a day on which *here* comes, and perhaps goes; AAA and BBB are booked."""
    chance = random.Random(seed)
    post, other = (
        Asker(hall.app.test_client(use_cookies=False), words, str(number))
        for number, words in enumerate(enrolled[1])
    )
    if chance.random() < 0.5:
        booked(hall, "AAA 101")
        booked(hall, "BBB 101")
    ways = [way for way in WAYS if way != "typed here yesterday"]
    comes_at, way = chance.randrange(8), chance.choice(ways)
    heard: list[Any] = []
    for step in range(24):
        if step == comes_at:
            came(hall, way, here, other)
        heard.append(what_is_seen(_asks(hall, post, chance)))
        hall.clock.advance(chance.choice([0, 1_000, 70_000]))
    return heard


def _asks(hall: Hall, post: Asker, chance: random.Random) -> TestResponse:
    plate = chance.choice(["AAA 101", "BBB 101", "CCC 103", "DDD 104"])
    typed = chance.choice(["CCC 103", "DDD 104"])
    ask: Callable[[], TestResponse] = chance.choice(
        [
            lambda: post.get(f"status?plate={plate}"),
            lambda: post.get(f"elsewhere?plate={plate}"),
            lambda: post.get("expected"),
            lambda: post.post("help", {"id": new_id(hall), "plate": plate}),
            lambda: post.post("arrivals", hall.arrival(typed)),
            lambda: post.get("queue"),
            lambda: post.get("events"),
            lambda: post.get(f"visits?plate={plate}"),
            lambda: post.get("bookings?day=2026-11-23"),
            lambda: post.get("devices"),
        ]
    )
    return ask()


@pytest.mark.parametrize("seed", range(10))
def test_nothing_that_a_post_hears_all_day_tells_which_car_is_here(
    tmp_path: Path, enrolled: tuple[Path, list[dict[str, str]]], seed: int
) -> None:
    heard, work = {}, {}
    for plate in ("AAA 101", "BBB 101"):
        with a_hall(tmp_path / plate[:3], enrolled) as hall, statements() as sent:
            heard[plate] = a_day(hall, enrolled, plate, seed)
        work[plate] = sent
    assert heard["AAA 101"] == heard["BBB 101"]
    assert work["AAA 101"] == work["BBB 101"]
