"""Who this device is: a one-time code becomes a token, and the token a file that only we can read."""

import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec

from contract.errors import PortvaktError
from contract.problems import CODE_FOR_ANOTHER
from contract.reading import from_json
from contract.wire import Enrol, Enrolled, Role
from device.files import write_whole
from device.session import CentralRefused, CentralSession

CREDENTIAL = "device-token"
BOARD_SERIAL = Path("/proc/device-tree/serial-number")


class IdentityBroken(PortvaktError):
    """A token file is there, but it cannot be used."""

    def __init__(self, path: Path, why: object) -> None:
        super().__init__(
            f"{path} cannot be used ({why}); delete it and enrol this device with a new code."
        )
        self.path = path


@dataclass(frozen=True, slots=True)
class Identity:
    """What central said at enrolment.  `bay` is the door of a sign.  The token never prints.

    `before` is the token that was renewed last.
    """

    device: str
    token: str = field(repr=False)
    station: str
    role: Role
    name: str
    bay: str | None = None
    before: str = field(default="", repr=False)


def load_identity(token_file: Path) -> Identity | None:
    """Read *token_file*, else the credential that systemd handed us; None before enrolment.

    The file goes first: after a new enrolment it is younger than the credential.

    Raises:
        IdentityBroken: a file is there that cannot be read or understood.
    """
    for path in (token_file, _credential()):
        if path is not None and (found := _read(path)) is not None:
            return found
    return None


def save_identity(identity: Identity, token_file: Path) -> None:
    """Keep *identity* in *token_file* (mode 0600); on the disk when this returns.

    Raises:
        IdentityBroken: it cannot be written; a file that was there before is untouched.
    """
    try:
        write_whole(token_file, msgspec.json.encode(asdict(identity)) + b"\n")
    except OSError as error:
        raise IdentityBroken(token_file, error.strerror) from error


def new_claim() -> str:
    """Make the word by which central knows us again when the answer to our enrolment was lost: 128 bits."""
    return secrets.token_hex(16)


def enrol(session: CentralSession, station: str, words: Enrol) -> Identity:
    """Trade a one-time code for an identity of our own role; the caller saves it before using it.

    Every attempt with a code brings the same claim: after a lost answer the code works once more.

    Raises:
        CentralUnreachable: try again, the code may still be good.
        CentralRefused: reason `code_refused` or `code_for_another`; ask for a new code.
    """
    path = f"/v1/stations/{station}/devices/enrol"
    answer = session.call("POST", path, words, Enrolled)
    if answer.role is not words.role:  # a central of an older release looks at no role
        why = (
            f"The code was for a {answer.role}, and this is a {words.role}; revoke {answer.device}."
        )
        raise CentralRefused(CODE_FOR_ANOTHER.status, CODE_FOR_ANOTHER.reason, why)
    return Identity(**msgspec.structs.asdict(answer))


def board_serial(path: Path = BOARD_SERIAL) -> str:
    """The serial number that is printed on the Pi's board; empty on other machines."""
    try:
        return path.read_text("ascii", "replace").strip("\0\n ")
    except OSError:
        return ""


def _credential() -> Path | None:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")  # systemd.exec(5), LoadCredential=
    return Path(folder) / CREDENTIAL if folder else None


def _read(path: Path) -> Identity | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise IdentityBroken(path, error.strerror) from error
    if not content.strip():  # the unit's stand-in for a credential that is not there yet
        return None
    try:
        return from_json(content, Identity)
    except msgspec.MsgspecError as error:
        raise IdentityBroken(path, error) from error
