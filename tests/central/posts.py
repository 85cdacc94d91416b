"""A post's own parts, turned by hand, at a real yard: what the cable carries and what it loses."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import requests
import urllib3

from central.words import SendClocks
from contract import problems
from contract.plate import Plate
from contract.problems import Problem
from contract.wire import (
    HEADER_AGE_MS,
    HEADER_AT,
    HEADER_BOOT,
    HEADER_MONO_MS,
    Arrival,
    Role,
    Standing,
)
from device.identity import Identity, save_identity
from device.outbox import Outbox, SavedAt
from device.session import CentralSession
from kiosk.deliveries import Deliveries
from kiosk.happenings import Answer, Happening
from kiosk.questions import Questions
from kiosk.saving import arrival_of
from kiosk.settings import CentralSettings, IdentitySettings, PostSettings
from kiosk.uplink import Uplink
from tests.central.yards import PITEA, Station
from tests.fakes.clock import FakeClock

LONGEST_PAUSE_MS = 60_000
# What a central of the release before this one knows of an answer.
OLD_WORDS = ("plate", "visit", "state", "as_of", "again", "booked_at", "place", "window", "door")


class Cable(requests.adapters.BaseAdapter):
    """Brings a post's requests to whichever central stands now.

    `cut`: nothing gets through.  `loses_answers`: central acts and the post hears nothing.  `old`:
    central is of an older release.  `poisoned` names a plate that central refuses for ever.
    """

    def __init__(self, station: Station) -> None:
        super().__init__()
        self.station = station
        self.taken: list[str] = []
        self.cut = self.loses_answers = self.old = False
        self.poisoned = ""

    def session(self, url: str, token: str | None) -> CentralSession:
        session = CentralSession(url, token)
        session.mount("http://", self)
        return session

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        if self.cut:
            raise requests.ConnectionError("the cable is cut")
        try:
            body: Any = self._answer(request)
            status = 200
        except Problem as problem:
            body, status = problem.document(), problem.kind.status
        if self.loses_answers:
            raise requests.Timeout("the answer is lost")
        content = io.BytesIO(msgspec.json.encode(body))
        raw = urllib3.HTTPResponse(content, {}, status, preload_content=False)
        return requests.adapters.HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self, request: Any) -> object:
        if request.path_url.endswith("/expected"):
            return self.station.yard.expected(PITEA)
        arrival = msgspec.json.decode(request.body, type=Arrival)
        if arrival.plate == self.poisoned:
            raise Problem(problems.ID_REUSED, "This id is another arrival's.")
        standing = self.station.deliver(arrival, self.station.post, _clocks(request.headers))
        self.taken.append(arrival.plate)
        return _older(standing) if self.old else standing


def _clocks(headers: Any) -> SendClocks:
    at = headers.get(HEADER_AT)
    return SendClocks(
        headers[HEADER_BOOT],
        int(headers[HEADER_MONO_MS]),
        None if at is None else datetime.fromisoformat(at),
        synced=at is not None,
        age_ms=int(headers.get(HEADER_AGE_MS, 0)),
    )


def _older(standing: Standing) -> dict[str, Any]:
    words: dict[str, Any] = msgspec.to_builtins(standing)
    return {name: words[name] for name in OLD_WORDS if name in words}


class YardPost:
    """One post; by default it looks at the same clock as central."""

    def __init__(self, folder: Path, station: Station, clock: FakeClock | None = None) -> None:
        self.clock = station.clock if clock is None else clock
        self.cable = Cable(station)
        self._folder = folder
        self._settings = PostSettings(
            state_dir=folder,
            central=CentralSettings(url="http://central", station=PITEA),
            identity=IdentitySettings(token_file=folder / "token"),
        )
        identity = Identity(
            device="post", token="pv_post", station=PITEA, role=Role.POST, name="Post 1", bay=None
        )
        save_identity(identity, folder / "token")
        self.start()

    def start(self) -> None:
        """Start the process: what was not on the disk is not known any more."""
        self.news: list[Happening] = []
        self.outbox = Outbox(self._folder / "outbox.sqlite3")
        uplink = Uplink(self._settings, self.clock, self.news.append, self.cable.session)
        self.deliveries = Deliveries(uplink, self.outbox, self.clock, self.news.append)
        self.questions = Questions(uplink, self.clock, self.news.append, 30_000)

    def loses_power(self, boot_id: str) -> None:
        """The power goes and comes back."""
        self.outbox.close()
        self.clock.boot_id = boot_id
        self.start()

    def confirms(self, plate: str) -> str:
        """Somebody presses OK and reads "saved"; give the arrival's id."""
        arrival = arrival_of(Plate.parse(plate), self.clock)
        saved = SavedAt(arrival.boot_id, arrival.mono_ms, arrival.at)
        self.deliveries.expect(arrival.id, 1)
        self.outbox.save(arrival.id, msgspec.json.encode(arrival), saved)
        return arrival.id

    def types(self, *plates: str) -> None:
        """Each takes a minute and is delivered at once."""
        for plate in plates:
            self.passes(60_000)
            self.confirms(plate)
            self.deliveries.round()

    def looks(self) -> None:
        """The half minute's look at today's list, and what follows from it."""
        self.passes(30_000)
        self.questions.turn(0)
        self.deliveries.round()

    def passes(self, ms: int) -> None:
        """Time goes on everywhere."""
        self.clock.advance(ms)
        if self.clock is not self.cable.station.clock:
            self.cable.station.clock.advance(ms)

    def delivers(self) -> None:
        """Wait out every pause, and offer what waits."""
        self.passes(LONGEST_PAUSE_MS)
        while self.deliveries.round() == 0:
            pass  # the first answer named the database, so the rest is due at once

    @property
    def told(self) -> Standing:
        """What the customer read last."""
        return next(news.standing for news in reversed(self.news) if isinstance(news, Answer))
