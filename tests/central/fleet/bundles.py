"""Small releases for tests, signed by a key that was made for them."""

import io
import json
import subprocess
import tarfile
from hashlib import sha256
from pathlib import Path
from shutil import copyfile

RELEASE, NEXT = "26.11.5-1a2b3c4d", "26.11.6-5e6f7a8b"
PLATFORM = "cp311-aarch64"


class Signer:
    """Somebody with a key; `allowed_signers` in their folder trusts them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._key = folder / "key"
        make = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(self._key))
        subprocess.run(make, check=True)
        public = self._key.with_suffix(".pub").read_text("ascii").strip()
        self.trust = f'release@portvakt namespaces="portvakt-release" {public}\n'

    def sign(self, file: Path, namespace: str = "portvakt-release") -> None:
        """Write `file.sig` beside the file."""
        asked = ("ssh-keygen", "-Y", "sign", "-f", str(self._key), "-n", namespace, str(file))
        subprocess.run(asked, check=True, capture_output=True)

    def release(
        self,
        folder: Path,
        release: str = RELEASE,
        platform: str = PLATFORM,
        content: bytes = b"a wheel",
    ) -> Path:
        """Put a signed release into *folder*; each is made once, for signing takes a while."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = self._made(release, platform, content)
        for path in (made, made.with_name(f"{made.name}.sig")):
            copyfile(path, folder / path.name)
        return folder / made.name

    def _made(self, release: str, platform: str, content: bytes) -> Path:
        shelf = self._key.parent / sha256(content).hexdigest()
        shelf.mkdir(exist_ok=True)
        file = shelf / f"portvakt-{release}-{platform}.tar"
        if not file.exists():
            facts = {"format": 1, "release": release, "version": "26.11.5", "platform": platform}
            packed(file, {"release.json": json.dumps(facts | {"files": {}}).encode(), "w": content})
            self.sign(file)
        return file


def packed(file: Path, pages: dict[str, bytes], top: str = "portvakt-x") -> None:
    """Write a tar with these files in its one top folder."""
    with tarfile.open(file, "w") as tar:
        for name, content in pages.items():
            member = tarfile.TarInfo(f"{top}/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
