"""On a hall box: what came from the office and nobody wants any more goes, and nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from central import schema
from central.database.tx import Tx
from central.fleet import wanted
from central.fleet.releases import PART, Releases
from central.words import SYSTEM
from contract.fleet import MachineSaid, Phase
from tests.central.fleet.bundles import PLATFORM, Signer
from tests.central.yards import PITEA, Station

OLD, BEFORE, NOW = (f"26.11.{number}-1a2b3c4d" for number in (1, 2, 3))


class Box:
    """The releases of a hall box, day after day."""

    def __init__(self, station: Station, data: Path, signer: Signer) -> None:
        self.station, self.data, self.signer = station, data, signer
        self.releases = Releases(station.store, data)

    def fetches(self, *releases: str, platform: str = PLATFORM) -> None:
        """A release comes from the office, an hour after the one before."""
        for release in releases:
            self.put(release, platform, end=PART)

    def put(self, release: str, platform: str = PLATFORM, end: str = "") -> None:
        given = self.signer.release(self.data / "releases", release, platform)
        for path, there in (
            (given, f"{given.name}{end}"),
            (sig_of(given), f"{given.name}{end}.sig"),
        ):
            path.rename(path.with_name(there))
        self.releases.add(f"{given.name}{end}", lambda _done, _of: None)
        self.station.clock.advance(3_600_000)

    def wants(self, release: str) -> None:
        self.station.store.write(lambda tx: wanted.want(tx, release, "all", []))

    def runs(self, release: str, about: str = "", phase: Phase = Phase.SETTLED) -> None:
        said = MachineSaid(release=release, platform=PLATFORM, boot="b", phase=phase, about=about)
        self.station.yard.fleet.hear(self.station.yard.devices.all(PITEA)[0], said)

    def lets_go(self, *wanted_files: str) -> list[str]:
        return self.releases.let_go(set(wanted_files))

    def names(self) -> list[str]:
        return [path.name for path in (self.data / "releases").iterdir()]

    def lie(self) -> set[str]:
        """The releases whose files lie there."""
        tars = (self.data / "releases").glob("*.tar")
        return {one.name.removeprefix("portvakt-").split("-cp3")[0] for one in tars}


def file_of(release: str, platform: str = PLATFORM) -> str:
    return f"portvakt-{release}-{platform}.tar"


def sig_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.sig")


@pytest.fixture
def box(sqlite_station: Station, data: Path, signer: Signer) -> Box:
    return Box(sqlite_station, data, signer)


def test_what_nobody_wants_goes_but_for_the_one_before(
    station: Station, data: Path, signer: Signer
) -> None:
    box = Box(station, data, signer)
    box.fetches(OLD, BEFORE, NOW)
    box.wants(NOW)
    assert box.lets_go() == [file_of(OLD)]
    assert box.lie() == {BEFORE, NOW}
    assert box.releases.path_of(file_of(OLD)) is None
    assert [name for name in box.names() if OLD in name] == []
    names = station.store.read(lambda view: view.all(sa.select(schema.release.c.name)))
    assert {row.name for row in names} == {BEFORE, NOW}
    assert box.lets_go() == []


def test_what_a_person_put_there_stays_though_nobody_wants_it(box: Box) -> None:
    box.put(OLD)
    box.fetches(BEFORE, NOW)
    box.wants(NOW)
    assert box.lets_go() == []


def test_what_a_person_puts_there_once_more_is_theirs(box: Box) -> None:
    box.fetches(OLD)
    box.put(OLD)
    box.fetches(BEFORE, NOW)
    box.wants(NOW)
    assert box.lets_go() == []


def is_run(box: Box) -> None:
    box.runs(OLD)


def is_tried(box: Box) -> None:
    box.runs(NOW, OLD, Phase.TRIAL)


def is_begun(box: Box) -> None:
    box.runs(NOW)
    box.station.store.write(lambda tx: tx.run(sa.update(schema.machine).values(begun=OLD)))


def is_pinned(box: Box) -> None:
    box.station.store.write(lambda tx: wanted.pin(tx, PITEA, "some-post", OLD))


def is_halted(box: Box) -> None:
    box.station.yard.fleet.halt(SYSTEM, OLD, "it hangs")


def is_of_another_ring(box: Box) -> None:
    box.station.store.write(lambda tx: wanted.want(tx, OLD, "lab", []))


def may_be_taken_back_to(box: Box) -> None:
    def job(tx: Tx) -> None:
        wanted.want(tx, OLD, "lab", [])
        wanted.want(tx, NOW, "lab", [])

    box.station.store.write(job)


@pytest.mark.parametrize(
    "why",
    [
        is_run,
        is_tried,
        is_begun,
        is_pinned,
        is_halted,
        is_of_another_ring,
        may_be_taken_back_to,
    ],
)
def test_what_somebody_wants_or_runs_stays(box: Box, why: Callable[[Box], None]) -> None:
    box.fetches(OLD, BEFORE, NOW)
    box.wants(NOW)
    why(box)
    assert box.lets_go() == []
    assert box.lie() == {OLD, BEFORE, NOW}


def test_what_the_office_wants_here_stays_whatever_the_hall_has_chosen(box: Box) -> None:
    box.fetches(OLD, BEFORE, NOW)
    box.wants(NOW)
    assert box.lets_go(file_of(OLD)) == []


def test_the_machine_that_was_taken_out_of_service_keeps_nothing(
    station: Station, data: Path, signer: Signer
) -> None:
    box = Box(station, data, signer)
    box.fetches(OLD, BEFORE, NOW)
    box.wants(NOW)
    box.runs(OLD)
    assert box.lets_go() == []
    box.station.yard.devices.revoke(PITEA, SYSTEM, box.station.yard.devices.all(PITEA)[0].id)
    assert box.lets_go() == [file_of(OLD)]


def test_each_platform_has_its_own_release_before(box: Box) -> None:
    for platform in (PLATFORM, "cp313-x86_64"):
        box.fetches(OLD, BEFORE, platform=platform)
    box.fetches(NOW)
    box.wants(NOW)
    assert box.lets_go() == [file_of(OLD), file_of(OLD, "cp313-x86_64")]
    assert box.lie() == {BEFORE, NOW}


def test_what_a_person_let_go_on_stays_known_when_its_file_goes(box: Box) -> None:
    box.fetches(OLD, BEFORE, NOW)
    box.wants(NOW)
    is_halted(box)
    box.station.yard.fleet.resume(SYSTEM, OLD)
    assert box.lets_go() == [file_of(OLD)]
    asked = sa.select(schema.release.c.resumed_at).where(schema.release.c.name == OLD)
    assert box.station.store.read(lambda view: view.one(asked)).resumed_at is not None


def test_a_release_that_went_may_come_again(box: Box) -> None:
    box.fetches(OLD, BEFORE, NOW)
    box.wants(NOW)
    box.lets_go()
    box.fetches(OLD)
    assert box.releases.path_of(file_of(OLD))
    assert box.lets_go(file_of(OLD)) == [], "now it is wanted, and the one before is there"


def test_killed_before_the_files_were_deleted_they_are_what_the_next_look_throws_away(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.fetches(OLD, BEFORE, NOW)
    box.wants(NOW)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", lambda *_, **__: None)
        box.lets_go()
    left = box.names()
    assert f"{file_of(OLD)}{PART}" in left
    assert file_of(OLD) not in left


def test_a_central_without_a_data_folder_lets_nothing_go(sqlite_station: Station) -> None:
    assert Releases(sqlite_station.store, None).let_go(set()) == []
