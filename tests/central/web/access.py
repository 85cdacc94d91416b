"""All that central offers, and what the table says of it: for the tests of who may take which call.

What is right stands in who_may.toml alone, written by hand.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

import msgspec

from central.oidc.settings import OidcSettings
from central.web.app import WebSettings, create_app
from central.web.routes import Who
from central.web.streams import find
from tests.central.web.askers import Somebody
from tests.central.web.hall import STATION, Asker, Hall

TABLE = tomllib.loads((Path(__file__).parent / "who_may.toml").read_text(encoding="utf-8"))
SAFE = {"GET", "HEAD", "OPTIONS"}
IN, STRANGER, FORBIDDEN = "let in", "401", "403"
# How a page refuses: a stranger signs in first, and who was invited sets a password.
REDIRECTED = {"/login": STRANGER, "/password": FORBIDDEN}
OTHER = "other"


@dataclass(frozen=True)
class Asked:
    """A method at an address with words in braces, and by which name the table knows it."""

    name: str
    method: str
    path: str

    @property
    def stations(self) -> list[str | None]:
        return [STATION, OTHER] if "{station}" in self.path else [None]

    def address(self, station: str | None, asker: Asker, **words: str) -> str:
        """The address with every word filled in; a device speaks of itself."""
        own = {"device": asker.id or "thing", "sign": asker.id or "thing", "ref": "B-1", **words}
        return re.sub(
            r"{(\w+)}",
            lambda word: str(station) if word[1] == "station" else own.get(word[1], "thing"),
            self.path,
        )


@dataclass(frozen=True)
class Offered:
    """The document as central serves it, and all that it serves."""

    document: dict[str, Any]
    rules: list[tuple[str, str]]

    @property
    def operations(self) -> list[tuple[Asked, dict[str, Any]]]:
        return [
            (Asked(call["operationId"], method.upper(), path), call)
            for path, methods in self.document["paths"].items()
            for method, call in methods.items()
        ]

    @property
    def calls(self) -> list[Asked]:
        return [asked for asked, _ in self.operations]

    @property
    def pages(self) -> list[Asked]:
        """Every route that is no part of the document."""
        documented = {(asked.method, asked.path) for asked in self.calls}
        return [
            Asked(rule, method, path)
            for method, rule in self.rules
            for path in spread(rule)
            if (method, path) not in documented
        ]

    @property
    def everything(self) -> list[Asked]:
        """All of it; signing out comes last, for nothing is open after it."""
        return sorted([*self.calls, *self.pages], key=lambda asked: asked.name == "sign_out")

    @property
    def streams(self) -> list[Asked]:
        """What Flask does not answer."""
        return [asked for asked in self.calls if find(asked.path.replace("{station}", STATION))]


def offered(folder: Path, fresh_database: Path) -> Offered:
    """Ask a central for its document, and look at every route that it has."""
    path = folder / "central.db"
    copyfile(fresh_database, path)
    hall = Hall(f"sqlite:///{path}")
    answer = hall.person(Who.OFFICE).get("/v1/openapi.json")
    # With every setting that brings routes; those of the provider open no connection until they are asked.
    provider = OidcSettings(
        issuer="https://login.example.org",
        client_id="portvakt",
        client_secret="made up",
        public_url="https://board.example.org",
    )
    app = create_app(hall.yard, hall.clock, WebSettings(oidc=provider))
    rules = [
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]
    hall.store.close()
    return Offered(msgspec.json.decode(answer.data, type=dict[str, Any]), rules)


def spread(rule: str) -> list[str]:
    """The addresses of a rule of Flask's; a word that is one of a few gives one for each."""
    one_of = re.search(r"<any\(([^)]*)\):\w+>", rule)
    values = re.findall(r'"([^"]*)"', one_of[1]) if one_of else [""]
    paths = [rule if one_of is None else rule.replace(one_of[0], value) for value in values]
    return [re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path) for path in paths]


def may(asked: Asked) -> frozenset[str]:
    return frozenset(TABLE["calls"].get(asked.name) or TABLE["pages"][asked.name])


def right(who: Somebody, asked: Asked, station: str | None) -> str:
    """What the table says."""
    theirs = station is None or bool({station, "*"} & who.stations)
    if "anybody" in may(asked):
        return IN
    if not who.roles or who.roles == {"scraper"}:
        return IN if who.roles & may(asked) else STRANGER
    waits = who.invited and asked.name not in TABLE["invited"]["may"]
    return IN if who.roles & may(asked) and theirs and not waits else FORBIDDEN
