"""What a machine can say of itself without any privilege."""

import os
import subprocess
from pathlib import Path

import pytest

from contract.fleet import MachineSaid, UnitFacts
from device.machine.facts import Machine, is_root_writable, this_platform
from device.machine.units import ours, unit_facts
from device.machine.whom import central_of
from device.settings import SettingsError
from tests.device.machine.machine import NEXT, RUNS, MachineFolder
from tests.fakes.clock import FakeClock

SHOWN = """\
Id=portvakt-kiosk.service
LoadState=loaded
ActiveState=active
NRestarts=3

Id=portvakt-sign.service
LoadState=not-found
ActiveState=inactive
NRestarts=0

Id=portvakt-browser.service
LoadState=loaded
ActiveState=activating
NRestarts=
"""


@pytest.fixture
def machine(tmp_path: Path) -> MachineFolder:
    return MachineFolder(tmp_path)


def said(machine: MachineFolder) -> MachineSaid:
    return Machine(machine.places, FakeClock(), lambda _: []).said()


def test_units_are_told_as_systemd_sees_them_and_none_that_is_not_there() -> None:
    assert unit_facts(["portvakt-kiosk.service"], lambda _: SHOWN) == [
        UnitFacts(unit="portvakt-kiosk.service", state="active", restarts=3),
        UnitFacts(unit="portvakt-browser.service", state="activating"),
    ]


@pytest.mark.parametrize("error", [OSError(), subprocess.CalledProcessError(1, "systemctl")])
def test_where_nobody_answers_on_the_bus_processes_say_which_units_run(
    tmp_path: Path, error: Exception
) -> None:
    def fails(_: list[str]) -> str:
        raise error

    (tmp_path / "a.service").mkdir()
    (tmp_path / "a.service/cgroup.procs").write_text("12\n")

    found = unit_facts(["a.service", "b.service"], fails, tmp_path)
    assert [(one.unit, one.state) for one in found] == [
        ("a.service", "active"),
        ("b.service", "inactive"),
    ]


def test_only_services_of_this_machine_are_asked_about() -> None:
    units = ["portvakt-kiosk.service", "portvakt-central@.service", "portvakt-fetch.timer"]
    assert ours(units) == ["portvakt-kiosk.service"]


def test_a_trial_is_told_before_anything_else(machine: MachineFolder) -> None:
    machine.wrote("last.json", {"phase": "rolled_back", "about": "26.11.3", "why": "old"})
    machine.wrote("trial.json", {"release": NEXT, "to": "x", "back_to": "y"})

    told = said(machine)
    assert (told.phase, told.about) == ("trial", NEXT)


def test_a_release_that_was_taken_back_is_told_with_the_reason(machine: MachineFolder) -> None:
    why = "kiosk: keypad: it worked before"
    machine.wrote("last.json", {"phase": "rolled_back", "about": NEXT, "why": why, "at": "x"})
    machine.wrote("bad.json", [{"release": NEXT, "why": why}])

    told = said(machine)
    assert (told.phase, told.about, told.why) == ("rolled_back", NEXT, why)
    assert [(one.release, one.why) for one in told.bad] == [(NEXT, why)]


def test_what_the_fetcher_refused_is_told(machine: MachineFolder) -> None:
    machine.wrote("last.json", {"phase": "settled", "about": RUNS, "why": ""})
    os.utime(machine.places.state / "last.json", (1, 1))
    machine.places.fetched.write_text(f'{{"phase": "refused", "about": "{NEXT}", "why": "torn"}}')

    told = said(machine)
    assert (told.phase, told.about, told.why) == ("refused", NEXT, "torn")


def test_what_the_updater_did_later_outweighs_the_fetcher(machine: MachineFolder) -> None:
    machine.places.fetched.write_text('{"phase": "refused", "about": "x", "why": "torn"}')
    os.utime(machine.places.fetched, (1, 1))
    machine.wrote("last.json", {"phase": "settled", "about": RUNS, "why": ""})

    assert said(machine).phase == "settled"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"phase": "flying"}', '{"about": 7}'])
def test_records_that_cannot_be_read_count_as_not_there(
    machine: MachineFolder, content: str
) -> None:
    for name in ("last.json", "bad.json"):
        (machine.places.state / name).write_text(content)

    told = said(machine)
    assert (told.phase, told.bad) == ("settled", [])


def test_a_checkout_without_a_release_is_told_by_its_version_and_this_platform(
    machine: MachineFolder,
) -> None:
    (machine.places.release / "release.json").unlink()

    told = said(machine)
    assert told.platform == this_platform()
    assert told.release[0].isdigit()


def test_a_32_bit_system_on_a_64_bit_kernel_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert this_platform().endswith("-aarch64")

    monkeypatch.setattr("sys.maxsize", 2**31 - 1)
    assert this_platform().endswith("-aarch64_32")


@pytest.mark.parametrize(
    ("line", "writable"),
    [
        ("22 1 8:1 / / ro,noatime shared:1 - ext4 /dev/mmcblk0p2 rw,discard\n", True),
        ("22 1 8:1 / / ro,noatime shared:1 - ext4 /dev/mmcblk0p2 ro,discard\n", False),
        ("22 1 8:1 / /boot ro - vfat /dev/mmcblk0p1 ro\n", True),
        ("", True),
    ],
)
def test_a_card_that_takes_no_writes_is_told_apart_from_our_own_sandbox(
    tmp_path: Path, line: str, writable: bool
) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self/mountinfo").write_text(line)
    assert is_root_writable(tmp_path) is writable


def test_a_machine_that_cannot_say_counts_as_writable(tmp_path: Path) -> None:
    assert is_root_writable(tmp_path)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "must be texts"),
        ("central = 7", "must be texts"),
        ('[central]\nurl = "http://central.example"\nstation = "p"', "must begin with https"),
        ("[central", "cannot be read"),
    ],
)
def test_settings_that_do_not_say_where_central_is_are_named(
    tmp_path: Path, text: str, why: str
) -> None:
    (tmp_path / "sign.toml").write_text(text)
    with pytest.raises(SettingsError, match=why):
        central_of(tmp_path)


def test_a_folder_without_settings_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"post\.toml"):
        central_of(tmp_path)


def test_the_ca_of_the_settings_counts(tmp_path: Path) -> None:
    text = '[central]\nurl = "https://c.example"\nstation = "p"\nca_file = "/etc/portvakt/ca.pem"\n'
    (tmp_path / "post.toml").write_text(text + "[keypad]\nkind = 7\n")
    assert central_of(tmp_path).ca_file == Path("/etc/portvakt/ca.pem")
