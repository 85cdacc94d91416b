"""What lies in the folder `portvakt` of a card, and whether it can be true."""

import hashlib
import json
import re
import secrets
import ssl
import tomllib
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from deploy.errors import InstallError

FOLDER = "portvakt"
# Names that every FAT holds without long names, and that a person can open anywhere.
CARD, CODE, CA, NETWORK, SETTINGS = "card.txt", "code.txt", "ca.pem", "network.txt", "settings.txt"
SECRETS = (CODE, NETWORK)
ROLES = ("post", "sign")
LARGEST = 64 * 1024
# The letters of a code: no 0 and O, no 1 and I.
_CODE = re.compile("[A-HJ-NP-Z2-9]{8}")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Card:
    """What one card brings; only `code` and what `network` may hold are secrets."""

    role: str
    station: str
    url: str
    bay: str = ""
    code: str = field(default="", repr=False)
    ca: bytes = b""
    network: bytes = field(default=b"", repr=False)
    settings: bytes = b""
    # A device takes no card twice; one that is made anew is another one, though it says the same.
    making: str = field(default_factory=lambda: secrets.token_hex(8), compare=False)

    @property
    def name(self) -> str:
        """How people call the device: `0417-bay2-sign`."""
        return "-".join(
            part for part in (self.station, self.bay and f"bay{self.bay}", self.role) if part
        )


def code_of(typed: str) -> str:
    """Bring a typed code into the form of central's: `K7QF-93TM`.

    Raises:
        InstallError: it cannot be one.
    """
    signs = re.sub("[^A-Z0-9]", "", typed.upper())
    if not _CODE.fullmatch(signs):
        raise InstallError(
            "that is no one-time code: it has eight letters and figures, like K7QF-93TM, and never 0, O, 1, I"
        )
    return f"{signs[:4]}-{signs[4:]}"


def judged(card: Card) -> Card:
    """Give *card* back when it can be true.

    Raises:
        InstallError: names the first thing that cannot.
    """
    for what, word in (("--station", card.station), ("--bay", card.bay or "1")):
        if not _NAME.fullmatch(word):
            raise InstallError(f'{what} is "{word}"; it is a name of letters, figures, "-" and "."')
    _judge_url(card.url)
    if card.ca:
        _judge_ca(card.ca)
    if card.settings:
        _judge_settings(card.settings)
    return card


def files(card: Card) -> dict[str, bytes]:
    """Every file of the folder, the one that vouches for the others last."""
    brought = {
        name: content
        for name, content in (
            (CA, card.ca),
            (NETWORK, card.network),
            (SETTINGS, card.settings),
            (CODE, f"{card.code}\n".encode("ascii") if card.code else b""),
        )
        if content
    }
    for name, content in brought.items():
        if len(content) > LARGEST:
            raise InstallError(f"{name} would be {len(content)} bytes; a card takes {LARGEST}")
    return {**brought, CARD: _vouched(card, brought)}


def _vouched(card: Card, brought: dict[str, bytes]) -> bytes:
    words = {"role": card.role, "station": card.station, "bay": card.bay, "url": card.url}
    lines = [
        f"# The card of {card.name}. Its first boot reads it once and clears this folder.",
        "format = 1",
        f'making = "{card.making}"',
        *(f"{name} = {json.dumps(word)}" for name, word in words.items()),
        "",
        "[files]",
        *(f'"{name}" = "{_digest(name, content)}"' for name, content in brought.items()),
    ]
    return ("\n".join(lines) + "\n").encode()


def _digest(name: str, content: bytes) -> str:
    # A secret of few signs could be found from its digest; 16 bits show a bad card and give nothing away.
    return hashlib.sha256(content).hexdigest()[: 4 if name in SECRETS else 64]


def _judge_url(url: str) -> None:
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in {"http", "https"} or "@" in parts.netloc:
        raise InstallError(f'--url is "{url}"; it is an address such as https://hall.example')
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise InstallError("--url must begin with https://, for plates cross that network")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _judge_ca(pem: bytes) -> None:
    if b"PRIVATE KEY" in pem:
        raise InstallError("--ca holds a private key; a device gets the certificate alone (ca.pem)")
    try:
        ssl.create_default_context(cadata=pem.decode("ascii"))
    except (ValueError, ssl.SSLError) as error:
        raise InstallError(
            "--ca holds no certificate in PEM form; take the hall's ca.pem"
        ) from error


def _judge_settings(content: bytes) -> None:
    try:
        tomllib.loads(content.decode("utf-8"))
    except ValueError as error:
        raise InstallError(f"--settings is not TOML: {error}") from error
