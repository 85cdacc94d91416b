"""The few words of ASGI 3 that we speak (asgi.readthedocs.io, "HTTP & WebSocket")."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from central.web.answers import Answer

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def answer(send: Send, whole: Answer) -> None:
    """Send a whole answer."""
    await start(send, whole.status, whole.headers)
    await send({"type": "http.response.body", "body": whole.body})


async def start(send: Send, status: int, headers: dict[str, str]) -> None:
    """Send status and headers."""
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})


def header(scope: Scope, name: str) -> str:
    """Give the last header of that *name*, or nothing."""
    wanted = name.lower().encode()
    found = [value for key, value in scope["headers"] if key == wanted]
    return found[-1].decode("latin-1") if found else ""
