"""The two streams as a browser and a sign hold them: real sockets, a real process."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import requests

from contract.ids import uuid7
from tests.central.web.served import Events, Served
from tests.waiting import until

pytestmark = pytest.mark.processes
DEADLINE_S = 10


@contextmanager
def stream(session: requests.Session, url: str, **headers: str) -> Iterator[Events]:
    opened = Events(session, url, **headers)
    try:
        yield opened
    finally:
        opened.close()


def enter(served: Served, desk: requests.Session, plate: str) -> str:
    """The desk enters a plate; give the visit."""
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    answer = desk.post(
        served.url("arrivals"), json={"id": uuid7(now_ms), "plate": plate}, timeout=DEADLINE_S
    )
    assert answer.status_code == 201, answer.text
    visit: str = answer.json()["visit"]
    return visit


@pytest.fixture(scope="module")
def desk(served: Served) -> requests.Session:
    return served.person()


def test_a_board_gets_the_whole_yard_first_and_then_every_event_in_order(
    served: Served, desk: requests.Session
) -> None:
    with stream(desk, served.url("events")) as board:
        assert board.answer.headers["Content-Type"].startswith("text/event-stream")
        assert board.answer.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in board.answer.headers["Content-Security-Policy"]
        first = board.next()
        queue = json.loads(first["data"])
        assert (first["event"], first["id"]) == ("snapshot", queue["cursor"])
        visits = [enter(served, desk, plate) for plate in ("AAA 111", "BBB 222", "CCC 333")]
        epoch, last = first["id"].rsplit("-", 1)
        told: list[str] = []
        while len(told) < len(visits):
            event = board.wait_for("event")
            # The hall's other facts may come between, but no number is left out.
            last = str(int(last) + 1)
            assert event["id"] == f"{epoch}-{last}"
            told += [v for v in visits if v == json.loads(event["data"])["visit"]]
        assert told == visits


def test_a_board_that_comes_back_gets_what_it_missed_and_nothing_twice(
    served: Served, desk: requests.Session
) -> None:
    with stream(desk, served.url("events")) as board:
        cursor = board.until_quiet()
    enter(served, desk, "DDD 444")
    enter(served, desk, "EEE 555")
    wrong = f"{served.url('events')}?after=old-1"
    with stream(desk, wrong, **{"Last-Event-ID": cursor}) as board:
        missed = [board.next(), board.next()]
        assert [event["event"] for event in missed] == ["event", "event"]
        last = missed[-1]["id"]
        assert board.next()["event"] == "heartbeat"
    with stream(desk, f"{served.url('events')}?after={last}") as board:
        assert board.next()["event"] == "heartbeat"


@pytest.mark.parametrize("last", ["another-epoch-1", "nonsense", "-1", "9" * 30])
def test_a_board_from_another_history_gets_a_snapshot(
    served: Served, desk: requests.Session, last: str
) -> None:
    with stream(desk, served.url("events"), **{"Last-Event-ID": last}) as board:
        assert board.next()["event"] == "snapshot"


def test_heartbeats_say_what_time_it_is(served: Served, desk: requests.Session) -> None:
    with stream(desk, served.url("events")) as board:
        beats = [json.loads(board.wait_for("heartbeat")["data"]) for _ in range(3)]
    times = [datetime.fromisoformat(beat["now"]) for beat in beats]
    assert times == sorted(times)
    assert times[0].tzinfo is not None


def test_seven_boards_in_one_name_are_one_too_many_until_one_is_closed(served: Served) -> None:
    served.admin.ask("create_user", name="Desk 2", password="another password", stations=["hall"])
    other = served.person("Desk 2")
    boards = [Events(other, served.url("events")) for _ in range(6)]
    refused = other.get(served.url("events"), timeout=DEADLINE_S, stream=True)
    assert (refused.status_code, refused.json()["reason"]) == (429, "too_many")
    assert int(refused.headers["Retry-After"]) >= 1
    boards.pop().close()

    def one_more() -> Events | None:
        opened = Events(other, served.url("events"))
        if opened.answer.status_code == 200:
            return opened
        opened.close()
        return None

    last = until(one_more, DEADLINE_S, "room for one more board")
    for board in [*boards, last]:
        assert board is not None
        board.close()


def test_signing_out_ends_the_boards_of_that_session_and_of_no_other(served: Served) -> None:
    one, other = served.person(), served.person()
    with stream(one, served.url("events")) as first, stream(other, served.url("events")) as second:
        assert first.next()["event"] == second.next()["event"] == "snapshot"
        assert one.post(served.url("/logout"), timeout=DEADLINE_S).status_code == 204
        first.until_the_end()
        assert second.wait_for("heartbeat")


def test_a_sign_hears_of_its_call_and_of_its_end_at_once_and_reads_no_plate(
    served: Served, desk: requests.Session
) -> None:
    device, sign = served.device("sign", "bay-1")
    with stream(sign, served.url(f"signs/{device}/nudges")) as nudges:
        assert nudges.next() == {"event": "beat", "data": "now"}
        enter(served, desk, "SGN 123")
        row = desk.post(served.url("bays/bay-1/call-next"), json={}, timeout=DEADLINE_S).json()
        heard = [nudges.wait_for("beat")]
        back = f"visits/{row['visit']}/put-back"
        desk.post(served.url(back), json={"version": row["version"]}, timeout=DEADLINE_S)
        heard.append(nudges.wait_for("dark"))
        assert heard[-1]["data"] == row["call"]
        assert row["plate"] not in json.dumps(heard)


def test_a_sign_that_comes_a_third_time_ends_its_oldest_stream(served: Served) -> None:
    """Its cable was cut; central does not know yet that the old connections are dead."""
    device, sign = served.device("sign", "bay-2")
    path = served.url(f"signs/{device}/nudges")
    old, newer, newest = (Events(sign, path) for _ in range(3))
    old.until_the_end()
    assert newest.wait_for("beat")
    assert newer.next()
    newer.close()
    newest.close()


def test_a_revoked_sign_hears_nothing_more(served: Served) -> None:
    device, sign = served.device("sign")
    with stream(sign, served.url(f"signs/{device}/nudges")) as nudges:
        nudges.wait_for("beat")
        served.admin.ask("revoke_device", station="hall", device=device)
        nudges.until_the_end()
    again = sign.get(served.url(f"signs/{device}/nudges"), timeout=DEADLINE_S, stream=True)
    assert (again.status_code, again.json()["reason"]) == (401, "unknown_device")


def test_strangers_and_others_are_refused_before_the_stream_begins(
    served: Served, desk: requests.Session
) -> None:
    device, sign = served.device("sign")
    _, other = served.device("sign")
    _, post = served.device("post")
    nudges = served.url(f"signs/{device}/nudges")
    for session, url, reason in (
        (requests.Session(), served.url("events"), "not_signed_in"),
        (requests.Session(), nudges, "not_signed_in"),
        (post, served.url("events"), "not_allowed"),
        (sign, served.url("events"), "not_allowed"),
        (post, nudges, "not_allowed"),
        (other, nudges, "not_allowed"),
        (desk, nudges, "not_allowed"),
        (desk, served.url("/v1/stations/nowhere/events"), "not_allowed"),
    ):
        answer = session.get(url, timeout=DEADLINE_S, stream=True)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["reason"] == reason
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def visit_of_the_next_event(board: Events, visit: str) -> str:
    """Read on until *visit* is told; the hall's own facts, such as a silent sign, may come between."""
    while True:
        told: str = json.loads(board.wait_for("event")["data"])["visit"]
        if told == visit:
            return told


def test_an_event_reaches_twenty_boards(served: Served) -> None:
    for number in range(4):
        name = f"Board {number}"
        served.admin.ask("create_user", name=name, password="a long password", stations=["hall"])
    people = [served.person(f"Board {number}") for number in range(4)]
    boards = [Events(person, served.url("events")) for person in people for _ in range(5)]
    assert all(board.next()["event"] == "snapshot" for board in boards)
    visit = enter(served, people[0], "FAN 123")
    with ThreadPoolExecutor(len(boards)) as readers:
        heard = list(readers.map(lambda board: visit_of_the_next_event(board, visit), boards))
    assert heard == [visit] * len(boards)
    for board in boards:
        board.close()
