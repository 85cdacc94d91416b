"""`portvakt plate`: what we make of a plate, for people who wonder and for scripts."""

from contract.plate import Plate, PlateRefused


def describe(text: str) -> tuple[dict[str, str], int]:
    """Give the JSON object and the exit status for a *text* that somebody typed."""
    try:
        plate = Plate.parse(text)
    except PlateRefused as refused:
        return {"reason": refused.reason.value, "detail": refused.detail}, 1
    return {
        "text": plate.text,
        "display": plate.display,
        "match_key": plate.match_key,
        "masked": plate.masked,
    }, 0
