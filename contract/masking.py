"""Text that travels with a heartbeat: cut to what the wire takes, and without anybody's plate."""

import re

from msgspec import structs

from contract.wire import Heartbeat

_LONGEST_NAME, _LONGEST_REASON = 64, 200

# What most European plates look like, in capitals, whole or in groups; a Swedish one in small letters
# too; and whatever stands behind `plate=`.
PLATE = re.compile(
    r"(?<=plate=)[^\s&\"']+"
    r"|\b[A-ZÅÄÖÆØ]{1,3}[ -]?\d{2,5}(?:[ -]?[A-ZÅÄÖÆØ]{1,3})?\b(?!:\w)"
    r"|\b\d{1,4}[ -]?[A-ZÅÄÖÆØ]{2,3}[ -]?\d{1,4}\b"
    r"|\b[a-zåäö]{3}\d{2}[a-z\d]\b"
)


def fitting(told: Heartbeat) -> Heartbeat:
    """Cut every text to the length that the wire takes, and mask what looks like a plate in it."""
    faults = [
        structs.replace(fault, reason=without_plates(fault.reason)[:_LONGEST_REASON])
        for fault in told.faults
    ]
    return structs.replace(
        told,
        shows=without_plates(told.shows)[:_LONGEST_NAME],
        faults=faults,
        last_error=without_plates(told.last_error)[:_LONGEST_REASON],
    )


def without_plates(text: str) -> str:
    """Mask in *text* everything that has the shape of a plate; rather a word too much than one too few.

    Half of a character, as a file's name may have it, becomes "?", for JSON has no place for it.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")
    return PLATE.sub(lambda found: f"{found[0][0]}****{found[0][-1]}", text)
