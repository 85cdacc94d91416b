"""One connection: whoever opens it must soon say what they want, and in few words.

uvicorn waits for ever for the end of a request's head (its timeout_keep_alive is for the time between two
requests), so ten thousand half heads would hold ten thousand connections.
"""

import resource
from asyncio import TimerHandle, Transport
from collections.abc import Mapping
from itertools import chain
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from central.web.answers import refusal
from contract import problems
from contract.problems import Problem

HEAD_S = 10.0
# nginx takes four buffers of 8 KiB (large_client_header_buffers).
HEAD_MAX = 32 * 1024
# Of the files that the process may have open; the database, the log and the threads need few of the rest.
SHARE = 7 / 8


def room() -> int:
    """How many connections may be open, so that no file is missing for the database (getrlimit(2))."""
    return int(resource.getrlimit(resource.RLIMIT_NOFILE)[0] * SHARE)


class HeadRefused(Exception):
    """The head is longer than anybody needs."""


class Connection(HttpToolsProtocol):
    """uvicorn's own connection, with an end to its patience; `protected` are the headers of every answer."""

    protected: ClassVar[Mapping[str, str]] = {}
    head_s: ClassVar[float] = HEAD_S
    most: ClassVar[int] = room()
    # Whoever has asked nothing yet, and whoever has and is idle: the one who is so longest comes first.
    _silent: ClassVar[dict["Connection", None]] = {}
    _idle: ClassVar[dict["Connection", None]] = {}

    def __init_subclass__(cls) -> None:
        """Each server has a kind of its own, and so its own places."""
        super().__init_subclass__()
        cls._silent, cls._idle = {}, {}

    def __init__(self, *words: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*words, **named)
        self._patience: TimerHandle | None = None
        self._head_size = 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing was asked that waits for its answer."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head; when all places are taken, somebody idle gives way."""
        super().connection_made(transport)
        self._silent[self] = None
        if len(self.connections) > self.most:
            self._make_room()
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._wait_no_more()
        self._is_busy()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; a head that does not end soon, or is too long, ends the connection."""
        self._head_size += len(data)
        super().data_received(data)
        if self.transport.is_closing() or not self.is_idle:
            return
        if self._head_size > HEAD_MAX:
            self.send_400_response("")
        elif self._patience is None:
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        """The head is here."""
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > HEAD_MAX:
            raise HeadRefused
        self._wait_no_more()
        self._is_busy()
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """Count the next head from its beginning."""
        self._head_size = 0
        super().on_response_complete()
        # It may have asked the next thing already, or be gone.
        if self.is_idle and self in self.connections:
            self._idle[self] = None

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - our words are for people
        """Refuse what is no HTTP, or too long, in the form of every other refusal."""
        if self.is_idle or not self.cycle.response_started:
            self.transport.write(self._refusal())
        self.transport.close()

    def _refusal(self) -> bytes:
        answer = refusal(
            Problem(problems.BAD_REQUEST, "The head of the request is too long, or no HTTP.")
        )
        headers = {
            **answer.headers,
            **self.protected,
            "Content-Length": str(len(answer.body)),
            "Connection": "close",
        }
        lines = [f"{name}: {value}\r\n".encode("latin-1") for name, value in headers.items()]
        return b"".join([STATUS_LINE[answer.status], *lines, b"\r\n", answer.body])

    def _wait_for_head(self) -> None:
        self._patience = self.loop.call_later(self.head_s, self._give_up)

    def _wait_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        self._patience = None
        self.transport.close()

    def _is_busy(self) -> None:
        self._silent.pop(self, None)
        self._idle.pop(self, None)

    def _make_room(self) -> None:
        """Close whoever never asked anything, or is idle longest, else the newcomer.

        Who is being served goes on; a device asks every few seconds, and a crowd for the most part never.
        """
        others = (one for one in chain(self._silent, self._idle) if one is not self)
        gives_way = next(others, self)
        gives_way._is_busy()  # noqa: SLF001 - one of us
        gives_way.transport.abort()
