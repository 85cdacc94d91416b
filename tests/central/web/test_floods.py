"""A crowd of strangers stands before the door, and the line goes on behind it.

Arrivals and beats are sent all the while, one after the other, as a post and a sign send them.  Each must be
answered well, and every plate must stand in the line afterwards.
"""

import http.client
import itertools
import json
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Self

import pytest
import requests

from central.web.bodies import Share
from central.web.reading import FILE_MAX
from contract.ids import uuid7
from tests.central.web.served import PASSWORD, Events, Served, running
from tests.waiting import until

pytestmark = pytest.mark.processes

PATIENCE_S = 20
CROWD = 40
AT = 1_795_336_200_000
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A central behind a proxy, so that everybody may have an address of their own."""
    with running(tmp_path_factory.mktemp("flooded"), behind_proxy=True) as served:
        served.set_up()
        yield served


class Line:
    """A post and a sign at work; what they have done, and what went wrong."""

    def __init__(self, served: Served, bay: str | None) -> None:
        self._served = served
        _, self._post = served.device("post")
        self._sign_id, self._sign = served.device("sign", bay)
        self.plates: list[str] = []
        self.beats = 0
        self.wrong: list[object] = []
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._works, args=(do,)) for do in (self._arrives, self._beats)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE_S)

    def goes_on(self) -> None:
        """Wait until eight more cars and eight more beats were answered."""
        cars, beats = len(self.plates) + 8, self.beats + 8
        until(
            lambda: self.wrong or (len(self.plates) >= cars and self.beats >= beats),
            PATIENCE_S,
            "a line that goes on",
        )
        assert self.wrong == []

    def _works(self, do: Callable[[int], requests.Response]) -> None:
        for number in itertools.count():
            if self._over.is_set() or self.wrong:
                return
            try:
                answer = do(number)
                if not answer.ok:
                    self.wrong.append(answer.text)
            except requests.RequestException as error:
                self.wrong.append(error)

    def _arrives(self, number: int) -> requests.Response:
        plate = f"{secrets.choice('ABCDEFGH')}{secrets.choice('ABCDEFGH')}X{number:03}"
        words = {
            "id": uuid7(AT + number),
            "plate": plate,
            "at": "2026-11-23T07:30:00Z",
            "synced": False,
            "boot_id": "b",
            "mono_ms": number,
        }
        answer = self._post.post(self._served.url("arrivals"), json=words, timeout=PATIENCE_S)
        self.plates.append(plate)
        self._over.wait(0.01)  # a post is typed at, and this one must not be the flood
        return answer

    def _beats(self, number: int) -> requests.Response:
        words = {"nonce": f"n{number}", "boot": "b", "epoch": "", "seq": 0}
        address = self._served.url(f"signs/{self._sign_id}/beat")
        answer = self._sign.post(address, json=words, timeout=PATIENCE_S)
        self.beats += 1
        self._over.wait(0.01)
        return answer


@contextmanager
def a_crowd(
    served: Served, ask: Callable[[http.client.HTTPConnection, int], int]
) -> Iterator[set[int]]:
    """Strangers who ask and ask, each on a connection of their own; gives the statuses they hear."""
    heard: set[int] = set()
    over = threading.Event()
    host = served.address.removeprefix("http://")

    def asks_on(first: int) -> None:
        number = first * 1_000_000
        while not over.is_set():
            connection = http.client.HTTPConnection(host, timeout=PATIENCE_S)
            try:
                heard.add(ask(connection, number))
            except (OSError, http.client.HTTPException):
                heard.add(0)  # cut off
            finally:
                connection.close()
            number += 1
            over.wait(
                0.1
            )  # four hundred a second are a flood, and leave this process a little time

    threads = [threading.Thread(target=asks_on, args=(one,)) for one in range(CROWD)]
    for thread in threads:
        thread.start()
    try:
        until(lambda: heard, PATIENCE_S, "a first answer to the crowd")
        yield heard
    finally:
        over.set()
        for thread in threads:
            thread.join(PATIENCE_S)


def said(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes = b"",
    **headers: str,
) -> int:
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def stands_in_line(served: Served, line: Line) -> None:
    """Every plate that was taken is in the line."""
    queue = served.person().get(served.url("queue"), timeout=PATIENCE_S).json()
    assert set(line.plates) <= {row["plate"] for row in queue["line"]}


def test_a_crowd_that_guesses_passwords_keeps_nobody_from_the_line(hall: Served) -> None:
    def guesses(connection: http.client.HTTPConnection, number: int) -> int:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        address = {"X-Forwarded-For": f"203.0.{number // 1_000_000}.{number % 250}"}
        form = f"login=Desk+1&password=guess+{number}".encode()
        return said(connection, "POST", "/login", form, **kind, **address)

    with Line(hall, "bay-1") as line, a_crowd(hall, guesses) as heard:
        line.goes_on()
        line.goes_on()
    assert heard <= {401, 429, 0}
    stands_in_line(hall, line)


def test_a_crowd_that_guesses_codes_stops_neither_the_line_nor_who_has_one(hall: Served) -> None:
    code = hall.admin.ask("device_code", station="hall", role="post", name="New", bay=None)["code"]

    def guesses(connection: http.client.HTTPConnection, number: int) -> int:
        address = {"X-Forwarded-For": f"198.51.{number // 1_000_000}.{number % 250}"}
        body = json.dumps({"code": f"AAAA-{number:04}"[:9]}).encode()
        return said(connection, "POST", "/v1/stations/hall/devices/enrol", body, **JSON, **address)

    def enrols() -> bool:
        words, address = {"code": code}, {"X-Forwarded-For": "192.0.2.1"}
        answer = requests.post(
            hall.url("devices/enrol"), json=words, headers=address, timeout=PATIENCE_S
        )
        assert answer.status_code in (201, 429), answer.text
        return answer.status_code == 201

    with Line(hall, None) as line, a_crowd(hall, guesses) as heard:
        until(lambda: 429 in heard, PATIENCE_S, "codes that are too many")
        line.goes_on()
        until(enrols, PATIENCE_S, "a technician who has the right code")
    assert heard <= {403, 429, 0}
    stands_in_line(hall, line)


def test_a_crowd_with_made_up_tokens_keeps_nobody_from_the_line_or_the_board(hall: Served) -> None:
    board = Events(hall.person(), hall.url("events"))
    board.until_quiet()

    def looks(connection: http.client.HTTPConnection, number: int) -> int:
        path = ("events", "queue", "expected", "signs/x/nudges")[number % 4]
        headers = {"Authorization": f"Bearer pv_post-{number:08}_{number}"}
        return said(connection, "GET", f"/v1/stations/hall/{path}", b"", **headers)

    with Line(hall, None) as line, a_crowd(hall, looks) as heard:
        line.goes_on()
        assert board.wait_for("event")
        line.goes_on()
    board.close()
    assert heard <= {401, 429, 0}
    stands_in_line(hall, line)


def test_half_bodies_and_half_heads_keep_nobody_from_the_line(hall: Served) -> None:
    port = int(hall.address.rpartition(":")[2])
    head = b"POST /login HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.9\r\nContent-Length: 100\r\n"
    with ExitStack() as open_ones:
        callers = [
            open_ones.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE_S))
            for _ in range(2 * Share.OPEN.at_once_of_one)
        ]
        for number, caller in enumerate(callers):
            caller.sendall(head if number % 2 else head + b"\r\nlogin=")
        with Line(hall, None) as line:
            line.goes_on()
        one_more = open_ones.enter_context(
            socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        )
        one_more.sendall(head + b"\r\nlogin=")
        # The oldest half body of that address has given way.
        assert callers[0].makefile("rb").readline().startswith(b"HTTP/1.1 400 ")
    stands_in_line(hall, line)


def test_long_files_of_strangers_that_never_end_keep_nobody_from_the_line(hall: Served) -> None:
    port = int(hall.address.rpartition(":")[2])
    head = (
        "POST /v1/stations/hall/bookings:import HTTP/1.1\r\nHost: x\r\n"
        "X-Forwarded-For: 203.0.113.{}\r\nAuthorization: Bearer {}\r\n"
        f"Content-Type: text/csv\r\nContent-Length: {FILE_MAX}\r\n\r\n"
    )
    with ExitStack() as open_ones:
        for number in range(40):
            caller = open_ones.enter_context(
                socket.create_connection(("127.0.0.1", port), PATIENCE_S)
            )
            caller.sendall(head.format(number, number).encode() + b"x" * (FILE_MAX - 1))
        with Line(hall, None) as line:
            line.goes_on()
        # And a booking system that was never here is heard at its first request.
        hall.admin.ask(
            "create_user", name="In charge", password=PASSWORD, stations=["hall"], role="manager"
        )
        made = hall.person("In charge").post(
            hall.url("tokens"),
            json={"name": "Bookings", "scopes": ["bookings:write"], "days": 1},
            timeout=PATIENCE_S,
        )
        assert made.ok, made.text
        answer = requests.post(
            hall.url("bookings:import"),
            data=b"x" * (FILE_MAX - 1),
            headers={
                "Authorization": f"Bearer {made.json()['token']}",
                "Content-Type": "text/csv",
                "X-Forwarded-For": "192.0.2.1",
            },
            timeout=PATIENCE_S,
        )
        assert answer.json()["reason"] == "bookings_refused", answer.text
    stands_in_line(hall, line)


_DEEP = 30_000
BOMBS = {
    "deep lists": b"[" * _DEEP,
    "deep lists that end": b"[" * _DEEP + b"]" * _DEEP,
    "deep objects": b'{"id":' * 10_000 + b"1" + b"}" * 10_000,
    "deep in an unknown field": b'{"new":' + b"[" * _DEEP + b"]" * _DEEP + b"}",
    "a number of ten thousand figures": b'{"version":' + b"9" * 10_000 + b"}",
    "a number that is no number": b'{"version":1e999999}',
    "a whole number of 300 figures": b'{"version":1e300,"mono_ms":1e300,"seq":1e300}',
    "a fraction without end": b'{"version":1.' + b"5" * 10_000 + b"}",
    "one name many times": b"{" + b",".join([b'"id":"a"'] * 5_000) + b"}",
    "no UTF-8": b'{"id":"\xff\xfe\xc0\x80"}',
    "half a pair": b'{"id":"\\ud800"}',
    "no end": b'{"id":"',
    "a mark before": b"\xef\xbb\xbf{}",
    "nothing but blanks": b" " * 60_000,
    "a null": b"null",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_body_made_to_break_us_is_refused(hall: Served, devices: Any, bomb: str) -> None:
    for method, path, session in devices:
        answer = session.request(
            method, hall.url(path), data=BOMBS[bomb], headers=JSON, timeout=PATIENCE_S
        )
        assert 400 <= answer.status_code < 500, (path, answer.status_code, answer.text)
        assert answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Traceback" not in hall.log()


@pytest.fixture(scope="module")
def devices(hall: Served) -> list[tuple[str, str, requests.Session]]:
    """Whoever may send JSON, and where."""
    (_, post), (sign_id, sign) = hall.device("post"), hall.device("sign")
    desk, stranger = hall.person(), requests.Session()
    return [
        ("POST", "arrivals", post),
        ("POST", "help", post),
        ("POST", f"signs/{sign_id}/beat", sign),
        ("POST", f"devices/{sign_id}/heartbeat", sign),
        ("POST", "arrivals", desk),
        ("POST", "visits/none/call", desk),
        ("POST", "bays/bay-1/call-next", desk),
        ("POST", "devices/enrol", stranger),
        ("POST", "/login", stranger),
    ]


def test_what_the_door_itself_refuses_carries_the_headers_of_every_answer(
    hall: Served, devices: Any
) -> None:
    _, _, post = devices[0]
    packed = {**JSON, "Content-Encoding": "gzip"}
    refused = [
        post.post(hall.url("arrivals"), b"\x1f\x8b", headers=packed, timeout=PATIENCE_S),
        requests.post(hall.url("/login"), b"x" * 10_000, timeout=PATIENCE_S),
        requests.get(hall.url("events"), timeout=PATIENCE_S),
        requests.get(hall.url("events"), headers={"X-Long": "y" * 40_000}, timeout=PATIENCE_S),
    ]
    usual = requests.get(hall.url("/login"), timeout=PATIENCE_S).headers
    assert [answer.status_code for answer in refused] == [415, 413, 401, 400]
    for answer in refused:
        assert answer.headers["Content-Type"] == "application/problem+json"
        for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"):
            assert answer.headers[name] == usual[name]
