"""The central of a post that many customers come to in a short time."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from contract.plate import Plate
from tests.fakes.queue_central import AT, QueueCentral

STOCKHOLM = ZoneInfo("Europe/Stockholm")


class SoakCentral(QueueCentral):
    """A central whose answers differ from car to car, and whose staff come out and close calls for help."""

    def __init__(self, cars: list[Plate]) -> None:
        super().__init__()
        self.expected = [car.text for car in cars]
        self._today = datetime.now(STOCKHOLM).date()

    def _answer(self, request: Any, path: str) -> tuple[int, Any, dict[str, str]]:
        if path.startswith("elsewhere"):
            booked = {"slot_at": AT, "station": "Kalix"} if path[-1] in "37" else None
            return 200, {"elsewhere": booked}, {"Content-Type": "application/json"}
        if path == "expected":
            return self._list(request.headers.get("If-None-Match"))
        if path.startswith("help/"):
            call = self.help[path.partition("/")[2]]
            call["closed"] = call.get("acknowledged_by") is not None
            call["acknowledged_by"] = "Desk 1"
        return super()._answer(request, path)

    def _list(self, known: str | None) -> tuple[int, Any, dict[str, str]]:
        """The same cars every day; the post's clock runs through many days in an hour."""
        tag = f'"{self._today}"'
        if known == tag:
            return 304, None, {"ETag": tag}
        words = {"day": str(self._today), "plates": self.expected, "epoch": self.epoch}
        return 200, words, {"Content-Type": "application/json", "ETag": tag}

    def _arrive(self, request: Any) -> tuple[int, Any, dict[str, str]]:
        at = datetime.fromisoformat(json.loads(request.body)["at"])
        self._today = at.astimezone(STOCKHOLM).date()
        return super()._arrive(request)

    def _standing(self, plate: str) -> dict[str, Any]:
        words = {**super()._standing(plate), "place": 1 + sum(map(ord, plate)) % 9}
        if plate[-1] in "05":
            words |= {"booked_at": AT}
        if plate[-1] == "9":
            words |= {"state": "called", "door": "2", "called_at": AT, "place": None}
        return words
