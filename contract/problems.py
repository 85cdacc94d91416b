"""Every way in which central may say no (RFC 9457), each with a `reason` that never changes.

`docs/problems.md` is written from this file: `python -m central.web.api.problems_page`.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta

from contract.errors import PortvaktError

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of refusal: the HTTP status, the stable reason and the title that people read.

    `when` says in a sentence when it is given, `what_to_do` what the asker does about it, and `members`
    name what its document may hold beside the members of RFC 9457; each is explained in `MEMBERS`.
    """

    status: int
    reason: str
    title: str
    when: str = ""
    what_to_do: str = ""
    members: tuple[str, ...] = ()


# One meaning for each name, whatever problem it stands in.
MEMBERS: dict[str, Any] = {
    "path": Annotated[str, Meta(description="The field that is wrong, as a path from `$`.")],
    "most_bytes": Annotated[int, Meta(description="How many bytes are taken.")],
    "refusal": Annotated[str, Meta(description="`too_short`, `too_long` or `alphabet`.")],
    "retry_after_s": Annotated[
        int, Meta(ge=1, description="Come back after so many seconds; the header says the same.")
    ],
    "by": Annotated[str | None, Meta(description="Who was faster, by the name that people read.")],
    "bay": Annotated[str | None, Meta(description="The bay where the visit is now.")],
    "vehicles": Annotated[int, Meta(ge=1, description="How many are on the station's board.")],
    "visit": Annotated[str | None, Meta(description="The visit that is next now, or in the way.")],
    "version": Annotated[int | None, Meta(description="The visit's version now.")],
    "plate": Annotated[str | None, Meta(description="The plate of the visit that is in the way.")],
    "state": Annotated[str, Meta(description="The state that the visit or the bay is in now.")],
    "lines": Annotated[
        list[dict[str, int | str]],
        Meta(description="Every bad line: its number, from 1 with the header, and the reason."),
    ],
}

BAD_REQUEST = ProblemType(
    400,
    "bad_request",
    "The request could not be read",
    "The body is no JSON in UTF-8, a field is unknown, missing or of another type, or a word in the"
    " address or the query is wrong.",
    "Mend the field at `path`; the same request will be refused again.",
    ("path",),
)
PLATE_REFUSED = ProblemType(
    422,
    "plate_refused",
    "This cannot be a number plate",
    "After separators are taken out, the text has fewer than 2 or more than 10 signs, or a sign that no"
    " plate holds.",
    "Ask the person to look at the plate again; `refusal` says what is wrong with it.",
    ("refusal",),
)
NOT_SIGNED_IN = ProblemType(
    401,
    "not_signed_in",
    "Sign in first",
    "There is neither a device's token nor a session, or the session is over.",
    "Sign in at `/login`; a device sends its token.",
)
WRONG_SIGN_IN = ProblemType(
    401,
    "wrong_sign_in",
    "Name and password do not go together",
    "The name is unknown, the password is wrong, the person is disabled, or the one-time code was used or"
    " is too old.",
    "Try again; after ten wrong tries a browser that nobody knows waits a quarter of an hour.",
)
UNKNOWN_DEVICE = ProblemType(
    401,
    "unknown_device",
    "This device is not known here",
    "The token is of no device, or of one that was taken out of service.",
    "Enrol the device again with a new code; what it has kept is not lost.",
)
TOKEN_REFUSED = ProblemType(
    401,
    "token_refused",
    "This token does not work",
    "The token of another system, such as one for bookings, was revoked, is too old, or was never given.",
    "Ask the station's manager or the office for a new one.",
)
CODE_REFUSED = ProblemType(
    403,
    "code_refused",
    "This enrolment code does not work",
    "The code is wrong, used, older than 48 hours, of another station, or was tried five times.",
    "Ask the office for a new code.",
)
CODE_FOR_ANOTHER = ProblemType(
    403,
    "code_for_another",
    "This enrolment code is for another kind of device",
    "The code works, and the office made it for a device of another role than the asker has.",
    "Give it to the device that it is for; ask the office for one for this kind.",
)
SET_PASSWORD_FIRST = ProblemType(
    403,
    "set_password_first",
    "Set a password first",
    "Somebody has signed in by an invitation and has no password yet; nothing else is open to them.",
    "Set one by `POST /v1/session/password`, then go on.",
)
NOT_ALLOWED = ProblemType(
    403,
    "not_allowed",
    "You may not do this here",
    "The role may not do this, the station is not theirs, or a device speaks for another.",
    "Ask somebody whose role may; the document names the roles of each call.",
)
CSRF = ProblemType(
    403,
    "csrf",
    "The page is too old; load it again",
    "A signed-in person changes something without their session's own value in `X-Portvakt-Csrf`, or"
    " another site tries to sign them in.",
    "Take the value of `csrf` from `GET /v1/session` and send it again.",
)
NOT_FOUND = ProblemType(
    404,
    "not_found",
    "There is nothing here",
    "The address, the visit, the bay, the device or the call for help does not exist here.",
    "Load the queue again and take the ids from there.",
)
METHOD_NOT_ALLOWED = ProblemType(
    405,
    "method_not_allowed",
    "This address does not take that method",
    "The address exists, but not for this method.",
    "Use a method that the header `Allow` names.",
)
ID_REUSED = ProblemType(
    409,
    "id_reused",
    "This id was already used for something else",
    "An arrival or a call for help has the id of an earlier one, but another body or sender.",
    "Make a new id; a retry must send the very same bytes.",
)
CHANGED_MEANWHILE = ProblemType(
    409,
    "changed_meanwhile",
    "Somebody else was faster",
    "The visit, the line or the call for help is no longer as the asker saw it.",
    "Look at the queue again; `by` says who was faster.",
    ("by", "bay", "visit", "version", "plate", "state"),
)
WRONG_STATE = ProblemType(
    409,
    "wrong_state",
    "That cannot be done to this visit now",
    "The visit or the sign is in a state in which this cannot be done.",
    "Look at the queue again; `may` of the row names what can be done.",
    ("state", "version", "bay"),
)
BAY_BUSY = ProblemType(
    409,
    "bay_busy",
    "This bay is taken",
    "Somebody is called to this bay, or it is full.",
    "End that call, finish that visit, or choose another bay.",
    ("by", "bay", "visit", "plate"),
)
BAY_CANNOT_SERVE = ProblemType(
    409,
    "bay_cannot_serve",
    "This bay does not take that kind",
    "The bay is not for this kind of inspection.",
    "Choose a bay whose `kinds` have the visit's kind.",
)
BAY_CLOSED = ProblemType(
    409,
    "bay_closed",
    "This bay takes nobody now",
    "The bay is on its break, closing or closed, so nobody may be called to it.",
    "Open the bay, or choose another one.",
    ("state",),
)
ALREADY_HERE = ProblemType(
    409,
    "already_here",
    "This vehicle has an open visit already",
    "An ended visit would come back, but its vehicle has come again meanwhile.",
    "Go on with the open visit.",
)
PERSON_REFUSED = ProblemType(
    409,
    "person_refused",
    "That cannot be done to this person",
    "The name is taken, nobody of the office would be left who can sign in, or somebody who is disabled is"
    " invited.",
    "Do what the detail says; the list of people shows how they are now.",
)
TOO_LATE = ProblemType(
    409,
    "too_late",
    "That can be done no longer",
    "Two minutes are over since the deed that would be taken back, or it was on another day.",
    "Do what is right now instead; the visit's `may` names what can be done.",
)
NOBODY_WAITING = ProblemType(
    409,
    "nobody_waiting",
    "Nobody is waiting whom this bay can take",
    "The line is empty, or nobody in it is of a kind that the bay takes.",
    "Wait for the next arrival, or call somebody to another bay.",
)
LINE_ELSEWHERE = ProblemType(
    409,
    "line_elsewhere",
    "This line is kept in its hall",
    "A central to which a hall box reports is asked to move, or to show, the line of that hall.",
    "Ask the computer in the hall itself; the office moves no line.",
)
LINE_NOT_EMPTY = ProblemType(
    409,
    "line_not_empty",
    "Somebody is still in this line",
    "The line would move into a hall box, and somebody is on the board here: nobody would see them any more.",
    "Finish or close everybody here first; where a key was made already, revoke it before.",
    ("vehicles",),
)
TOO_LARGE = ProblemType(
    413,
    "too_large",
    "The request is too large",
    "The body is larger than 64 KiB, a CSV file larger than 2 MiB, or a stranger's larger than 8 KiB.",
    "Send at most `most_bytes`; split a file.",
    ("most_bytes",),
)
NOT_JSON = ProblemType(
    415,
    "not_json",
    "Send JSON",
    "The header `Content-Type` does not say what the call takes.",
    "Say `application/json`, or `text/csv` for a file.",
)
VALUE_REFUSED = ProblemType(
    422,
    "value_refused",
    "This value does not fit here",
    "A field is well formed, but nothing here goes with it: a kind that no door takes, or a time that is"
    " past.",
    "Choose another value for the field at `path`.",
    ("path",),
)
BOOKINGS_REFUSED = ProblemType(
    422,
    "bookings_refused",
    "The file was not imported",
    "A line of the file cannot be read; nothing of the file was taken in.",
    "Mend every line that `lines` names and send the whole file again.",
    ("lines",),
)
RANGE_REFUSED = ProblemType(
    416,
    "range_refused",
    "The file has no such part",
    "A device asks for a part of a file that lies behind its end.",
    "Begin again from the file's beginning.",
)
TOO_MANY = ProblemType(
    429,
    "too_many",
    "Too many questions; wait a little",
    "Somebody asks too often, guesses codes or passwords, or has too many boards open; or very many ask at"
    " once.",
    "Wait as long as the header `Retry-After` says.",
    ("retry_after_s",),
)
NOT_SAVED = ProblemType(
    503,
    "not_saved",
    "The database could not save this; nothing was changed",
    "The disk is full or broken, the database does not answer, or central is shutting down.",
    "Try again after `Retry-After` seconds, with the same id; look at central's log.",
)
UNSURE = ProblemType(
    503,
    "unsure",
    "Nobody knows whether this was saved",
    "The database took the change and then did not say whether it is on disk: it stopped, or the"
    " connection to it was cut, at that very moment.",
    "Look at the line before doing it again; an arrival may simply be sent again, with the same id.",
)
BROKEN = ProblemType(
    500,
    "broken",
    "Something broke here; it has been written to the log",
    "A fault in Portvakt.",
    "Try again; if it stays, send central's log to whoever supports it.",
)


def every() -> list[ProblemType]:
    """All kinds, by status and reason."""
    kinds = [kind for kind in globals().values() if isinstance(kind, ProblemType)]
    return sorted(kinds, key=lambda kind: (kind.status, kind.reason))


class Problem(PortvaktError):
    """A refusal on its way to the caller: its type, one sentence of detail, and extra members."""

    def __init__(self, kind: ProblemType, detail: str, **members: object) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.members = members

    def document(self) -> dict[str, object]:
        """Give the JSON object of RFC 9457 section 3."""
        return {
            "type": f"urn:portvakt:problem:{self.kind.reason}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "reason": self.kind.reason,
            **self.members,
        }
