"""The settings of the machine that we stand at: where they are, and changed without an editor."""

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.errors import PortvaktError
from device.files import write_whole
from device.settings import load
from device.settings_text import changed

ETC = Path("/etc/portvakt")
FILES = {"post": "post.toml", "sign": "sign.toml", "central": "central.env"}
SERVICES = {"post": "portvakt-kiosk", "sign": "portvakt-sign", "central": "portvakt-central"}
OWN_CA = "central-ca.pem"
FOR_ALL, FOR_DEVICES = 0o644, 0o640
_GROUP = "portvakt"


class NoSuchRole(PortvaktError):
    """The machine has not, or not clearly, the role that is asked for."""


class NotKept(PortvaktError):
    """What was asked for could not be written."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A device's role, its settings file, and what that holds."""

    role: str
    path: Path
    settings: Any

    @property
    def code_file(self) -> Path:
        """Where its one-time code is put."""
        return self.settings.identity.code_file or ETC / "enrol-code"


def roles(etc: Path = ETC) -> list[str]:
    """The roles whose settings are on this machine."""
    return [role for role, name in FILES.items() if (etc / name).exists()]


def only_device(role: str | None, etc: Path = ETC) -> str:
    """The post's or sign's role that a command is about: the one that is asked for, or the only one.

    Raises:
        NoSuchRole: it is not here, or two are.
    """
    here = [one for one in roles(etc) if one != "central"]
    if role is not None and role in here:
        return role
    if role is not None or not here:
        what = role or "post or sign"
        raise NoSuchRole(
            f"no {what} is installed here; run: sudo ./install --role {role or 'post'} (or sign)"
            if role is None
            else f"no {what} is installed here; run: sudo ./install --role {role}"
        )
    if len(here) > 1:
        raise NoSuchRole(
            "a post and a sign are installed here; say which: --role post or --role sign"
        )
    return here[0]


def kind(role: str) -> Any:  # noqa: ANN401 - the settings dataclass of that role
    """The type of its settings; each role has only its own packages installed."""
    if role == "post":
        from kiosk.settings import PostSettings  # noqa: PLC0415

        return PostSettings
    from signage.settings import SignSettings  # noqa: PLC0415

    return SignSettings


def read(role: str, etc: Path = ETC) -> Chosen:
    """Read the settings that are in its file now.

    Raises:
        SettingsError: they have faults, all of them named.
    """
    path = etc / FILES[role]
    return Chosen(role, path, load(path, kind(role)))


def with_all(text: str, values: Mapping[str, object]) -> str:
    """Change every setting in *values* in the text of a settings file.

    Raises:
        CannotChange: one is written so that no command can.
    """
    for path, value in values.items():
        text = changed(text, path, value)
    return text


def judged(text: str, role: str) -> Any:  # noqa: ANN401 - the settings of that role
    """Read *text* as the settings of *role*, before they are put anywhere.

    Raises:
        SettingsError: it has faults, all of them named.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILES[role]
        path.write_text(text, "utf-8")
        return load(path, kind(role))


def put(path: Path, content: bytes, mode: int) -> None:
    """Replace *path* in one step; what only devices may read belongs to their group.

    Raises:
        OSError: what was there before still is.
    """
    write_whole(path, content, mode)
    if mode == FOR_DEVICES:
        with suppress(LookupError, PermissionError):
            shutil.chown(path, group=_GROUP)


def keep(path: Path, content: bytes, mode: int) -> None:
    """Put what a person asked for.

    Raises:
        NotKept: in one sentence; what was there before still is.
    """
    try:
        put(path, content, mode)
    except OSError as error:
        raise NotKept(
            f"{path} cannot be written ({error.strerror}): run it again with sudo."
        ) from error
