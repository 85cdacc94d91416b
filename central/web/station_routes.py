"""What a station is: its name, its clock, its doors.  No vehicle is among it, so nobody looked at one."""

from flask import Blueprint

from central.web.routes import SIGNED_IN, blueprint, route
from central.yard import Yard
from contract.accounts import DoorFacts, StationFacts


class StationRoutes:
    """The station as the pages of the office need it."""

    def __init__(self, yard: Yard) -> None:
        self._yard = yard

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "station")

    @route("GET", "/v1/stations/<station>/facts", SIGNED_IN)
    def facts(self, station: str) -> StationFacts:
        """Give the station's name, its time zone and its doors."""
        place = self._yard.places.at(station)
        doors = [DoorFacts(bay=bay.id, door=bay.door) for bay in place.bays]
        return StationFacts(
            station=place.id, name=place.name, time_zone=place.zone.key, doors=doors
        )
