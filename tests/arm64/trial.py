"""One try of a release in a root of the Pi's kind, whose own files stay as they are."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from deploy.errors import InstallError
from deploy.platforms import Python
from deploy.roles import ROLES
from deploy.roots import Root
from deploy.switch.bundle import unpack, verify
from deploy.switch.place import SIGNERS, Place, last_line
from deploy.wheels import COMPILED

VENV = "/opt/portvakt/current/venv/bin/python"
_THERE = "srv/release"
# Not the list that the installer's own self-test goes through, but all that lies in the environment.
_IMPORT = """
import importlib, importlib.metadata, json, pkgutil, platform, sys
names, failed, compiled = [], {}, {}
for package in sys.argv[1].split(","):
    found = importlib.import_module(package)
    names.append(package)
    names += [one.name for one in pkgutil.walk_packages(getattr(found, "__path__", []), package + ".")]
names = [one for one in names if not one.endswith(("__main__", "migrations.env"))]
for name in names:
    try:
        importlib.import_module(name)
    except Exception as error:
        failed[name] = repr(error)
for name in sys.argv[2].split(","):
    importlib.import_module(name)
    files = importlib.metadata.files(name) or []
    compiled[name] = [importlib.metadata.version(name), *(str(f) for f in files if f.suffix == ".so")]
print(json.dumps({
    "machine": platform.machine(),
    "python": list(sys.version_info[:2]),
    "modules": len(names),
    "failed": failed,
    "compiled": compiled,
    "ours": len([m for m in sys.modules.values() if "/opt/portvakt/" in str(getattr(m, "__file__", ""))]),
}))
"""


class Trial:
    """A root over *lower* that is thrown away afterwards (overlay, or a copy where the kernel has none)."""

    def __init__(self, lower: Path, upper: Path, say: Callable[[str], None]) -> None:
        self._lower = lower
        self._upper = upper
        self._root = Root(upper / "root")
        self._say = say
        self._mounted = False

    def __enter__(self) -> Self:
        for name in ("root", "changes", "work"):
            (self._upper / name).mkdir(parents=True)
        layers = f"lowerdir={self._lower},upperdir={self._upper}/changes,workdir={self._upper}/work"
        words = ["mount", "-t", "overlay", "overlay", "-o", layers, str(self._root.path)]
        self._mounted = subprocess.run(words, capture_output=True, check=False).returncode == 0
        if not self._mounted:
            subprocess.run(["cp", "-a", f"{self._lower}/.", self._root.path], check=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._mounted:
            subprocess.run(["umount", self._root.path], check=True)

    def run(self, tar: Path, signers: str, python: Python) -> str:
        """Verify, unpack, install without a network, import; say what was seen.

        Raises:
            InstallError: any of it did not go as it should.
        """
        folder = self._unpacked(tar, signers)
        wheels = len(list((folder / "wheels").iterdir()))
        begun = time.monotonic()
        self._say(f"Installing {wheels} wheels offline ...")
        self._install(folder)
        installed_s = time.monotonic() - begun
        found = self._imported(python)
        self._changed_hash_is_refused(folder)
        compiled = ", ".join(f"{name} {told[0]}" for name, told in found["compiled"].items())
        size = tar.stat().st_size / 1e6
        return (
            f"{wheels} wheels in {size:.1f} MB installed offline by their hashes in {installed_s:.0f} s, "
            f"{found['modules']} of our modules and {found['ours']} in all imported, "
            f"compiled for it and imported: {compiled}; a changed hash was refused"
        )

    def _unpacked(self, tar: Path, signers: str) -> Path:
        place = Place(self._root.path)
        known = place.path(SIGNERS)
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_text(signers)
        verify(place, tar)
        return unpack(tar, self._root.path / _THERE)

    def _install(self, folder: Path) -> None:
        roles = [word for role in ROLES for word in ("--role", role)]
        done = self._root.run(
            f"/{_THERE}/{folder.name}/install", *roles, "--no-with-packages", offline=True
        )
        if done.returncode != 0:
            raise InstallError(last_line(done))

    def _imported(self, python: Python) -> dict[str, Any]:
        packages = sorted({name for role in ROLES.values() for name in role.packages})
        words = (VENV, "-I", "-B", "-c", _IMPORT, ",".join(packages), ",".join(COMPILED))
        done = self._root.run(*words, offline=True)
        if done.returncode != 0:
            raise InstallError(f"not everything imports: {last_line(done)}")
        found: dict[str, Any] = json.loads(done.stdout)
        if found["failed"]:
            raise InstallError(f"these do not import: {found['failed']}")
        kind = (tuple(found["python"]), found["machine"])
        if kind != (python.version, python.machine):
            raise InstallError(f"this was another kind of machine: {kind}")
        for name, (_version, *files) in found["compiled"].items():
            if not files or not all("aarch64" in file for file in files):
                raise InstallError(f"{name} is not compiled for the Pi: {files}")
        return found

    def _changed_hash_is_refused(self, folder: Path) -> None:
        """A control: with one other digit the same command must fail, for that reason."""
        text = (folder / "roles" / "sign.txt").read_text()
        digit = text.index("sha256:") + len("sha256:")
        other = "0" if text[digit] != "0" else "1"
        (folder / "changed.txt").write_text(text[:digit] + other + text[digit + 1 :])
        there = f"/{_THERE}/{folder.name}"
        words = (VENV, "-m", "pip", "--isolated", "install", "--no-index", "--no-deps", "--dry-run")
        hashed = ("--ignore-installed", "--require-hashes", "--find-links", f"{there}/wheels")
        done = self._root.run(*words, *hashed, "-r", f"{there}/changed.txt", offline=True)
        shutil.rmtree(folder)
        if "DO NOT MATCH THE HASHES" not in done.stderr:
            raise InstallError("a changed hash was not refused")
