"""What technicians and the office do with devices: codes, new tokens, and taking them out of service."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint

from central.devices.enrolment import Purpose
from central.errors import NotPossible, NotThere
from central.web.gate import who_asks
from central.web.reading import Nothing
from central.web.routes import FITTERS, blueprint, route
from central.yard import Yard
from contract import problems
from contract.accounts import CodeMade, CodeRow, CodeWords
from contract.problems import Problem

_DEVICES = "/v1/stations/<station>/devices"


class DeviceAdminRoutes:
    """Codes, revocation, rotation, and the word that one machine is left."""

    def __init__(self, yard: Yard) -> None:
        self._devices = yard.devices

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "device_admin")

    @route(
        "POST",
        f"{_DEVICES}/codes",
        FITTERS,
        status={201: "The code, shown this once."},
        refuses=(problems.VALUE_REFUSED,),
    )
    def make_code(self, station: str, words: CodeWords) -> CodeMade:
        """Make a one-time code that enrols a device.

        It works once, within 48 hours, and is void after five wrong tries.  With `replaces` the new device
        takes over the name, the door and the listing of a broken or revoked one, whose token dies then.
        """
        purpose = Purpose(station, words.role, words.name, words.bay, words.replaces)
        with _refusing():
            return self._devices.codes.make(purpose)

    @route("GET", f"{_DEVICES}/codes", FITTERS)
    def codes(self, station: str) -> list[CodeRow]:
        """Give the codes that wait for their devices, newest first."""
        return self._devices.codes.open(station)

    @route("DELETE", f"{_DEVICES}/codes/<handle>", FITTERS)
    def withdraw_code(self, station: str, handle: str) -> None:
        """Withdraw a code that no device has used yet."""
        with _refusing():
            self._devices.codes.withdraw(station, handle)

    @route("POST", f"{_DEVICES}/<device>/revoke", FITTERS)
    def revoke_device(self, station: str, device: str, words: Nothing) -> None:  # noqa: ARG002 - read, and empty
        """Take a device out of service: its token is void at once, and it enrols by a new code only."""
        with _refusing():
            self._devices.revoke(station, who_asks().actor, device)

    @route("POST", f"{_DEVICES}/<device>/rotate", FITTERS, refuses=(problems.WRONG_STATE,))
    def rotate_device(self, station: str, device: str, words: Nothing) -> None:  # noqa: ARG002 - read, and empty
        """Let a device fetch a new token with its next heartbeat.

        It works without a pause: the old token is void once the new one was used.  Of two machines with one
        token the faster would get it, so a device that has a copy is replaced by a code instead.
        """
        with _refusing():
            self._devices.ask_rotation(station, device)

    @route("POST", f"{_DEVICES}/<device>/one-again", FITTERS)
    def one_again(self, station: str, device: str, words: Nothing) -> None:  # noqa: ARG002 - read, and empty
        """Say that only one machine has the device's token: the other one was found.

        A sign is granted calls again.  If two speak all the same, it is said again within minutes.
        """
        with _refusing():
            self._devices.one_again(station, who_asks().actor, device)


@contextmanager
def _refusing() -> Iterator[None]:
    """Turn what the command line is told into the refusals of the web."""
    try:
        yield
    except NotThere as error:
        raise Problem(problems.NOT_FOUND, str(error)) from error
    except NotPossible as error:
        raise Problem(problems.VALUE_REFUSED, str(error)) from error
