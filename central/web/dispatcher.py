"""The front of the process: streams stay in the event loop, everything else goes to Flask's threads.

Flask's threads are few, so a request is handed to one only when its body is here in full: a slow
sender holds a few bytes of memory, never a thread.
"""

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from a2wsgi.wsgi import build_environ
from flask import Flask

from central.web import asgi
from central.web.answers import refusal
from central.web.asgi import Message, Receive, Scope, Send
from central.web.reading import FILE_MAX
from central.web.streams import Streams, find
from contract import problems
from contract.problems import Problem

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

THREADS = 8
BODY_S = 15
# What is read and thrown away, so that a sender hears "too large" instead of a broken connection.
DRAIN_MAX = 16 * 1024 * 1024


class Gone(Exception):
    """The asker hung up before the question was complete."""


class Dispatcher:
    """The ASGI application."""

    def __init__(self, app: Flask, streams: Streams, body_s: float = BODY_S) -> None:
        self._streams = streams
        self._body_s = body_s
        self._pages = app.wsgi_app
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="pages")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        stream = find(scope["path"]) if scope["method"] == "GET" else None
        if stream is not None:
            await self._streams.serve(stream, scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._body_s):
                body = await _whole_body(receive)
        except TimeoutError:
            slow = Problem(
                problems.BAD_REQUEST, "The request did not arrive in time; send it again."
            )
            await asgi.answer(send, self._streams.protected(refusal(slow), close=True))
        except Gone:
            return
        else:
            environ = _environ(scope, body)
            loop = asyncio.get_running_loop()
            for part in await loop.run_in_executor(self._threads, _answer, self._pages, environ):
                await send(part)

    def close(self) -> None:
        """Let no thread take another request."""
        self._threads.shutdown(wait=False, cancel_futures=True)


async def _whole_body(receive: Receive) -> bytes:
    """Read the body; of one that is too large for any route, one byte more than allowed is kept."""
    body, size, more = bytearray(), 0, True
    while more and size <= DRAIN_MAX:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        part = message.get("body", b"")
        size += len(part)
        body += part[: FILE_MAX + 1 - len(body)]
        more = message.get("more_body", False)
    return bytes(body)


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
