"""What hall boxes send to their office and fetch from it, and what people see of halls."""

import hashlib
from typing import Annotated

from flask import Blueprint, Response, request
from msgspec import Meta, Struct, structs

from central.people.api_tokens import ApiToken
from central.web.asking import Known
from central.web.gate import who_asks
from central.web.reading import Nothing
from central.web.replies import as_json
from central.web.routes import FITTERS, IN_CHARGE, Gives, Who, blueprint, route
from central.yard import Yard
from contract import problems
from contract.halls import HallNews, HallReport, HallRow, HallTaken

_HALL = "/v1/stations/<station>/hall"
_ETAG = {"ETag": "Send it back in `If-None-Match`: while nothing has changed the answer is 304."}


class NewsAsked(Struct, frozen=True):
    """How far a hall is."""

    office: Annotated[
        str, Meta(max_length=64, description="The history that the cursor belongs to, as we said.")
    ] = ""
    after: Annotated[
        str, Meta(pattern="^[0-9]{1,16}$", description="The cursor: `after` of the last answer.")
    ] = "0"


class HallRoutes:
    """Reports, news, and the list of halls."""

    def __init__(self, yard: Yard) -> None:
        self._halls = yard.halls

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "halls")

    @route("POST", f"{_HALL}/report", Who.HALL, refuses=(problems.LINE_NOT_EMPTY,))
    def hall_report(self, station: str, words: HallReport) -> HallTaken:
        """Take a hall's next events, and how it is now.

        The same events may be sent any number of times; behind a gap nothing is taken.  The answer says up
        to where the office has them on its disk, and when the hall's key ends.  Plates and names of staff
        are kept of none.  The first report is refused while somebody is on the station's board here.
        """
        guest = who_asks()
        taken = self._halls.report(station, guest.actor, words)
        ends = guest.who.expires_at if isinstance(guest.who, ApiToken) else None
        return structs.replace(taken, key_ends_at=ends)

    @route(
        "GET",
        f"{_HALL}/news",
        Who.HALL,
        headers=Known,
        gives=(
            Gives(200, HallNews, says="What the hall has not fetched yet.", headers=_ETAG),
            Gives(304, says="Nothing has changed since.", headers=_ETAG),
        ),
    )
    def hall_news(self, station: str, asked: NewsAsked) -> Response:
        """Give a hall what the office has for it: bookings, accounts, codes, revocations, erasures.

        Bookings are those that changed since the cursor, each as it is now; all the rest is whole.  An
        unknown cursor begins at the beginning.
        """
        answer = as_json(self._halls.news(station, asked.office, int(asked.after)))
        answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest())
        answer.make_conditional(request)
        return answer

    @route("GET", "/v1/halls", FITTERS, IN_CHARGE)
    def halls(self) -> list[HallRow]:
        """Give every hall as it was heard last, and how old that is; of one's own stations only."""
        may_see = who_asks().may_see
        return [row for row in self._halls.rows() if may_see(row.station)]

    @route("POST", f"{_HALL}/devices/<device>/revoke", FITTERS)
    def revoke_hall_device(self, station: str, device: str, words: Nothing) -> None:  # noqa: ARG002 - read, and empty
        """Take a hall's device out of service; it is so as soon as the hall asks for news."""
        self._halls.revoke_device(station, who_asks().actor, device)
