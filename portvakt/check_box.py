"""What is asked of a hall box beside its central: copies that left it, its certificate, its office."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from central.box.certificates import LEAF, RENEW_DAYS, days_left
from central.box.left import Left
from central.box.place import Place, read_json
from central.halls.noting import ENDS_SOON, FILE
from device.check import Answer, Question, fault, note, ok

FEW_DAYS = 14
OFFICE = Path("run/portvakt-central") / FILE
_STICK = "Put in a stick named PORTVAKT, then: sudo portvakt central box stick"
_KEY = (
    "At the office: make another key on /office, under Halls; the old one works beside it.\n"
    "Then here: sudo portvakt central box office https://the-office.example.com"
)


def box_questions(
    place: Place | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> list[Question]:
    """All of them; they are said when there is something to do."""
    here = place or Place()
    return [
        Question("Copies", partial(copies_answer, here, now), detail=True),
        Question("Certificate", partial(certificate_answer, here, now), detail=True),
        Question("Office", partial(office_answer, here.root / OFFICE, now), detail=True),
    ]


def copies_answer(place: Place, now: Callable[[], datetime]) -> Answer:
    """Whether the newest copy elsewhere is young enough to lose this box."""
    said = read_json(place.left)
    if sentence := Left(place.left).sentence(now()):
        return fault(f"{sentence[0].lower()}{sentence[1:]}", _STICK)
    if "left_at" not in said:
        return note("no copy of a backup has left this box yet.", _STICK)
    return ok(f"{said.get('file')} is on the stick since {str(said['left_at'])[:16]} UTC.")


def certificate_answer(place: Place, now: Callable[[], datetime]) -> Answer:
    """Whether the certificate that the proxy shows is renewed in time."""
    leaf = place.tls / LEAF
    if not leaf.exists():
        return ok("there is no proxy's certificate here.")
    days = days_left(leaf, now())
    sentence = f"the certificate that the proxy shows ends in {days} days."
    todo = "Renew it now: sudo portvakt central box renew"
    if days < FEW_DAYS:
        return fault(sentence, todo)
    # It is renewed by itself two months before: so that did not happen.
    return note(sentence, todo) if days < RENEW_DAYS - 7 else ok(sentence)


def office_answer(file: Path, now: Callable[[], datetime]) -> Answer:
    """Whether the office takes what this hall tells, and the key lasts; the line here needs neither."""
    told = read_json(file)
    ends = [at for one in told.values() if (at := _moment(one)) is not None]
    if ends and min(ends) <= now():
        return fault(f"the key for the office ended on {min(ends):%Y-%m-%d}.", _KEY)
    wrong = [f"{station}: {one['wrong']}" for station, one in told.items() if one.get("wrong")]
    if wrong:
        return note(" ".join(wrong), "Nothing is lost: it waits here and is told later.")
    if ends and min(ends) - now() < ENDS_SOON:
        return note(f"the key for the office ends on {min(ends):%Y-%m-%d}.", _KEY)
    return ok("the office hears this hall." if told else "this box reports to no office.")


def _moment(told: dict[str, str]) -> datetime | None:
    text = told.get("key_ends_at")
    return datetime.fromisoformat(text) if text else None
