"""Whom this machine speaks to, and as whom: by the settings and the token of the post or sign here."""

import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from contract.reading import from_json
from contract.secrecy import Discreet
from device.central_settings import CentralPlace, address_fault
from device.settings import SettingsError

SETTINGS = ("post.toml", "sign.toml")
# Credentials in the order in which they are tried (systemd.exec(5), LoadCredential=).
TOKENS = ("post-token", "sign-token", "device-token")
HALL = "hall-token"


class _Token(Discreet, frozen=True):
    """What a token file says; a hall box's own says where its central is, for it has no other settings."""

    device: str
    token: str
    station: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Whom:
    """Central, and our name and token there."""

    central: CentralPlace
    device: str
    token: str = field(repr=False)

    @property
    def path(self) -> str:
        """The station at central, below which our calls live."""
        return f"/v1/stations/{self.central.station}"


class NotEnrolled(SettingsError):
    """There is no token yet: the post or the sign here has not enrolled."""


def whom(settings: Path, credentials: Path | None = None) -> Whom:
    """Find out whom this machine speaks to.

    Raises:
        SettingsError: no settings, or their section [central] cannot be used.
        NotEnrolled: nobody here has a token.
    """
    folder = credentials or Path(os.environ.get("CREDENTIALS_DIRECTORY", "/nonexistent"))
    hall = _token(folder / HALL)
    if hall is not None:
        return Whom(CentralPlace(hall.url, hall.station), hall.device, hall.token)
    central = central_of(settings)
    tokens = (_token(folder / name) for name in TOKENS)
    ours = next((one for one in tokens if one is not None), None)
    if ours is None:
        raise NotEnrolled("this machine is not enrolled yet; it needs a code")
    return Whom(central, ours.device, ours.token)


def central_of(settings: Path) -> CentralPlace:
    """Read the section [central] of the settings that are there; SettingsError when it cannot be used."""
    path = next((settings / name for name in SETTINGS if (settings / name).exists()), None)
    if path is None:
        raise SettingsError(f"neither {' nor '.join(SETTINGS)} is in {settings}; install a role")
    try:
        found = tomllib.loads(path.read_text("utf-8")).get("central", {})
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    return _place(path, found if isinstance(found, dict) else {})


def _place(path: Path, found: dict[str, Any]) -> CentralPlace:
    url, station, ca_file = found.get("url"), found.get("station"), found.get("ca_file")
    if not isinstance(url, str) or not isinstance(station, str) or not station:
        raise SettingsError(f"{path}: central.url and central.station must be texts")
    if fault := address_fault(url):
        raise SettingsError(f"{path}: central.url {fault}")
    return CentralPlace(url, station, Path(ca_file) if isinstance(ca_file, str) else None)


def _token(path: Path) -> _Token | None:
    try:
        return from_json(path.read_bytes(), _Token)
    except (OSError, msgspec.MsgspecError):  # not there, or the unit's empty stand-in
        return None
