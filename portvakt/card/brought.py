"""What lies in the folder `portvakt` of a boot partition, read and judged before any of it is used."""

import configparser
import hashlib
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from contract.errors import PortvaktError

CARD, CODE, CA, NETWORK, SETTINGS = "card.txt", "code.txt", "ca.pem", "network.txt", "settings.txt"
SECRETS = (CODE, NETWORK)
LARGEST = 64 * 1024
_CODE = re.compile(r"[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}\n")
_SECTIONS = {"connection", "wifi", "wifi-security", "ipv4", "ipv6"}
_AGAIN = "make the card again (deploy/make-card)"


class CardRefused(PortvaktError):
    """The card cannot be taken; nothing of it was."""


class _Vouched(msgspec.Struct, frozen=True):
    """The file `card.txt`: whom the card is for, and a digest of each of its other files."""

    format: int
    role: str
    station: str
    url: str
    files: dict[str, str]
    bay: str = ""


@dataclass(frozen=True, slots=True)
class Brought:
    """What one card brings; `digest` tells it from every other."""

    role: str
    station: str
    url: str
    bay: str
    digest: str
    code: bytes = field(repr=False)
    ca: bytes
    network: bytes = field(repr=False)
    settings: bytes

    @property
    def name(self) -> str:
        """How people call the device: `0417-bay2-sign`."""
        return "-".join(
            one for one in (self.station, self.bay and f"bay{self.bay}", self.role) if one
        )


def digest_of(folder: Path) -> str:
    """What tells this card from others; empty when the card was not finished, or is cleared already."""
    try:
        return hashlib.sha256((folder / CARD).read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def read(folder: Path) -> Brought:
    """Read the whole card.

    Raises:
        CardRefused: one sentence that names what is wrong.
        OSError: the card cannot be read.
    """
    found = {path.name: _bounded(path) for path in folder.iterdir() if path.is_file()}
    vouched = _vouched(found.pop(CARD, b""))
    files = {name: found.get(name, b"") for name in (CODE, CA, NETWORK, SETTINGS)}
    for name, digest in vouched.files.items():
        content = files.get(name, b"")
        if not digest or not hashlib.sha256(content).hexdigest().startswith(digest):
            raise CardRefused(
                f"{name} on the card is not what was written: {_AGAIN}, on another card."
            )
    _judge_code(files[CODE])
    _judge_network(files[NETWORK])
    return Brought(
        vouched.role,
        vouched.station,
        vouched.url,
        vouched.bay,
        digest_of(folder),
        *(files[name] if name in vouched.files else b"" for name in (CODE, CA, NETWORK, SETTINGS)),
    )


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise CardRefused(f"{path.name} on the card is larger than any of ours: {_AGAIN}.")
    return content


def _vouched(content: bytes) -> _Vouched:
    if not content:
        raise CardRefused(f"the card was not finished, it has no {CARD}: {_AGAIN}.")
    try:
        vouched = msgspec.convert(tomllib.loads(content.decode("utf-8")), _Vouched)
    except (ValueError, msgspec.ValidationError) as error:
        raise CardRefused(f"{CARD} on the card cannot be read: {_AGAIN}.") from error
    if vouched.format != 1:
        raise CardRefused("the card was made for a newer release: install that one first.")
    if vouched.role not in {"post", "sign"}:
        raise CardRefused(
            f'the card is for a "{vouched.role}", which is neither post nor sign: {_AGAIN}.'
        )
    return vouched


def _judge_code(content: bytes) -> None:
    if content and not _CODE.fullmatch(content.decode("ascii", "replace")):
        raise CardRefused(f"what is in {CODE} on the card is no one-time code: {_AGAIN}.")


def _judge_network(content: bytes) -> None:
    """NetworkManager ignores a file that it does not understand, and says so in its own log alone."""
    parser = configparser.RawConfigParser(delimiters=("=",), strict=True)
    try:
        parser.read_string(content.decode("utf-8"))
        fits = not content or set(parser.sections()) <= _SECTIONS
        fits = fits and (not content or parser["connection"]["type"] in {"wifi", "ethernet"})
    except (ValueError, KeyError, configparser.Error):
        fits = False
    if not fits:
        raise CardRefused(f"{NETWORK} on the card is no connection that we write: {_AGAIN}.")
