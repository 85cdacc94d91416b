"""What makes a password good enough, and what is kept of it."""

import unicodedata

import pytest

from central.people import passwords
from contract.problems import Problem


@pytest.mark.parametrize(
    ("password", "name"),
    [
        ("elva tecken", "Desk 1"),
        ("pass word", "Desk 1"),
        ("PASSWORD1234", "Desk 1"),
        ("Lösenord1234", "Desk 1"),
        ("aaaaaaaaaaaa", "Desk 1"),
        ("abcabcabcabc", "Desk 1"),
        ("hejhopp1hejhopp1", "Desk 1"),
        ("123456789012", "Desk 1"),
        ("987654321098", "Desk 1"),
        ("The desk of hall", "the desk of hall "),
        ("Desk of hallDesk of hall", "Desk of hall"),
        ("desk of hall2026", "Desk of hall"),
        ("2026Desk of hall", "Desk of hall"),
    ],
)
def test_what_everybody_would_try_first_is_refused(password: str, name: str) -> None:
    with pytest.raises(Problem) as refused:
        passwords.check_new(password, name)
    assert ("value_refused", {"path": "$.new"}) == (
        refused.value.kind.reason,
        refused.value.members,
    )


@pytest.mark.parametrize(
    "password",
    [
        "korrekt häst batteri",
        "tolv tecken!",
        "ÅÄÖ 🚗 och en port",
        " leading and trailing ",
        "x1" + "lång" * 60,
    ],
)
def test_length_is_enough_and_every_sign_is_welcome(password: str) -> None:
    passwords.check_new(password, "Desk 1")


def test_a_letter_with_dots_is_the_same_from_every_keyboard() -> None:
    kept = passwords.hashed(unicodedata.normalize("NFC", "korrekt häst batteri"))
    assert passwords.fits(kept, unicodedata.normalize("NFD", "korrekt häst batteri"))
    assert not passwords.fits(kept, "korrekt hast batteri")


def test_what_is_kept_says_how_dear_a_guess_is() -> None:
    """OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane."""
    assert passwords.hashed("korrekt häst batteri").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("kept", ["", "no hash at all"])
def test_nothing_fits_who_has_no_password(kept: str) -> None:
    assert not passwords.fits(kept, "")
    assert not passwords.fits(kept, "korrekt häst batteri")
