"""Signed releases for the boxes: the real one of this checkout, and copies of it with a fault planted."""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

from deploy.roles import CHECKOUT, sources
from deploy.switch.bundle import NAMESPACE
from tests.boot.keeping import Kept
from tests.boot.said import step

# What a box is: this suite's Python on this kind of processor.
PLATFORM = "cp311-x86_64"
Change = Callable[[Path], None]


class Releases:
    """Made when they are first asked for, and kept until the checkout changes."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._keep = kept.folder
        self._key = kept.folder / "signing-key"

    @property
    def signers(self) -> Path:
        """What a machine needs to know of who makes our releases."""
        if not self._key.exists():
            _must("deploy/make-release", "--new-key", os.fspath(self._key))
        return self._key.with_name(f"{self._key.name}.signers")

    @property
    def digest(self) -> str:
        """What the release is made of, in twelve figures."""
        found = hashlib.sha256()
        for path in (*sources(), *sorted(CHECKOUT.glob("requirements-*.txt"))):
            found.update(f"{path.name}\n".encode())
            found.update(path.read_bytes())
        return found.hexdigest()[:12]

    def real(self) -> Path:
        """The tar that `deploy/make-release` makes of this checkout."""
        with self._kept.alone():
            return self._real()

    def _real(self) -> Path:
        folder = self._keep / f"release-{self.digest}"
        if not folder.exists():
            for old in self._keep.glob("release-*"):
                shutil.rmtree(old)
            torso = self._keep / "release.part"
            shutil.rmtree(torso, ignore_errors=True)
            with step(f"deploy/make-release --platform {PLATFORM}"):
                self._make(torso)
            torso.rename(folder)
        return next(folder.glob("*.tar"))

    def unpacked(self, into: Path) -> Path:
        """The folder that a person has who has unpacked it in *into*."""
        with tarfile.open(self.real()) as tar:
            tar.extractall(into, filter="data")
        return next(into.iterdir())

    def altered(self, number: int, change: Change, work: Path) -> Path:
        """Another release, signed like the real one: *change* is done to its folder.

        *number* makes its name, so that it is a release of its own.
        """
        folder = self.unpacked(work / f"made-{number}")
        change(folder)
        manifest = json.loads((folder / "release.json").read_text("utf-8"))
        manifest["release"] = f"{manifest['version']}-{number:08x}"
        manifest["files"] = {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != "release.json"
        }
        (folder / "release.json").write_text(json.dumps(manifest), "utf-8")
        tar = work / f"portvakt-{manifest['release']}-{PLATFORM}.tar"
        with tarfile.open(tar, "w") as packed:
            packed.add(folder, f"portvakt-{manifest['release']}")
        shutil.rmtree(folder)
        return self.signed(tar)

    def signed(self, tar: Path) -> Path:
        """Sign *tar*; the signature lies beside it."""
        _ = self.signers
        tar.with_name(f"{tar.name}.sig").unlink(missing_ok=True)
        _must("ssh-keygen", "-q", "-Y", "sign", "-f", self._key, "-n", NAMESPACE, os.fspath(tar))
        return tar

    def _make(self, folder: Path) -> None:
        words = ("--key", self._key, "--platform", PLATFORM, "--wheels", self._keep / "wheels")
        _ = self.signers
        _must("deploy/make-release", "--out", folder, *words, "--roots", self._keep / "roots")


def name_of(tar: Path) -> str:
    """The name of the release in *tar*."""
    return tar.name.removeprefix("portvakt-").removesuffix(f"-{PLATFORM}.tar")


def _must(*words: str | Path) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=CHECKOUT)
    if done.returncode != 0:
        raise AssertionError(f"{words[0]} failed: {(done.stdout + done.stderr)[-600:]}")
