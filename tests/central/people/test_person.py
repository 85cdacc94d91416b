"""Nobody makes more of somebody than they are: every role, every other role, own and foreign stations."""

from itertools import product

import pytest

from central.people.person import (
    EVERYWHERE,
    GRANTS,
    ROLES,
    Person,
    why_not_be,
    why_not_change,
    why_not_grant,
)
from central.web.routes import SIGNED_IN

PLACES = [
    frozenset({"hall"}),
    frozenset({"other"}),
    frozenset({"hall", "other"}),
    frozenset({EVERYWHERE}),
]
# The rule once more, written out as a table: who may touch whom, where the stations allow it.
MAY = {
    ("manager", "staff"),
    ("manager", "manager"),
    ("office", "staff"),
    ("office", "technician"),
    ("office", "manager"),
    ("office", "office"),
}
# Whose stations hold which others.
WITHIN = {
    (PLACES[0], PLACES[0]),
    (PLACES[1], PLACES[1]),
    *((PLACES[2], places) for places in PLACES[:3]),
    *((PLACES[3], places) for places in PLACES),
}
EVERY = list(product(sorted(ROLES), PLACES, sorted(ROLES), PLACES))


def somebody(role: str, places: frozenset[str], name: str = "Desk 1") -> Person:
    return Person(name, name, role, places)


def test_the_table_speaks_of_every_role_that_a_person_can_have() -> None:
    assert ROLES == SIGNED_IN == GRANTS.keys()
    assert len(EVERY) == 256


@pytest.mark.parametrize(("role", "places", "target", "targets"), EVERY)
def test_only_who_has_the_rank_and_all_the_stations_changes_or_grants(
    role: str, places: frozenset[str], target: str, targets: frozenset[str]
) -> None:
    who, whom = somebody(role, places), somebody(target, targets, "Desk 2")
    may = (role, target) in MAY and (places, targets) in WITHIN
    assert may is not bool(why_not_change(who, whom))
    assert may is not bool(why_not_grant(who, target, targets))


@pytest.mark.parametrize("role", sorted(ROLES))
def test_nobody_touches_their_own_account(role: str) -> None:
    who = somebody(role, PLACES[3])
    assert "your own account" in why_not_change(who, who)


def test_a_role_that_is_none_is_granted_by_nobody_and_grants_nothing() -> None:
    king = somebody("king", PLACES[3])
    assert "no role king" in why_not_grant(somebody("office", PLACES[3]), "king", ["hall"])
    assert why_not_grant(king, "staff", ["hall"])
    assert why_not_change(king, somebody("staff", PLACES[0], "Desk 2"))


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_the_office_works_everywhere(role: str) -> None:
    assert bool(why_not_be(role, [EVERYWHERE])) is (role != "office")
    assert why_not_be(role, ["hall"]) == ""
    assert somebody(role, PLACES[3]).works_at("a station that is yet to come")
    assert not somebody(role, PLACES[0]).works_at("other")
