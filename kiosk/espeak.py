"""Reads aloud by espeak-ng, a child process for each text (Debian: espeak-ng)."""

import logging
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from device.log import event
from kiosk.faults import Fault, Part
from kiosk.speech_child import kill, last_words, start

# Steps of +6 dB each: the loudest is 18 dB over the softest (EN 301 549, 8.2.1.1 and 8.2.1.2).
AMPLITUDES = (25, 50, 100, 200)
LONGEST_TEXT = 1_500  # signs; five lines and all hints have about 600
AGAIN_S = 120  # between the trials of a voice that failed
_TRIAL = "a"  # read with an amplitude of 0: nobody hears it, and the sound card plays it
_WAKE_S = 0.4
_VOICES_S = 5
# A word has about six signs, 10 s for each at one a minute; a plate read sign by sign takes longer.
_S_PER_SIGN_AT_1_WPM = 30

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Speech:
    turn: int
    text: str
    language: str
    amplitude: int


class Espeak:
    """A Voice.  `run` is the body of the worker that starts and reaps the children.

    A fault is told by *put*, and that it has gone once a text was read to its end; each *again_s* one
    that nobody hears is read for that.  *grace_s* is how much longer than it should a text may take.
    """

    name = "speech"

    def __init__(
        self,
        put: Callable[[Fault], object],
        languages: Iterable[str],
        *,
        program: str = "espeak-ng",
        rate_wpm: int = 130,
        device: str = "",
        grace_s: float = 10,
        again_s: float = AGAIN_S,
    ) -> None:
        self._put = put
        self._languages = frozenset(languages)
        self._program = program
        self._path = shutil.which(program)
        self._rate_wpm = rate_wpm
        self._device = device
        self._grace_s = grace_s
        self._again_s = again_s
        self._tried_s = 0.0
        self._changed = threading.Condition()
        self._turn = 0
        self._wanted: _Speech | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._missing: frozenset[str] = frozenset()
        self._told = ""

    @property
    def can_speak(self) -> bool:
        """Whether the program is installed."""
        return self._path is not None

    def say(self, text: str, language: str, volume: int) -> None:
        """Kill what is being read and hand *text* to the worker."""
        amplitude = AMPLITUDES[max(0, min(volume, len(AMPLITUDES) - 1))]
        with self._changed:
            self._kill_old()
            self._wanted = _Speech(self._turn, _cut(text), language, amplitude)
            self._changed.notify()

    def hush(self) -> None:
        """Kill what is being read."""
        with self._changed:
            self._kill_old()
            self._wanted = None

    def close(self) -> None:
        """Kill what is being read, and wake a worker that is to stop."""
        self.hush()
        with self._changed:
            self._changed.notify_all()

    def run(self, stopping: threading.Event) -> None:
        """Look for the voices, then read what is wanted until *stopping* is set."""
        if self._path is None:
            self._tell(f"{self._program} is not installed: apt-get install espeak-ng.")
            stopping.wait()
            return
        self._look_at_voices(self._path)
        while not stopping.is_set():
            with self._changed:
                self._changed.wait_for(
                    lambda: self._wanted is not None or stopping.is_set(), _WAKE_S
                )
                speech, self._wanted = self._wanted or self._trial(), None
            if speech is not None:
                self._read(self._path, speech, stopping)

    def _kill_old(self) -> None:
        self._turn += 1
        if self._child is not None:
            kill(self._child)

    def _trial(self) -> _Speech | None:
        """What to read so that a fault can end although nobody asks for anything."""
        if not self._told or time.monotonic() < self._tried_s + self._again_s:
            return None
        languages = sorted(self._languages - self._missing)
        return _Speech(self._turn, _TRIAL, languages[0] if languages else "en", 0)

    def _read(self, path: str, speech: _Speech, stopping: threading.Event) -> None:
        argv = [path, "-b", "1", "-v", speech.language, "-s", f"{self._rate_wpm}"]
        argv += ["-a", f"{speech.amplitude}", *(["-d", self._device] if self._device else [])]
        try:
            child = start([*argv, "--stdin"])
        except OSError as error:
            self._tried_s = time.monotonic()
            self._tell(f"{self._program} cannot be started ({error.strerror}): install it again.")
            return
        with child:
            try:
                self._listen(child, speech, stopping)
            finally:
                with self._changed:
                    self._child = None
                    kill(child)
                self._tried_s = time.monotonic()

    def _listen(
        self, child: "subprocess.Popen[bytes]", speech: _Speech, stopping: threading.Event
    ) -> None:
        with self._changed:
            if self._turn != speech.turn:
                return
            self._child = child
        longest_s = self._grace_s + len(speech.text) * _S_PER_SIGN_AT_1_WPM / self._rate_wpm
        words = last_words(child, speech.text, time.monotonic() + longest_s, stopping)
        if self._turn != speech.turn or stopping.is_set():
            return  # it was killed, by us
        if words is None:
            self._tell(f"{self._program} hangs: check the sound card and speech.device.")
        else:
            self._judge(child.returncode, words)

    def _judge(self, status: int, words: str) -> None:
        # Without a sound card espeak-ng 1.51 says so on standard error and exits with 0.
        error = re.search(r"^error: *(.+?)\.?$", words, re.IGNORECASE | re.MULTILINE)
        if error is None and status == 0:
            self._tell("")
            return
        why = error[1][:80] if error else f"exit status {status}"
        self._tell(
            f"{self._program} could not read aloud ({why}): check the sound card and speech.device."
        )

    def _look_at_voices(self, path: str) -> None:
        try:
            listed = subprocess.run(  # noqa: S603 - the program that the settings name
                [path, "--voices"], capture_output=True, timeout=_VOICES_S, check=True
            )
        except (OSError, subprocess.SubprocessError) as error:
            log.warning(event("voices not listed", reason=type(error).__name__))
            return
        self._missing = self._languages - _spoken_languages(
            listed.stdout.decode("utf-8", "replace")
        )
        if self._missing:
            names = ", ".join(sorted(self._missing))
            reason = f"{self._program} has no voice for {names}: install its data again."
            self._put(Fault(Part.VOICE, True, reason))

    def _tell(self, failure: str) -> None:
        """Put a fault when it comes, changes or goes."""
        if failure != self._told:
            self._told = failure
            self._put(Fault(Part.SPEECH, bool(failure), failure))


def _cut(text: str) -> str:
    """Keep *text* short enough, up to the end of a word."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT].rpartition(" ")[0]


def _spoken_languages(listed: str) -> frozenset[str]:
    """Languages in the table of `espeak-ng --voices`: its second column, and those in brackets."""
    rows = [line.split() for line in listed.splitlines()[1:]]
    named = {row[1] for row in rows if len(row) > 1}
    return frozenset(named | set(re.findall(r"\((\S+) \d+\)", listed)))
