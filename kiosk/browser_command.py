"""What is started on the screen: a shell that owns it, and Chromium inside, with a reason for each flag."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

from contract.errors import PortvaktError
from kiosk.settings import BrowserSettings

# 0.1.x ends when the last screen is switched off (cage-kiosk/cage issue 208).
OLDEST_CAGE = (0, 2)
BROWSER = "{browser}"
ASK_S = 10
FLAGS = (
    "--kiosk",  # the whole screen, and no way out of it
    "--no-first-run",  # no welcome page over a fresh profile
    "--no-default-browser-check",  # no question about it
    "--noerrdialogs",  # nobody here can answer a dialog
    "--disable-infobars",  # no strip above the page
    "--no-memcheck",  # Raspberry Pi OS asks below 1 GB, and waits (RPi-Distro/chromium issue 52)
    "--hide-crash-restore-bubble",  # nothing to restore after a power cut
    "--password-store=basic",  # no keyring, which would ask for its password
    "--disable-background-networking",  # there is nobody to talk to but the post
    "--disable-breakpad",  # a crash dump would hold plates
    "--enable-precise-memory-info",  # else the heap that the page reports is a rounded guess
)


class ShellRefused(PortvaktError):
    """What the settings name cannot be started, or must not be."""


def command(settings: BrowserSettings, url: str, profile: Path) -> list[str]:
    """The whole command line for the page at *url*.

    The profile's folder holds the cache too, so nothing is written to the card where *profile* is
    in memory.  `--app` gives a window without tabs and address line, so no key can open another.
    """
    browser = [settings.program, *FLAGS, *settings.flags]
    browser += [f"--user-data-dir={profile}", f"--app={url}"]
    if BROWSER in settings.shell:
        whole = shlex.join(browser)
        return [whole if word == BROWSER else word for word in settings.shell]
    return [*settings.shell, *browser]


def check(settings: BrowserSettings) -> None:
    """Look at the programs before the first of them is started.

    Raises:
        ShellRefused: one is missing, or cage is too old.
    """
    for program in (*settings.shell[:1], settings.program):
        if shutil.which(program) is None:
            raise ShellRefused(
                f"There is no program {program}; run: apt-get install {Path(program).name}, "
                "or name another one in the section [browser] of the settings."
            )
    if settings.shell and Path(settings.shell[0]).name == "cage":
        _check_cage(settings.shell[0])


def _check_cage(program: str) -> None:
    try:
        said = subprocess.run(  # noqa: S603 - a word of the settings, without a shell
            [program, "-v"], capture_output=True, text=True, check=False, timeout=ASK_S
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        said = ""
    found = re.search(r"(\d+)\.(\d+)", said)
    if found is None or (int(found[1]), int(found[2])) < OLDEST_CAGE:
        version = found.string.split()[-1] if found else "of an unknown version"
        raise ShellRefused(
            f"This cage ({version}) ends when the screen is switched off; install cage 0.2 or later, which "
            'Debian 13 has, or set browser.shell = ["labwc", "-S", "{browser}"] and install labwc.'
        )
