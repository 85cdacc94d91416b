import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from portvakt.cli import main
from signage.blank import WHOLE_S

SYSTEMD = Path(__file__).resolve().parents[2] / "systemd"
UNITS = sorted(SYSTEMD.glob("*.service"))
# The exposure that `systemd-analyze security` may find, in tenths (10.0 is "everything allowed").
EXPOSURE_TENTHS = {
    "portvakt-kiosk.service": 16,
    "portvakt-browser.service": 24,
    "portvakt-sign.service": 16,
    "portvakt-switch.service": 16,
    "portvakt-boot-check.service": 16,
    "portvakt-reach.service": 16,
    "portvakt-apply.service": 16,
    "portvakt-heartbeat.service": 16,
    "portvakt-fetch.service": 16,
    "portvakt-central.service": 13,
    "portvakt-central@.service": 13,
    "portvakt-card.service": 13,
    "portvakt-backup.service": 13,
    "portvakt-copy.service": 13,
    "portvakt-renew.service": 13,
}
VENV = "/opt/portvakt/current/venv/bin/"
SWITCH = "/usr/local/lib/portvakt/switch"
# They do one thing and end; the others run for ever.
ONCE = {unit for unit in UNITS if "Type=oneshot" in unit.read_text()}
# Each for its reason: what root runs is replaced, put in place or mounted.
AS_ROOT = {
    "portvakt-switch.service",
    "portvakt-boot-check.service",
    "portvakt-apply.service",
    "portvakt-card.service",
    "portvakt-copy.service",
    "portvakt-renew.service",
}
# It asks central over the socket in central's own folder.
AS_ANOTHER = {"portvakt-backup.service": "portvakt-central"}
NOBODY = {"portvakt-reach.service"}

PROGRAMS = rf"({VENV}\w+|{SWITCH})"

each_unit = pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)


def lines(unit: Path, key: str) -> list[str]:
    found = re.findall(rf"^{key}=(.*)$", unit.read_text(), re.MULTILINE)
    return [str(value) for value in found]


def analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    whole = ["systemd-analyze", "--no-pager", *words]
    return subprocess.run(whole, capture_output=True, text=True, check=False)


def test_every_unit_has_a_limit_of_exposure() -> None:
    assert {unit.name for unit in UNITS} == EXPOSURE_TENTHS.keys()


@each_unit
def test_a_unit_is_no_more_exposed_than_its_limit(unit: Path, systemd: str) -> None:
    threshold = f"--threshold={EXPOSURE_TENTHS[unit.name]}"

    judged = analyze("security", "--offline=true", threshold, unit)

    assert judged.returncode == 0, f"{systemd}: {judged.stdout.splitlines()[-1]}"


def test_the_limit_of_exposure_can_be_exceeded(systemd: str, tmp_path: Path) -> None:
    """A gate that lets everything through would look the same as units that are safe."""
    loose = tmp_path / "portvakt-sign.service"
    text = (SYSTEMD / loose.name).read_text()
    loose.write_text(text.replace("CapabilityBoundingSet=\n", ""))

    assert analyze("security", "--offline=true", "--threshold=16", loose).returncode != 0


@each_unit
def test_systemd_understands_every_line(unit: Path, systemd: str, tmp_path: Path) -> None:
    """The programs are not on this machine, so a program that is stands in for them."""
    for one in SYSTEMD.glob("*.*"):  # they name each other
        if one.is_file():
            (tmp_path / one.name).write_text(re.sub(PROGRAMS, "/bin/true", one.read_text()))

    judged = analyze("verify", "--man=no", tmp_path / unit.name)

    assert (judged.returncode, judged.stderr) == (0, ""), systemd


def test_systemd_complains_about_a_line_that_it_does_not_know(systemd: str, tmp_path: Path) -> None:
    wrong = tmp_path / "portvakt-sign.service"
    text = (SYSTEMD / wrong.name).read_text().replace("WatchdogSec=3", "WatchdogSecs=3")
    wrong.write_text(re.sub(rf"{VENV}\w+", "/bin/true", text))

    assert "WatchdogSecs" in analyze("verify", "--man=no", wrong).stderr


@pytest.mark.parametrize(
    "unit",
    [unit for unit in UNITS if unit.stem != "portvakt-apply"],  # it starts the system's own
    ids=lambda unit: unit.stem,
)
def test_a_unit_starts_a_command_that_portvakt_has(unit: Path) -> None:
    (start,) = lines(unit, "ExecStart")
    program, *words = shlex.split(start)
    if program == SWITCH:
        asked = subprocess.run(
            [sys.executable, "-m", "deploy.switch", *words, "--help"],
            capture_output=True,
            check=False,
            cwd=SYSTEMD.parent,
        )
        assert asked.returncode == 0
        return
    assert program == f"{VENV}portvakt"

    command: click.Command = main
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, f"portvakt has no command {words[0]}"
        command, words = found, words[1:]

    known = {option for one in command.params for option in one.opts}
    assert {word for word in words if word.startswith("--")} <= known


@each_unit
def test_a_unit_runs_as_its_own_user_which_sysusers_makes(unit: Path) -> None:
    made = re.findall(r"^u (\S+)", (SYSTEMD / "sysusers.d/portvakt.conf").read_text(), re.MULTILINE)

    user = AS_ANOTHER.get(unit.name, unit.stem.rstrip("@"))
    if unit.name in AS_ROOT | NOBODY:
        assert lines(unit, "User") == []
        assert lines(unit, "DynamicUser") == (["yes"] if unit.name in NOBODY else [])
        return
    assert lines(unit, "User") == [user]
    assert user in made


@pytest.mark.parametrize("unit", sorted(set(UNITS) - ONCE), ids=lambda unit: unit.stem)
def test_a_service_that_fails_is_tried_for_ever(unit: Path) -> None:
    assert lines(unit, "Restart") == ["always"]
    assert lines(unit, "StartLimitIntervalSec") == ["0"]
    assert lines(unit, "Type") == ["notify"]
    assert lines(unit, "WatchdogSec"), "systemd notices when it hangs"


def test_several_centrals_differ_from_one_in_their_folders_their_port_and_nothing_else() -> None:
    one = (SYSTEMD / "portvakt-central.service").read_text()
    several = (SYSTEMD / "portvakt-central@.service").read_text()
    told_apart = several.replace("portvakt-central-%i", "portvakt-central").replace(
        " --port %i", ""
    )
    about = ("Description=", "Documentation=", "After=", "# ")

    def settings(text: str) -> list[str]:
        return [line for line in text.splitlines() if not line.startswith(about)]

    assert settings(told_apart) == settings(one)


def test_a_hung_sign_is_dark_in_time_and_a_dead_one_is_blanked() -> None:
    sign = SYSTEMD / "portvakt-sign.service"

    assert lines(sign, "WatchdogSec") == ["3"]
    assert lines(sign, "TimeoutAbortSec") == ["1"]
    (stop_s,) = lines(sign, "TimeoutStopSec")
    assert int(stop_s) >= WHOLE_S + 3, "the blanker's own time, and its start on a slow Pi"
    (blanker,) = lines(sign, "ExecStopPost")
    assert blanker.startswith(f"{VENV}python -m signage.blank --config ")
    assert blanker.split()[-1] == lines(sign, "ExecStart")[0].split()[-1], "the same settings"


def test_the_users_can_be_made(systemd: str, tmp_path: Path) -> None:
    if shutil.which("systemd-sysusers") is None:
        pytest.skip("no systemd-sysusers on this machine")
    (tmp_path / "etc").mkdir()
    with (SYSTEMD / "sysusers.d/portvakt.conf").open() as wanted:
        words = ["systemd-sysusers", f"--root={tmp_path}", "-"]
        made = subprocess.run(words, stdin=wanted, capture_output=True, text=True, check=False)

    assert made.returncode == 0, made.stderr
    groups = {
        line.split(":")[0]: line.split(":")[3].split(",")
        for line in (tmp_path / "etc/group").read_text().splitlines()
    }
    needed = {
        name for unit in UNITS for name in " ".join(lines(unit, "SupplementaryGroups")).split()
    }
    assert needed <= groups.keys()
    assert set(groups["portvakt"]) == {"portvakt-kiosk", "portvakt-sign"}


def test_a_token_that_came_with_the_card_is_only_for_systemd(systemd: str, tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("systemd-tmpfiles") is None:
        pytest.skip("setting owners needs root and systemd-tmpfiles")
    folder = tmp_path / "etc/portvakt"
    folder.mkdir(parents=True)
    users = {"root": 0, "portvakt-heartbeat": 971, "portvakt-fetch": 972}
    passwd = [f"{name}:x:{number}:{number}::/:/bin/sh\n" for name, number in users.items()]
    groups = [f"{name}:x:{number}:\n" for name, number in {**users, "portvakt": 977}.items()]
    (tmp_path / "etc/passwd").write_text("".join(passwd))
    (tmp_path / "etc/group").write_text("".join(groups))
    (folder / "device-token").write_text("secret")
    (folder / "enrol-code").write_text("secret")

    with (SYSTEMD / "tmpfiles.d/portvakt.conf").open() as wanted:
        words = ["systemd-tmpfiles", "--create", f"--root={tmp_path}", "-"]
        subprocess.run(words, stdin=wanted, check=True)

    token, code = (folder / "device-token").stat(), (folder / "enrol-code").stat()
    assert (token.st_mode & 0o777, token.st_gid) == (0o600, 0)
    assert (code.st_mode & 0o777, code.st_gid) == (0o640, 977)
    folders = tmp_path / "var/lib/portvakt-update"
    owners = {path.name: path.stat().st_uid for path in folders.iterdir()}
    assert owners == {"wanted": 971, "incoming": 972, "state": 0}


def test_udev_understands_the_rules(systemd: str) -> None:
    words = ["udevadm", "verify", *map(str, sorted((SYSTEMD / "udev").iterdir()))]
    if shutil.which("udevadm") is None:
        pytest.skip("no udevadm on this machine")
    judged = subprocess.run(words, capture_output=True, text=True, check=False)
    if "Unknown command" in judged.stderr:
        pytest.skip(f"udevadm verify came with systemd 254; this is {systemd}")

    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_the_journal_is_kept_and_bounded() -> None:
    journal = configparser.ConfigParser()
    journal.read(SYSTEMD / "journald.conf.d/50-portvakt.conf")

    assert journal["Journal"]["Storage"] == "persistent"
    assert journal["Journal"]["SystemMaxUse"] == "64M"


def test_the_folder_shadows_no_python_package() -> None:
    assert not list(SYSTEMD.rglob("*.py"))
