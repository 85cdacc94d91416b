"""The calls of the application: its marked routes, each value of a spread word a call of its own."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask

from central.halls.marking import is_of_line
from central.web.answers import JSON
from central.web.routes import DEVICES, OTHER_SYSTEMS, SIGNED_IN, Body, Route, Who
from contract import problems
from contract.problems import ProblemType

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_WORD = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Call:
    """One method at one address, as the document names it.  `group` is the part of the API it is in."""

    name: str
    group: str
    path: str
    route: Route
    title: str
    says: str
    takes: Body | None

    @property
    def method(self) -> str:
        """GET, POST, PUT or DELETE."""
        return self.route.method

    @property
    def words(self) -> list[str]:
        """The words that stand in its address, in order."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def may(self) -> list[Who]:
        """Who may take it, in the order of `Who`."""
        return [who for who in Who if who in self.route.may]

    @property
    def changes(self) -> bool:
        """Whether it may change something."""
        return self.method not in SAFE

    def refuses(self) -> list[ProblemType]:
        """Everything that it refuses: its own problems, and those that follow from its mark."""
        kinds = {*self.route.refuses, problems.TOO_MANY, problems.NOT_SAVED, problems.BROKEN}
        if Who.ANYBODY not in self.route.may:
            kinds |= {problems.NOT_SIGNED_IN, problems.UNKNOWN_DEVICE, problems.TOKEN_REFUSED}
            kinds.add(problems.NOT_ALLOWED)
            if self.route.may & SIGNED_IN and not self.route.invited:
                kinds.add(problems.SET_PASSWORD_FIRST)
            if self.changes and self.route.may & SIGNED_IN:
                kinds.add(problems.CSRF)
        if self.changes:
            kinds.add(problems.UNSURE)
        if self.words:
            kinds.add(problems.NOT_FOUND)
        if is_of_line(self.path):
            kinds.add(problems.LINE_ELSEWHERE)
        if self.takes is not None:
            kinds |= {problems.BAD_REQUEST, problems.TOO_LARGE, problems.NOT_JSON}
        if self.route.asked is not None:
            kinds.add(problems.BAD_REQUEST)
        return sorted(kinds, key=lambda kind: (kind.status, kind.reason))

    def security(self) -> list[dict[str, list[str]]]:
        """The credentials that let somebody in: any one of these."""
        ways: list[dict[str, list[str]]] = []
        if Who.SCRAPER in self.route.may:
            ways.append({"scraper": []})
        ways += [{who.value: []} for who in self.may if who in DEVICES]
        if self.route.may & OTHER_SYSTEMS:
            ways.append({"booking": []})
        if self.route.may & SIGNED_IN:
            ways.append({"session": [], "csrf": []} if self.changes else {"session": []})
        return ways


def of(app: Flask) -> list[Call]:
    """Give every call of *app*, in the order in which its routes were made."""
    return [call for rule, group, marked in _routes(app) for call in _spread(rule, group, marked)]


def of_route(marked: Route) -> list[Call]:
    """Give the calls of one route."""
    return list(_spread(_WORD.sub(r"{\1}", marked.rule), "", marked))


def unmarked(app: Flask) -> list[str]:
    """Name the routes that have no mark, or whose mark does not say what they give."""
    found = []
    for rule in app.url_map.iter_rules():
        marked = _mark(app, rule.endpoint)
        if marked is None or (marked.call and not marked.gives):
            found.append(f"{rule.rule} ({rule.endpoint})")
    return found


def _routes(app: Flask) -> Iterator[tuple[str, str, Route]]:
    for rule in app.url_map.iter_rules():
        marked = _mark(app, rule.endpoint)
        if marked is not None and marked.call:
            yield _WORD.sub(r"{\1}", marked.rule), rule.endpoint.partition(".")[0], marked


def _mark(app: Flask, endpoint: str) -> Route | None:
    view: Any = app.view_functions[endpoint]
    return getattr(view, "route", None)


def _spread(path: str, group: str, marked: Route) -> Iterator[Call]:
    title, _, more = inspect.cleandoc(marked.said).partition("\n\n")
    title = " ".join(title.split())
    if marked.each is None:
        yield Call(marked.name, group, path, marked, title, more, marked.takes)
        return
    for value, says in marked.each.says.items():
        takes = marked.each.takes.get(value)
        yield Call(
            name=marked.each.name.format(value.replace("-", "_")),
            group=group,
            path=path.replace(f"{{{marked.each.word}}}", value),
            route=marked,
            title=says,
            says=more,
            takes=marked.takes if takes is None else Body(JSON, takes),
        )
