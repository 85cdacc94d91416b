"""The HTTP server: uvicorn, with our own signals, our watchdog and a quick end."""

import contextlib
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

import uvicorn

from central.serving.connection import Connection
from central.serving.notify import notify
from central.web.dispatcher import Dispatcher
from central.web.streams import Streams

log = logging.getLogger(__name__)

# Devices ask every few seconds on one connection; one that is closed just as they ask costs them a retry.
KEEP_ALIVE_S = 75
_TURNS_A_SECOND = 10
# What strangers can make uvicorn say as often as they like; of streams that we cut off we have said so.
_NO_NEWS = (
    "without completing response",
    "Invalid HTTP request",
    "Unsupported upgrade request",
    "No supported WebSocket library",
)


@dataclass(frozen=True, slots=True)
class Watched:
    """What the server keeps an eye on: *lives* says that no other part is dead, *turns* that none hangs."""

    lives: Callable[[], bool]
    turns: Callable[[], bool]
    streams: Streams
    on_ready: Callable[[], None]


def http_config(app: Dispatcher, shutdown_s: int) -> uvicorn.Config:
    """Settings of uvicorn."""
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    return uvicorn.Config(
        app,
        http=_connection(app),
        loop="uvloop",
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,  # it would write addresses with plates into the log
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=shutdown_s,
    )


def _connection(app: Dispatcher) -> type[Connection]:
    """Give connections by httptools: it refuses addresses that are not ASCII, which a2wsgi could not read."""
    return type("Connection", (Connection,), {"protected": app.protection})


class Server(uvicorn.Server):
    """Serves until SIGTERM, SIGINT or the death of a part; ends its streams first, so that it ends soon."""

    def __init__(self, config: uvicorn.Config, watched: Watched) -> None:
        super().__init__(config)
        self._watched = watched

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then tell the service manager."""
        self._watched.streams.start()
        await super().startup(sockets)
        if self.started:
            notify("READY=1")
            self._watched.on_ready()

    async def on_tick(self, counter: int) -> bool:
        """Prove once a second that the loop turns and every other part lives."""
        if counter % _TURNS_A_SECOND == 0:
            if self._watched.turns():
                notify("WATCHDOG=1")
            if not self._watched.lives():
                log.error("a part of central died; the process ends, to be started again")
                self.should_exit = True
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then the rest."""
        notify("STOPPING=1")
        self._watched.streams.stop()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGTERM and SIGINT and return: uvicorn's own way raises the signal once more."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self._asked_to_stop)
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.should_exit = True


def _is_news(record: logging.LogRecord) -> bool:
    """Drop uvicorn's complaints that would fill the log without telling anybody what to do."""
    said = record.getMessage()
    return not any(words in said for words in _NO_NEWS)
