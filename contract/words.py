"""What boards and booking systems send: unknown fields are refused, so that no slip is half done."""

from typing import Annotated

from msgspec import Meta, Struct, defstruct

from contract.transitions import TRANSITIONS, Transition, Verb, Word
from contract.wire import Count, Id, KindWord, Plated, Sentence, Utc

BayId = Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,31}$", max_length=32)]
# What can stand in an address, whatever is between us and the booking system.
REF = r"^[0-9A-Za-z]([0-9A-Za-z ._~:+#-]{0,62}[0-9A-Za-z._~:+#-])?$"
Ref = Annotated[str, Meta(pattern=REF, max_length=64)]
Fact = Annotated[str, Meta(min_length=1, max_length=200)]
Remarks = Annotated[list[Sentence], Meta(min_length=1, max_length=30)]


class BayWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Call whoever is next to this bay: the row that the board showed on top, and its version."""

    visit: str | None = None
    version: Count | None = None


class Approved(
    Struct,
    frozen=True,
    kw_only=True,
    tag="approved",
    tag_field="result",
    forbid_unknown_fields=True,
):
    """Nothing was found."""


class ApprovedWithRemarks(
    Struct,
    frozen=True,
    kw_only=True,
    tag="approved_with_remarks",
    tag_field="result",
    forbid_unknown_fields=True,
):
    """Something was found that may wait until the next inspection."""

    remarks: Remarks


class ReInspection(
    Struct,
    frozen=True,
    kw_only=True,
    tag="re_inspection",
    tag_field="result",
    forbid_unknown_fields=True,
):
    """The vehicle must come back when these are mended: then it is a recheck."""

    remarks: Remarks


class NotInspected(
    Struct,
    frozen=True,
    kw_only=True,
    tag="not_inspected",
    tag_field="result",
    forbid_unknown_fields=True,
):
    """The inspection could not be made."""

    reason: Sentence


Outcome = Approved | ApprovedWithRemarks | ReInspection | NotInspected


class VisitWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Move a visit: the version that the board showed, and what the verb's row in the table names.

    `before` is the visit that it shall stand before, none for the end of the line.
    """

    version: Count
    bay: BayId | None = None
    reason: Sentence | None = None
    before: Id | None = None
    outcome: Outcome | None = None


_WORDS: dict[Word, tuple[object, object]] = {
    Word.BAY: (BayId, BayId | None),
    Word.REASON: (Sentence, Sentence | None),
    Word.BEFORE: (Id, Id | None),
    Word.OUTCOME: (Outcome, Outcome | None),
}


def _words_of(row: Transition) -> type[Struct]:
    """A type that takes what *row* needs and takes, and refuses the rest by name."""
    fields: list[tuple[str, object] | tuple[str, object, object]] = [("version", Count)]
    fields += [(word.value, _WORDS[word][0]) for word in Word if word in row.needs]
    fields += [(word.value, _WORDS[word][1], None) for word in Word if word in row.takes]
    name = f"{row.verb.replace('-', ' ').title().replace(' ', '')}Words"
    return defstruct(
        name,
        fields,
        module=__name__,
        frozen=True,
        kw_only=True,
        forbid_unknown_fields=True,
    )


VERB_WORDS: dict[Verb, type[Struct]] = {verb: _words_of(row) for verb, row in TRANSITIONS.items()}


class UndoWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take back one's own last deed: on the visit that the board showed, or wherever it was."""

    visit: Id | None = None


class BayChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Open, pause or close a bay; `until` announces when a break ends or a bay closes."""

    until: Utc | None = None


class Dismissal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a held arrival does not join the line."""

    reason: Sentence


class BookingWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A booking as the booking system has it now.  `plate2` is the vehicle's other plate, if it has one."""

    plate: Plated
    slot_at: Utc
    kind: KindWord = "full"
    plate2: Plated | None = None
    make: Fact | None = None
    model: Fact | None = None
    colour: Fact | None = None
    remark: Fact | None = None
    cancelled: bool = False


class DeskArrival(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plate that the desk enters for somebody who walked in.

    `kind` is what somebody has chosen, whatever is booked; without it the booking or the last inspection
    tells.  `another` splits off a second vehicle that bears the same number as one in the line.
    """

    id: Id
    plate: Plated
    kind: KindWord | None = None
    another: bool = False


class HelpClose(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What it was, in a word from the person who went out."""

    word: Sentence
