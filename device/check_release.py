"""Which release runs here, how its last update went, and whether a card was refused at this boot."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.fleet import Phase
from device.check import Answer, fault, note, ok, wait

# Written by the first boot, which took nothing then (systemd/portvakt-card.service).
CARD_REFUSED = Path("/run/portvakt-card/refused")
_CARDS = ("boot/firmware/portvakt", "boot/portvakt")
_AGAIN = "To have it again all the same: sudo /usr/local/lib/portvakt/switch forget"


@dataclass(frozen=True, slots=True)
class ReleasePlace:
    """Where the installed releases and the notes of the updater are."""

    current: Path = Path("/opt/portvakt/current")
    state: Path = Path("/var/lib/portvakt-update/state")
    card: Path = CARD_REFUSED


def roles_here(place: ReleasePlace | None = None) -> list[str]:
    """The roles that the installed release has here; none outside of one."""
    found = _read((place or ReleasePlace()).current / "release.json").get("roles", [])
    return [str(role) for role in found]


def release_answer(place: ReleasePlace | None = None) -> Answer:
    """Whether a release runs, and whether it is one that stays."""
    place = place or ReleasePlace()
    release = _read(place.current / "release.json").get("release", "")
    if not release:
        return note(
            "this runs from no installed release, so nothing updates it.",
            "On a machine of a station: sudo ./install",
        )
    trial, last = _read(place.state / "trial.json"), _read(place.state / "last.json")
    if trial:
        return wait(
            f"{release} is on trial: it stays if all works, else {trial.get('back_to')} is back.",
            "Let it finish, ten minutes usually; do not pull the plug.",
        )
    about, why = last.get("about", ""), last.get("why", "no reason was noted")
    if last.get("phase") == Phase.ROLLED_BACK:
        return note(f"{release} runs; {about} was tried and left: {why}.", f"{_AGAIN} {about}")
    if last.get("phase") == Phase.REFUSED:
        return note(
            f"{release} runs; {about or 'an update'} was refused: {why}.",
            "Tell the office.",
            "release_refused",
        )
    return ok(f"{release} runs.")


def card_waits(note: Path = CARD_REFUSED) -> bool:
    """Whether a card that *note* calls refused still lies there, and nobody has emptied it since."""
    root = note.parents[2]
    return note.exists() and any((root / card).is_dir() for card in _CARDS)


def card_answer(place: ReleasePlace | None = None) -> Answer:
    """Whether the card's own settings were taken."""
    card = (place or ReleasePlace()).card
    try:
        why = card.read_text("utf-8", "replace").strip() if card_waits(card) else ""
    except OSError:
        why = ""
    if not why:
        return ok("nothing waits on the card.")
    return fault(
        f"what lies on the card was not taken: {why}",
        "Then: sudo systemctl restart portvakt-card",
        "card",
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
