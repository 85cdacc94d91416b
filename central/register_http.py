"""A vehicle register that is asked by one HTTP call, which docs/register.md describes."""

import logging
import socket
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter

from central.register import Facts, RegisterUnfit, RegisterUnreachable
from contract.plate import Plate, PlateRefused

ANSWER_S = 2.0
ANSWER_MAX = 16 * 1024
AT_ONCE = 2
_CHUNK = 4096
_OK, _UNKNOWN = 200, 404
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_FACTS = msgspec.json.Decoder(Facts)


class _Cuttable(HTTPAdapter):
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


class HttpRegister:
    """One call, `GET {url}?plate=ABC123`, with the token of a file; it is read anew for each call.

    A call takes `answer_s` at most, whatever the other side does; no more than `AT_ONCE` are under way.
    """

    def __init__(self, url: str, token_file: Path | None, *, answer_s: float = ANSWER_S) -> None:
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not parts.hostname or not (local or parts.scheme == "https"):
            raise RegisterUnfit(
                "The register's address must begin with https://, or http:// on this machine."
            )
        if parts.query or parts.fragment or parts.username:
            raise RegisterUnfit("Name the register's address without a query or a password.")
        self._url = url
        self._token_file = token_file
        self._answer_s = answer_s
        self._room = threading.BoundedSemaphore(AT_ONCE)
        # The library's warnings name the whole address, and in that the plate.
        logging.getLogger("urllib3").setLevel(logging.ERROR)

    def look_up(self, plate: Plate) -> Facts | None:
        """Ask, in a thread of its own: a peer that sends a byte now and then must not hold a request."""
        if not self._room.acquire(blocking=False):
            raise RegisterUnreachable("The register is slow; ask again in a moment.")
        came: SimpleQueue[Facts | RegisterUnreachable | None] = SimpleQueue()
        line = _Cuttable()
        threading.Thread(
            target=self._ask_into, args=(came, line, plate), name="register", daemon=True
        ).start()
        try:
            answer = came.get(timeout=self._answer_s)
        except Empty:
            line.cut()  # else the call would keep its place among the few for as long as they please
            raise RegisterUnreachable("The register did not answer in time.") from None
        if isinstance(answer, RegisterUnreachable):
            raise answer
        return answer

    def _ask_into(
        self,
        came: "SimpleQueue[Facts | RegisterUnreachable | None]",
        line: _Cuttable,
        plate: Plate,
    ) -> None:
        try:
            came.put(self._asked(line, plate))
        except RegisterUnreachable as error:
            came.put(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for it
            # The text of a failed request may hold its address, and that the plate.
            came.put(RegisterUnreachable(f"The register cannot be asked: {type(error).__name__}."))
        finally:
            self._room.release()

    def _asked(self, line: _Cuttable, plate: Plate) -> Facts | None:
        with requests.Session() as session:
            for scheme in ("https://", "http://"):
                session.mount(scheme, line)
            session.trust_env = False  # no proxy, and no .netrc instead of the token
            with session.get(
                self._url,
                params={"plate": plate.text},
                headers=self._headers(),
                timeout=self._answer_s,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return _facts(answer, plate)

    def _headers(self) -> dict[str, str]:
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if self._token_file is not None:
            try:
                token = self._token_file.read_text("ascii").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise RegisterUnreachable("The register's token file cannot be read.") from error
            headers["Authorization"] = f"Bearer {token}"
        return headers


def _facts(answer: requests.Response, plate: Plate) -> Facts | None:
    """Read an answer strictly; RegisterUnreachable when it is none."""
    if answer.status_code == _UNKNOWN:
        return None
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if answer.status_code != _OK or kind != "application/json":
        raise RegisterUnreachable(
            f"The register answered with status {answer.status_code} and no vehicle."
        )
    body = b""
    for chunk in answer.iter_content(_CHUNK):
        body += chunk
        if len(body) > ANSWER_MAX:
            raise RegisterUnreachable("The register's answer is too large.")
    try:
        facts = _FACTS.decode(body)
        same = Plate.parse(facts.plate).match_key == plate.match_key
    except (msgspec.DecodeError, UnicodeDecodeError, PlateRefused) as error:
        raise RegisterUnreachable("The register's answer cannot be read.") from error
    if not same:
        raise RegisterUnreachable("The register answered about another vehicle.")
    return facts
