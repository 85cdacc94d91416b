"""What an update brings beside its programs: users, folders and device rules, made by a unit of its own."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.configuration import commands
from deploy.roles import ROLES
from tests.systemd.test_units import SYSTEMD, lines

UNIT = SYSTEMD / "portvakt-apply.service"


def told() -> list[list[str]]:
    """The commands that it runs, in their order."""
    return [shlex.split(line.lstrip("-")) for line in lines(UNIT, "ExecStart")]


def kind(words: list[str]) -> str:
    """A command without those of its words that name devices or times."""
    named = [word for word in words if not re.match("--(subsystem|timeout)", word)]
    return " ".join([Path(words[0]).name, *named[1:]])


def test_a_user_and_a_folder_that_an_update_brings_are_made(systemd: str, tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("systemd-sysusers") is None:
        pytest.skip("making users needs root and systemd-sysusers")
    for folder in ("sysusers.d", "tmpfiles.d"):
        shutil.copytree(SYSTEMD / folder, tmp_path / "etc" / folder)
    run(tmp_path)
    with (tmp_path / "etc/sysusers.d/portvakt.conf").open("a") as users:
        users.write("u portvakt-new - - /var/lib/portvakt-new -\n")
    with (tmp_path / "etc/tmpfiles.d/portvakt.conf").open("a") as folders:
        folders.write("d /var/lib/portvakt-new 0750 portvakt-new portvakt-new - -\n")

    run(tmp_path)

    accounts = (tmp_path / "etc/passwd").read_text().splitlines()
    (user,) = [line.split(":") for line in accounts if line.startswith("portvakt-new:")]
    found = (tmp_path / "var/lib/portvakt-new").stat()
    assert (found.st_uid, found.st_mode & 0o777) == (int(user[2]), 0o750)


def run(root: Path) -> None:
    """Run those of its commands that can be told of another root."""
    for program, *words in told():
        if Path(program).name in {"systemd-sysusers", "systemd-tmpfiles"}:
            subprocess.run([program, f"--root={root}", *words], check=True)


def test_an_update_makes_hold_what_an_installation_does_in_the_same_order() -> None:
    made = [list(words) for words in commands(ROLES["post"])]
    # The updater has the units read before it starts this one; users are made by an installation itself.
    made = [words for words in made if words != ["systemctl", "daemon-reload"]]

    assert [kind(words) for words in told()[1:]] == [kind(words) for words in made]
    assert kind(told()[0]) == "systemd-sysusers portvakt.conf"


def test_every_device_for_which_there_is_a_rule_is_named_anew() -> None:
    rules = "".join(path.read_text() for path in (SYSTEMD / "udev").iterdir())
    (trigger,) = [words for words in told() if "trigger" in words]

    named = {word.partition("=")[2] for word in trigger if word.startswith("--subsystem")}
    assert named == set(re.findall(r'SUBSYSTEM=="([\w-]+)"', rules))


def test_it_waits_for_nothing_that_waits_for_the_updater_at_a_boot() -> None:
    """The updater goes back before anything of ours starts, and waits until this unit has ended."""
    assert lines(UNIT, "DefaultDependencies") == ["no"]
    assert lines(UNIT, "After") == ["sysinit.target"]
    held_up = " ".join(lines(SYSTEMD / "portvakt-boot-check.service", "Before"))
    assert "portvakt.target" in held_up
    (most_s,) = lines(UNIT, "TimeoutStartSec")
    (all_s,) = lines(SYSTEMD / "portvakt-boot-check.service", "TimeoutStartSec")
    assert int(most_s) < int(all_s)
