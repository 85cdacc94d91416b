"""A machine that cannot boot a box says so, and why."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.roles import CHECKOUT
from tests.boot import tier
from tests.boot.cgroups import hierarchies

ROW = "{kind} {place} {kind} rw,{options} 0 0\n"


def test_whoever_is_not_root_is_told_that_root_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert tier.missing() == ["it needs root"]
    assert tier.tier() == "offline unit gates: no box here, because it needs root"


@pytest.mark.skipif(os.geteuid() != 0, reason="the list of programs is root's")
def test_what_is_missing_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    monkeypatch.setattr(tier, "_fails", lambda *_words: True)
    assert "systemd-nspawn is missing (apt-get install systemd-container)" in tier.missing()
    assert tier.tier().startswith("offline unit gates: no box here, because systemd-nspawn is")


def test_the_command_names_the_tier_and_its_status_says_whether_it_is_the_whole_one() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.boot.tier"],
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
    )
    assert done.stdout == tier.tier() + "\n"
    assert (done.returncode == 0) == done.stdout.startswith("box: ")


def test_cgroups_are_found_wherever_a_machine_hangs_them(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    rows = [
        ROW.format(kind="tmpfs", place="/sys/fs/cgroup", options="mode=755"),
        ROW.format(kind="cgroup", place="/sys/fs/cgroup/cpuset", options="cpuset"),
        ROW.format(kind="cgroup", place="/sys/fs/cgroup/systemd", options="name=systemd"),
        ROW.format(kind="cgroup2", place="/sys/fs/cgroup/unified", options="nsdelegate"),
    ]
    mounts.write_text("".join(rows))
    found = [os.fspath(place) for place in hierarchies(mounts)]
    assert found == ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"]
