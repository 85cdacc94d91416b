"""What the manager and the office do with the tokens of other systems."""

from flask import Blueprint

from central.web.gate import who_asks
from central.web.reading import Nothing
from central.web.routes import IN_CHARGE, Who, blueprint, route
from central.yard import Yard
from contract import problems
from contract.accounts import Scope, TokenMade, TokenRow, TokenWords
from contract.problems import Problem

_TOKENS = "/v1/stations/<station>/tokens"


class TokenRoutes:
    """Tokens: made, listed, revoked."""

    def __init__(self, yard: Yard) -> None:
        self._tokens = yard.tokens

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "tokens")

    @route("GET", _TOKENS, IN_CHARGE)
    def tokens(self, station: str) -> list[TokenRow]:
        """Give the tokens of other systems that work or have worked here, newest first."""
        return self._tokens.of_station(station)

    @route(
        "POST",
        _TOKENS,
        IN_CHARGE,
        status={201: "The token, shown this once."},
        refuses=(problems.LINE_NOT_EMPTY,),
    )
    def make_token(self, station: str, words: TokenWords) -> TokenMade:
        """Make a token with which another system reads or writes this station's bookings.

        With the scope `hall:link` a hall box keeps the station's line from then on.  Only the office makes
        such a token: with it the box fetches the station's accounts.  It is refused while somebody is on the
        station's board here, whom nobody would see any more.
        """
        guest = who_asks()
        if Scope.HALL in words.scopes and Who.OFFICE not in guest.roles:
            raise Problem(problems.NOT_ALLOWED, "Only the office connects a hall to itself.")
        return self._tokens.create([station], guest.actor, words)

    @route("POST", f"{_TOKENS}/<token_id>/revoke", IN_CHARGE)
    def revoke_token(self, station: str, token_id: str, words: Nothing) -> None:  # noqa: ARG002 - read, and empty
        """Void a token at once; once more changes nothing.

        One that works at other stations too is revoked by somebody whose stations they are.
        """
        guest = who_asks()
        self._tokens.revoke(station, guest.actor, token_id, guest.may_see)
