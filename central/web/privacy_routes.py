"""What a station keeps of its customers: for how long, all about one plate, and its erasure."""

from flask import Blueprint

from central.web.gate import who_asks
from central.web.looking import looked_at
from central.web.routes import IN_CHARGE, blueprint, route
from central.yard import Yard
from contract import problems
from contract.accounts import Erased, Export, Keeping, Looked, OnePlate
from contract.plate import Plate

_PRIVACY = "/v1/stations/<station>/privacy"


class PrivacyRoutes:
    """Retention, export, erasure."""

    def __init__(self, yard: Yard) -> None:
        self._personal_data = yard.personal_data

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "privacy")

    @route("GET", _PRIVACY, IN_CHARGE)
    def keeping(self, station: str) -> Keeping:
        """Say for how long the station keeps what, and when it was last erased."""
        return self._personal_data.keeping(station)

    @route(
        "POST",
        f"{_PRIVACY}/export",
        IN_CHARGE,
        refuses=(problems.PLATE_REFUSED,),
        looks=Looked.EXPORT,
    )
    def export(self, station: str, words: OnePlate) -> Export:
        """Give everything that is held about a plate, for the person who asks about their own."""
        plate = Plate.parse(words.plate)
        looked_at(plate)
        return self._personal_data.export(station, plate)

    @route(
        "POST",
        f"{_PRIVACY}/erase",
        IN_CHARGE,
        refuses=(problems.PLATE_REFUSED, problems.WRONG_STATE),
        looks=Looked.ERASE,
    )
    def erase(self, station: str, words: OnePlate) -> Erased:
        """Erase a plate: from its visits, events, calls for help, bookings of the past, and kept backups.

        Times stay, without whose they were.  A vehicle that is in the yard now must leave it first.
        """
        plate = Plate.parse(words.plate)
        looked_at(plate)
        return self._personal_data.erase(station, who_asks().actor, plate)
