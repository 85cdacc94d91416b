"""A hall whose line is cut: what the office says of its machines."""

from central.halls.link import Link
from contract.fleet import MachineSaid
from contract.fleet_view import MachineState
from tests.central.halls.offices import Office, settle
from tests.central.yards import PITEA, Station

SAID = MachineSaid(release="26.11.5-1a2b3c4d", platform="cp311-aarch64", boot="boot-1")


def test_machines_of_a_hall_without_contact_are_not_called_lost(
    sqlite_station: Station, office: Office, hall_link: Link
) -> None:
    for device in sqlite_station.yard.devices.all(PITEA):
        sqlite_station.yard.fleet.hear(device, SAID)
    settle(hall_link)
    assert "no contact" not in office.yard.fleet.all().says
    sqlite_station.clock.advance(3_600_000)
    seen = office.yard.fleet.all()
    assert {one.state for one in seen.machines} == {MachineState.LATE}
    assert seen.says.startswith(f"0 of 1 station ready; no contact with the hall {PITEA} since ")
    assert seen.says.endswith(", its machines were well then.")
