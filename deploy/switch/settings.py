"""How the updater behaves here: `/etc/portvakt/update.toml`, and what holds without it."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from deploy.errors import InstallError

_QUIET = ("station", "any")
_LEAST = {"watch_s": 1, "steady_s": 0, "boots": 2, "keep": 2}
_WATCH_MOST_S = 1800  # the updater's unit has an hour, and staging takes its part of it


@dataclass(frozen=True, slots=True)
class Settings:
    """`watch_s`: how long a new release is watched; `steady_s`: from when on nothing may restart any more;
    `boots`: the boot within a trial that goes back; `keep`: releases that stay on the disk."""

    watch_s: int = 600
    steady_s: int = 60
    boots: int = 3
    keep: int = 2
    quiet: str = "station"
    need_synced_clock: bool = True


def read_settings(path: Path) -> Settings:
    """Read *path*; without it the defaults hold.

    Raises:
        InstallError: all faults of the file, with path, value and what is allowed.
    """
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise InstallError(f"{path} cannot be read ({error}); mend it or remove it") from error
    faults = [fault for name, value in found.items() for fault in _faults(name, value)]
    if not faults and found.get("steady_s", 60) >= found.get("watch_s", 600):
        faults = ["steady_s must be less than watch_s"]
    if faults:
        raise InstallError(f"{path}: {'; '.join(faults)}")
    return Settings(**found)


def _faults(name: str, value: object) -> list[str]:
    kinds = {field.name: field.type for field in fields(Settings)}
    if name not in kinds:
        return [f"there is no setting {name}; there are {', '.join(kinds)}"]
    if type(value) is not kinds[name]:
        return [f"{name} = {value!r} must be of the kind {getattr(kinds[name], '__name__', '')}"]
    if name == "quiet" and value not in _QUIET:
        return [f'quiet = "{value}" must be one of {", ".join(_QUIET)}']
    if name == "watch_s" and isinstance(value, int) and value > _WATCH_MOST_S:
        return [f"watch_s = {value} must be at most {_WATCH_MOST_S}"]
    if isinstance(value, int) and value < _LEAST.get(name, 0):
        return [f"{name} = {value} must be at least {_LEAST[name]}"]
    return []
