"""Routes that name who may take them, and say what they take, give and refuse.

How to add a route
------------------
Write a method on a group of routes, mark it, and let its signature say the rest:

    @route("POST", f"{STATION}/bays/<bay>/call-next", LINE, refuses=(problems.NOBODY_WAITING,))
    def call_next(self, station: str, bay: str, words: BayWords) -> QueueRow:
        "Call whoever is next to this bay."
        return self._yard.call_next(station, who_asks().actor, bay, words)

- After the address come those who may; a route that names nobody is open to nobody.
- The docstring is the call's sentence in the document.  Its first line is the heading.
- `words: SomeStruct` is the JSON body, read strictly.  A view that reads the body itself says what it
  takes: `takes=Arrival`, or `takes=Body("text/csv", str)`.
- `asked: SomeStruct` are the query's words, all of them strings; `Meta(description=...)` explains each.
- What the view returns is encoded by its annotation: a wire type is JSON with status 200, None is 204,
  `tuple[SomeStruct, int]` brings its own status.  `status=201`, or `status={201: "made", 200: "again"}`,
  says another.  A view that makes its own Response says what is in it: `gives=Queue`, or
  `gives=Gives(200, str, "text/plain")`.
- `refuses` are the problems that only this call knows.  What every call refuses (strangers, foreign
  stations, bad bodies) is added by the document.
- A word in the address (`<visit>`) is explained once, in `api/words.py`.
- `each=Each("verb", {"call": "sentence", ...})` writes one call for each value of a word in the address.
- `looks=Looked.VISITS` is for what shows somebody personal data: who took it is written down (`looking.py`).
- `invited=True` is for what is open to somebody who has been invited and has no password yet.
- `call=False` is for pages that people open; they are no part of the document.

Every type that is taken or given needs one example in `api/examples.py`.  Tests say what is missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from flask import Blueprint, request
from msgspec import structs
from werkzeug.wrappers import Response

from central.web import reading
from central.web.answers import JSON
from central.web.replies import as_json, empty
from contract import problems
from contract.accounts import Looked
from contract.problems import Problem, ProblemType

_View = TypeVar("_View", bound=Callable[..., object])


class Who(StrEnum):
    """Who may take a route: a device by its role, a person by theirs, or anybody."""

    ANYBODY = "anybody"
    POST = "post"
    SIGN = "sign"
    STAFF = "staff"
    MANAGER = "manager"
    TECHNICIAN = "technician"
    OFFICE = "office"
    SCRAPER = "scraper"  # whoever holds the data folder's `metrics.token`
    BOOKINGS_READ = "bookings:read"  # another system, by the scope of its token
    BOOKINGS_WRITE = "bookings:write"
    HALL = "hall:link"  # a hall box, by the same


LINE = frozenset({Who.STAFF, Who.MANAGER})
SIGNED_IN = frozenset({Who.STAFF, Who.MANAGER, Who.TECHNICIAN, Who.OFFICE})
DEVICES = frozenset({Who.POST, Who.SIGN})
OTHER_SYSTEMS = frozenset({Who.BOOKINGS_READ, Who.BOOKINGS_WRITE, Who.HALL})
FITTERS = frozenset({Who.TECHNICIAN, Who.OFFICE})
IN_CHARGE = frozenset({Who.MANAGER, Who.OFFICE})
OPERATIONS = frozenset({Who.SCRAPER, Who.TECHNICIAN, Who.OFFICE})


@dataclass(frozen=True, slots=True)
class Body:
    """A body of one kind of content; JSON may be one of several types."""

    media: str
    types: tuple[Any, ...]

    def __init__(self, media: str, *types: Any) -> None:  # noqa: ANN401 - any wire type
        object.__setattr__(self, "media", media)
        object.__setattr__(self, "types", types)


@dataclass(frozen=True, slots=True)
class Gives:
    """An answer: its status, its type (None: no body), the kind of content, what it means, its headers."""

    status: int
    type: Any = None
    media: str = JSON
    says: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Each:
    """A *word* in the address that is one of a few values: its sentence, and its body if that differs.

    A body of its own may say less than the view's `words`, which are made of it.  `name` makes the
    call's name of the value.
    """

    word: str
    says: Mapping[str, str]
    takes: Mapping[Any, Any] = field(default_factory=dict)
    name: str = "{}"


@dataclass(frozen=True, slots=True)
class Route:
    """One method at one address.  A `page` sends strangers to the sign-in page instead of refusing."""

    method: str
    rule: str
    may: frozenset[Who]
    page: bool = False
    call: bool = True
    name: str = ""
    said: str = ""
    takes: Body | None = None
    gives: tuple[Gives, ...] = ()
    refuses: tuple[ProblemType, ...] = ()
    asked: Any = None
    headers: Any = None
    each: Each | None = None
    looks: Looked | None = None
    invited: bool = False


def route(
    method: str,
    rule: str,
    *may: Who | frozenset[Who],
    page: bool = False,
    call: bool = True,
    takes: Any = None,  # noqa: ANN401 - any wire type
    gives: Any = None,  # noqa: ANN401 - any wire type
    status: int | Mapping[int, str] = 0,
    refuses: tuple[ProblemType, ...] = (),
    headers: Any = None,  # noqa: ANN401 - any wire type
    each: Each | None = None,
    looks: Looked | None = None,
    invited: bool = False,
) -> Callable[[_View], _View]:
    """Mark a method of a group of routes as the view of *rule*; the module's text says how."""
    named = frozenset(who for item in may for who in ([item] if isinstance(item, Who) else item))

    def mark(view: _View) -> _View:
        hints = get_type_hints(view, include_extras=True)
        given = _gives(gives, hints.get("return"), status)
        answering = _answering(view, hints, given[0].status if given else 200, each)
        answering.__dict__["route"] = Route(
            method,
            rule,
            named,
            page,
            call,
            name=view.__name__,
            said=view.__doc__ or "",
            takes=_body(takes or hints.get("words")),
            gives=given,
            refuses=refuses,
            asked=hints.get("asked"),
            headers=headers,
            each=each,
            looks=looks,
            invited=invited,
        )
        return answering

    return mark


def blueprint(group: Any, name: str) -> Blueprint:  # noqa: ANN401 - any object whose methods are marked
    """Collect the marked methods of *group*."""
    made = Blueprint(name, __name__)
    for attribute, view in vars(type(group)).items():
        marked: Route | None = getattr(view, "route", None)
        if marked is not None:
            made.add_url_rule(
                _narrow(marked), attribute, getattr(group, attribute), methods=[marked.method]
            )
    return made


def _narrow(marked: Route) -> str:
    """Let a spread word be one of its values only: what else stands in its place is another address."""
    if marked.each is None:
        return marked.rule
    values = ", ".join(f'"{value}"' for value in marked.each.says)
    return marked.rule.replace(f"<{marked.each.word}>", f"<any({values}):{marked.each.word}>")


def _answering(view: _View, hints: Mapping[str, Any], status: int, each: Each | None) -> _View:
    """Read what the view asks for by its signature, and encode what it gives."""

    @wraps(view)
    def answer(*args: object, **words: object) -> Response:
        if any("\0" in str(word) for word in words.values()):
            raise Problem(problems.NOT_FOUND, "No address holds the character U+0000.")
        if "words" in hints:
            narrow = each.takes.get(words[each.word]) if each else None
            words["words"] = _said(hints["words"], narrow)
        if "asked" in hints:
            words["asked"] = reading.asked(request, hints["asked"])
        said = view(*args, **words)
        if isinstance(said, Response):
            return said
        if said is None:
            return empty()
        return as_json(*said) if isinstance(said, tuple) else as_json(said, status)

    return cast("_View", answer)


def _said(kind: Any, narrow: Any) -> object:  # noqa: ANN401 - any wire type
    """Read the body as the *narrow* type that the word in the address asks for, if it has one of its own."""
    if narrow is None:
        return reading.words(request, kind)
    return kind(**structs.asdict(reading.words(request, narrow)))


def _body(takes: Any) -> Body | None:  # noqa: ANN401 - any wire type
    return takes if takes is None or isinstance(takes, Body) else Body(JSON, takes)


def _gives(gives: Any, returned: Any, status: int | Mapping[int, str]) -> tuple[Gives, ...]:  # noqa: ANN401
    """What the mark says, or else what the signature does."""
    if isinstance(gives, Gives):
        return (gives,)
    if isinstance(gives, tuple):
        return gives
    kind = gives or returned
    if get_origin(kind) is tuple and len(get_args(kind)) == 2:  # noqa: PLR2004 - words and their status
        kind = get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, Response):
        return ()
    kind = None if kind is type(None) else kind
    if isinstance(status, Mapping):
        return tuple(Gives(number, kind, says=says) for number, says in status.items())
    return (Gives(status or (204 if kind is None else 200), kind),)
