"""The machine as it is: what systemd says, what our services say, and what may be wrong with that."""

import json
import os
import stat
from pathlib import Path

import pytest

from contract.release import service_state
from deploy.switch.machine import REACHED, RealMachine
from deploy.switch.place import Place
from tests.deploy.switch.worlds import NEW, OLD, World

SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$TOLD"
[ "$1" = show ] && cat "$SHOWS"
[ "$1 $2" = "start portvakt-reach.service" ] && exit "${REACH:-1}"
exit 0
"""
SHOWS = """Id=portvakt-sign.service
ActiveState=active
SubState=running
NRestarts=0

Id=portvakt-kiosk.service
ActiveState=activating
SubState=auto-restart
NRestarts=7

Id=portvakt-central.service
ActiveState=activating
SubState=start
NRestarts=0
"""
UNITS = [f"portvakt-{name}.service" for name in ("sign", "kiosk", "central")]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A systemctl that answers, and the file in which it writes down what it was told."""
    program = tmp_path / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(SYSTEMCTL)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "shows").write_text(SHOWS)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("SHOWS", str(tmp_path / "shows"))
    monkeypatch.setenv("TOLD", str(tmp_path / "told"))
    return tmp_path / "told"


@pytest.fixture
def place(tmp_path: Path, told: Path) -> Place:
    world = World(tmp_path / "machine", bad=False)
    assert world.current == OLD
    return world.place


def say(place: Place, service: str, content: str) -> Path:
    path = place.path(f"/run/{service}/state.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def test_systemd_tells_what_runs_what_starts_and_what_falls(place: Place) -> None:
    look = RealMachine(place).look(UNITS, None, ask_network=False)

    assert list(look.states.values()) == ["active", "auto-restart", "starting"]
    assert look.restarts["portvakt-kiosk.service"] == 7


def test_services_tell_their_faults_and_for_which_release_they_speak(place: Place) -> None:
    release = OLD.removesuffix(".sign")
    say(place, "portvakt-sign", json.dumps({"release": release, "faults": ["panel"]}))
    say(place, "portvakt-kiosk", service_state("26.1.1", [], busy=True).decode())

    look = RealMachine(place).look(UNITS, None, ask_network=False)

    assert look.faults == {"portvakt-sign: panel"}
    assert look.speaks == {"portvakt-sign"}
    assert look.busy


@pytest.mark.parametrize("content", ["", "[", "[]", '{"faults": 3}', '"' + "x" * 100_000])
def test_nonsense_says_nothing(place: Place, content: str) -> None:
    say(place, "portvakt-sign", content)

    look = RealMachine(place).look(UNITS, None, ask_network=False)

    assert (look.faults, look.speaks) == (frozenset(), frozenset())


def test_what_was_said_long_ago_says_nothing(place: Place) -> None:
    path = say(place, "portvakt-sign", json.dumps({"release": "x", "faults": ["panel"]}))
    os.utime(path, (0, 0))

    assert RealMachine(place).look(UNITS, None, ask_network=False).faults == frozenset()


def test_a_link_is_not_followed_because_root_reads(place: Place, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text(json.dumps({"release": "x", "faults": ["panel"]}))
    path = place.path("/run/portvakt-sign/state.json")
    path.parent.mkdir(parents=True)
    path.symlink_to(tmp_path / "other.json")

    assert RealMachine(place).look(UNITS, None, ask_network=False).faults == frozenset()


def test_central_was_reached_when_the_heartbeat_says_so_since_then(place: Place) -> None:
    machine = RealMachine(place)
    assert not machine.look(UNITS, None, ask_network=False).reached
    reached = place.path(REACHED)
    reached.parent.mkdir(parents=True)
    reached.touch()

    assert machine.look(UNITS, None, ask_network=False).reached
    assert not machine.look(UNITS, machine.wall() + 1, ask_network=False).reached


@pytest.mark.parametrize(("status", "answers"), [("0", True), ("1", False)])
def test_a_unit_of_its_own_asks_the_network_when_asked_to(
    place: Place, told: Path, monkeypatch: pytest.MonkeyPatch, status: str, answers: bool
) -> None:
    monkeypatch.setenv("REACH", status)
    machine = RealMachine(place)

    assert machine.look(UNITS, None, ask_network=False).answers is None
    assert "portvakt-reach" not in told.read_text()
    assert machine.look(UNITS, None, ask_network=True).answers is answers


def test_systemd_is_told_in_its_words(place: Place, told: Path) -> None:
    machine = RealMachine(place)
    machine.reload()
    machine.restart(UNITS[:2])
    machine.stop(UNITS[:1])
    machine.restart([])

    sign, kiosk = UNITS[:2]
    assert told.read_text().splitlines() == [
        "daemon-reload",
        "start portvakt-apply.service",
        f"reset-failed {sign} {kiosk}",
        f"restart {sign} {kiosk}",
        f"stop {sign}",
    ]


def test_a_clock_that_timesyncd_set_is_believed(place: Place) -> None:
    stamp = place.path("/run/systemd/timesync/synchronized")
    stamp.parent.mkdir(parents=True)
    stamp.touch()

    assert RealMachine(place).synced()


def test_a_torso_is_no_release(place: Place) -> None:
    """`speaks` compares with what runs, and what runs may have lost its mark."""
    (place.path("/opt/portvakt/releases") / OLD / "release.json").unlink()
    say(place, "portvakt-sign", json.dumps({"release": NEW, "faults": []}))

    assert RealMachine(place).look(UNITS, None, ask_network=False).speaks == frozenset()
