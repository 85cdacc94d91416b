"""Where things lie on a machine, and how its programs are run."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

RELEASES = "/opt/portvakt/releases"
CURRENT = "/opt/portvakt/current"
STATE = "/var/lib/portvakt-update/state"
INCOMING = "/var/lib/portvakt-update/incoming"
WANTED = "/var/lib/portvakt-update/wanted/wanted.json"
SETTINGS = "/etc/portvakt/update.toml"
SIGNERS = "/etc/portvakt/allowed_signers"
UNITS = "/etc/systemd/system"
MARK = "release.json"  # written last: a folder without it is a torso
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
}


@dataclass(frozen=True, slots=True)
class Place:
    """The root of a machine.  `is_root` says that it has programs of its own, to be run inside it."""

    root: Path = Path("/")
    is_root: bool = True

    def path(self, place: str) -> Path:
        """Where *place*, an absolute path there, is for us."""
        return self.root / place.lstrip("/")

    def seen(self, place: str) -> str:
        """How *place* is called by a program that `run` starts."""
        return place if self.is_root else str(self.path(place))

    def run(
        self, *words: str, stdin: bytes = b"", timeout_s: float | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program there; the caller looks at the result.  124 is one that hung, as by timeout(1)."""
        chroot = ["chroot", str(self.root)] if self.is_root and self.root != Path("/") else []
        whole = [*chroot, *words]
        environment = ENVIRONMENT if self.is_root else dict(os.environ)
        try:
            done = subprocess.run(  # noqa: S603 - no shell, and words of our own
                whole,
                input=stdin,
                capture_output=True,
                check=False,
                cwd="/",
                env=environment,
                timeout=timeout_s,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(whole, 124, "", f"{words[0]} did not end in time")
        out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        return subprocess.CompletedProcess(whole, done.returncode, out, err)


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """The last words of a program that failed, preferably those that it calls an error."""
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or ["no reason given"])[-1].removeprefix("ERROR:").strip()
