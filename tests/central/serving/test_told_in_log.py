"""What central's log says of those who come and go: one line each, and no secret, name or plate."""

from pathlib import Path

import pytest

from central.people.first_person import FirstPerson
from central.words import COMMAND_LINE
from contract.plate import Plate
from contract.problems import Problem
from contract.wire import Enrol, Role
from tests.central import quick_passwords
from tests.central.yards import DESK_1, PITEA, Station
from tests.waiting import until

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    quick_passwords.use(monkeypatch)
    caplog.set_level("INFO")


def lines(caplog: pytest.LogCaptureFixture, start: str) -> list[str]:
    return [said for said in caplog.messages if said.startswith(start)]


def test_a_device_that_enrols_and_a_code_that_is_refused(
    station: Station, caplog: pytest.LogCaptureFixture
) -> None:
    code = station.yard.devices.create_device_code(PITEA, Role.POST, "Post 9")
    wrong = code[:5] + "AAAA"
    for typed in (wrong, "\nabc ²12", "ABC 123"):
        with pytest.raises(Problem):
            station.yard.devices.enrol(PITEA, Enrol(code=typed))
    with pytest.raises(Problem):
        station.yard.devices.enrol(PITEA, Enrol(code=code, role=Role.SIGN))
    device = station.yard.devices.enrol(PITEA, Enrol(code=code))
    assert lines(caplog, "code refused") == [
        f"code refused begins={code[:4]}",
        "code refused begins=ABC",
        "code refused begins=ABC",
    ]
    assert lines(caplog, "code for") == [f"code for another role begins={code[:4]}"]
    assert lines(caplog, "device enrolled") == [
        f"device enrolled station={PITEA} device={device.device}"
    ]
    assert code[5:] not in caplog.text
    assert device.token not in caplog.text


def test_the_first_person_a_name_that_is_locked_and_who_comes_and_goes(
    station: Station, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    people, staffing = station.yard.people, station.yard.staffing
    first = FirstPerson(people, tmp_path / "code")
    first.begin((tmp_path / "code").read_text(), "Office 1", PASSWORD)
    until(lambda: lines(caplog, "first person made id="), what="the line")
    somebody = people.create_user("Desk 9", PASSWORD, [PITEA])
    assert lines(caplog, "person added") == [f"person added id={somebody.id} role=staff"]
    for _ in range(10):
        with pytest.raises(Problem):
            people.sign_in("Desk 9", "guessed")
    until(lambda: lines(caplog, "too many tries side=name until="), what="the line")
    staffing.do(None, "", somebody.id, "disable")
    by = COMMAND_LINE.kind
    until(lambda: lines(caplog, "person disabled"), what="the line")
    assert lines(caplog, "person disabled") == [f"person disabled id={somebody.id} by={by}"]
    invited = staffing.add(None, "Desk 8", "staff", [PITEA])
    until(lambda: len(lines(caplog, "person added")) == 2, what="the line")
    assert lines(caplog, "person added")[1:] == [f"person added id={invited.person.id} by={by}"]
    assert not any(word in caplog.text for word in ("Desk 9", "Desk 8", PASSWORD, invited.code))


def test_an_erasure_on_request(station: Station, caplog: pytest.LogCaptureFixture) -> None:
    station.yard.personal_data.erase(PITEA, DESK_1, Plate.parse("ABC 123"))
    assert lines(caplog, "erased on request") == [
        f"erased on request station={PITEA} visits=0 bookings=0"
    ]
    assert "ABC" not in caplog.text
