"""Passwords: what makes a new one good enough, and what is kept of it.

Length and a list of what everybody tries, but no rules on kinds of signs (NIST SP 800-63B-4 section
3.1.1.2).  The length is that of OWASP ASVS 4.0.3, V2.1.1.
"""

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from contract import problems
from contract.problems import Problem

# OWASP's second choice for Argon2id (Password Storage Cheat Sheet): 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
SHORTEST = 12
# Shorter ones need not stand here; what is one short piece again and again is found without a list.
_COMMON = frozenset(
    {
        "1q2w3e4r5t6y", "1qaz2wsx3edc", "changeme1234", "correcthorsebatterystaple", "iloveyou1234",
        "letmeinletmein", "lösenord1234", "lösenord12345", "password1234", "password12345",
        "password123456", "qwerty123456", "qwertyuiopas", "qwertyuiopå", "qwertyuiop123", "welcome12345",
        "välkommen123", "välkommen1234", "abcdefghijkl", "bilbesiktning", "besiktning123",
        "besiktning1234", "portvakt1234", "portvaktportvakt",
    }
)  # fmt: skip
_PIECE = 8
_MORE_SIGNS = 4
_ROWS = "01234567890123456789 98765432109876543210"
# Verified where there is no password to compare with, so that an answer takes as long for everybody.
_NOBODY = HASHER.hash(secrets.token_hex(16))


def check_new(password: str, name: str) -> None:
    """Refuse a new password that is too short or the first that anybody would try.

    Raises:
        Problem: `value_refused`, with the path `$.new`.
    """
    said = _same(password).casefold()
    if len(said) < SHORTEST:
        raise _refused(
            f"A password has at least {SHORTEST} characters; a few words are easy to keep."
        )
    if _is_of(said, _same(name).strip().casefold()):
        raise _refused("A password must not be the name, nor the name and a few signs more.")
    if said in _COMMON or said in _ROWS or _is_one_piece(said):
        raise _refused("This is one of the first passwords that anybody would try; choose another.")


def _is_of(said: str, name: str) -> bool:
    """Whether a password is the name, twice, or with up to four signs before or behind it."""
    if name in (said, said[: len(said) // 2]):
        return True
    is_around = said.startswith(name) or said.endswith(name)
    return bool(name) and is_around and len(said) - len(name) <= _MORE_SIGNS


def hashed(password: str) -> str:
    """What is kept of a password."""
    return HASHER.hash(_same(password))


def fits(kept: str, password: str) -> bool:
    """Whether *password* is the one of which *kept* is left; the work is the same when nothing is."""
    try:
        HASHER.verify(kept or _NOBODY, _same(password))
    except (VerificationError, InvalidHashError):
        return False
    return bool(kept)


def _same(password: str) -> str:
    """Two keyboards write an ä in two ways (NIST SP 800-63B-4 section 3.1.1.2: NFKC)."""
    return unicodedata.normalize("NFKC", password)


def _is_one_piece(said: str) -> bool:
    """Whether it is a few signs again and again."""
    return any(
        said == (said[:size] * len(said))[: len(said)]
        for size in range(1, min(_PIECE, len(said)) + 1)
    )


def _refused(sentence: str) -> Problem:
    return Problem(problems.VALUE_REFUSED, sentence, path="$.new")
