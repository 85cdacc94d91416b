"""`portvakt central user ...` against a central that runs: people, from the machine that it runs on."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result

from portvakt.asking import ask
from portvakt.bench.server import running
from portvakt.cli import main

pytestmark = pytest.mark.processes

PASSWORD = "korrekt häst batteri"
STATION = "bench-0"


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with running(1) as bench:
        yield bench.folder


def central(data: Path, *words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, ["central", *words, "--data", str(data)], input=typed)


def told(data: Path, *words: str, typed: str | None = None) -> str:
    """What a command that went well says."""
    answer = central(data, *words, typed=typed)
    assert 0 == answer.exit_code, answer.output
    return answer.stdout


def sign_in(data: Path, **form: str) -> int:
    """The status that a form at /login gets."""
    address = ask(data, "about")["address"]
    return requests.post(f"{address}/login", form, timeout=10, allow_redirects=False).status_code


def code_in(said: str) -> str:
    found = re.search(r"[A-Z2-9]{4}(?:-[A-Z2-9]{4}){3}", said)
    assert found is not None, said
    return found[0]


def test_a_password_is_typed_twice_and_shown_nowhere(data: Path) -> None:
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    said = told(data, "create", "user", "Desk 1", "--station", STATION, typed=typed)
    assert f"Desk 1 can sign in at {STATION} as staff." in said
    assert PASSWORD not in said
    assert 303 == sign_in(data, login="Desk 1", password=PASSWORD)


def test_a_script_gives_the_password_in_a_file_and_never_as_an_argument(
    data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    words = ("create", "user", "Desk 2", "--station", STATION)
    refused = central(data, *words, "--password", PASSWORD)
    assert 2 == refused.exit_code
    assert "No such option" in refused.stderr
    told(data, *words, "--password-file", str(file))
    assert 303 == sign_in(data, login="Desk 2", password=PASSWORD)


def test_whoever_is_invited_gets_a_code_and_no_password(data: Path) -> None:
    said = told(data, "create", "user", "Desk 3", "--station", STATION, "--invite")
    first = code_in(said)
    again = told(data, "user", "invite", "Desk 3")
    assert "A code that they were given before is void." in again
    second = code_in(again)
    assert [401, 303] == [sign_in(data, code=code) for code in (first, second)]


def test_a_person_is_disabled_enabled_unlocked_and_linked(data: Path) -> None:
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    told(data, "create", "user", "Desk 4", "--station", STATION, typed=typed)
    right = {"login": "Desk 4", "password": PASSWORD}
    assert "can sign in no longer" in told(data, "user", "disable", "Desk 4")
    assert 401 == sign_in(data, **right)
    assert "can sign in again" in told(data, "user", "enable", "Desk 4")
    assert 303 == sign_in(data, **right)
    heard = [sign_in(data, login="Desk 4", password="guessed") for _ in range(10)]
    assert [401] * 10 == heard
    assert 429 == sign_in(data, **right)
    assert "can try again" in told(data, "user", "unlock", "Desk 4")
    assert 303 == sign_in(data, **right)
    provider = ("--issuer", "https://id.example", "--subject", "d4")
    said = told(data, "user", "link", "Desk 4", *provider)
    assert "once central is started with --oidc-issuer" in said
    assert "replaces" not in said
    other = ("--issuer", "https://new.example", "--subject", "d4")
    said = told(data, "user", "link", "Desk 4", *other)
    assert "This replaces the account that Desk 4 had at https://id.example." in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("user", "disable", "Nobody"), "There is nobody called Nobody"),
        (
            ("user", "link", "Nobody", "--issuer", "https://id.example", "--subject", "x"),
            "nobody called",
        ),
        (
            ("user", "link", "Nobody", "--issuer", "http://id.example", "--subject", "x"),
            "must begin with https://",
        ),
        (
            ("user", "link", "Nobody", "--issuer", "https://id.example", "--subject", ""),
            "the `sub` of their tokens",
        ),
        (("create", "user", "Desk 9", "--station", "*", "--invite"), "Only somebody of the office"),
        (("create", "user", "Desk 9", "--station", "mars", "--invite"), "no station mars"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    data: Path, words: tuple[str, ...], said: str
) -> None:
    answer = central(data, *words)
    assert 2 == answer.exit_code, answer.output
    assert said in answer.stderr
    assert 1 == answer.stderr.count("\n")
