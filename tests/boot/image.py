"""Disks to start boxes from: a bare Debian, and one on which `deploy/install` has put our roles."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.boot.keeping import Kept
from tests.boot.releases import Releases
from tests.boot.root import INSIDE, bare_root
from tests.boot.said import step

SIZE = "3G"
ROLES = ("post", "sign", "central")
SETTINGS = ("post.toml", "sign.toml", "update.toml")


class Images:
    """Made when they are first asked for, and kept in *keep* until what they are made of changes."""

    def __init__(self, keep: Path) -> None:
        self._kept_in = Kept(keep)
        self._keep = keep
        self.releases = Releases(self._kept_in)

    def bare(self) -> Path:
        """A Debian as anybody has it, with a sign and a keypad on its serial lines."""
        with self._kept_in.alone():
            root = bare_root(self._keep)
            return self._kept(root.name.replace("root", "bare"), lambda file: _disk(root, file))

    def installed(self) -> Path:
        """All roles on one machine, and short times for updates."""
        return self.kept("hall", self._install)

    def kept(self, kind: str, make: Callable[[Path], None]) -> Path:
        """A disk that is made of a release, or of one that is: the file that *make* wrote."""
        with self._kept_in.alone():
            return self._kept(f"{kind}-{self.releases.digest}-{_digest()}", make)

    def _kept(self, name: str, make: Callable[[Path], None]) -> Path:
        file = self._keep / f"{name}.ext4"
        if not file.exists():
            for old in self._keep.glob(f"{name.partition('-')[0]}-*.ext4"):
                old.unlink()
            torso = file.with_suffix(".part")
            make(torso)
            torso.rename(file)
        return file

    def _install(self, file: Path) -> None:
        root = self._keep / "hall.root"
        shutil.rmtree(root, ignore_errors=True)
        bare = bare_root(self._keep)
        _must("cp", "-a", os.fspath(bare), os.fspath(root))
        try:
            with tempfile.TemporaryDirectory() as work:
                release = self.releases.unpacked(Path(work))
                with step(f"install --role {' --role '.join(ROLES)}"):
                    install(release, root, ROLES, self.releases.signers)
            _add_what_a_box_has(root)
            _disk(root, file)
        finally:
            shutil.rmtree(root, ignore_errors=True)


def install(release: Path, root: Path, roles: Iterable[str], signers: Path) -> None:
    """Run the installer of the unpacked release in *release* for the machine in *root*."""
    words = [word for role in roles for word in ("--role", role)]
    program = os.fspath(release / "install")
    _must(program, "--root", os.fspath(root), "--signers", os.fspath(signers), *words)


def _add_what_a_box_has(root: Path) -> None:
    """The settings of a technician whose sign and keypad are on serial lines."""
    for name in SETTINGS:
        shutil.copyfile(INSIDE / name, root / "etc/portvakt" / name)
    # Nothing in a box has a screen, nor cage and chromium.  tests/systemd has that unit's tests.
    drop_in = root / "etc/systemd/system/portvakt-browser.service.d/no-screen.conf"
    drop_in.parent.mkdir()
    drop_in.write_text("[Unit]\nConditionPathExists=/dev/dri\n", "utf-8")


def _disk(root: Path, file: Path) -> None:
    file.unlink(missing_ok=True)
    _must("truncate", "--size", SIZE, os.fspath(file))
    _must("mkfs.ext4", "-q", "-F", "-d", os.fspath(root), os.fspath(file))


def _digest() -> str:
    digest = hashlib.sha256()
    for path in _ours():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _ours() -> list[Path]:
    here = Path(__file__)
    return [
        here,
        here.with_name("root.py"),
        *(path for path in sorted(INSIDE.iterdir()) if path.is_file()),
    ]


def _must(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(words[:6])} failed: {(done.stdout + done.stderr)[-600:]}")
