import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.session import CentralSession, CentralUnreachable
from device.sse import EventSplitter, ServerSent, read_events

STREAM = (
    b"\xef\xbb\xbf: hello\n"
    b"event: beat\ndata: now\nid: e-1\n\n"
    b"data: first\r\ndata:  second\r\n\r\n"
    b"event: dark\rdata\r\r"
    b"event: without data\nid: e-2\n\n"
    b"data: \xc3\x85\nretry: 10\nid: a\0b\n\n"
    b"data: cut off"
)
EVENTS = [
    ServerSent("beat", "now", "e-1"),
    ServerSent("message", "first\n second", "e-1"),
    ServerSent("dark", "", "e-1"),
    ServerSent("message", "Å", "e-2"),
]


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_events_are_the_same_however_the_bytes_are_cut(cuts: list[int]) -> None:
    splitter = EventSplitter()

    found = [
        sent
        for start, end in pairwise([0, *sorted(cuts), len(STREAM)])
        for sent in splitter.feed(STREAM[start:end])
    ]

    assert found == EVENTS


def test_every_single_byte_may_come_alone() -> None:
    splitter = EventSplitter()

    assert [sent for byte in STREAM for sent in splitter.feed(bytes([byte]))] == EVENTS


def test_an_event_without_an_end_is_not_our_server() -> None:
    splitter = EventSplitter()
    for _ in range(4):
        splitter.feed(b"x" * 1_000_000)

    with pytest.raises(ValueError, match="without an end"):
        splitter.feed(b"x" * 1_000_000)


def test_a_long_stream_of_short_events_is_no_long_event() -> None:
    splitter = EventSplitter()

    for _ in range(6):
        assert len(splitter.feed(b"data: x\n\n" * 100_000)) == 100_000


class Wire:
    """One connection on loopback that a test feeds byte by byte."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.connection: socket.socket | None = None
        self._accepted = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        self.connection, _ = self.listener.accept()
        self.connection.recv(65_536)
        self.connection.sendall(self.head)
        self._accepted.set()

    head = b""

    def send(self, content: bytes) -> None:
        assert self._accepted.wait(10)
        assert self.connection is not None
        self.connection.sendall(content)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.listener.close()
        self._thread.join(10)


class Chunked(Wire):
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )

    def event(self, content: bytes) -> None:
        self.send(b"%x\r\n%s\r\n" % (len(content), content))

    def end(self) -> None:
        self.send(b"0\r\n\r\n")


class UntilEnd(Wire):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"

    def event(self, content: bytes) -> None:
        self.send(content)

    def end(self) -> None:
        assert self.connection is not None
        self.connection.close()


@pytest.fixture(params=[Chunked, UntilEnd])
def wire(request: pytest.FixtureRequest) -> Iterator[Chunked | UntilEnd]:
    with closing(request.param()) as made:
        yield made


@pytest.fixture
def session(wire: Chunked | UntilEnd) -> Iterator[CentralSession]:
    with CentralSession(wire.url) as made:
        yield made


def test_an_event_is_delivered_while_the_stream_stays_open(
    wire: Chunked | UntilEnd, session: CentralSession
) -> None:
    """Nothing follows the event, so a reader that fills a buffer first would wait for ever."""
    events = read_events(session.listen("/nudges"))

    wire.event(b"event: dark\ndata: call-7\n\n")
    assert next(events) == ServerSent("dark", "call-7")

    wire.event(b": heartbeat\n\n")
    wire.event(b"event: beat\nda")
    wire.event(b"ta:\n\n")
    assert next(events) == ServerSent("beat", "")

    wire.end()
    assert list(events) == []


def test_a_silent_line_is_given_up(wire: Chunked | UntilEnd, session: CentralSession) -> None:
    with session.get("/nudges", stream=True, timeout=(1, 0.05)) as response:
        events = read_events(response)

        with pytest.raises(CentralUnreachable):
            next(events)


def test_a_chunked_stream_that_breaks_off_is_a_lost_line() -> None:
    with closing(Chunked()) as wire, CentralSession(wire.url) as session:
        events = read_events(session.listen("/nudges"))
        wire.send(b"20\r\ndata: ha")
        assert wire.connection is not None
        wire.connection.close()

        with pytest.raises(CentralUnreachable):
            next(events)


def test_another_thread_can_end_the_reading(
    wire: Chunked | UntilEnd, session: CentralSession
) -> None:
    response = session.listen("/nudges")
    ended = threading.Event()

    def read() -> None:
        try:
            list(read_events(response))
        except CentralUnreachable:
            pass
        finally:
            ended.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    wire.event(b": hello\n\n")
    response.raw.shutdown()

    assert ended.wait(10)
    reader.join(10)
