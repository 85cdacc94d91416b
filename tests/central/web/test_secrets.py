"""No secret is where somebody else may read it: arguments, addresses, logs, values, files."""

import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import click
import msgspec

from central.web import routes as web_routes
from contract.accounts import PasswordWords
from contract.secrecy import HIDDEN, SECRETS
from contract.wire import Enrolled, Role
from portvakt.cli import main
from tests.central.web.hall import Hall

PACKAGES = ("contract", "device", "kiosk", "signage", "central", "portvakt")
NAMES = re.compile(r"pass(word|phrase)|token|secret|code|csrf|credential|verifier")
# A token's own name, as lists show it, opens nothing.
OPEN_NAMES = {"token_id", "expand_codes"}
# What the provider of OpenID Connect sends a browser back with; it works once, and only together with
# the verifier that never left central (RFC 6749 section 4.1.2, RFC 7636).
BY_PROTOCOL = {"Brought"}
# Facts about settings, not values of them; and the word of a fault, which stands on a sign for all to read.
NO_SECRET = {"Rule.secret", "Known.secret", "Answer.code"}
# Words that mean something else elsewhere; `PasswordWords` has a test of its own.
COMMON = {"browser", "new", "old"}


# -- arguments: everybody on a machine sees those of every process -------------------------------


def commands(command: click.Command, path: str = "portvakt") -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from commands(found, f"{path} {name}")


def gives_a_secret(parameter: click.Parameter) -> bool:
    name = parameter.name or ""
    if getattr(parameter, "is_flag", False):
        return False
    is_file = name.endswith("_file") and isinstance(parameter.type, click.Path | click.File)
    return bool(NAMES.search(name)) and name not in OPEN_NAMES and not is_file


def test_no_command_takes_a_secret_as_an_argument() -> None:
    found = list(commands(main))
    assert len(found) > 30
    bad = [
        (path, one.name) for path, command in found for one in command.params if gives_a_secret(one)
    ]
    assert bad == [], "ask for it (hide_input), or take a file"


def test_such_an_argument_would_be_found() -> None:
    assert gives_a_secret(click.Option(["--password"]))
    assert gives_a_secret(click.Option(["--oidc-client-secret"]))
    assert gives_a_secret(click.Option(["--token-file"], type=str)), "a file's name is a path"
    assert not gives_a_secret(click.Option(["--token-file"], type=click.Path()))


# -- addresses: they stand in logs, in histories and in Referer ----------------------------------


def test_no_address_and_no_query_has_a_secret(hall: Hall) -> None:
    seen = 0
    for rule in hall.app.url_map.iter_rules():
        assert not [
            name for name in rule.arguments if NAMES.search(name) and name not in OPEN_NAMES
        ]
        view: Any = hall.app.view_functions[rule.endpoint]
        marked: web_routes.Route | None = getattr(view, "route", None)
        asked = getattr(marked, "asked", None)
        if asked is not None and asked.__name__ not in BY_PROTOCOL:
            names = asked.__struct_fields__
            assert not [name for name in names if NAMES.search(name)], rule.rule
            seen += 1
    assert seen >= 2


def test_a_code_or_a_password_in_an_address_opens_nothing(hall: Hall) -> None:
    people = hall.yard.people
    people.create_user("Desk 9", "korrekt häst batteri", ["hall"])
    code = people.sign_in_code("Desk 9")
    for path in (f"/login?code={code}", f"/board?code={code}", "/login?login=Desk+9&password=x"):
        answer = hall.app.test_client().get(path)
        assert "Set-Cookie" not in answer.headers, path
    assert hall.app.test_client().post("/login", data={"code": code}).status_code == 303


# -- values: a careless %r, a debugger, the text of an exception ---------------------------------


def types_with_secrets() -> Iterator[tuple[type, str]]:
    """Each dataclass and struct of the product with each field whose name is a secret's."""
    for package in PACKAGES:
        top = importlib.import_module(package)
        for module in pkgutil.walk_packages(top.__path__, f"{package}."):
            if module.name.endswith("__main__") or "migrations" in module.name:
                continue
            yield from _of(importlib.import_module(module.name))


def _of(module: Any) -> Iterator[tuple[type, str]]:
    for found in vars(module).values():
        if not inspect.isclass(found) or found.__module__ != module.__name__:
            continue
        if dataclasses.is_dataclass(found):
            names = [one.name for one in dataclasses.fields(found)]
        elif issubclass(found, msgspec.Struct):
            names = list(found.__struct_fields__)
        else:
            continue
        yield from ((found, name) for name in names if _is_secret(found, name))


def _is_secret(found: type, name: str) -> bool:
    return (
        name in (SECRETS | {"client_secret"}) - COMMON
        and f"{found.__name__}.{name}" not in NO_SECRET
    )


def repr_of(found: type) -> object:
    return found.__repr__


def shows(found: type, name: str) -> bool:
    """Whether the `repr` of a value would show the field."""
    if dataclasses.is_dataclass(found):
        return next(one.repr for one in dataclasses.fields(found) if one.name == name)
    return repr_of(found) is repr_of(msgspec.Struct)


def test_no_value_shows_its_secret() -> None:
    found = list(types_with_secrets())
    assert len(found) > 12
    assert [
        f"{kind.__module__}.{kind.__name__}.{name}" for kind, name in found if shows(kind, name)
    ] == []


def test_what_it_shows_is_a_few_dots() -> None:
    shown = repr(Enrolled(device="d1", token="pv_d1_x", station="s", role=Role.POST, name="Post 1"))
    assert "pv_d1_x" not in shown
    assert f"token={HIDDEN}" in shown
    assert "device='d1'" in shown
    assert "..." in repr(PasswordWords(new="a new password")), "both of its fields are passwords"
    assert "a new password" not in repr(PasswordWords(new="a new password"))
