"""Strangers wait for each other, and the line for none of them."""

import asyncio
import re
import threading
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from central.oidc.settings import OidcSettings
from central.web.app import WebSettings, create_app
from central.web.asker import address_of
from central.web.cookies import Cookies
from central.web.lanes import (
    AT_ONCE_OF_BROWSER,
    AT_ONCE_OF_ONE,
    REMEMBERED,
    Guests,
    Inside,
    Lane,
    Lanes,
    browser_of,
    lane_of,
)
from central.web.lanes import shown_by as shown_to
from central.web.pages import BOARD
from central.web.routes import Who
from contract import problems
from contract.problems import Problem
from tests.central.web.hall import Hall

PATIENCE_S = 10
PROVIDER = OidcSettings(
    issuer="https://login.example.org",
    client_id="portvakt",
    client_secret="made up",
    public_url="https://board.example.org",
)
TOKEN = {"headers": [(b"authorization", b"Bearer pv_post")]}
COOKIE = {"headers": [(b"cookie", b"portvakt_session=abc")]}
NOTHING: dict[str, Any] = {"headers": []}


def shown_by(scope: dict[str, Any]) -> bytes:
    return shown_to(scope, Cookies())


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
        for lane in set(Lane) - {Lane.OPEN}:
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


@pytest.mark.parametrize("provider", [None, PROVIDER], ids=["passwords", "a provider too"])
def test_every_address_that_is_open_to_anybody_is_in_a_strangers_lane(
    sqlite_hall: Hall, provider: OidcSettings | None
) -> None:
    hall, guests, shown = sqlite_hall, Guests(), shown_by(TOKEN)
    guests.note(shown, let_in=True)
    views = create_app(hall.yard, hall.clock, WebSettings(oidc=provider)).view_functions
    marked = [view.route for view in views.values() if hasattr(view, "route")]
    paths = {one.rule.replace("<station>", "hall") for one in marked if Who.ANYBODY in one.may}
    assert {"/login", "/first", "/readyz"} <= paths
    assert ("/login/oidc/back" in paths) is (provider is not None)
    strangers = {Lane.OPEN, Lane.HEALTH}
    reading_files = {"/board/static/<path:name>"}
    assert {one for one in paths if lane_of(one, shown, guests) not in strangers} == reading_files


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
        ("127.0.0.1", "203.0.113.5:4711", True, "203.0.113.5"),
        ("127.0.0.1", "8.8.8.8, [2001:db8:1:2:3::4]:443", True, "2001:db8:1:2::/64"),
        ("127.0.0.1", "[2001:db8:1:2:3::4]", True, "2001:db8:1:2::/64"),
        ("127.0.0.1", "[]", True, "127.0.0.1"),
        ("127.0.0.1", "203.0.113.5:x", True, "127.0.0.1"),
    ],
)
def test_the_proxy_is_believed_for_the_last_address_and_only_when_there_is_one(
    peer: str, forwarded: str, behind_proxy: bool, address: str
) -> None:
    assert address_of(peer, forwarded, behind_proxy=behind_proxy) == address


def test_a_browser_of_ours_has_a_lane_of_its_own_to_the_form_and_to_nothing_else() -> None:
    guests = Guests()
    for path in ("/login", "/login/oidc/back"):
        assert lane_of(path, b"", guests, is_known=True) is Lane.KNOWN
    for path in ("/first", "/v1/stations/hall/devices/enrol"):
        assert lane_of(path, b"", guests, is_known=True) is Lane.OPEN


def test_what_others_ask_about_our_health_is_not_in_the_way_of_this_machine() -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        assert lane_of(path, b"", Guests(), is_own=True) is Lane.OWN_HEALTH
        assert lane_of(path, b"", Guests()) is Lane.HEALTH


def test_one_guest_is_one_however_the_token_is_written_and_whatever_is_sent_along() -> None:
    def shown(**headers: str) -> bytes:
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        return shown_by({"headers": pairs})

    token = shown_by(TOKEN)
    assert shown(authorization="bearer   pv_post ") == token
    assert shown(authorization="Bearer pv_post", cookie="portvakt_session=1") == token
    session = shown_by(COOKIE)
    assert shown(cookie="a=1; portvakt_session=abc; b=2") == session
    assert shown(cookie="a=1") == b""
    assert shown(authorization="Bearer another") not in (token, session)


def test_a_browser_is_known_by_its_own_cookie_and_no_token() -> None:
    known = {"headers": [(b"cookie", b"portvakt_session=a; portvakt_known=b")]}
    assert browser_of(known, Cookies())
    assert not browser_of(COOKIE, Cookies())
    with_token = {"headers": [*known["headers"], *TOKEN["headers"]]}
    assert not browser_of(with_token, Cookies())


def test_of_one_guest_so_many_questions_are_here_at_once_and_no_more() -> None:
    inside = Inside()
    with ExitStack() as asked:
        for _ in range(AT_ONCE_OF_ONE):
            asked.enter_context(inside.counted(b"a device"))
        with pytest.raises(Problem) as refused, inside.counted(b"a device"):
            pass
        assert refused.value.kind is problems.TOO_MANY
        with inside.counted(b"another"):
            pass
    with inside.counted(b"a device"):
        pass


def test_a_browser_may_open_two_pages_with_all_their_files_at_once() -> None:
    for page in BOARD.rglob("*.html"):
        assert 2 * len(loaded(page, set())) <= AT_ONCE_OF_BROWSER, page.name
    assert len(loaded(BOARD / "board.html", set())) > 20, "its modules were not found"


def loaded(file: Path, known: set[Path]) -> set[Path]:
    """What a browser asks for when it opens *file*: itself, and all that it names, and so on."""
    known.add(file)
    for name in re.findall(r"""["']([./\w-]+\.(?:js|css))["']""", file.read_text("utf-8")):
        for folder in (file.parent, BOARD, BOARD / "office"):
            found = (folder / Path(name)).resolve()
            if not found.exists():
                found = folder / Path(name).name
            if found.is_file() and found not in known:
                loaded(found, known)
    return known


def test_who_shows_nothing_is_not_one_guest() -> None:
    inside = Inside()
    with ExitStack() as asked:
        for _ in range(AT_ONCE_OF_ONE + 1):
            asked.enter_context(inside.counted(b""))
