"""Which release runs there: made of this checkout or of the release that we are part of, then staged."""

from collections.abc import Iterable
from pathlib import Path

from deploy.bundle import bundle_for, this_release
from deploy.switch.disk import Disk
from deploy.switch.links import current_folder, mend_links, read_mark
from deploy.switch.machine import RealMachine
from deploy.switch.place import SETTINGS
from deploy.switch.settings import read_settings
from deploy.switch.staging import stage
from deploy.switch.trial import Trials
from deploy.target import Target


def put(target: Target, roles: Iterable[str], wheels: Path | None) -> str:
    """Stage the release for *roles* unless it is there already; give its folder's name.

    Raises:
        InstallError: it could not be built; what was there before is untouched.
    """
    names = sorted(roles)
    folder = f"{this_release()}.{'-'.join(names)}"
    if read_mark(target.place, folder) is None:
        with bundle_for(target.python, names, wheels) as bundle:
            folder = stage(bundle, target.place, names)
    return folder


def make_current(target: Target, folder: str) -> bool:
    """Let `current` point at *folder* without a trial, as a person says; false when it does so already.

    Units that a person switched off stay so.
    """
    place, disk = target.place, Disk()
    settings = read_settings(place.path(SETTINGS))
    trials = Trials(place, disk, RealMachine(place), settings)
    changed = current_folder(place) != folder
    half_done = trials.records.trial() is not None or trials.records.installing() is not None
    if changed or half_done:
        trials.settle_on(folder)
    else:
        known = (read_mark(place, folder) or {}).get("units", [])
        mend_links(place, disk, set(known))
    return changed
