"""`make test-arm64`: the wheels of a release install offline, by their hashes, and everything imports."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.errors import InstallError
from deploy.platforms import PLATFORMS, Python
from deploy.releasing import KEPT, Order, make
from deploy.roots import root_for, suite_of
from deploy.signature import Key, new_key
from tests.arm64.trial import Trial

PACKAGES = ("mmdebstrap", "qemu-user-static", "arch-test", "debian-archive-keyring")
_NEEDED = ("mmdebstrap", "arch-test", "qemu-aarch64-static")


def main() -> int:
    """Run every suite and say one line of result for each; 1 when one failed."""
    chosen = _arguments()
    pis = [one for one in PLATFORMS.values() if one.machine == "aarch64"]
    wanted = [one for one in pis if not chosen.suite or suite_of(one) in chosen.suite]
    try:
        _bring_programs()
        failed = [suite_of(one) for one in wanted if not _tried(one, chosen)]
    except InstallError as error:
        _say(f"test-arm64: {error}.")
        return 2
    if failed:
        _say(f"FAILED: {' '.join(failed)}")
        return 1
    _say(f"All suites passed: {' '.join(suite_of(one) for one in wanted)}")
    return 0


def _tried(python: Python, chosen: argparse.Namespace) -> bool:
    suite = suite_of(python)
    _say(f"== {suite}: Python {python.version[0]}.{python.version[1]} on {python.machine}")
    begun = time.monotonic()
    with TemporaryDirectory(prefix="portvakt-arm64-") as work:
        place = Path(work)
        new_key(place / "key")
        kept = {"wheels": chosen.wheels, "roots": chosen.roots}
        (tar,) = make(Order(place, place / "key", (python.platform,), **kept, say=_say))
        lower = root_for(python, chosen.roots.resolve(), _say).path
        with Trial(lower, place / "root", _say) as trial:
            try:
                said = trial.run(tar, Key(place / "key").signers, python)
            except InstallError as error:
                _say(f"{suite}: FAILED: {error}")
                return False
    _say(f"{suite}: passed: {said}; {time.monotonic() - begun:.0f} s in all")
    return True


def _bring_programs() -> None:
    if all(shutil.which(one) for one in _NEEDED) and os.geteuid() == 0:
        return
    line = f"apt-get install -y --no-install-recommends {' '.join(PACKAGES)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise InstallError(f"it needs root and these packages; run as root: {line}")
    _say(f"Installing Debian's {' '.join(PACKAGES)} ...")
    quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["apt-get", "update", "-qq"], line.split()):
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=quietly)
    if done.returncode != 0:
        raise InstallError(f"{line} failed: {done.stderr.strip().splitlines()[-1]}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make test-arm64", description=__doc__)
    parser.add_argument("--suite", action="append", help="bookworm or trixie; without it: both")
    parser.add_argument("--wheels", type=Path, default=KEPT / "wheels", help="keeps wheels")
    parser.add_argument("--roots", type=Path, default=KEPT / "roots", help="keeps Debian roots")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
