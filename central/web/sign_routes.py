"""What people may ask of a sign: to see what stands on it."""

from flask import Blueprint

from central.web.reading import Nothing
from central.web.routes import LINE, Gives, Who, blueprint, route
from central.yard import Yard
from contract.accounts import Looked
from contract.yard import SignPicture

_PICTURE = "/v1/stations/<station>/signs/<sign>/picture"


class SignRoutes:
    """The picture that stands on a sign, for who cannot see the door."""

    def __init__(self, yard: Yard) -> None:
        self._yard = yard

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "signs")

    @route("POST", _PICTURE, LINE, Who.TECHNICIAN)
    def ask_picture(self, station: str, sign: str, words: Nothing) -> None:  # noqa: ARG002 - read, and empty
        """Let a sign say what stands on it.

        It is asked over its stream and answers with its next beat, well within a second; then the
        picture can be read at this address.
        """
        self._yard.ask_picture(station, sign)

    @route(
        "GET",
        _PICTURE,
        LINE,
        Who.TECHNICIAN,
        gives=(
            Gives(200, SignPicture, says="What the sign says has left for its panel."),
            Gives(
                204, says="The sign has not answered, or was not asked within the last ten seconds."
            ),
        ),
        looks=Looked.PICTURE,
    )
    def picture(self, station: str, sign: str) -> SignPicture | None:
        """Give what stood on a sign when it last said so.

        It tells what was sent: whether the panel shows it, only a panel that reads back can say.
        """
        return self._yard.picture(station, sign)
