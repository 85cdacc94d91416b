"""How long a sign head and its line may take for what: the arithmetic behind the driver's deadlines."""

import math

from signage.encoders.signhead import (
    ANSWER_BYTES,
    Kind,
    Lease,
    blank_packet,
    picture,
    show_packet,
)
from signage.frame import Frame

BAUD = 115_200
BITS_A_BYTE = 10
DEED_S = 1.0  # no deed holds up the loop, and its watchdog, for longer
PROMPT_S = 0.020  # within which a head begins to answer
SLACK_S = 0.070  # a USB adapter's buffers and a busy processor, on top of it
STALL_S = PROMPT_S + SLACK_S  # a write that hangs costs no more than an answer that does not come
QUIET_S = 0.002  # after an answer, so that the head has let go of the pair
TURN_S = 0.100  # the loop's tick of 50 ms, and a busy processor
RETRY_S = 0.100  # how long the face waits after a lost deed
_SMALL_BYTES = len(blank_packet()) + 11  # any message but one that carries a picture


def answer_wait_s(baud: int) -> float:
    """How long a whole answer may take after a message has left: 95 ms, at 9,600 bits a second 147 ms."""
    return PROMPT_S + SLACK_S + ANSWER_BYTES[Kind.HELLO] * BITS_A_BYTE / baud


def deed_s(width_px: int, height_px: int, baud: int) -> float:
    """What a deed may need when one message gets lost; it is given as much, and DEED_S at most.

    The longest is a heal that finds the head started anew, greets it, and must say the picture twice.
    """
    dark = picture(Frame.dark(width_px, height_px))
    shown_s = len(show_packet(0, Lease(0, 0, 0), dark)) * BITS_A_BYTE / baud
    return 2 * _prompt_s(baud) + 2 * (shown_s + answer_wait_s(baud))


def init_s(baud: int) -> float:
    """What darkness and a greeting may need when one of them gets lost; no more is given."""
    return _prompt_s(baud) + 2 * _patient_s(baud)


def worst_dark_ms(width_px: int, height_px: int, baud: int) -> int:
    """From the decision to be dark to darkness, when one message of each deed gets lost.

    A panel may be under way that was lost before: it is brought up, and told what to show.  Then the first
    BLANK gets lost.  When more than that gets lost, the head's own timer makes it dark.
    """
    under_way_s = init_s(baud) + deed_s(width_px, height_px, baud) + RETRY_S + TURN_S
    return math.ceil(1_000 * (under_way_s + _patient_s(baud) + _prompt_s(baud)))


def _prompt_s(baud: int) -> float:
    """A small message that is answered as it should be."""
    bytes_s = (_SMALL_BYTES + ANSWER_BYTES[Kind.HELLO]) * BITS_A_BYTE / baud
    return QUIET_S + bytes_s + PROMPT_S


def _patient_s(baud: int) -> float:
    """A small message that is not answered."""
    return _SMALL_BYTES * BITS_A_BYTE / baud + answer_wait_s(baud)
