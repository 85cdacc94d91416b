"""The plug of central is pulled while cars arrive; whoever was told "registered" still stands in the line."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from deploy.roles import CHECKOUT
from tests.boot.conftest import MakeBox
from tests.boot.hall import CENTRAL, KIOSK, SIGN, STATION, Hall
from tests.boot.net import inside
from tests.boot.root import INSIDE
from tests.boot.said import measured, say

pytestmark = pytest.mark.boxes

CUTS, CONTROL_CUTS, CONTROL_ROUNDS = 10, 3, 4
SEED = 417
FEWEST, MOST = 15, 350
# They would only make each boot longer.
OFF = "[Unit]\nConditionPathExists=/nowhere\n"
DATABASE = "/var/lib/portvakt-central/central.db"
_ASK = """
import json, sqlite3, sys
found = sqlite3.connect("file:DATABASE?mode=ro", uri=True)
rows = [row[0] for row in found.execute("SELECT id FROM arrival")]
print(json.dumps([found.execute("PRAGMA integrity_check").fetchone()[0], rows]))
""".replace("DATABASE", DATABASE)


@pytest.fixture
def station(make_box: MakeBox, hall_disk: Path) -> Hall:
    """A hall that is on, in which nobody but us arrives."""
    hall = Hall(make_box(hall_disk))
    hall.box.start()
    for unit in (KIOSK, SIGN):
        place = f"/etc/systemd/system/{unit}.d"
        hall.box.run(f"mkdir -p {place} && cat >{place}/off.conf", stdin=OFF)
    hall.box.run(f"sync --file-system /; systemctl daemon-reload; systemctl stop {KIOSK} {SIGN}")
    hall.wait_ready(CENTRAL)
    return hall


def test_no_acknowledged_arrival_is_lost_in_ten_power_cuts(station: Hall) -> None:
    acknowledged = _cut_again_and_again(station, CUTS)
    health, kept = _kept(station)
    measured(
        f"{CUTS} power cuts under arrivals: {len(acknowledged)} acknowledged,"
        f" {len(acknowledged - kept)} lost, integrity {health}"
    )
    assert health == "ok"
    assert len(acknowledged) >= CUTS * FEWEST
    assert acknowledged <= kept


def test_the_same_cuts_lose_arrivals_when_the_disk_is_not_waited_for(station: Hall) -> None:
    _be_careless(station)
    acknowledged: set[str] = set()
    lost: set[str] = set()
    # sync(2) is for all disks of a machine: one that is called beside us can save what a cut would take.
    for first in range(CUTS, CUTS + CONTROL_ROUNDS):
        if not lost:
            acknowledged |= _cut_again_and_again(station, CONTROL_CUTS, first)
            lost = acknowledged - _kept(station)[1]
    measured(
        "control, cuts without waiting for the disk:"
        f" {len(acknowledged)} acknowledged, {len(lost)} lost"
    )
    assert lost, "these power cuts cut nothing, so the other test proves nothing"


def _cut_again_and_again(hall: Hall, cuts: int, seed: int = 0) -> set[str]:
    dice = random.Random(SEED + seed)
    acknowledged: set[str] = set()
    for number in range(cuts):
        until_many = dice.randint(FEWEST, MOST)
        before = len(acknowledged)
        acknowledged |= _cut_while_cars_arrive(hall, (seed * cuts + number) * 1_000, until_many)
        boot_s = hall.box.start()
        hall.wait_ready(CENTRAL)
        say(f"cut {number + 1}: after {len(acknowledged) - before} arrivals; boot {boot_s:.1f} s")
    return acknowledged


def _cut_while_cars_arrive(hall: Hall, first: int, many: int) -> set[str]:
    """Pull the plug when *many* are acknowledged; all that were."""
    words = [sys.executable, "-m", "tests.boot.rush", STATION, str(first)]
    token = hall.token()
    with subprocess.Popen(
        inside(hall.box.net, *words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    ) as rush:
        assert rush.stdin is not None
        assert rush.stdout is not None
        rush.stdin.write(token)
        rush.stdin.close()
        said = [_one_more(rush.stdout) for _ in range(many)]
        hall.box.cut()
        said += rush.stdout.read().split()
    return set(said)


def _one_more(stream: IO[str]) -> str:
    line = stream.readline().strip()
    assert line, "central stopped answering before its plug was pulled"
    return line


def _kept(hall: Hall) -> tuple[str, set[str]]:
    """What SQLite thinks of its file, and the arrivals in it."""
    said = hall.box.run("sudo -u portvakt-central python3 -", stdin=_ASK)
    health, rows = json.loads(said)
    return str(health), set(rows)


def _be_careless(hall: Hall) -> None:
    """Have central answer before its rows are on the disk, as no setting of the product can."""
    text = (INSIDE / "careless.py").read_text("utf-8")
    packages = hall.box.run("echo /opt/portvakt/current/venv/lib/python3*/site-packages").strip()
    hall.box.run(f"cat >{packages}/careless.py", stdin=text)
    hall.box.run(f"echo 'import careless' >{packages}/careless.pth; sync --file-system /")
    hall.box.run(f"systemctl restart {CENTRAL}", 90)
