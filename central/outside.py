"""Questions to machines that are not ours: few at once, and each ends in time, whatever they do."""

import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter

T = TypeVar("T")


class OutsideBusy(Exception):
    """As many questions as may be are under way."""


class OutsideLate(Exception):
    """There was no answer in time."""


class Cuttable(HTTPAdapter):
    """Makes a connection that another thread may break off, in the headers as in the body.

    A time-out of the library's is for each read: a peer that sends a byte now and then never reaches it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._sockets: list[socket.socket] = []
        self._door = threading.Lock()
        self._is_cut = False

    def get_connection_with_tls_context(self, *words: Any, **named: Any) -> Any:  # noqa: ANN401 - the library's
        """Give connections, and keep their sockets."""
        pool: Any = super().get_connection_with_tls_context(*words, **named)
        pool.ConnectionCls = partial(self._made, pool.ConnectionCls)
        return pool

    def cut(self) -> None:
        """End what is under way, and what comes."""
        with self._door:
            self._is_cut = True
            for one in self._sockets:
                with suppress(OSError):  # it has ended by itself
                    # The plain one: TLS would first forget its own state, under the reader's hands.
                    socket.socket.shutdown(one, socket.SHUT_RDWR)

    def _made(self, kind: Any, **words: Any) -> Any:  # noqa: ANN401 - the library's
        connection = kind(**words)
        connect = connection.connect

        def connected() -> None:
            connect()
            with self._door:
                self._sockets.append(connection.sock)
                is_late = self._is_cut
            if is_late:
                connection.close()
                raise ConnectionAbortedError

        connection.connect = connected
        return connection


class Outside:
    """Asks at most *at_once* questions at a time, each for at most *answer_s* seconds."""

    def __init__(self, name: str, at_once: int, answer_s: float) -> None:
        self._name = name
        self._answer_s = answer_s
        self._room = threading.BoundedSemaphore(at_once)

    def ask(self, session: requests.Session, question: Callable[[requests.Session], T]) -> T:
        """Give what *question* gives of *session*, in a thread of its own, and close the session.

        Raises:
            OutsideBusy, OutsideLate: see there; and whatever *question* raises.
        """
        if not self._room.acquire(blocking=False):
            raise OutsideBusy
        line = Cuttable()
        for scheme in ("https://", "http://"):
            session.mount(scheme, line)
        session.trust_env = False  # no proxy, and no .netrc instead of our own secret
        came: Future[T] = Future()
        threading.Thread(
            target=self._ask_into, args=(came, session, question), name=self._name, daemon=True
        ).start()
        try:
            return came.result(self._answer_s)
        except TimeoutError:
            line.cut()  # else the question would keep its place among the few for as long as they please
            raise OutsideLate from None

    def _ask_into(
        self,
        came: "Future[T]",
        session: requests.Session,
        question: Callable[[requests.Session], T],
    ) -> None:
        try:
            with session:
                came.set_result(question(session))
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for it
            came.set_exception(error)
        finally:
            self._room.release()
