"""What a door's sign may say instead of a plate: a few words of the station's own."""

from contract.errors import PortvaktError
from contract.plate import LETTERS

MAX_SIGNS = 20
# What every typeface of ours has beside the letters.  No digit: a digit names a plate, a time that passes or
# another door, and none of them may stand there without somebody who takes it away again.
_ALLOWED = frozenset(LETTERS + "- ")
# Who reads these drives in, so they stand only behind a plate that was called.
_INVITES = ("KÖRIN", "DRIVEIN")


class NoticeRefused(PortvaktError, ValueError):
    """The text may not stand on a sign by itself."""


def read_notice(text: str) -> str:
    """Give *text* as the sign shows it, in upper case with single spaces; nothing at all means dark.

    Raises:
        NoticeRefused: a sign that no typeface has, a digit, too long, or an invitation to drive in.
    """
    words = " ".join(text.upper().split())
    for sign in words:
        if sign not in _ALLOWED:
            raise NoticeRefused(
                f'"{sign}" cannot stand in a notice; use letters A to Z, Nordic letters, hyphens and spaces.'
            )
    if len(words) > MAX_SIGNS:
        raise NoticeRefused(f'"{words}" is too long for a notice; use at most {MAX_SIGNS} signs.')
    if any(invite in words.replace(" ", "").replace("-", "") for invite in _INVITES):
        raise NoticeRefused(
            f'"{words}" cannot be a notice: it says drive in, which is said only with a plate.'
        )
    return words
