"""A machine that the installer made boots, and every service says that it is ready."""

import pytest

from tests.boot.hall import UNITS, Hall
from tests.boot.said import measured

pytestmark = pytest.mark.boxes

OF_THE_MACHINE = (
    "portvakt.target",
    "portvakt-boot-check.service",
    "portvakt-heartbeat.service",
    "portvakt-fetch.timer",
    "portvakt-switch.path",
)


def test_every_service_of_ours_is_ready_and_nothing_has_failed(hall: Hall) -> None:
    states = {unit: hall.fact(unit, "ActiveState") for unit in UNITS}
    assert states == dict.fromkeys(UNITS, "active")
    assert hall.box.run("systemctl --failed --no-legend --plain") == ""
    measured(f"boot: {hall.box.run('systemd-analyze time').splitlines()[0]}")


def test_what_looks_after_the_machine_is_ready_too(hall: Hall) -> None:
    assert {unit: hall.fact(unit, "ActiveState") for unit in OF_THE_MACHINE} == dict.fromkeys(
        OF_THE_MACHINE, "active"
    )


def test_no_service_was_started_twice(hall: Hall) -> None:
    assert {hall.restarts(unit) for unit in UNITS} == {0}


def test_central_answers_in_the_box(hall: Hall) -> None:
    assert hall.box.run("curl -fsS http://127.0.0.1:8081/readyz")


def test_the_sign_keeps_its_panel_dark(hall: Hall) -> None:
    assert hall.told(), "the panel was told nothing at all"
    assert hall.shows() == ""


@pytest.mark.parametrize("unit", UNITS)
def test_a_service_is_as_shut_in_as_it_was_meant_to_be(hall: Hall, unit: str) -> None:
    said = hall.box.run(f"systemd-analyze security --no-pager {unit}").strip().splitlines()[-1]
    score = float(said.partition(":")[2].split()[0])
    measured(f"exposure of {unit}: {score}")
    assert score <= 1.6
