"""Why an installation stopped, in one sentence that says what to do."""

import errno
import os
from pathlib import Path


class InstallError(Exception):
    """The text is for the person who runs the installation."""


class DiskFull(InstallError):
    """There is no room; what was to be put there is good."""

    def __init__(self, root: Path, text: str = "") -> None:
        full = f"the disk of {root} is full; free some space and run this again"
        super().__init__(text or full)


def told(error: OSError, root: Path) -> InstallError:
    """Translate what the disk said."""
    # shutil.Error gathers what went wrong with many files, and has no number.
    full = error.errno is None and os.strerror(errno.ENOSPC) in str(error)
    if full or error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(root)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        where = error.filename or root
        return InstallError(
            f"{where} cannot be written ({error.strerror}); run this as root on a writable disk"
        )
    return InstallError(f"{error.filename or root}: {error.strerror}")
