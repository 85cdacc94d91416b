"""A machine in a folder: its settings, its token, and what its updater wrote."""

import hashlib
import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from contract.fleet import MachineHeard, QuietTime, WantedRelease
from device.machine.places import Places

RUNS, NEXT = "26.11.4-0a0a0a0a", "26.11.5-1a2b3c4d"
FILE = f"portvakt-{NEXT}-cp311-aarch64.tar"
NIGHT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
QUIET = QuietTime(
    begins_at=datetime(2026, 11, 22, 20, 0, tzinfo=UTC),
    ends_at=datetime(2026, 11, 23, 5, 0, tzinfo=UTC),
)


class MachineFolder:
    """Lays out *root* as a machine that runs `RUNS`."""

    def __init__(self, root: Path, url: str = "http://127.0.0.1:1") -> None:
        self.root = root
        self.credentials = root / "credentials"
        self.runtime = root / "run"
        self.places = Places(
            settings=root / "etc",
            update=root / "update",
            release=root / "release",
            releases=root,
            proc=root / "proc",
            sys=root / "sys",
        )
        for folder in ("etc", "update/wanted", "update/incoming", "update/state", "release"):
            (root / folder).mkdir(parents=True)
        for folder in ("proc/self", "sys", "credentials", "run"):
            (root / folder).mkdir(parents=True)
        self.enrolled("token-1")
        (root / "etc/post.toml").write_text(f'[central]\nurl = "{url}"\nstation = "pitea"\n')
        facts = {
            "release": RUNS,
            "platform": "cp311-aarch64",
            "roles": ["post"],
            "units": ["portvakt-kiosk.service", "portvakt-fetch.timer"],
        }
        (root / "release/release.json").write_text(json.dumps(facts))
        (root / "proc/uptime").write_text("120.5 1.0\n")

    def enrolled(self, token: str, name: str = "post-token") -> None:
        words = {"device": "post-1", "token": token, "station": "pitea", "role": "post"}
        (self.credentials / name).write_text(json.dumps(words))

    def wrote(self, name: str, words: object) -> None:
        """The updater wrote *words* into its file *name*."""
        (self.places.state / name).write_text(json.dumps(words))

    def hears(self, wanted: WantedRelease | None, *quiet: QuietTime) -> None:
        """The heartbeat heard what central wants."""
        heard = MachineHeard(wanted=wanted, quiet=list(quiet) or [QUIET])
        self.places.wanted.write_bytes(msgspec.json.encode(heard))

    @property
    def incoming(self) -> set[str]:
        """What lies in `incoming/`, but for the fetcher's own words."""
        return {path.name for path in self.places.incoming.iterdir()} - {"fetch.json"}

    def fetched(self) -> dict[str, str]:
        """What the fetcher said last."""
        found: dict[str, str] = json.loads(self.places.fetched.read_bytes())
        return found


class Signer:
    """Somebody who signs releases, with a key of their own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._key = folder / "key"
        words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self._key)]
        subprocess.run(words, check=True)

    def trusted_by(self, machine: MachineFolder) -> None:
        public = " ".join(self._key.with_suffix(".pub").read_text().split()[:2])
        line = f'release@portvakt namespaces="portvakt-release" {public}\n'
        (machine.places.settings / "allowed_signers").write_text(line)

    def signature(self, content: bytes, namespace: str = "portvakt-release") -> bytes:
        words = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(self._key), "-n", namespace]
        return subprocess.run(words, input=content, capture_output=True, check=True).stdout


def wanted(content: bytes, release: str = NEXT, file: str = FILE) -> WantedRelease:
    digest = hashlib.sha256(content).hexdigest()
    return WantedRelease(release=release, file=file, size=len(content), sha256=digest)
