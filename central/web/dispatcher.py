"""The front of the process: streams stay in the event loop, everything else goes to Flask's threads.

Flask's threads are few, so a request is handed to one only when its body is here in full: a slow
sender holds a few bytes of memory, never a thread.
"""

import asyncio
from typing import Any

from a2wsgi import WSGIMiddleware
from flask import Flask

from central.web import asgi
from central.web.answers import refusal
from central.web.asgi import Message, Receive, Scope, Send
from central.web.reading import FILE_MAX
from central.web.streams import Streams, find
from contract import problems
from contract.problems import Problem

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
        # Two libraries, two names for one protocol (PEP 3333).
        wsgi: Any = app.wsgi_app
        self._pages: Any = WSGIMiddleware(wsgi, workers=THREADS)

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
            await self._pages(_with_body(scope, body), _replay(body, receive), send)

    def close(self) -> None:
        """Let no thread take another request."""
        self._pages.executor.shutdown(wait=False, cancel_futures=True)


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


def _with_body(scope: Scope, body: bytes) -> Scope:
    """Tell Flask the true length: it reads no body without one, and trusts none that is claimed."""
    headers = [
        pair
        for pair in scope["headers"]
        if pair[0] not in (b"content-length", b"transfer-encoding")
    ]
    if body:
        headers.append((b"content-length", str(len(body)).encode()))
    return {**scope, "headers": headers}


def _replay(body: bytes, receive: Receive) -> Receive:
    parts: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return parts.pop() if parts else await receive()

    return again
