"""What a screen claims, read off its words as a customer reads them."""

import re
from collections.abc import Iterator

from contract.plate import DIGITS, LETTERS
from kiosk.screen import Screen
from kiosk.texts import TEXTS

# The sentences that promise something; each stands at the beginning of a line.
CLAIMS = (
    "registered",
    "registered.drop_in",
    "again",
    "before.none",
    "before.one",
    "before.many",
    "watch_sign",
    "sign_out.fetch",
    "drive_in",
    "in_bay",
    "not_in_line",
    "unreached",
    "no_booking.ask",
    "saved_here.at",
    "saved_here.no_clock",
    "help.reached",
    "help.keeps_place",
    "help.coming",
)
_WORD = {
    "plate": f"[{LETTERS}{DIGITS} ]{{2,11}}",
    "place": "[0-9]+",
    "cars": "[0-9]+",
    "door": "[0-9]+",
    "time": r"[0-9]{1,2}\.[0-9]{2}",
}


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    seen: set[str] = set()
    text = ""
    for index, part in enumerate(parts):
        if index % 2 == 0:
            text += re.escape(part)
        else:
            text += f"(?P={part})" if part in seen else f"(?P<{part}>{_WORD[part]})"
            seen.add(part)
    return re.compile(text)


_PATTERNS = {
    language: [(name, _pattern(texts[name])) for name in CLAIMS]
    for language, texts in TEXTS.items()
}


def claims(screen: Screen) -> Iterator[tuple[str, dict[str, str]]]:
    """Every promise on *screen*: its name, and the plate, place, door or time that it names."""
    for line in screen.lines:
        text = "".join(map(str, line))
        for name, pattern in _PATTERNS[screen.language]:
            found = pattern.match(text)
            if found is not None:
                yield name, found.groupdict()
