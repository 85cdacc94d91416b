"""Strangers wait for each other, and the line for none of them."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from central.web.asker import address_of
from central.web.lanes import REMEMBERED, Guests, Lane, Lanes, lane_of, shown_by
from central.web.routes import Who
from contract import problems
from contract.problems import Problem
from tests.central.web.hall import Hall

PATIENCE_S = 10
TOKEN = {"headers": [(b"authorization", b"Bearer pv_post")]}
COOKIE = {"headers": [(b"cookie", b"portvakt_session=abc")]}
NOTHING: dict[str, Any] = {"headers": []}


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), PATIENCE_S))


def test_a_lane_full_of_strangers_refuses_the_next_and_keeps_nobody_else_waiting() -> None:
    async def test() -> None:
        lanes, go_on = Lanes(), threading.Event()
        inside = [
            asyncio.ensure_future(lanes.run(Lane.OPEN, go_on.wait)) for _ in range(Lane.OPEN.room)
        ]
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await lanes.run(Lane.OPEN, go_on.wait)
        assert refused.value.kind is problems.TOO_MANY
        assert refused.value.members == {"retry_after_s": 1}
        for lane in (Lane.LINE, Lane.NEW, Lane.HEALTH):
            assert await lanes.run(lane, str.upper, "taken") == "TAKEN"
        go_on.set()
        await asyncio.gather(*inside)
        assert await lanes.run(Lane.OPEN, str.upper, "taken") == "TAKEN"
        lanes.close()

    run(test)


def test_who_hangs_up_keeps_the_place_until_the_thread_is_free() -> None:
    async def test() -> None:
        lanes, go_on = Lanes(), threading.Event()
        inside = [
            asyncio.ensure_future(lanes.run(Lane.HEALTH, go_on.wait))
            for _ in range(Lane.HEALTH.room)
        ]
        await asyncio.sleep(0)
        inside[0].cancel()
        await asyncio.gather(inside[0], return_exceptions=True)
        go_on.set()
        await asyncio.gather(*inside[1:])
        assert await lanes.run(Lane.HEALTH, str.upper, "free") == "FREE"
        lanes.close()

    run(test)


def test_half_of_the_threads_at_most_are_the_strangers() -> None:
    assert Lane.OPEN.threads * 2 <= sum(lane.threads for lane in Lane)


def test_whoever_was_let_in_is_known_by_what_they_showed() -> None:
    guests, path = Guests(), "/v1/stations/hall/arrivals"
    shown = shown_by(TOKEN)
    assert lane_of(path, shown, guests) is Lane.NEW
    guests.note(shown, let_in=True)
    assert lane_of(path, shown, guests) is Lane.LINE
    assert lane_of(path, shown_by(COOKIE), guests) is Lane.NEW
    guests.note(shown, let_in=False)
    assert lane_of(path, shown, guests) is Lane.NEW


def test_a_guest_who_guesses_passwords_waits_with_the_strangers() -> None:
    guests, shown = Guests(), shown_by(TOKEN)
    guests.note(shown, let_in=True)
    assert lane_of("/login", shown, guests) is Lane.OPEN
    assert lane_of("/v1/stations/hall/arrivals", shown_by(NOTHING), guests) is Lane.OPEN
    assert lane_of("/readyz", shown_by(NOTHING), guests) is Lane.HEALTH


def test_ever_new_tokens_fill_no_memory() -> None:
    guests = Guests()
    for number in range(REMEMBERED + 5):
        guests.note(str(number).encode(), let_in=True)
    assert b"4" not in guests
    assert b"5" in guests


def test_every_open_address_that_takes_something_is_in_the_strangers_lane(
    sqlite_hall: Hall,
) -> None:
    guests = Guests()
    shown = shown_by(TOKEN)
    guests.note(shown, let_in=True)
    views = sqlite_hall.app.view_functions
    marked = [view.route for view in views.values() if hasattr(view, "route")]
    open_ones = [one.rule for one in marked if one.method == "POST" and Who.ANYBODY in one.may]
    paths = [rule.replace("<station>", "hall") for rule in open_ones]
    assert "/login" in paths
    assert [path for path in paths if lane_of(path, shown, guests) is not Lane.OPEN] == []


@pytest.mark.parametrize(
    ("peer", "forwarded", "behind_proxy", "address"),
    [
        ("127.0.0.1", "203.0.113.9", True, "203.0.113.9"),
        ("127.0.0.1", "8.8.8.8, 203.0.113.9", True, "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, 2001:db8:1:2:3::4", True, "2001:db8:1:2::/64"),
        ("127.0.0.1", "::ffff:203.0.113.9", True, "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9", False, "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9, nonsense", True, "127.0.0.1"),
        ("127.0.0.1", "", True, "127.0.0.1"),
        ("", "", True, "unknown"),
    ],
)
def test_the_proxy_is_believed_for_the_last_address_and_only_when_there_is_one(
    peer: str, forwarded: str, behind_proxy: bool, address: str
) -> None:
    assert address_of(peer, forwarded, behind_proxy=behind_proxy) == address
