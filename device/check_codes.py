"""The two digits beside an answer of `portvakt check`: those that the device itself shows for that fault."""

from types import MappingProxyType

from device.check import Answer, Verdict
from device.fault_codes import CODES

# Of a question whose faults are all one to the device; the others name theirs in the answer.
_USUAL = MappingProxyType(
    {
        "Settings": "settings",
        "Clock": "clock",
        "Disk": "outbox",
        "Outbox": "outbox",
        "Certificate": "not_trusted",
        "Enrolment": "no_code",
        "Panel": "panel",
        "Speed": "panel",
        "Plates": "panel",
        "Light": "around",
        "Current": "around",
        "Timer": "around",
        "Keys": "keypad",
        "Page": "screen",
        "Screen": "screen",
        "Speech": "signals",
        "Hall lamp": "signals",
    }
)


def code_of(question: str, answer: Answer) -> str:
    """The code of what *question* found; empty when it is well, or when the device shows none for it."""
    if answer.code:
        return str(CODES[answer.code].number)
    tells = answer.verdict is Verdict.FAIL or (
        question == "Clock" and answer.verdict is Verdict.WAIT
    )
    word = _USUAL.get(question, "") if tells else ""
    return str(CODES[word].number) if word else ""
