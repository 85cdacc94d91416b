"""The feed and one stream on it, without sockets: the reader is a list of bytes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from central.web import sse
from central.web.feed import KEPT, PAGE, Feed, resume
from central.web.registry import Registry
from central.web.stream import Begin, Nudges, Pace, Stream, run_events
from contract import problems
from contract.problems import Problem
from contract.yard import EventRow

NEVER_S = 60.0


class Log:
    """The event table."""

    def __init__(self, newest: int = 0) -> None:
        self.newest = newest
        self.reads: list[int] = []
        self.broken = False
        self.defect: Exception | None = None

    async def read(self, seq: int) -> Sequence[EventRow]:
        self.reads.append(seq)
        if self.defect is not None:
            raise self.defect
        if self.broken:
            raise Problem(problems.NOT_SAVED, "The disk is gone.")
        last = min(self.newest, seq + PAGE)
        at = datetime(2026, 11, 23, tzinfo=UTC)
        return [
            EventRow(seq=number, at=at, kind="called", actor="Desk 1")
            for number in range(seq + 1, last + 1)
        ]


class Reader:
    """What a browser has received; it may stop to take anything."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.takes = asyncio.Event()
        self.takes.set()

    async def send(self, message: Any) -> None:
        await self.takes.wait()
        self.got.append(message["body"])

    @property
    def text(self) -> str:
        return b"".join(self.got).decode().replace(sse.comment("reading").decode(), "")


def in_a_loop(story: Callable[[], Awaitable[None]]) -> None:
    """Run *story* in a thread of its own: another test may have a loop in this one."""

    async def bounded() -> None:
        async with asyncio.timeout(20):
            await story()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(bounded())).result()


async def soon(predicate: Callable[[], Any], what: str) -> None:
    async with asyncio.timeout(10):
        while not predicate():  # noqa: ASYNC110 - what a person would see has no event to wait for
            await asyncio.sleep(0.005)
    assert predicate(), what


def number(row: EventRow) -> bytes:
    return f"<{row.seq}>".encode()


def opened(feed: Feed, reader: Reader, last: int, pace: Pace) -> "asyncio.Task[None]":
    stream = Stream("desk", "session", reader.send, pace)
    feed.followers.add(stream)
    return asyncio.create_task(
        run_events(stream, feed, Begin("e-1", last, last), number, lambda: b"(beat)")
    )


def test_events_come_in_order_and_a_hint_is_enough() -> None:
    async def story() -> None:
        log = Log(newest=3)
        feed = Feed("hall", log.read, 3, NEVER_S)
        following = asyncio.create_task(feed.follow())
        reader = Reader()
        stream = opened(feed, reader, 3, Pace(heartbeat_s=NEVER_S))
        feed.hint()
        await soon(lambda: reader.text == "(beat)", "the first heartbeat")
        log.newest = 6
        feed.hint()
        await soon(lambda: reader.text == "(beat)<4><5><6>", "the events")
        stream.cancel()
        following.cancel()

    in_a_loop(story)


def test_a_lost_hint_is_repaired_by_the_slow_poll() -> None:
    async def story() -> None:
        log = Log()
        feed = Feed("hall", log.read, 0, 0.05)
        following = asyncio.create_task(feed.follow())
        reader = Reader()
        stream = opened(feed, reader, 0, Pace(heartbeat_s=NEVER_S))
        log.newest = 1
        await soon(lambda: "<1>" in reader.text, "the event without a hint")
        stream.cancel()
        following.cancel()

    in_a_loop(story)


def test_a_reader_who_is_behind_what_the_feed_keeps_is_served_from_the_database() -> None:
    async def story() -> None:
        log = Log(newest=100)
        feed = Feed("hall", log.read, 100, NEVER_S)
        reader = Reader()
        stream = opened(feed, reader, 97, Pace(heartbeat_s=NEVER_S))
        await soon(lambda: reader.text == "<98><99><100>", "the missed events")
        stream.cancel()

    in_a_loop(story)


def test_a_thousand_readers_cost_one_read() -> None:
    async def story() -> None:
        log = Log()
        feed = Feed("hall", log.read, 0, NEVER_S)
        following = asyncio.create_task(feed.follow())
        readers = [Reader() for _ in range(100)]
        streams = [opened(feed, reader, 0, Pace(heartbeat_s=NEVER_S)) for reader in readers]
        await asyncio.sleep(0)
        log.newest = 1
        feed.hint()
        await soon(lambda: all("<1>" in reader.text for reader in readers), "the event for all")
        assert log.reads == [0]
        for stream in streams:
            stream.cancel()
        following.cancel()

    in_a_loop(story)


def test_the_feed_keeps_a_bounded_number_of_events() -> None:
    async def story() -> None:
        log = Log(newest=KEPT * 3)
        feed = Feed("hall", log.read, 0, NEVER_S)
        following = asyncio.create_task(feed.follow())
        feed.hint()
        await soon(lambda: feed.newest == KEPT * 3, "all events")
        assert (len(feed._rows), feed.base) == (KEPT, KEPT * 2)
        following.cancel()

    in_a_loop(story)


def test_a_reader_who_takes_nothing_is_dropped_after_the_buffer_or_the_time() -> None:
    async def story() -> None:
        log = Log()
        feed = Feed("hall", log.read, 0, NEVER_S)
        following = asyncio.create_task(feed.follow())
        slow, stuck = Reader(), Reader()
        slow.takes.clear()
        stuck.takes.clear()
        dropped = opened(feed, slow, 0, Pace(heartbeat_s=NEVER_S, buffer=10))
        broken = opened(feed, stuck, 0, Pace(heartbeat_s=NEVER_S, stuck_s=0.05))
        await asyncio.sleep(0)
        log.newest = 11
        feed.hint()
        await soon(lambda: feed.newest == 11, "the events in the feed")
        slow.takes.set()
        await dropped
        assert slow.text == ""
        with pytest.raises(TimeoutError):
            await broken
        following.cancel()

    in_a_loop(story)


def test_no_heartbeat_vouches_for_a_log_that_cannot_be_read(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        log = Log()
        feed = Feed("hall", log.read, 0, 0.02)
        following = asyncio.create_task(feed.follow())
        log.broken = True
        await soon(lambda: not feed.knows(), "the end of what the feed knows")
        reader = Reader()
        stream = opened(feed, reader, 0, Pace(heartbeat_s=0.01))
        await soon(lambda: reader.got.count(sse.comment("reading")) > 2, "three comments")
        assert "(beat)" not in reader.text
        log.broken = False
        await soon(lambda: "(beat)" in reader.text, "heartbeats again")
        stream.cancel()
        following.cancel()

    caplog.set_level("INFO", "central.web.feed")
    in_a_loop(story)
    said = [record.getMessage() for record in caplog.records if record.name == "central.web.feed"]
    assert said == ["event log lost station=hall reason=Problem", "event log back station=hall"]


def test_what_was_committed_while_a_stream_opened_is_not_left_to_the_slow_poll() -> None:
    async def story() -> None:
        log = Log(newest=5)
        registry = Registry(lambda station, base: Feed(station, log.read, base, NEVER_S))
        reader = Reader()
        stream = Stream("desk", "session", reader.send, Pace(heartbeat_s=NEVER_S))
        with registry.following("hall", stream, 4) as feed:
            running = asyncio.create_task(
                run_events(stream, feed, Begin("e-1", 4, 4), number, lambda: b"(beat)")
            )
            await soon(lambda: reader.text == "<5>(beat)", "the event that gave no hint")
            stream.end()
            await running

    in_a_loop(story)


def test_a_feed_that_breaks_ends_its_streams_and_the_next_one_gets_a_new_feed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Silence would look like a quiet yard."""

    async def story() -> None:
        log = Log()
        registry = Registry(lambda station, base: Feed(station, log.read, base, NEVER_S))
        reader = Reader()
        stream = Stream("desk", "session", reader.send, Pace(heartbeat_s=NEVER_S))
        log.defect = ZeroDivisionError()
        with registry.following("hall", stream, 0) as feed:
            await run_events(stream, feed, Begin("e-1", 0, 0), number, lambda: b"(beat)")
        log.defect = None
        with registry.following("hall", stream, 0) as another:
            assert another is not feed

    in_a_loop(story)
    assert "feed broken station=hall" in caplog.text


def test_no_heartbeat_comes_before_the_log_was_read_once() -> None:
    """What was missed must be there before a heartbeat says that nothing more happened."""

    async def story() -> None:
        log = Log(newest=2)
        feed = Feed("hall", log.read, 0, NEVER_S)
        reader = Reader()
        stream = opened(feed, reader, 0, Pace(heartbeat_s=NEVER_S))
        await soon(lambda: reader.got, "a comment")
        assert reader.text == ""
        following = asyncio.create_task(feed.follow())
        feed.hint()
        await soon(lambda: reader.text == "<1><2>(beat)", "the events, then the heartbeat")
        stream.cancel()
        following.cancel()

    in_a_loop(story)


def test_a_stream_ends_when_it_is_old() -> None:
    async def story() -> None:
        feed = Feed("hall", Log().read, 0, NEVER_S)
        await opened(feed, Reader(), 0, Pace(max_age_s=0.05, heartbeat_s=NEVER_S))

    in_a_loop(story)


def test_a_sign_hears_beat_first_then_what_is_to_go_dark_and_never_a_plate() -> None:
    async def story() -> None:
        reader = Reader()
        nudges = Nudges(Stream("sign-1", "sign-1", reader.send, Pace(heartbeat_s=0.05)))
        running = asyncio.create_task(nudges.run())
        await soon(lambda: reader.text.count("event: beat") == 1, "the first beat")
        nudges.put("call-7")
        nudges.put(None)
        await soon(lambda: reader.text.count("event: beat") == 2, "the second beat")
        assert sse.event("dark", b"call-7").decode() in reader.text
        nudges.put(None, picture=True)
        await soon(lambda: "event: picture\n" in reader.text, "the question what stands on it")
        await soon(lambda: ": alive" in reader.text, "a sign of life")
        nudges.stream.end()
        await running

    in_a_loop(story)


def test_a_sign_that_reads_nothing_is_dropped() -> None:
    async def story() -> None:
        reader = Reader()
        reader.takes.clear()
        nudges = Nudges(Stream("sign-1", "sign-1", reader.send, Pace(buffer=3)))
        running = asyncio.create_task(nudges.run())
        await asyncio.sleep(0)
        for _ in range(4):
            nudges.put(None)
        reader.takes.set()
        await running

    in_a_loop(story)


@pytest.mark.parametrize(
    ("asked", "goes_on_after"),
    [
        ("e-1-40", 40),
        ("e-1-30", 30),
        ("e-1-29", None),
        ("e-1-41", None),
        ("e-2-40", None),
        ("40", None),
        ("", None),
        ("e-1-x", None),
        ("e-1--4", None),
    ],
)
def test_a_reader_resumes_only_within_this_history_and_not_from_too_far_back(
    asked: str, goes_on_after: int | None
) -> None:
    assert resume(asked, "e-1", newest=40, most=10) == goes_on_after
