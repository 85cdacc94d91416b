"""A checkout that stands still, the program under test, and what a folder looks like."""

import hashlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
# Surroundings in which no package index answers.
NOWHERE = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_EXTRA_INDEX_URL": "",
    "PIP_FIND_LINKS": "",
    "PIP_RETRIES": "0",
}
_NEEDED = ("contract", "device", "kiosk", "central", "signage", "portvakt", "systemd", "deploy")


def copied_checkout(to: Path) -> Path:
    """Copy what an installation reads, so that a file saved meanwhile makes no other release."""
    for name in _NEEDED:
        shutil.copytree(CHECKOUT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*CHECKOUT.glob("*.txt"), *CHECKOUT.glob("*.md"), *CHECKOUT.glob("*.toml")):
        shutil.copy(path, to / path.name)
    shutil.copy(CHECKOUT / "LICENSE", to / "LICENSE")
    if (page := CHECKOUT / "docs/technician.md").exists():
        (to / "docs").mkdir()
        shutil.copy(page, to / "docs")
    return to


def run_install(
    checkout: Path,
    *words: str | Path,
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `deploy/install`; the test looks at the result."""
    return subprocess.run(
        [checkout / "deploy/install", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(env or {})},
        cwd=cwd,
    )


def listing(root: Path) -> dict[str, tuple[object, ...]]:
    """Every path below *root* with mode, owner, content and, for files, the time of writing."""
    return {str(path.relative_to(root)): _described(path) for path in _everything(root)}


def _everything(root: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        folders[:] = [one for one in folders if one not in {"proc", "sys", "dev"}]
        yield from (Path(folder) / name for name in (*folders, *files))


def _described(path: Path) -> tuple[object, ...]:
    told = path.lstat()
    who = (oct(told.st_mode), told.st_uid, told.st_gid)
    if stat.S_ISLNK(told.st_mode):
        return (*who, str(path.readlink()))
    if stat.S_ISREG(told.st_mode):
        return (*who, hashlib.sha256(path.read_bytes()).hexdigest(), told.st_mtime_ns)
    return who
