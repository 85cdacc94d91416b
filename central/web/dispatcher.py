"""The front of the process: streams stay in the event loop, everything else goes to Flask's threads.

Flask's threads are few, so a request is handed to one only when its body is here in full: a slow
sender holds a few bytes of memory, never a thread.
"""

import io
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, nullcontext
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from a2wsgi.wsgi import build_environ
from flask import Flask, Response, g, request

from central.web import asgi
from central.web.answers import refusal
from central.web.asgi import Message, Receive, Scope, Send
from central.web.asker import ASKER, BEHIND_PROXY, address_of
from central.web.bodies import BODY_S, Bodies, Gone, Sender, Share, most_of, share_of
from central.web.files import LARGE, Files
from central.web.lanes import (
    AT_ONCE_OF_BROWSER,
    AT_ONCE_OF_ONE,
    Guests,
    Inside,
    Lane,
    Lanes,
    browser_of,
    lane_of,
    shown_by,
)
from central.web.streams import Streams, find
from contract.problems import Problem

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

_LET_IN = "portvakt.let_in"
UNAUTHORIZED, FORBIDDEN = 401, 403
_FORWARDED = "X-Forwarded-For"
_FILE = re.compile(r"/v1/stations/[^/]+/releases/[^/]+")


class Dispatcher:
    """The ASGI application."""

    def __init__(self, app: Flask, streams: Streams, body_s: float = BODY_S) -> None:
        self._streams = streams
        self._app = app
        self._pages = app.wsgi_app
        self._lanes = Lanes()
        self._inside = Inside()
        self._guests = Guests()
        self._browsers = Guests()
        self._bodies = Bodies(body_s)
        self._files = Files()
        self._was_warned = False
        app.after_request(_note_guest)

    @property
    def protection(self) -> Mapping[str, str]:
        """The headers that every answer carries, also one that is given before we are asked."""
        return self._streams.protection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        stream = find(scope["path"]) if scope["method"] == "GET" else None
        shown = shown_by(scope, self._streams.cookies)
        try:
            with ExitStack() as while_asked:
                while_asked.enter_context(self._inside.counted(shown, _at_once(scope)))
                if stream is None:
                    await self._answer(scope, receive, send, shown)
                    return
                await self._check_guest(scope, shown)
                heard = self._heard(shown, while_asked, send)
                await self._streams.serve(stream, scope, receive, heard)
        except Problem as problem:
            answer = self._streams.protected(refusal(problem), close=True)
            await asgi.answer(send, answer)
        except Gone:
            return

    def close(self) -> None:
        """Let no thread take another request."""
        self._lanes.close()
        self._files.close()

    async def _answer(self, scope: Scope, receive: Receive, send: Send, shown: bytes) -> None:
        is_file = _FILE.fullmatch(scope["path"])
        with self._files.place(shown) if is_file else nullcontext():
            await self._answer_in_turn(scope, receive, send, shown)

    async def _answer_in_turn(
        self, scope: Scope, receive: Receive, send: Send, shown: bytes
    ) -> None:
        path, asker = scope["path"], self._asker(scope)
        browser = browser_of(scope, self._streams.cookies)
        is_known, is_own = browser in self._browsers, _is_own(scope)
        lane = lane_of(path, shown, self._guests, is_known=is_known, is_own=is_own)
        share = share_of(path, lane)
        sender = Sender(shown.hex() if share is Share.LINE else asker, share)
        body = await self._bodies.read(scope, receive, sender, most_of(path, lane))
        environ = _environ(scope, body, asker)
        with self._bodies.holding(sender, len(body)):
            start, rest = await self._lanes.run(lane, _answer, self._pages, environ)
        if _LET_IN in environ or start["status"] == UNAUTHORIZED:
            self._guests.note(shown, let_in=_LET_IN in environ)
        if _LET_IN in environ and browser:
            self._browsers.note(browser, let_in=True)
        await send(start)
        if isinstance(rest, bytes):
            await send({"type": "http.response.body", "body": rest})
        else:
            await self._files.send(rest, send)

    async def _check_guest(self, scope: Scope, shown: bytes) -> None:
        """Keep strangers from the threads that feed the boards; who shows nothing costs no thread at all."""
        if shown and shown in self._guests:
            return
        words = [asgi.header(scope, name) for name in ("Authorization", "Cookie")]
        if not shown:
            self._streams.admit(*words)
        await self._lanes.run(Lane.NEW, self._streams.admit, *words)
        self._guests.note(shown, let_in=True)

    def _heard(self, shown: bytes, while_asked: ExitStack, send: Send) -> Send:
        """Listen to what a stream answers: whether it lets its guest in, and that the question is over."""

        async def heard(message: Message) -> None:
            if message["type"] == "http.response.start":
                while_asked.close()
                if message["status"] in (UNAUTHORIZED, FORBIDDEN):
                    self._guests.note(shown, let_in=False)
            await send(message)

        return heard

    def _asker(self, scope: Scope) -> str:
        forwarded = asgi.header(scope, _FORWARDED)
        behind_proxy = bool(self._app.config.get(BEHIND_PROXY))
        if forwarded and not behind_proxy and not self._was_warned:
            self._was_warned = True
            log.warning(
                "a proxy stands in front and central does not know: give it --behind-proxy, "
                "or the limits on strangers count everybody as one"
            )
        return address_of(_peer(scope), forwarded, behind_proxy=behind_proxy)


def _note_guest(response: Response) -> Response:
    """Let the dispatcher know whether the gate has let this one in."""
    if "guest" in g:
        request.environ[_LET_IN] = True
    return response


def _at_once(scope: Scope) -> int:
    """How many questions one guest may have here, by a token or by a session."""
    return AT_ONCE_OF_ONE if asgi.header(scope, "Authorization") else AT_ONCE_OF_BROWSER


def _peer(scope: Scope) -> str:
    peer: str = (scope.get("client") or ("",))[0]
    return peer


def _is_own(scope: Scope) -> bool:
    """Whether a program of this machine asks for itself, as the proxy does that looks whether we live."""
    try:
        is_near = ip_address(_peer(scope)).is_loopback
    except ValueError:
        return False
    return is_near and not asgi.header(scope, _FORWARDED)


def _environ(scope: Scope, body: bytes, asker: str) -> "WSGIEnvironment":
    """Tell Flask the true length: it reads no body without one, and trusts none that is claimed.

    WSGI has one name for `X-A` and `X_A`, and nothing of ours has a `_`: what a proxy has not replaced
    would be taken for what it has written.
    """
    headers = [
        pair
        for pair in scope["headers"]
        if pair[0] not in (b"content-length", b"transfer-encoding") and b"_" not in pair[0]
    ]
    if body:
        headers.append((b"content-length", str(len(body)).encode()))
    # Two libraries, two names for one protocol (PEP 3333); the input need only be a file.
    build: Any = build_environ
    environ: WSGIEnvironment = build({**scope, "headers": headers}, io.BytesIO(body))
    environ[ASKER] = asker
    return environ


def _answer(
    app: "WSGIApplication", environ: "WSGIEnvironment"
) -> tuple[Message, bytes | Iterable[bytes]]:
    """Give the whole answer at once: to hand the loop each part of it costs more than the answer itself.

    Only a large file is given as it is, to be read while it is sent.
    """
    start: Message = {"type": "http.response.start"}
    parts: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _error: object = None, /
    ) -> Callable[[bytes], None]:
        start["status"] = int(status[:3])
        start["headers"] = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
        ]
        return parts.append

    answer = app(environ, start_response)
    if environ.get(LARGE):
        return start, answer
    try:
        parts.extend(answer)
    finally:
        getattr(answer, "close", lambda: None)()
    return start, b"".join(parts)
