"""The front of the process: streams stay in the event loop, everything else goes to Flask's threads.

Flask's threads are few, so a request is handed to one only when its body is here in full: a slow
sender holds a few bytes of memory, never a thread.
"""

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from a2wsgi.wsgi import build_environ
from flask import Flask, Response, g, request

from central.web import asgi
from central.web.answers import refusal
from central.web.asgi import Message, Receive, Scope, Send
from central.web.asker import BEHIND_PROXY, address_of
from central.web.bodies import BODY_S, Bodies, Gone, most_of
from central.web.lanes import Guests, Lane, Lanes, lane_of, shown_by
from central.web.streams import Streams, find
from contract.problems import Problem

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_LET_IN = "portvakt.let_in"
UNAUTHORIZED = 401


class Dispatcher:
    """The ASGI application."""

    def __init__(self, app: Flask, streams: Streams, body_s: float = BODY_S) -> None:
        self._streams = streams
        self._app = app
        self._pages = app.wsgi_app
        self._lanes = Lanes()
        self._guests = Guests()
        self._bodies = Bodies(body_s)
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
        shown = shown_by(scope)
        try:
            if stream is None:
                await self._answer(scope, receive, send, shown)
                return
            await self._check_guest(scope, shown)
        except Problem as problem:
            answer = self._streams.protected(refusal(problem), close=True)
            await asgi.answer(send, answer)
        except Gone:
            return
        else:
            await self._streams.serve(stream, scope, receive, send)

    def close(self) -> None:
        """Let no thread take another request."""
        self._lanes.close()

    async def _answer(self, scope: Scope, receive: Receive, send: Send, shown: bytes) -> None:
        lane = lane_of(scope["path"], shown, self._guests)
        asker = self._asker(scope)
        body = await self._bodies.read(scope, receive, asker, most_of(scope["path"], lane))
        environ = _environ(scope, body)
        with self._bodies.holding(len(body)):
            start, rest = await self._lanes.run(lane, _answer, self._pages, environ)
        if _LET_IN in environ or start["status"] == UNAUTHORIZED:
            self._guests.note(shown, let_in=_LET_IN in environ)
        await send(start)
        await send(rest)

    async def _check_guest(self, scope: Scope, shown: bytes) -> None:
        """Keep strangers from the threads that feed the boards; who shows nothing costs no thread at all."""
        if shown and shown in self._guests:
            return
        words = [asgi.header(scope, name) for name in ("Authorization", "Cookie")]
        if not shown:
            self._streams.admit(*words)
        await self._lanes.run(Lane.NEW, self._streams.admit, *words)
        self._guests.note(shown, let_in=True)

    def _asker(self, scope: Scope) -> str:
        return address_of(
            (scope.get("client") or ("",))[0],
            asgi.header(scope, "X-Forwarded-For"),
            behind_proxy=bool(self._app.config.get(BEHIND_PROXY)),
        )


def _note_guest(response: Response) -> Response:
    """Let the dispatcher know whether the gate has let this one in."""
    if "guest" in g:
        request.environ[_LET_IN] = True
    return response


def _environ(scope: Scope, body: bytes) -> "WSGIEnvironment":
    """Tell Flask the true length: it reads no body without one, and trusts none that is claimed."""
    headers = [
        pair
        for pair in scope["headers"]
        if pair[0] not in (b"content-length", b"transfer-encoding")
    ]
    if body:
        headers.append((b"content-length", str(len(body)).encode()))
    # Two libraries, two names for one protocol (PEP 3333); the input need only be a file.
    build: Any = build_environ
    environ: WSGIEnvironment = build({**scope, "headers": headers}, io.BytesIO(body))
    return environ


def _answer(app: "WSGIApplication", environ: "WSGIEnvironment") -> tuple[Message, Message]:
    """Give the whole answer at once: to hand the loop each part of it costs more than the answer itself."""
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
    try:
        parts.extend(answer)
    finally:
        getattr(answer, "close", lambda: None)()
    return start, {"type": "http.response.body", "body": b"".join(parts)}
