"""Routes that name who may take them; one that names nobody is open to nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint
from flask.typing import ResponseReturnValue

_View = TypeVar("_View", bound=Callable[..., ResponseReturnValue])


class Who(StrEnum):
    """Who may take a route: a device by its role, a person by theirs, or anybody."""

    ANYBODY = "anybody"
    POST = "post"
    SIGN = "sign"
    STAFF = "staff"
    MANAGER = "manager"
    TECHNICIAN = "technician"
    OFFICE = "office"


LINE = frozenset({Who.STAFF, Who.MANAGER})
SIGNED_IN = frozenset({Who.STAFF, Who.MANAGER, Who.TECHNICIAN, Who.OFFICE})


@dataclass(frozen=True, slots=True)
class Route:
    """One method at one address.  A `page` sends strangers to the sign-in page instead of refusing."""

    method: str
    rule: str
    may: frozenset[Who]
    page: bool = False


def route(
    method: str, rule: str, *may: Who | frozenset[Who], page: bool = False
) -> Callable[[_View], _View]:
    """Mark a method of a group of routes as the view of *rule*."""
    named = frozenset(who for item in may for who in ([item] if isinstance(item, Who) else item))

    def mark(view: _View) -> _View:
        view.__dict__["route"] = Route(method, rule, named, page)
        return view

    return mark


def blueprint(group: Any, name: str) -> Blueprint:  # noqa: ANN401 - any object whose methods are marked
    """Collect the marked methods of *group*."""
    made = Blueprint(name, __name__)
    for attribute, view in vars(type(group)).items():
        marked: Route | None = getattr(view, "route", None)
        if marked is not None:
            made.add_url_rule(
                marked.rule, attribute, getattr(group, attribute), methods=[marked.method]
            )
    return made
