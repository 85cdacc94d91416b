"""Bodies on their way in are bounded: in time, in length, in number, and in what they hold together."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from central.web import bodies
from central.web.bodies import STRANGER_MAX, Bodies, Gone, Share, most_of, share_of
from central.web.bodies import Sender as By
from central.web.lanes import Lane
from central.web.reading import BODY_MAX, FILE_MAX
from contract import problems
from contract.problems import Problem, ProblemType

PATIENCE_S = 5
AT_ONCE, AT_ONCE_FROM_ONE = Share.LINE.at_once, Share.LINE.at_once_of_one
PLAIN: dict[str, Any] = {"headers": []}
MOST = 1_000


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), PATIENCE_S))


class Sender:
    """Somebody who sends a body piece by piece, as ASGI hands it on."""

    def __init__(
        self, reading: Bodies, asker: str, most: int = MOST, share: Share = Share.LINE
    ) -> None:
        by = By(asker, share)
        self._pieces: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.read = asyncio.create_task(reading.read(PLAIN, self._pieces.get, by, most))

    async def sends(self, piece: bytes, *, more: bool = True) -> None:
        await self._put({"type": "http.request", "body": piece, "more_body": more})

    async def hangs_up(self) -> None:
        await self._put({"type": "http.disconnect"})

    async def _put(self, message: dict[str, Any]) -> None:
        await self._pieces.put(message)
        for _ in range(3):  # until the reader has taken it
            await asyncio.sleep(0)

    async def is_refused(self, kind: ProblemType) -> None:
        with pytest.raises(Problem) as refused:
            await self.read
        assert refused.value.kind is kind


def test_a_body_in_pieces_is_one_and_nothing_of_it_is_counted_afterwards() -> None:
    async def test() -> None:
        reading = Bodies()
        sender = Sender(reading, "desk")
        await sender.sends(b"one ")
        assert (reading.being_read, reading.held) == (1, 4)
        await sender.sends(b"two", more=False)
        assert await sender.read == b"one two"
        assert (reading.being_read, reading.held) == (0, 0)

    run(test)


def test_one_that_does_not_come_in_time_is_refused() -> None:
    async def test() -> None:
        sender = Sender(Bodies(body_s=0.01), "desk")
        await sender.is_refused(problems.BAD_REQUEST)

    run(test)


def test_one_that_is_too_long_is_refused_and_holds_no_more_than_is_allowed() -> None:
    async def test() -> None:
        reading = Bodies()
        sender = Sender(reading, "desk")
        for _ in range(5):
            await sender.sends(b"x" * MOST)
            assert reading.held <= MOST
        await sender.sends(b"", more=False)
        await sender.is_refused(problems.TOO_LARGE)
        assert reading.held == 0

    run(test)


def test_who_sends_without_end_is_not_listened_to_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "DRAIN_MAX", 3 * MOST)

    async def test() -> None:
        sender = Sender(Bodies(), "desk")
        for _ in range(4):
            await sender.sends(b"x" * MOST)
        await sender.is_refused(problems.TOO_LARGE)

    run(test)


def test_who_hangs_up_is_forgotten() -> None:
    async def test() -> None:
        reading = Bodies()
        sender = Sender(reading, "desk")
        await sender.sends(b"half")
        await sender.hangs_up()
        with pytest.raises(Gone):
            await sender.read
        assert (reading.being_read, reading.held) == (0, 0)

    run(test)


def test_of_one_address_the_oldest_gives_way_and_others_are_let_alone() -> None:
    async def test() -> None:
        reading = Bodies()
        desk = Sender(reading, "desk")
        await desk.sends(b"half")
        slow = [Sender(reading, "somebody") for _ in range(AT_ONCE_FROM_ONE)]
        await slow[-1].sends(b"x")
        last = Sender(reading, "somebody")
        await last.sends(b"x")
        await slow[0].is_refused(problems.BAD_REQUEST)
        assert reading.being_read == AT_ONCE_FROM_ONE + 1
        await desk.sends(b" and half", more=False)
        assert await desk.read == b"half and half"
        for sender in (*slow[1:], last):
            await sender.sends(b"", more=False)
            await sender.read

    run(test)


def test_of_very_many_addresses_the_oldest_gives_way() -> None:
    async def test() -> None:
        reading = Bodies()
        slow = [Sender(reading, f"address {number}") for number in range(AT_ONCE)]
        await slow[-1].sends(b"x")
        honest = Sender(reading, "desk")
        await honest.sends(b"whole", more=False)
        assert await honest.read == b"whole"
        await slow[0].is_refused(problems.BAD_REQUEST)
        assert reading.being_read == AT_ONCE - 1
        for sender in slow[1:]:
            sender.read.cancel()

    run(test)


def test_all_together_hold_no_more_than_there_is_room_for() -> None:
    async def test() -> None:
        reading = Bodies()
        with reading.holding(By("busy", Share.LINE), Share.LINE.held - 10):
            late = Sender(reading, "late")
            await late.sends(b"x" * 11)
            await late.is_refused(problems.TOO_MANY)
        again = Sender(reading, "late")
        await again.sends(b"x" * 11, more=False)
        assert len(await again.read) == 11

    run(test)


@pytest.mark.parametrize(
    ("coding", "is_read"), [("gzip", False), ("br", False), ("identity", True)]
)
def test_a_body_that_would_have_to_be_unpacked_is_refused(coding: str, is_read: bool) -> None:
    async def test() -> None:
        scope = {"headers": [(b"content-encoding", coding.encode())]}
        receive = asyncio.Queue[dict[str, Any]]()
        await receive.put({"type": "http.request", "body": b"{}", "more_body": False})
        reading = Bodies().read(scope, receive.get, By("desk", Share.LINE), MOST)
        if is_read:
            assert await reading == b"{}"
            return
        with pytest.raises(Problem) as refused:
            await reading
        assert refused.value.kind is problems.NOT_JSON

    run(test)


@pytest.mark.parametrize(
    ("path", "lane", "most"),
    [
        ("/login", Lane.OPEN, STRANGER_MAX),
        ("/v1/stations/hall/devices/enrol", Lane.OPEN, STRANGER_MAX),
        ("/v1/stations/hall/bookings:import", Lane.OPEN, STRANGER_MAX),
        ("/v1/stations/hall/bookings:import", Lane.LINE, FILE_MAX),
        ("/v1/stations/hall/bookings:import", Lane.NEW, FILE_MAX),
        ("/v1/stations/hall/arrivals", Lane.LINE, BODY_MAX),
        ("/v1/stations/hall/arrivals", Lane.NEW, BODY_MAX),
        ("/healthz", Lane.HEALTH, STRANGER_MAX),
        ("/login", Lane.KNOWN, STRANGER_MAX),
    ],
)
def test_a_stranger_may_send_less_and_a_file_may_be_longer(
    path: str, lane: Lane, most: int
) -> None:
    assert most_of(path, lane) == most


@pytest.mark.parametrize(
    ("path", "lane", "share"),
    [
        ("/v1/stations/hall/bookings:import", Lane.LINE, Share.LINE),
        ("/v1/stations/hall/bookings:import", Lane.NEW, Share.NEW_FILES),
        ("/v1/stations/hall/arrivals", Lane.NEW, Share.NEW),
        ("/login", Lane.OPEN, Share.OPEN),
        ("/login", Lane.KNOWN, Share.OPEN),
        ("/readyz", Lane.HEALTH, Share.OPEN),
    ],
)
def test_only_the_line_has_what_is_kept_for_the_line(path: str, lane: Lane, share: Share) -> None:
    assert share_of(path, lane) is share


@pytest.mark.parametrize("share", [Share.NEW, Share.NEW_FILES, Share.OPEN])
def test_however_much_strangers_hold_the_line_and_a_newcomer_are_read(share: Share) -> None:
    async def test() -> None:
        reading = Bodies()
        size = share.held_by_one // 4
        slow = [Sender(reading, f"address {number // 4}", size, share) for number in range(64)]
        for sender in slow:
            await sender.sends(b"x" * (size - 1))
        assert reading.held <= share.held
        for other in Share:
            honest = Sender(reading, "honest", size, other)
            await honest.sends(b"x" * STRANGER_MAX, more=False)
            assert await honest.read == b"x" * STRANGER_MAX
        for sender in slow:
            sender.read.cancel()

    run(test)


def test_of_one_asker_the_oldest_gives_way_before_they_hold_too_much() -> None:
    async def test() -> None:
        reading = Bodies()
        size = Share.NEW.held_by_one // 4
        slow = [Sender(reading, "somebody", size, Share.NEW) for _ in range(5)]
        for sender in slow:
            await sender.sends(b"x" * size)
        await slow[0].is_refused(problems.BAD_REQUEST)
        assert reading.held == 4 * size
        for sender in slow[1:]:
            sender.read.cancel()

    run(test)


def test_what_waits_for_its_answer_gives_way_to_nobody() -> None:
    async def test() -> None:
        reading, asker = Bodies(), By("somebody", Share.LINE)
        with reading.holding(asker, Share.LINE.held_by_one):
            more = Sender(reading, "somebody")
            await more.sends(b"x")
            await more.is_refused(problems.TOO_MANY)
            other = Sender(reading, "another")
            await other.sends(b"x", more=False)
            assert await other.read == b"x"
        assert reading.held == 0

    run(test)


def test_all_shares_together_fit_into_a_tenth_of_what_central_may_use() -> None:
    assert sum(share.held for share in Share) <= 100 * 1024 * 1024
