"""Who looked at personal data, for those who answer for it."""

from datetime import date
from typing import Annotated

from flask import Blueprint
from msgspec import Meta, Struct

from central.web.routes import IN_CHARGE, blueprint, route
from central.yard import Yard
from contract.accounts import LookRow


class LooksAsked(Struct, frozen=True):
    """Which day's looks."""

    day: Annotated[date, Meta(description="The station's own day, like 2026-11-23.")]


class LookRoutes:
    """The looks of a day."""

    def __init__(self, yard: Yard) -> None:
        self._looks = yard.looks

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "looks")

    @route("GET", "/v1/stations/<station>/looks", IN_CHARGE)
    def looks(self, station: str, asked: LooksAsked) -> list[LookRow]:
        """Give who looked at what on a day, newest first.

        The same person who looked at the same within 15 minutes is one row, with `times`.
        """
        return self._looks.of_day(station, asked.day)
