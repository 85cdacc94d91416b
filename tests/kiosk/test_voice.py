"""Reading aloud: with a program of our own in the place of espeak-ng, and with the real one."""

import array
import math
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.espeak import AMPLITUDES, LONGEST_TEXT, Espeak
from kiosk.faults import Fault, Part
from kiosk.pronounce import pronounced
from kiosk.voice import Mute
from tests.waiting import until

pytestmark = pytest.mark.processes

needs_espeak = pytest.mark.skipif(
    shutil.which("espeak-ng") is None,
    reason="espeak-ng is not installed (apt-get install espeak-ng)",
)
VOICES = """\
Pty Language       Age/Gender VoiceName          File                 Other Languages
 2  en-gb           --/M      English_(GB)       gmw/en               (en 2)
 5  fi              --/M      Finnish            urj/fi
 5  nb              --/M      Norwegian_Bokmål   gmq/nb               (no 5)
 5  sv              --/M      Swedish            gmq/sv
"""
PROGRAM = """\
#!/bin/sh
cd "$(dirname "$0")"
if [ "$1" = --voices ]; then . ./listing; exit; fi
echo $$ >>pids
echo "$@" >>argv
text=$(cat)
echo "$text" >>said
. ./reading
"""
TO_FILE = """\
#!/bin/sh
cd "$(dirname "$0")"
if [ "$1" = --voices ]; then exec espeak-ng --voices; fi
espeak-ng "$@" --stdout >part && mv part wav
"""


class Speaker:
    """A program that writes down what it is told to read, and a worker that starts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "speaker"
        self.faults: list[Fault] = []
        self.stopping = threading.Event()
        self.worker: threading.Thread | None = None
        self.close: Callable[[], object] = bool
        self.program.write_text(PROGRAM)
        self.program.chmod(0o755)
        (folder / "voices").write_text(VOICES)
        self.does(":", listing="cat voices")

    def does(self, reading: str, listing: str | None = None) -> None:
        """What the program does when it has its text, and when it is asked for its voices."""
        (self.folder / "reading").write_text(reading + "\n")
        if listing is not None:
            (self.folder / "listing").write_text(listing + "\n")

    def voice(
        self, *languages: str, grace_s: float = 10, device: str = "", again_s: float = 120
    ) -> Espeak:
        voice = Espeak(
            self.faults.append,
            languages or ("sv", "en"),
            program=str(self.program),
            rate_wpm=130,
            device=device,
            grace_s=grace_s,
            again_s=again_s,
        )
        self.worker = threading.Thread(target=voice.run, args=(self.stopping,))
        self.worker.start()
        self.close = voice.close
        return voice

    def lines(self, file: str) -> list[str]:
        path = self.folder / file
        return path.read_text("utf-8").splitlines() if path.exists() else []

    def hears(self, count: int) -> list[str]:
        """Wait until *count* texts have been given to the program."""
        until(lambda: len(self.lines("said")) >= count, what="the text")
        return self.lines("said")

    def reports(self, words: str) -> Fault:
        """Wait for a fault that says so."""
        until(lambda: any(words in one.reason for one in self.faults), what=words)
        return next(one for one in self.faults if words in one.reason)

    def stop(self) -> None:
        self.stopping.set()
        self.close()
        if self.worker is not None:
            self.worker.join(5)
            assert not self.worker.is_alive()


@pytest.fixture
def speaker(tmp_path: Path) -> Iterator[Speaker]:
    speaker = Speaker(tmp_path)
    yield speaker
    speaker.stop()


def gone(pid: str) -> bool:
    """Whether no such process is left, not even a dead one that nobody has reaped."""
    return not Path(f"/proc/{pid}").exists()


def silent(pid: str) -> bool:
    """Whether a child of our child has ended; it is init that reaps it."""
    return gone(pid) or Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


def test_the_text_goes_through_standard_input_and_not_into_the_list_of_processes(
    speaker: Speaker,
) -> None:
    voice = speaker.voice(device="sysdefault")
    assert voice.can_speak
    voice.say("A, B, C, 1, 2, 3: kör in i port 2 nu. Å Ä Ö", "sv", 1)
    assert speaker.hears(1) == ["A, B, C, 1, 2, 3: kör in i port 2 nu. Å Ä Ö"]
    assert speaker.lines("argv") == ["-b 1 -v sv -s 130 -a 50 -d sysdefault --stdin"]


@pytest.mark.parametrize(("volume", "amplitude"), [(-1, 25), (0, 25), (3, 200), (4, 200)])
def test_the_volume_has_four_steps(speaker: Speaker, volume: int, amplitude: int) -> None:
    speaker.voice().say("hej", "sv", volume)
    speaker.hears(1)
    assert f"-a {amplitude} --stdin" in speaker.lines("argv")[0]


def test_a_new_text_kills_the_old_one_and_nothing_of_it_is_left(speaker: Speaker) -> None:
    speaker.does("sleep 60 & echo $! >>pids; wait")
    voice = speaker.voice()
    voice.say("det gamla", "sv", 0)
    until(lambda: len(speaker.lines("pids")) == 2)
    shell, player = speaker.lines("pids")
    speaker.does(":")
    voice.say("det nya", "sv", 0)
    assert speaker.hears(2) == ["det gamla", "det nya"]
    until(lambda: gone(shell) and silent(player), what="the end of the old text")
    assert speaker.faults == []


def test_hush_is_silence_and_no_fault(speaker: Speaker) -> None:
    speaker.does("sleep 60")
    voice = speaker.voice()
    voice.say("hej", "sv", 0)
    speaker.hears(1)
    voice.hush()
    until(lambda: gone(speaker.lines("pids")[0]), what="silence")
    speaker.does(":")
    voice.say("igen", "sv", 0)
    speaker.hears(2)
    assert speaker.faults == []


def test_of_many_texts_in_a_row_the_last_is_read(speaker: Speaker) -> None:
    voice = speaker.voice()
    for number in range(30):
        voice.say(f"text {number}", "sv", 0)
    until(lambda: "text 29" in speaker.lines("said"), what="the last text")


def test_a_post_that_stops_leaves_nobody_talking(speaker: Speaker) -> None:
    speaker.does("sleep 60")
    voice = speaker.voice()
    voice.say("hej", "sv", 0)
    speaker.hears(1)
    speaker.stop()
    voice.close()
    assert gone(speaker.lines("pids")[0])


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        ("exit 3", "could not read aloud (exit status 3)"),
        ("kill -9 $$", "could not read aloud (exit status -9)"),
        # Word for word what espeak-ng says on a machine without a sound card, with exit status 0.
        (
            "echo 'ALSA lib pcm.c: Unknown PCM default' >&2; echo 'error: No such file or directory' >&2",
            "could not read aloud (No such file or directory): check the sound card",
        ),
    ],
)
def test_a_program_that_fails_is_a_fault_until_one_text_was_read(
    speaker: Speaker, reading: str, words: str
) -> None:
    speaker.does(reading)
    voice = speaker.voice()
    voice.say("hej", "sv", 0)
    fault = speaker.reports(words)
    assert (fault.part, fault.present) == (Part.SPEECH, True)
    assert len(fault.reason) <= 200
    speaker.does(":")
    voice.say("hej", "sv", 0)
    until(lambda: speaker.faults[-1] == Fault(Part.SPEECH, False), what="the end of the fault")


def test_a_voice_that_works_again_is_found_out_without_a_sound_and_without_anybody(
    speaker: Speaker,
) -> None:
    speaker.does("exit 3")
    speaker.voice("sv", again_s=0).say("hej", "sv", 2)
    speaker.reports("exit status 3")
    speaker.does(":")
    until(lambda: speaker.faults[-1] == Fault(Part.SPEECH, False), what="the end of the fault")
    trials = speaker.lines("argv")[1:]
    assert trials
    assert all("-a 0 --stdin" in one for one in trials)


def test_a_voice_that_failed_is_not_tried_without_a_break(speaker: Speaker) -> None:
    speaker.does("exit 3")
    voice = speaker.voice()
    voice.say("hej", "sv", 2)
    speaker.reports("exit status 3")
    speaker.does(":")
    voice.say("igen", "sv", 2)
    until(lambda: not speaker.faults[-1].present, what="the end of the fault")
    assert speaker.lines("said") == ["hej", "igen"]


def test_what_a_program_grumbles_while_it_reads_is_no_fault(speaker: Speaker) -> None:
    speaker.does("echo 'ALSA lib pcm.c: underrun occurred' >&2")
    voice = speaker.voice()
    voice.say("hej", "sv", 0)
    speaker.hears(1)
    voice.say("igen", "sv", 0)
    speaker.hears(2)
    assert speaker.faults == []


def test_a_program_that_takes_no_text_is_judged_by_its_end(speaker: Speaker) -> None:
    speaker.program.write_text(PROGRAM.replace("text=$(cat)", "exec <&-; exit 4"))
    speaker.voice().say("hej", "sv", 0)
    speaker.reports("exit status 4")


def test_a_program_that_hangs_is_killed_and_a_fault(speaker: Speaker) -> None:
    speaker.does("sleep 60")
    voice = speaker.voice(grace_s=0)
    voice.say("h", "sv", 0)
    speaker.reports("hangs: check the sound card")
    until(lambda: gone(speaker.lines("pids")[0]), what="its end")


def test_a_language_without_a_voice_is_a_fault_that_names_it_and_the_others_are_read(
    speaker: Speaker,
) -> None:
    voice = speaker.voice("sv", "en", "sma")
    assert speaker.reports("has no voice for sma").part is Part.VOICE
    voice.say("Buerie båeteme", "sma", 0)
    voice.say("Välkommen", "sv", 0)
    assert "Välkommen" in speaker.hears(1)
    speaker.stop()
    assert speaker.faults[-1].present


@pytest.mark.parametrize("listing", ["exit 1", "kill -9 $$"])
def test_a_program_that_cannot_list_its_voices_is_tried_all_the_same(
    speaker: Speaker, listing: str
) -> None:
    speaker.does(":", listing)
    speaker.voice().say("hej", "sv", 0)
    assert speaker.hears(1) == ["hej"]


def test_a_program_that_is_not_installed_is_said_so(tmp_path: Path) -> None:
    faults: list[Fault] = []
    stopping = threading.Event()
    voice = Espeak(faults.append, ("sv",), program=str(tmp_path / "espeak-ng"))
    assert not voice.can_speak
    worker = threading.Thread(target=voice.run, args=(stopping,))
    worker.start()
    until(lambda: faults, what="the fault")
    assert "is not installed: apt-get install espeak-ng" in faults[0].reason
    voice.say("hej", "sv", 0)
    assert worker.is_alive()
    stopping.set()
    worker.join(5)
    assert not worker.is_alive()


def test_a_program_that_cannot_be_started_is_a_fault(speaker: Speaker) -> None:
    speaker.program.write_text("#!/no/such/shell\n")
    speaker.voice().say("hej", "sv", 0)
    assert "cannot be started" in speaker.reports("cannot be started").reason


def test_an_endless_text_is_cut_at_a_word(speaker: Speaker) -> None:
    speaker.voice().say("ord " * LONGEST_TEXT, "sv", 0)
    said = speaker.hears(1)[0]
    assert len(said) <= LONGEST_TEXT
    assert said.endswith("ord")


def test_a_voice_that_is_switched_off_cannot_speak() -> None:
    voice = Mute()
    assert not voice.can_speak
    voice.say("hej", "sv", 0)
    voice.hush()
    voice.close()


def sound(wav: Path) -> list[int]:
    """The samples of a WAV file of espeak-ng: 16 bit, one channel, 44 bytes of head."""
    samples = array.array("h")
    data = wav.read_bytes()
    assert data[:4] == b"RIFF"
    samples.frombytes(data[44 : 44 + (len(data) - 44) // 2 * 2])
    return list(samples)


def loudness_db(samples: list[int]) -> float:
    return 20 * math.log10(math.sqrt(sum(one * one for one in samples) / len(samples)))


def read_by_espeak(folder: Path, language: str, volume: int, rate_wpm: int = 130) -> list[int]:
    """Let the real program read into a file, started as on a post."""
    program = folder / "espeak-to-file"
    program.write_text(TO_FILE)
    program.chmod(0o755)
    (folder / "wav").unlink(missing_ok=True)
    faults: list[Fault] = []
    stopping = threading.Event()
    voice = Espeak(faults.append, (), program=str(program), rate_wpm=rate_wpm)
    worker = threading.Thread(target=voice.run, args=(stopping,))
    worker.start()
    voice.say(pronounced("A, B, C, 1, 2, 3. 10.45–10.55. OK", language), language, volume)
    until((folder / "wav").exists, what="the sound")
    stopping.set()
    voice.close()
    worker.join(5)
    assert faults == []
    return sound(folder / "wav")


@needs_espeak
@pytest.mark.parametrize("language", ["sv", "en", "fi", "nb"])
def test_espeak_reads_every_language_of_the_post(tmp_path: Path, language: str) -> None:
    samples = read_by_espeak(tmp_path, language, 2)
    assert len(samples) > 3 * 22_050  # three seconds at least
    assert loudness_db(samples) > 50


@needs_espeak
def test_slower_is_longer(tmp_path: Path) -> None:
    slow = len(read_by_espeak(tmp_path, "sv", 0, rate_wpm=90))
    assert slow > 1.2 * len(read_by_espeak(tmp_path, "sv", 0, rate_wpm=160))


@needs_espeak
def test_the_loudest_is_18_db_over_the_softest_and_one_step_reaches_12(tmp_path: Path) -> None:
    """EN 301 549, 8.2.1.1: a range of 18 dB; 8.2.1.2: a step 12 dB over the lowest."""
    steps = [
        loudness_db(read_by_espeak(tmp_path, "sv", volume)) for volume in range(len(AMPLITUDES))
    ]
    assert steps[-1] - steps[0] >= 18
    assert any(12 <= step - steps[0] < 18 for step in steps)
