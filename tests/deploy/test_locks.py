import re
from pathlib import Path

import pytest

from deploy.roles import BUILD_LOCK, CHECKOUT, ROLES
from deploy.wheels import requirements

LOCKS = [*CHECKOUT.glob("requirements*.txt"), BUILD_LOCK]

each_lock = pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)


def test_every_role_has_its_lock() -> None:
    assert {role.lock for role in ROLES.values()} <= set(LOCKS)


@each_lock
def test_every_package_has_hashes_and_no_lock_names_a_host(lock: Path) -> None:
    assert "://" not in lock.read_text()
    for name, text in requirements([lock]):
        assert "--hash=sha256:" in text, name


def test_all_locks_name_the_same_versions() -> None:
    """What the tests ran with is what the machines get, and two roles fit on one machine."""
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, text in requirements([lock]):
            versions.setdefault(name, set()).add(re.split(r"[\s;]", text)[0])

    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_lgpio_stays_out_because_the_system_brings_it() -> None:
    assert not any("lgpio" == name for lock in LOCKS for name, _ in requirements([lock]))
