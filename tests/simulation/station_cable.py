"""The line between a post and central: the real session on a cable that is slow, loses, repeats or is cut."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import requests
import urllib3

from device.session import CentralSession
from kiosk.uplink import TIMEOUT_S
from tests.simulation.station_central import Asked, Reply
from tests.simulation.station_threads import wait

if TYPE_CHECKING:
    from tests.simulation.station import Station

REFUSED = "connection refused"


class Cable(requests.adapters.BaseAdapter):
    """What requests talks to instead of a socket; the asking fibre waits, everybody else goes on."""

    def __init__(self, post: str, station: Station) -> None:
        super().__init__()
        self._post = post
        self._station = station

    def session(self, url: str, token: str | None) -> CentralSession:
        """As `kiosk.uplink.central_session`, on this cable."""
        session = CentralSession(url, token, timeout=TIMEOUT_S)
        session.mount("http://", self)
        return session

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        connect_s, answer_s = kwargs["timeout"]
        sent_ms = self._station.now_ms
        if self._station.is_cut(self._post):
            wait(self._station, int(connect_s * 1000), bool)
            raise requests.ConnectTimeout
        asked = Asked(
            request.method,
            request.path_url,
            {**request.headers, "Accept-Encoding": "identity"},
            request.body or b"",
        )
        reply = wait(
            self._station,
            int(answer_s * 1000),
            lambda wake: self._station.carry(self._post, asked, wake),
        )
        if reply is None:
            raise requests.ReadTimeout
        if reply == REFUSED:
            raise requests.ConnectionError(REFUSED)
        self._station.promises.told(self._post, asked, reply, sent_ms)
        return _response(request, reply)

    def close(self) -> None:
        """Nothing is open."""


def _response(request: Any, reply: Reply) -> requests.Response:
    raw = urllib3.HTTPResponse(
        io.BytesIO(reply.body), reply.headers, reply.status, preload_content=False
    )
    return requests.adapters.HTTPAdapter().build_response(request, raw)
