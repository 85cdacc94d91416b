"""What a machine's own fetcher does with a release, and what the updater says of it afterwards."""

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

from deploy.switch.place import CURRENT, INCOMING, RELEASES, SETTINGS
from tests.boot.hall import Hall
from tests.boot.releases import name_of
from tests.waiting import until

SWITCH = "/usr/local/lib/portvakt/switch"
# Staging makes a virtual environment of fifty wheels on a machine that has other things to do.
TAKEN_S = 240
# Links where nothing differs; what names its own folder, or the release, is a file of its own.
_COPY = """
set -e
rm -rf {fresh}
cp -al {there} {fresh}
cd {fresh}
for file in release.json venv/pyvenv.cfg $(grep -lI "{there}" venv/bin/*); do
    sed -i 's#{before}#{name}#g' "$file"
done
"""


def offer(hall: Hall, tar: Path) -> None:
    """Lay *tar* ready as `portvakt machine fetch` does: the files, then what says that they are whole."""
    folder = hall.box.path(INCOMING)
    for file in (tar, tar.with_name(f"{tar.name}.sig")):
        shutil.copy(file, folder)
    ready = json.dumps({"release": name_of(tar), "file": tar.name})
    place = f"{INCOMING}/ready.json"
    hall.box.run(
        f"cat >{place}.part && sync --file-system / && mv {place}.part {place}", stdin=ready
    )


def status(hall: Hall) -> dict[str, Any]:
    """What the updater says."""
    found: dict[str, Any] = json.loads(hall.box.run(f"{SWITCH} status --json"))
    return found


def wait_trial(hall: Hall, release: str) -> None:
    """Wait until *release* is tried, and its services are started."""
    until(lambda: status(hall)["trial"] == release, TAKEN_S, f"the trial of {release}")


def wait_settled(hall: Hall, release: str) -> dict[str, Any]:
    """Wait until the updater has done with *release*; what it says then."""

    def done() -> dict[str, Any]:
        said = status(hall)
        last = said["last"]
        ended = last["about"] == release and last["phase"] in ("settled", "rolled_back", "refused")
        # On the way back it starts the services again after it has written down what came of it.
        works = hall.fact("portvakt-switch.service", "ActiveState") == "activating"
        return said if ended and said["trial"] is None and not works else {}

    return until(done, TAKEN_S, f"the end of the update to {release}")


def set_times(hall: Hall, **times: int) -> None:
    """Change the updater's settings."""
    place = hall.box.path(SETTINGS)
    kept = place.read_text("utf-8").splitlines()
    lines = [line for line in kept if line.partition("=")[0].strip() not in times]
    lines += [f"{name} = {value}" for name, value in times.items()]
    place.write_text("\n".join(lines) + "\n", "utf-8")
    hall.box.run("sync --file-system /")


def stage_beside(hall: Hall, tar: Path) -> None:
    """Lie *tar* staged on the machine already, as a copy of the release that runs.

    What differs is what was altered: its name and its units.  Another test shows the staging itself, which
    takes a minute on a busy machine.
    """
    with tarfile.open(tar) as opened:
        top = f"portvakt-{name_of(tar)}"
        units = {
            member.name.removeprefix(f"{top}/systemd/"): opened.extractfile(member)
            for member in opened
            if member.isfile() and member.name.startswith(f"{top}/systemd/")
        }
        texts = {name: file.read() for name, file in units.items() if file is not None}
    there = hall.box.run(f"readlink -f {CURRENT}").strip()
    before, _, roles = there.rpartition("/")[2].rpartition(".")
    fresh = f"{RELEASES}/{name_of(tar)}.{roles}"
    hall.box.run(_COPY.format(there=there, fresh=fresh, before=before, name=name_of(tar)), 120)
    for name, text in texts.items():
        place = hall.box.path(f"{fresh}/systemd/{name}")
        if not place.exists() or place.read_bytes() != text:
            place.unlink(missing_ok=True)  # a link to the other release's
            place.write_bytes(text)
    hall.box.run("sync --file-system /")
