"""A named person at the desk, seen from the demo's own threads: the board's calls without its page."""

from collections.abc import Iterator
from typing import TypeVar
from urllib.parse import quote

from msgspec import Struct

from contract.errors import PortvaktError
from contract.reading import from_json
from contract.secrecy import Discreet
from contract.yard import Queue
from device.session import CentralSession
from device.sse import read_events

T = TypeVar("T")

STATION = "demo"
_CSRF = "X-Portvakt-Csrf"
_SEE_OTHER = 303


class NotSignedIn(PortvaktError):
    """The one-time code was not taken; ask for another."""


class _Signed(Discreet, frozen=True):
    csrf: str


class Staff:
    """One signed-in session.  Not to be shared between threads."""

    def __init__(self, central_url: str, code: str) -> None:
        self._session = CentralSession(central_url)
        answer = self._session.request(
            "POST", "/login", data={"code": code}, headers={"Origin": central_url}
        )
        if answer.status_code > _SEE_OTHER:
            raise NotSignedIn("Central did not take the one-time sign-in code.")
        self._csrf = self._session.call("GET", "/v1/session", None, _Signed).csrf

    def queue(self) -> Queue:
        """The whole yard as it is now; raises as `CentralSession.call`."""
        return self._session.call("GET", _path("queue"), None, Queue)

    def queues(self) -> Iterator[Queue]:
        """The yard now and after every event, until central ends the stream; raises as the session."""
        with self._session.listen(_path("events")) as response:
            for sent in read_events(response):
                if sent.event == "snapshot":
                    yield from_json(sent.data, Queue)
                elif sent.event == "event":
                    yield self.queue()

    def post(self, place: str, body: Struct) -> None:
        """Do a deed: *place* is its address under the station; raises as `CentralSession.call`."""
        self._session.call("POST", _path(place), body, None, {_CSRF: self._csrf})

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()


def _path(place: str) -> str:
    return f"/v1/stations/{quote(STATION)}/{place}"
