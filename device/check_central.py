"""Questions about central, asked from a device: does it answer, and does it know us?"""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

from contract.problems import CODE_FOR_ANOTHER, NOT_ALLOWED, UNKNOWN_DEVICE
from contract.wire import Role
from device.central_settings import CentralPlace, is_this_machine
from device.check import Answer, Question, fault, note, ok, wait
from device.check_certificate import certificate_answer
from device.clock import Clock
from device.identity import Identity, IdentityBroken, load_identity
from device.refused_code import RefusedCode, begins
from device.session import CentralRefused, CentralSession, CentralUnreachable, CentralUntrusted
from device.trust import Trust

# What the units hand over by LoadCredential=, readable by root alone.
CARD_TOKEN = Path("/etc/portvakt/device-token")
SLOW_MS = 1_000
# Somebody stands there in the cold and waits for this.
TIMEOUT_S = (3.05, 5.0)

# No cable lies between a hall box and itself.
_HERE = (
    "Start it again: sudo systemctl restart portvakt-central\n"
    "Why it ended: sudo journalctl -u portvakt-central -n 50"
)

MakeSession = Callable[[str, str | None], CentralSession]


@dataclass(frozen=True, slots=True)
class Own:
    """What a device has of its own: its role, where its token is, and where its one-time code is put."""

    role: Role
    token_file: Path
    code_file: Path | None = None


def asking_session(url: str, token: str | None, trust: Trust | None = None) -> CentralSession:
    """Make a session with a technician's patience."""
    return CentralSession(url, token, timeout=TIMEOUT_S, trust=trust)


def central_questions(
    central: CentralPlace, own: Own, clock: Clock, make_session: MakeSession | None = None
) -> list[Question]:
    """Those that every device asks."""
    trust, url = Trust(central.ca_file, clock), central.url
    make = make_session or partial(asking_session, trust=trust)
    return [
        Question("Certificate", partial(certificate_answer, url, trust)),
        Question("Central", partial(central_answer, url, make)),
        Question("Enrolment", partial(enrolment_answer, central, own, make)),
    ]


def central_answer(
    url: str, make_session: MakeSession = asking_session, now_s: Callable[[], float] = monotonic
) -> Answer:
    """Whether central answers and can work, and how fast."""
    begun_s = now_s()
    try:
        with make_session(url, None) as session:
            session.exchange("GET", "/readyz")
    except CentralUntrusted:
        return fault(
            f"what answers at {url} is not trusted.", "Mend what Certificate names.", "not_trusted"
        )
    except CentralUnreachable as error:
        return fault(
            f"no answer from {url} ({error.why}).",
            _HERE
            if is_this_machine(urlsplit(url).hostname or "")
            else "Check the network cable at both ends, the switch, and central.url.",
            "no_answer",
        )
    except CentralRefused as error:
        return fault(
            f"{url} answers, but cannot work: {error.status} {error.detail}",
            "Look at central's log; check that central.url is central's.",
            "central_fails",
        )
    took_ms = round((now_s() - begun_s) * 1000)
    if took_ms > SLOW_MS:
        return note(f"{url} answers, after {took_ms} ms.", "Check the network: that is slow.")
    return ok(f"{url} answers after {took_ms} ms.")


def enrolment_answer(
    central: CentralPlace,
    own: Own,
    make_session: MakeSession = asking_session,
    card: Path = CARD_TOKEN,
) -> Answer:
    """Whether we have a token, of our own or from the card, and central takes it."""
    station, todo = central.station, _with_a_new_code(central.station, own)
    try:
        identity = _read(own.token_file) or _read(card)
    except IdentityBroken as error:
        return fault(str(error), todo, "token_lost")
    refused, code = _refused_code(central, own)
    why = f", and {refused}" if refused else ""
    if identity is None:
        return fault(f"this device has no token ({own.token_file}){why}.", todo, code)
    if identity.station != station:
        return fault(
            f"the token is for station {identity.station}, the settings say {station}.",
            "Correct central.station, or enrol this device with a new code.",
        )
    if identity.role is not own.role:
        return fault(
            f"the token is for a {identity.role}, and this is a {own.role}.", todo, "other_kind"
        )
    return _accepted(identity, central.url, make_session, todo, why)


def _refused_code(central: CentralPlace, own: Own) -> tuple[str, str]:
    """Say that the code in the file was refused, if it was, and the fault's word."""
    try:
        code = "" if own.code_file is None else own.code_file.read_text("utf-8", "replace").strip()
    except FileNotFoundError:
        code = ""
    why = RefusedCode(own.token_file, central).why(code)
    if not why:
        return "", "no_code"
    what = f"the code in {own.code_file} (it begins with {begins(code)})"
    if why == CODE_FOR_ANOTHER.reason:
        return f"{what} is for another kind of machine than this {own.role}", "other_kind"
    return f"central refused {what}; make a new one", "code_refused"


def _with_a_new_code(station: str, own: Own) -> str:
    """How a device enrols: the page of the office makes codes, and so does who may use central's machine."""
    bay = " --bay BAY" if own.role is Role.SIGN else ""
    keys = "type it on the keys, or " if own.role is Role.POST else ""
    return (
        "Make a one-time code on central's page /office, under Devices.\n"
        "Or on central's machine: sudo -u portvakt-central portvakt central device code NAME"
        f" --station {station} --role {own.role}{bay}\n"
        f"Here: {keys}sudo portvakt enrol --role {own.role}"
    )


def _read(token_file: Path) -> Identity | None:
    if token_file.exists() and not os.access(token_file, os.R_OK):
        raise PermissionError(errno.EACCES, "Permission denied", str(token_file))
    return load_identity(token_file)


def _accepted(
    identity: Identity, url: str, make_session: MakeSession, todo: str, refused: str
) -> Answer:
    known = ok(f"central knows this device as {identity.name}.")
    try:
        with make_session(url, identity.token) as session:
            session.exchange("GET", f"/v1/stations/{identity.station}/expected")
    except CentralUnreachable:
        return wait(
            "there is a token; whether central takes it cannot be asked now.", "Mend Central first."
        )
    except CentralRefused as error:
        if error.reason == NOT_ALLOWED.reason and identity.role is Role.SIGN:
            return known  # it may not read that list
        if error.reason == UNKNOWN_DEVICE.reason:
            return fault(
                f"central does not take this device's token{refused}.", todo, "unknown_device"
            )
        return note(f"central did not say: {error.status} {error.detail}")
    return known
