"""The two-digit codes that a sign and a post show when something keeps them from their work.

`docs/technician.md` has the same table in print; a test compares the two.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaultCode:
    """One code: its number, its word for programs, what is wrong, and what to do about it."""

    number: int
    word: str
    sentence: str
    todo: str

    def __str__(self) -> str:
        """What stands on a sign: `E 21`."""
        return f"E {self.number}"


_TABLE = (
    (11, "settings", "The settings file has a fault; the last good one is in force.",
     "`sudo portvakt check` names it; mend it by `sudo portvakt settings NAME=VALUE`."),
    (12, "card", "What lies on the card was not taken.",
     "`sudo portvakt check` says why.  Then make the card again."),
    (21, "no_link", "The network cable gives no link.",
     "Plug the cable in at both ends; try another one or another port of the switch."),
    (22, "no_address", "There is a link, but the network gives no address.",
     "Ask who runs the network whether this port is open and gives addresses (DHCP)."),
    (23, "no_name", "The name of central is not found.",
     "Enter its address by `sudo portvakt enrol`; or ask who runs the network about its name server."),
    (24, "no_answer", "Central does not answer.",
     "See whether central runs, and whether the network lets this port through."),
    (25, "not_trusted", "Whoever answers does not prove to be central.",
     "Bring the hall's CA: `sudo portvakt enrol --ca FILE`; or look at the proxy's certificate."),
    (26, "not_central", "Something answers that is not central, such as a log-in page.",
     "Enter its address by `sudo portvakt enrol`; or ask who runs the network to let this machine through."),
    (27, "central_fails", "Central answers that it cannot work now.",
     "Look at central's log; this machine goes on by itself when central does."),
    (31, "no_code", "This machine is not enrolled and has no code.",
     "Get a code from the office; type it on the post's keys, or `sudo portvakt enrol`."),
    (32, "code_refused", "Central refused the code: it is wrong, used, or older than 48 hours.",
     "Ask the office for a new code."),
    (33, "unknown_device", "Central does not know this machine any more: it was revoked or replaced.",
     "Get a new code from the office; type it on the post's keys, or `sudo portvakt enrol`."),
    (34, "too_many_tries", "Too many codes were tried from here.",
     "Wait two minutes; where the code was typed, press OK again."),
    (35, "token_lost", "The file with this machine's token cannot be read.",
     "Delete the file that `sudo portvakt check` names; then `sudo portvakt enrol` with a new code."),
    (36, "other_kind", "The code was made for another kind of machine.",
     "Ask the office for a code for this kind; this one stays good for the other."),
    (41, "clock", "Nobody has set the clock; the machine works, and marks what it writes down.",
     "Wait for the network; fit a battery clock where it is often away."),
    (51, "outbox", "The disk takes no arrivals.",
     "Look at the card: full, worn out or write-protected.  Replace it."),
    (52, "read_only", "The card takes no writes.",
     "Replace the card."),
    (61, "panel", "The panel does not take what it is sent.",
     "Look at the panel's supply and cable, and at the section [panel] of the settings."),
    (62, "keypad", "The keys cannot be read.",
     "Look at the keypad's cable, and at the section [keypad] of the settings."),
    (63, "key", "A key is held down.",
     "Look for ice, dirt or a stone."),
    (64, "screen", "The screen is off, or shows nothing new.",
     "Look at the screen's supply and cable; the browser starts again by itself."),
    (65, "signals", "A lamp, the buzzer or the voice does not work.",
     "`sudo portvakt check` names the part."),
    (66, "around", "The sign's timer or its self-test found a fault.",
     "`sudo portvakt check` names the part."),
    (71, "rolled_back", "A new release was tried and taken back.",
     "Nothing: the release before runs.  Tell whoever supports it; `switch status` says why."),
    (72, "release_refused", "A new release was refused.",
     "`switch status` says why; send support what `sudo portvakt report` makes."),
)  # fmt: skip

CODES = {word: FaultCode(number, word, text, todo) for number, word, text, todo in _TABLE}

# Parts of a device as its heartbeat names them, the gravest first.
OF_PART = {
    "keypad": "keypad",
    "outbox": "outbox",
    "panel": "panel",
    "screen": "screen",
    "page": "screen",
    "key": "key",
    "help_key": "key",
    "timer": "around",
    "self_test": "around",
    "signals": "signals",
    "hall_lamp": "signals",
    "speech": "signals",
    "voice": "signals",
    "clock": "clock",
}


def rows() -> list[str]:
    """Write the table as the printed page has it, one row a line."""
    return [f"| {one.number} | {one.sentence} | {one.todo} |" for one in CODES.values()]
