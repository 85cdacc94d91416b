"""Brings the release that central wants, proves it, and lays it ready for the updater.

Started every ten minutes; it acts only while the station is shut, and whatever it does not do it says in
one sentence: in the journal once, and in `fetch.json`, which the heartbeat tells.
"""

import hashlib
import json
import logging
import shutil
import subprocess
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from contract.errors import PortvaktError
from contract.fleet import Phase, WantedRelease
from contract.release import release_in
from device.clock import Clock, SystemClock
from device.files import sync_folder, write_whole
from device.log import event, set_up
from device.machine import download
from device.machine.decision import Moment, Wait, decide, rules_in
from device.machine.download import Broken, NoUse
from device.machine.places import Places
from device.machine.records import LONGEST_WHY, bad_releases, heard, is_on_trial, read_object
from device.machine.whom import Whom, whom
from device.session import CentralSession
from device.trust import Trust

log = logging.getLogger(__name__)

PRINCIPAL, NAMESPACE = "release@portvakt", "portvakt-release"
SIGNERS = "allowed_signers"
SIDE = ".sig"
# Left over beside the file: the updater needs that much to build the release, and takes it with no less.
SPARE = 200 * 2**20
# A file that was fetched whole and is of no use is not fetched again in the same night.
PAUSE = timedelta(hours=6)
VERIFY_S = 300.0
_FOR_ALL = 0o644
_MB = 1_000_000

MakeSession = Callable[[Whom], CentralSession]
Room = Callable[[Path], int]


class Fetcher:
    """One look at what central wants, and what follows from it.

    *find* says whom we speak to, *make_session* how, and *room* how many bytes are free.
    """

    def __init__(
        self,
        places: Places,
        clock: Clock,
        make_session: MakeSession | None = None,
        find: Callable[[Path], Whom] = whom,
        room: Room = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self._places = places
        self._clock = clock
        self._make_session = make_session or self._session
        self._find = find
        self._room = room

    def look(self) -> bool:
        """Bring what is wanted, if it may be brought now; whether it lies ready."""
        places, clock = self._places, self._clock
        at = Moment(
            release_in(places.release),
            clock.now(),
            clock.synced(),
            is_on_trial(places),
            bad_releases(places),
        )
        known = heard(places)
        found = decide(known, at, rules_in(places.settings))
        if isinstance(found, Wait):
            about = known.wanted.release if found.why and known and known.wanted else ""
            self._drop(keep=() if found.drops else None)
            self._say(Phase.SETTLED, about, found.why)
            return False
        return not self._is_paused(found) and self._brought(found)

    def _brought(self, wanted: WantedRelease) -> bool:
        try:
            self._drop(keep=(wanted.file, f"{wanted.file}.part", f"{wanted.file}{SIDE}"))
            self._bring(wanted)
        except Broken as error:
            self._say(Phase.SETTLED, wanted.release, f"the line broke ({error}); it goes on later")
        except NoUse as error:
            self._say(Phase.REFUSED, wanted.release, str(error), self._costly(wanted, error))
        except OSError as error:
            self._say(Phase.REFUSED, wanted.release, f"the disk took no more: {error.strerror}")
        except PortvaktError as error:
            self._say(Phase.SETTLED, wanted.release, f"it is not fetched: {error}")
        else:
            self._lay_ready(wanted)
            return True
        return False

    def _bring(self, wanted: WantedRelease) -> None:
        folder = self._places.incoming
        file, part = folder / wanted.file, folder / f"{wanted.file}.part"
        if not file.exists():
            self._need_room(wanted, part)
            us = self._find(self._places.settings)
            with self._make_session(us) as session:
                path = f"{us.path}/releases/{wanted.file}"
                side = download.signature(session, f"{path}{SIDE}")
                write_whole(folder / f"{wanted.file}{SIDE}", side, _FOR_ALL)
                download.body(session, path, part, wanted.size)
            part.chmod(_FOR_ALL)
            part.rename(file)
            sync_folder(folder)
        try:
            check_content(file, wanted)
            check_signature(file, self._places.settings / SIGNERS)
        except NoUse as error:
            if error.costs:
                self._drop(keep=())
            raise

    def _need_room(self, wanted: WantedRelease, part: Path) -> None:
        have = part.stat().st_size if part.exists() else 0
        missing = wanted.size - have + SPARE - self._room(self._places.incoming)
        if missing > 0:
            raise NoUse(
                f"the disk has no room for it: {missing // _MB + 1} MB are missing", costs=False
            )

    def _lay_ready(self, wanted: WantedRelease) -> None:
        """Say where it lies, last of all; also once more, for an updater that was not allowed before."""
        self._say(Phase.SETTLED, wanted.release, "it lies ready")
        ready = json.dumps({"release": wanted.release, "file": wanted.file}).encode()
        write_whole(self._places.incoming / "ready.json", ready + b"\n", _FOR_ALL)

    def _is_paused(self, wanted: WantedRelease) -> bool:
        """Whether this very file was refused so lately that it is not worth another download."""
        ours, theirs = read_object(self._places.fetched), self._places.state / "last.json"
        if ours.get("costly") == wanted.sha256 and self._is_late(self._places.fetched):
            return True
        last = read_object(theirs)
        refused = last.get("phase") == Phase.REFUSED and last.get("about") == wanted.release
        whole = (self._places.incoming / wanted.file).exists()
        return refused and not whole and self._is_late(theirs)

    def _is_late(self, path: Path) -> bool:
        at = datetime.fromtimestamp(path.stat().st_mtime, self._clock.now().tzinfo)
        return timedelta() <= self._clock.now() - at < PAUSE

    def _costly(self, wanted: WantedRelease, error: NoUse) -> str:
        return wanted.sha256 if error.costs else ""

    def _drop(self, keep: Iterable[str] | None) -> None:
        """Remove what nobody wants any more: first the note that something lies ready; None keeps all."""
        folder = self._places.incoming
        if keep is None or not folder.exists():
            return
        kept = {*keep, self._places.fetched.name}
        stale = sorted(path for path in folder.iterdir() if path.name not in kept)
        for path in sorted(stale, key=lambda one: one.name != "ready.json"):
            path.unlink(missing_ok=True)

    def _say(self, phase: Phase, about: str, why: str, costly: str = "") -> None:
        """Write down how it stands, and into the journal when that is news."""
        before, why = read_object(self._places.fetched), why[:LONGEST_WHY]
        is_news = (before.get("about", ""), before.get("why", "")) != (about, why)
        if not is_news and phase is Phase.SETTLED:
            return
        if is_news and about and phase is Phase.REFUSED:
            log.warning(event("release refused", release=about, why=why))
        elif is_news and about:
            log.info(event("release", name=about, how=why))
        words = {"phase": phase, "about": about, "why": why, "costly": costly}
        at = self._clock.now().isoformat()
        try:
            write_whole(self._places.fetched, json.dumps({**words, "at": at}).encode(), _FOR_ALL)
        except OSError as error:
            log.warning(event("not written down", path=self._places.fetched, reason=error.strerror))

    def _session(self, us: Whom) -> CentralSession:
        trust = Trust(us.central.ca_file, self._clock)
        return CentralSession(us.central.url, us.token, trust=trust)


def check_content(file: Path, wanted: WantedRelease) -> None:
    """Refuse a file that is not the one which central announced; NoUse names it."""
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != wanted.sha256:
        raise NoUse(f"{file.name} is not the file that central announced; it was thrown away")


def check_signature(file: Path, signers: Path) -> None:
    """Refuse a file that none of *signers* signed (ssh-keygen(1), -Y verify and ALLOWED SIGNERS).

    Raises:
        NoUse: whose sentence says what is wrong.
    """
    if not signers.exists():
        raise NoUse(
            f"{signers} is not there, so no release is believed; install again", costs=False
        )
    words = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", PRINCIPAL, "-n", NAMESPACE]
    try:
        with file.open("rb") as content:
            done = subprocess.run(  # noqa: S603 - words of our own, no shell
                [*words, "-s", f"{file}{SIDE}"],
                stdin=content,
                capture_output=True,
                check=False,
                timeout=VERIFY_S,
            )
    except FileNotFoundError as error:
        raise NoUse("ssh-keygen is not there; install openssh-client", costs=False) from error
    except subprocess.TimeoutExpired as error:
        raise NoUse("its signature could not be checked in time", costs=False) from error
    if done.returncode != 0:
        raise NoUse(f"{file.name} is not signed by {PRINCIPAL}; it was thrown away")


def run(places: Places | None = None) -> int:
    """Look once; the exit status is 0 whatever came of it, for what is wrong is said elsewhere."""
    set_up()
    Fetcher(places or Places(), SystemClock()).look()
    return 0
