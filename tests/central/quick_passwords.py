"""Passwords that cost next to nothing, for tests that try a hundred of them."""

import pytest
from argon2 import PasswordHasher

from central.people import passwords


def use(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "HASHER", quick)
    monkeypatch.setattr(passwords, "_NOBODY", quick.hash("nobody's"))
