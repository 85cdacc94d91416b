"""What must be known to sign people in by a provider, checked before anything is served."""

import stat
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from contract.errors import PortvaktError

LABEL = "your organisation"
BACK = "/login/oidc/back"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_OPEN_TO_OTHERS = (
    stat.S_IRWXO | stat.S_IWGRP
)  # systemd's credentials are read through the group's bits


class OidcUnfit(PortvaktError):
    """The settings of the provider cannot work; the text says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """One provider, and who we are there.

    `public_url` is the board's address as browsers know it: where the provider sends them back never
    depends on a header.  `role_claim` names the claim that says who may what; without it only people
    who were bound to their account there come in.  `every_station` lets that claim say `*`.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    public_url: str
    label: str = LABEL
    role_claim: str = ""
    every_station: bool = False
    ca_file: Path | None = None

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends browsers back to; it must be registered there as it stands."""
        return f"{self.public_url}{BACK}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcWords:
    """The same as `portvakt central serve` is told it; all empty when nobody signs in elsewhere."""

    issuer: str = ""
    client_id: str = ""
    client_secret_file: Path | None = None
    public_url: str = ""
    label: str = ""
    role_claim: str = ""
    every_station: bool = False
    ca_file: Path | None = None


def checked(words: OidcWords) -> OidcSettings | None:
    """Make settings of *words*; None when they name no provider.

    Raises:
        OidcUnfit: something is missing or not safe.
    """
    if not words.issuer:
        if words.client_id or words.client_secret_file or words.role_claim or words.label:
            raise OidcUnfit("Name the provider with --oidc-issuer, or take its other options away.")
        return None
    if not (words.client_id and words.client_secret_file and words.public_url):
        raise OidcUnfit(
            "--oidc-issuer needs --oidc-client-id, --oidc-client-secret-file and --public-url."
        )
    if words.every_station and not words.role_claim:
        raise OidcUnfit("--oidc-every-station needs --oidc-role-claim.")
    return OidcSettings(
        issuer=safe_address("--oidc-issuer", words.issuer),
        client_id=words.client_id,
        client_secret=_secret(words.client_secret_file),
        public_url=_origin(words.public_url),
        label=words.label or LABEL,
        role_claim=words.role_claim,
        every_station=words.every_station,
        ca_file=words.ca_file,
    )


def safe_address(name: str, url: str) -> str:
    """Give *url* as it is if it may be asked: TLS, or this machine; OidcUnfit names *name*."""
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not parts.hostname or not (local or parts.scheme == "https"):
        raise OidcUnfit(f"{name} must begin with https://, or http:// on this machine.")
    if parts.fragment or parts.username:
        raise OidcUnfit(f"{name} must have neither a fragment nor a password.")
    return url


def _origin(url: str) -> str:
    """Give the board's address without its last slash."""
    bare = safe_address("--public-url", url).removesuffix("/")
    if urlsplit(bare).path or urlsplit(bare).query:
        raise OidcUnfit("--public-url is an origin, such as https://board.example.com.")
    return bare


def _secret(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        secret = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise OidcUnfit(f"The client secret in {path} cannot be read; write it there.") from error
    if mode & _OPEN_TO_OTHERS:
        raise OidcUnfit(f"Others may read the client secret: chmod 600 {path}.")
    if not secret:
        raise OidcUnfit(f"The client secret in {path} is empty; write the provider's there.")
    return secret
