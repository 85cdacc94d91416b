"""Whether a screen can be read aloud, in each of the post's languages."""

import shutil
import subprocess

from device.check import Answer, fault, note, ok
from kiosk.settings import PostSettings

_ANSWERS_S = 5
_INSTALL = "apt-get install espeak-ng"


def speech_answer(settings: PostSettings) -> Answer:
    """Look for the program and for its voices."""
    speech = settings.speech
    if not speech.on:
        return note("it is switched off; the TAL key gives a tone.", "speech.on = true")
    if shutil.which(speech.program) is None:
        return fault(f"{speech.program} is not installed; the TAL key gives a tone.", _INSTALL)
    try:
        missing = [one for one in settings.languages if not _has_voice(speech.program, one)]
    except (OSError, subprocess.SubprocessError) as error:
        return fault(
            f"{speech.program} does not start ({type(error).__name__}).",
            f"Install it again: {_INSTALL}",
        )
    if missing:
        return fault(
            f"{speech.program} has no voice for {', '.join(missing)}.", "apt-get install espeak-ng"
        )
    return ok(f"{speech.program} has voices for {', '.join(settings.languages)}.")


def _has_voice(program: str, language: str) -> bool:
    """Whether the program lists any for *language*; its first line is a heading."""
    listed = subprocess.run(  # noqa: S603 - the program that the settings name
        [program, f"--voices={language}"], capture_output=True, timeout=_ANSWERS_S, check=True
    )
    return len(listed.stdout.splitlines()) > 1
