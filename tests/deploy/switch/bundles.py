"""Small releases for tests, and keys that sign them."""

import hashlib
import json
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Signed:
    """A release in a file, and the key that signed it."""

    tar: Path
    key: Path

    @property
    def signature(self) -> Path:
        return self.tar.with_name(f"{self.tar.name}.sig")


def make_bundle(
    into: Path, release: str = "26.11.5-bbbbbbbb", platform: str = "cp311-x86_64"
) -> Path:
    """An unpacked release with one wheel that is none."""
    folder = into / f"portvakt-{release}"
    files = {
        "install": b"#!/bin/sh\n",
        "wheels/one.whl": b"a wheel",
        "systemd/portvakt-sign.service": b"[Service]\n",
        "roles/sign.txt": b"",
        "roles/sign.json": json.dumps({"units": [], "links": [], "modules": []}).encode(),
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "install").chmod(0o755)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    facts = {"format": 1, "release": release, "version": "26.11.5", "platform": platform}
    (folder / "release.json").write_text(json.dumps(facts | {"files": hashes}))
    return folder


def packed(folder: Path, tar: Path) -> Path:
    """*folder* as one file."""
    with tarfile.open(tar, "w") as made:
        made.add(folder, folder.name)
    return tar


def key(path: Path) -> Path:
    """A fresh key without a passphrase."""
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(words, check=True, capture_output=True)
    return path


def sign(tar: Path, made: Path) -> None:
    """Sign *tar* as a release."""
    tar.with_name(f"{tar.name}.sig").unlink(missing_ok=True)
    words = ["ssh-keygen", "-Y", "sign", "-q", "-f", str(made), "-n", "portvakt-release", str(tar)]
    subprocess.run(words, check=True, capture_output=True)
