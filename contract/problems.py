"""Every way in which central may say no (RFC 9457), each with a `reason` that never changes."""

from dataclasses import dataclass

from contract.errors import PortvaktError

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of refusal: the HTTP status, the stable reason and the title that people read."""

    status: int
    reason: str
    title: str


BAD_REQUEST = ProblemType(400, "bad_request", "The request could not be read")
PLATE_REFUSED = ProblemType(422, "plate_refused", "This cannot be a number plate")
NOT_SIGNED_IN = ProblemType(401, "not_signed_in", "Sign in first")
WRONG_SIGN_IN = ProblemType(401, "wrong_sign_in", "Name and password do not go together")
UNKNOWN_DEVICE = ProblemType(401, "unknown_device", "This device is not known here")
CODE_REFUSED = ProblemType(403, "code_refused", "This enrolment code does not work")
NOT_ALLOWED = ProblemType(403, "not_allowed", "You may not do this here")
CSRF = ProblemType(403, "csrf", "The page is too old; load it again")
NOT_FOUND = ProblemType(404, "not_found", "There is nothing here")
METHOD_NOT_ALLOWED = ProblemType(
    405, "method_not_allowed", "This address does not take that method"
)
ID_REUSED = ProblemType(409, "id_reused", "This id was already used for something else")
CHANGED_MEANWHILE = ProblemType(409, "changed_meanwhile", "Somebody else was faster")
WRONG_STATE = ProblemType(409, "wrong_state", "That cannot be done to this visit now")
BAY_BUSY = ProblemType(409, "bay_busy", "This bay is taken")
BAY_CANNOT_SERVE = ProblemType(409, "bay_cannot_serve", "This bay does not take that kind")
NOBODY_WAITING = ProblemType(409, "nobody_waiting", "Nobody is waiting whom this bay can take")
TOO_LARGE = ProblemType(413, "too_large", "The request is too large")
NOT_JSON = ProblemType(415, "not_json", "Send JSON")
BOOKINGS_REFUSED = ProblemType(422, "bookings_refused", "The file was not imported")
TOO_MANY = ProblemType(429, "too_many", "Too many questions; wait a little")
NOT_SAVED = ProblemType(503, "not_saved", "The database could not save this; nothing was changed")
BROKEN = ProblemType(500, "broken", "Something broke here; it has been written to the log")


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
