"""A real post at a real yard: what a restored database has lost comes back from the post's outbox."""

import io
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
import urllib3

from central.words import SendClocks
from contract.plate import Plate
from contract.problems import Problem
from contract.transitions import Verb
from contract.wire import HEADER_AT, HEADER_BOOT, HEADER_MONO_MS, Arrival, Role
from device.identity import Identity, save_identity
from device.outbox import Outbox, SavedAt
from device.session import CentralSession
from kiosk.deliveries import Deliveries
from kiosk.questions import Questions
from kiosk.service import arrival_of
from kiosk.settings import CentralSettings, IdentitySettings, PostSettings
from kiosk.uplink import Uplink
from tests.central.restoring import reopened, restored, take
from tests.central.yards import PITEA, Station
from tests.fakes.clock import FakeClock


class Cable(requests.adapters.BaseAdapter):
    """Brings a post's requests to whichever central stands now."""

    def __init__(self, station: Station) -> None:
        super().__init__()
        self.station = station
        self.taken: list[str] = []

    def session(self, url: str, token: str | None) -> CentralSession:
        session = CentralSession(url, token)
        session.mount("http://", self)
        return session

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            body: Any = self._answer(request)
            status = 200
        except Problem as problem:
            body, status = problem.document(), problem.kind.status
        content = io.BytesIO(msgspec.json.encode(body))
        raw = urllib3.HTTPResponse(content, {}, status, preload_content=False)
        return requests.adapters.HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""

    def _answer(self, request: Any) -> object:
        if request.path_url.endswith("/expected"):
            return self.station.yard.expected(PITEA)
        arrival = msgspec.json.decode(request.body, type=Arrival)
        headers = request.headers
        sent = SendClocks(
            headers[HEADER_BOOT],
            int(headers[HEADER_MONO_MS]),
            datetime.fromisoformat(headers[HEADER_AT]),
            synced=True,
        )
        self.taken.append(arrival.plate)
        return self.station.deliver(arrival, self.station.post, sent)


class Post:
    """A post's own parts, each turned by hand."""

    def __init__(self, folder: Path, station: Station) -> None:
        self.clock: FakeClock = station.clock
        self.cable = Cable(station)
        settings = PostSettings(
            state_dir=folder,
            central=CentralSettings(url="http://central", station=PITEA),
            identity=IdentitySettings(token_file=folder / "token"),
        )
        identity = Identity(
            device="post", token="pv_post", station=PITEA, role=Role.POST, name="Post 1", bay=None
        )
        save_identity(identity, folder / "token")
        self.outbox = Outbox(folder / "outbox.sqlite3")
        uplink = Uplink(settings, self.clock, bool, self.cable.session)
        self.deliveries = Deliveries(uplink, self.outbox, self.clock, bool)
        self.questions = Questions(uplink, self.clock, bool, 30_000)

    def types(self, *plates: str) -> None:
        """Each takes a minute and is delivered at once."""
        for plate in plates:
            self.clock.advance(60_000)
            arrival = arrival_of(Plate.parse(plate), self.clock)
            saved = SavedAt(arrival.boot_id, arrival.mono_ms, arrival.at)
            self.outbox.save(arrival.id, msgspec.json.encode(arrival), saved)
            self.deliveries.round()

    def looks(self) -> None:
        """The half minute's look at today's list, and what follows from it."""
        self.clock.advance(30_000)
        self.questions.turn(0)
        self.deliveries.round()


@pytest.fixture
def post(sqlite_station: Station, tmp_path: Path) -> Iterator[Post]:
    post = Post(tmp_path, sqlite_station)
    with closing(post.outbox):
        yield post


def test_the_next_contact_brings_the_lost_arrivals_back_in_their_places_and_once(
    sqlite_station: Station, post: Post, tmp_path: Path
) -> None:
    station = sqlite_station
    post.types("ABC123", "DEF456")
    made = take(station, tmp_path / "backups")
    post.types("GHJ789")
    station.told_at_the_desk("KLM456")
    post.types("MNO012")
    before = {row.plate: row.arrived_at for row in station.queue().line}
    station.store.close()

    restored(station, made, tmp_path / "new")
    with reopened(station, tmp_path / "new") as again:
        post.cable.station = again
        post.cable.taken.clear()
        again.comes("PQR345")
        assert again.waiting() == ["ABC123", "DEF456", "PQR345"]

        for _ in range(3):
            post.looks()

        assert again.waiting() == ["ABC123", "DEF456", "GHJ789", "MNO012", "PQR345"]
        now = {row.plate: row.arrived_at for row in again.queue().line}
        assert all(now[plate] == before[plate] for plate in ("ABC123", "GHJ789", "MNO012"))
        assert post.cable.taken == ["ABC123", "DEF456", "GHJ789", "MNO012"]
        assert again.happened().count("arrived") == 5, "who was in the backup did not arrive again"
    assert post.outbox.depth() == 0


def test_who_had_left_before_the_backup_does_not_stand_in_line_again(
    sqlite_station: Station, post: Post, tmp_path: Path
) -> None:
    station = sqlite_station
    post.types("ABC123")
    station.does(Verb.LEAVE, "ABC123")
    made = take(station, tmp_path / "backups")
    station.store.close()

    restored(station, made, tmp_path / "new")
    with reopened(station, tmp_path / "new") as again:
        post.cable.station = again
        post.looks()
        assert post.cable.taken == ["ABC123", "ABC123"]
        assert again.waiting() == []


def test_a_restart_of_the_same_database_is_offered_nothing_again(
    sqlite_station: Station, post: Post
) -> None:
    post.types("ABC123")
    post.looks()
    sqlite_station.restart()
    post.looks()
    assert post.cable.taken == ["ABC123"]
