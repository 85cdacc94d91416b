"""Why somebody does not come in by the provider: each a sentence for them and a word for the log."""

from enum import StrEnum

from contract.errors import PortvaktError


class Why(StrEnum):
    """The reason, as it stands in the address of the sign-in page."""

    AWAY = "away"
    BUSY = "busy"
    STALE = "stale"
    DENIED = "denied"
    UNTRUSTED = "untrusted"
    UNKNOWN = "unknown"
    NO_ROLE = "no_role"
    NAME_TAKEN = "name_taken"


_OTHERWISE = "try again in a while, or sign in with your Portvakt password."
SENTENCES = {
    Why.AWAY: f"The sign-in service does not answer; {_OTHERWISE}",
    Why.BUSY: f"Many people sign in just now; {_OTHERWISE}",
    Why.STALE: "This sign-in was begun too long ago, in another browser, or was used already; begin again.",
    Why.DENIED: "The sign-in service did not let you in; begin again, or ask who runs it.",
    Why.UNTRUSTED: "The sign-in service's answer cannot be trusted; tell the office.",
    Why.UNKNOWN: "Nobody who may come in here is bound to your account; ask the office.",
    Why.NO_ROLE: "Your account has no role at a station here; ask who runs the sign-in service.",
    Why.NAME_TAKEN: "Somebody else has your name here; ask the office to bind your account to it.",
}


class OidcRefused(PortvaktError):
    """A sign-in by the provider came to nothing.

    `str()` is the sentence for the person; `detail` is for the log and holds no secret; of a
    person it holds the subject alone, by which they can be linked.
    """

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(SENTENCES[why])
        self.why = why
        self.detail = detail
