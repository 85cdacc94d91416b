"""What runs on every machine: the heartbeat, the fetcher and its timer."""

import configparser
import re
import subprocess
from pathlib import Path

import pytest

from device.machine.heartbeat import STRANGER
from device.machine.places import Places
from device.machine.whom import HALL, TOKENS
from kiosk.settings import IdentitySettings as PostIdentity
from signage.settings import IdentitySettings as SignIdentity

SYSTEMD = Path(__file__).resolve().parents[2] / "systemd"
BOTH = pytest.mark.parametrize("unit", ["portvakt-heartbeat.service", "portvakt-fetch.service"])


def lines(unit: str, key: str) -> list[str]:
    text = (SYSTEMD / unit).read_text()
    return [str(found) for found in re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)]


@BOTH
def test_a_unit_is_handed_every_token_that_its_program_looks_for(unit: str) -> None:
    loaded = dict(one.split(":", 1) for one in lines(unit, "LoadCredential"))
    stand_ins = {one.split(":", 1)[0] for one in lines(unit, "SetCredential")}

    assert loaded.keys() == stand_ins == {*TOKENS, HALL}, "one that is not there keeps none from it"
    assert loaded["post-token"] == str(PostIdentity().token_file)
    assert loaded["sign-token"] == str(SignIdentity().token_file)


def test_each_may_write_its_own_folder_of_updates_and_no_other() -> None:
    places = Places()
    folders = {
        "portvakt-heartbeat.service": places.wanted.parent,
        "portvakt-fetch.service": places.incoming,
    }
    for unit, folder in folders.items():
        (state,) = lines(unit, "StateDirectory")
        assert Path("/var/lib") / state == folder
        assert lines(unit, "ReadWritePaths") == []
        assert lines(unit, "ProtectSystem") == ["strict"]


def test_a_heartbeat_that_wants_another_token_is_started_again_after_a_minute() -> None:
    unit = "portvakt-heartbeat.service"

    assert f"ends with {STRANGER}" in (SYSTEMD / unit).read_text()
    assert (lines(unit, "Restart"), lines(unit, "RestartSec")) == (["always"], ["60"])
    assert lines(unit, "RuntimeDirectoryPreserve") == ["restart"], "the mark of the token before"


def test_releases_are_looked_for_every_ten_minutes_and_not_by_all_at_once() -> None:
    timer = configparser.ConfigParser()
    timer.read(SYSTEMD / "portvakt-fetch.timer")

    assert timer["Timer"]["OnUnitInactiveSec"] == "10min"
    assert timer["Timer"]["RandomizedDelaySec"] == "5min"
    assert timer["Install"]["WantedBy"] == "portvakt.target"


def test_systemd_understands_the_timer_and_the_target(systemd: str, tmp_path: Path) -> None:
    for path in SYSTEMD.glob("portvakt*.*"):
        if path.is_file():
            ours = re.sub(r"/(opt/portvakt|usr/local/lib)/\S+", "/bin/true", path.read_text())
            (tmp_path / path.name).write_text(ours)
    for name in ("portvakt-fetch.timer", "portvakt.target"):
        words = ["systemd-analyze", "--no-pager", "verify", "--man=no", str(tmp_path / name)]
        judged = subprocess.run(words, capture_output=True, text=True, check=False)
        assert (judged.returncode, judged.stderr) == (0, ""), systemd


def test_what_runs_on_every_machine_starts_with_it() -> None:
    assert lines("portvakt.target", "WantedBy") == ["multi-user.target"]
    assert lines("portvakt-heartbeat.service", "WantedBy") == ["portvakt.target"]
