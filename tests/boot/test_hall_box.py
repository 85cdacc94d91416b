"""A hall box behind a proxy whose copies leave it, and a new one that takes its place from the stick."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.boot.box import Box
from tests.boot.conftest import MakeBox
from tests.boot.hall import AS_CENTRAL, SETTLED_S, STATION, Hall
from tests.boot.image import Images
from tests.waiting import until

pytestmark = pytest.mark.boxes

NAME, ADDRESS = "hall.example.com", "127.0.0.1"
SET_UP = f"portvakt central box set-up --proxy caddy --name {NAME} --address {ADDRESS}"
CA = "/etc/portvakt/central-ca.pem"
LEFT = "/var/lib/portvakt-box/copies.json"
STICK = "/srv/stick"
# A certificate that ends in a month: two months before the end it is to be made anew.
DUE = f"""
/opt/portvakt/current/venv/bin/python - <<'END'
from datetime import UTC, datetime
from central.box import certificates
from central.box.place import Place
certificates.LEAF_DAYS = 30
certificates.make_leaf(Place(), "{NAME}", "{ADDRESS}", datetime.now(UTC))
END
"""
# No udev in a container names a stick, so a folder is mounted in its stead; all else is as on a machine.
IN_ITS_STEAD = f"""
mkdir -p {STICK} /etc/systemd/system/run-portvakt_box-stick.mount.d
printf '[Mount]\\nWhat={STICK}\\nType=none\\nOptions=bind\\n' \
    >/etc/systemd/system/run-portvakt_box-stick.mount.d/test.conf
systemctl daemon-reload
"""


def asks(box: Box, path: str, *words: str) -> str:
    """What the box answers over TLS, by its name, to whoever knows its CA."""
    there = f"--cacert {CA} --resolve {NAME}:443:{ADDRESS}"
    return box.run(f"curl -fsS {there} {' '.join(words)} https://{NAME}{path}")


@pytest.fixture(scope="module")
def gone(make_box: MakeBox, hall_disk: Path, bench: Path) -> tuple[Path, str]:
    """The stick of a box that is no more, and the token of its post; the box was tried on the way."""
    box = make_box(hall_disk)
    box.start()
    hall = Hall(box)
    hall.wait_ready()
    box.run(IN_ITS_STEAD)
    said = box.run(SET_UP)
    assert f"Browsers, posts and signs reach this box at https://{NAME}" in said
    until(lambda: asks(box, "/readyz") is not None, SETTLED_S, "central behind its proxy")
    _the_timers_wait(hall)
    _a_certificate_that_is_due_is_renewed_and_shown(hall)
    _without_a_known_stick_nothing_leaves(hall)
    hall.central(f"create user Chief --station {STATION} --role manager --invite")
    box.run("portvakt central box stick")
    _a_backup_leaves_the_box(hall)
    token = hall.token("post")
    stick = Path(shutil.copytree(box.path(STICK), bench / "stick"))
    box.cut()
    return stick, token


def _the_timers_wait(hall: Hall) -> None:
    for timer in ("portvakt-backup.timer", "portvakt-renew.timer"):
        assert hall.fact(timer, "ActiveState") == "active"
    hall.box.run("systemctl start portvakt-renew.service")
    assert "is not due yet" in hall.journal("portvakt-renew.service")


def _a_certificate_that_is_due_is_renewed_and_shown(hall: Hall) -> None:
    hall.box.run(DUE)
    hall.box.run("systemctl start portvakt-renew.service")
    assert "The new certificate holds for 82" in hall.journal("portvakt-renew.service")
    until(lambda: _days_shown(hall.box) > 800, SETTLED_S, "the new certificate, in the proxy")


def _days_shown(box: Box) -> int:
    """For how many days the certificate holds that the proxy shows; 0 while it shows none."""
    shown = f"openssl s_client -connect {ADDRESS}:443 -servername {NAME} </dev/null 2>/dev/null"
    said = box.attempt(f"{shown} | openssl x509 -noout -enddate").stdout.partition("=")[2].strip()
    if not said:
        return 0
    ends = datetime.strptime(said, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
    return (ends - datetime.now(UTC)).days


def _without_a_known_stick_nothing_leaves(hall: Hall) -> None:
    hall.box.run("systemctl start portvakt-backup.service")
    until(lambda: hall.box.path(LEFT).exists(), SETTLED_S, "a word about the copy")
    assert "No stick of this box is there" in hall.box.path(LEFT).read_text()
    assert not list(hall.box.path(STICK).iterdir())


def _a_backup_leaves_the_box(hall: Hall) -> None:
    folder = hall.box.path(f"{STICK}/portvakt")
    before = len(list(folder.glob("*.gz")))
    assert before == 1, "the command itself copies what is there"
    hall.box.run("systemctl start portvakt-backup.service")
    until(lambda: len(list(folder.glob("*.gz"))) == 2, SETTLED_S, "the copy of the night")
    mounts = "cat /proc/mounts"
    until(lambda: "portvakt_box" not in hall.box.run(mounts), SETTLED_S, "it may be pulled out")
    assert '"wrong": ""' in hall.box.path(LEFT).read_text()
    said = hall.box.attempt("portvakt check --role central --all").stdout
    assert "is on the stick since" in said


def test_a_new_box_takes_the_dead_ones_place_and_its_devices_go_on(
    gone: tuple[Path, str], make_box: MakeBox, images: Images
) -> None:
    stick, token = gone
    box = make_box(images.installed())
    box.start()
    Hall(box).wait_ready()
    shutil.copytree(stick, box.path("/mnt/stick"))
    said = box.run("portvakt central box restore /mnt/stick", timeout_s=120)
    assert "posts, signs and boards go on by themselves" in said
    ours = (stick / "portvakt/box/etc+portvakt+ca+ca.pem").read_bytes()
    assert box.path(CA).read_bytes() == ours, "the one that its devices have"
    until(lambda: asks(box, "/readyz") is not None, SETTLED_S, "central behind its proxy")
    as_before = f"-H 'Authorization: Bearer {token}'"
    assert asks(box, f"/v1/stations/{STATION}/expected", as_before)
    assert STATION in box.run(f"{AS_CENTRAL} list")
    assert not box.path("/var/lib/portvakt-central/first-person.code").exists()
