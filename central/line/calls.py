"""What staff do to a visit: call, let in, park, give up, finish, change the order, take back."""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError

from central.database.tx import Tx, View
from central.known import Known
from central.line import inspections, line
from central.line.changes import Scene, carry_out
from central.line.line import Deed, Visit, Yard
from central.line.rows import one_visit, open_visits, refuse_erased
from central.places.places import Place
from central.words import Actor
from contract import problems
from contract.ids import uuid7
from contract.problems import Problem
from contract.transitions import Verb
from contract.visit import State
from contract.words import BayWords, VisitWords


def act(
    tx: Tx, known: Known, station: str, actor: Actor, visit_id: str, verb: Verb, words: VisitWords
) -> Visit:
    """Do *verb* to a visit."""
    scene = Scene(tx, known, known.places.of(tx, station), actor)
    visit = one_visit(tx, station, visit_id)
    refuse_erased(visit)
    return _do(scene, visit, verb, words, open_visits(tx, station))


def call_next(
    tx: Tx, known: Known, station: str, actor: Actor, bay_id: str, words: BayWords
) -> Visit:
    """Call whoever is next to a bay, if that is whom the board showed."""
    scene = Scene(tx, known, known.places.of(tx, station), actor)
    bay = scene.place.bay(bay_id)
    line.check_takes_calls(bay, tx.now)
    visits = open_visits(tx, station)
    first = line.next_for(bay, visits)
    if words.visit is not None and (
        first is None or (first.id, first.version) != (words.visit, words.version)
    ):
        raise _overtaken(scene, words.visit, first)
    if first is None:
        raise Problem(problems.NOBODY_WAITING, f"Nobody is waiting whom door {bay.door} can take.")
    return _do(scene, first, Verb.CALL, VisitWords(version=first.version, bay=bay.id), visits)


def yard_of(view: View, place: Place, visits: Sequence[Visit]) -> Yard:
    """What decides about a deed at *place* now."""
    today, _ = place.day_of(view.now)
    return Yard(visits, today, view.now)


def new_call(view: View) -> str:
    """An id for a new showing."""
    return uuid7(int(view.now.timestamp() * 1000))


def _do(
    scene: Scene, visit: Visit, verb: Verb, words: VisitWords, visits: Sequence[Visit]
) -> Visit:
    """Check, write, and tell the signs."""
    bay = None if words.bay is None else scene.place.bay(words.bay)
    yard = yard_of(scene.tx, scene.place, visits)
    try:
        deed = line.act(visit, verb, words, bay=bay, yard=yard, new_call=new_call(scene.tx))
    except Problem as problem:
        raise explained(scene, problem, visit, visits) from None
    write(scene, visit, deed, _outcome(words))
    if verb is Verb.FINISH:
        inspections.keep(scene.tx, scene.place.id, scene.actor, deed.visit, words.outcome)
    return deed.visit


def write(scene: Scene, before: Visit, deed: Deed, data: dict[str, object] | None = None) -> None:
    """Carry *deed* out; what the database itself refuses was done by somebody between our steps."""
    try:
        carry_out(scene, before, deed, data)
    except IntegrityError as error:
        raise Problem(
            problems.CHANGED_MEANWHILE, "Somebody else was faster; look at the line again."
        ) from error


def explained(scene: Scene, problem: Problem, visit: Visit, visits: Sequence[Visit]) -> Problem:
    """Name who was faster, where that is what happened."""
    told_who = "by" in problem.members or "version" not in problem.members
    if problem.kind is problems.CHANGED_MEANWHILE and not told_who:
        by = scene.who(visit)
        detail = f"{visit.shown} is {scene.where(visit)} now, by {by}."
        return Problem(problem.kind, detail, **problem.members, by=by)
    if problem.kind is problems.BAY_BUSY:
        other = next(one for one in visits if one.id == problem.members["visit"])
        by = scene.who(other)
        return Problem(
            problem.kind, f"{problem.detail} ({by})", **problem.members, by=by, bay=other.bay
        )
    return problem


def _outcome(words: VisitWords) -> dict[str, object]:
    return {} if words.outcome is None else {"outcome": words.outcome}


def _overtaken(scene: Scene, visit_id: str, first: Visit | None) -> Problem:
    """The board's next customer is next no longer: say what became of them and who is next."""
    shown = one_visit(scene.tx, scene.place.id, visit_id)
    still_waits = shown.state is State.WAITING
    by = None if still_waits else scene.who(shown)
    is_next = "Nobody else is waiting here." if first is None else f"{first.shown} is next."
    became = "is next no longer" if still_waits else f"is {scene.where(shown)} now, by {by}"
    return Problem(
        problems.CHANGED_MEANWHILE,
        f"{shown.shown} {became}. {is_next}",
        by=by,
        bay=shown.bay,
        visit=first and first.id,
        version=first and first.version,
        plate=first and first.plate,
    )
