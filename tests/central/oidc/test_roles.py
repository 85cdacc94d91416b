"""A claim says who is what where; what it says that we do not know gives nothing."""

from typing import Any

import pytest

from central.oidc.refusals import OidcRefused, Why
from central.oidc.roles import Grant, granted

STATIONS = ("hall", "other")


def grant(value: object, *, every_station: bool = False) -> Grant:
    return granted({"groups": value}, "groups", STATIONS, every_station=every_station)


def nothing(value: object, *, every_station: bool = False) -> str:
    with pytest.raises(OidcRefused) as refused:
        grant(value, every_station=every_station)
    assert refused.value.why is Why.NO_ROLE
    return refused.value.detail


def test_values_name_a_role_and_stations() -> None:
    both = ["portvakt:manager@hall", "printer-users", "portvakt:manager@other"]
    assert grant(both) == Grant("manager", frozenset(STATIONS))
    assert grant("portvakt:staff@hall") == Grant("staff", frozenset({"hall"}))


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {"portvakt:staff@hall": True},
        17,
        ["portvakt:staff@nowhere"],
        ["portvakt:boss@hall"],
        ["portvakt:post@hall"],
        ["staff@hall"],
        ["portvakt:staff"],
        ["portvakt:staff@"],
        ["portvakt:staff@hall@other"],
        ["portvakt:staff@hall\n"],
        ["Portvakt:staff@hall"],
        [" portvakt:staff@hall"],
        ["portvakt:staff@hall portvakt:office@other"],
        [["portvakt:staff@hall"]],
    ],
)
def test_what_is_no_value_of_ours_gives_nothing(value: object) -> None:
    assert nothing(value) == "no role"


def test_nobody_has_two_roles() -> None:
    assert nothing(["portvakt:staff@hall", "portvakt:manager@other"]) == "two roles"


def test_every_station_is_for_the_office_and_only_when_the_settings_allow_it() -> None:
    every = ["portvakt:office@*"]
    assert grant(every, every_station=True) == Grant("office", frozenset("*"))
    assert nothing(every) == "no role"
    assert nothing(["portvakt:manager@*"], every_station=True) == "no role"
    assert grant([*every, "portvakt:office@hall"]) == Grant("office", frozenset({"hall"}))


@pytest.mark.parametrize(
    ("name", "claims"),
    [
        ("realm_access.roles", {"realm_access": {"roles": ["portvakt:staff@hall"]}}),
        ("https://id.example/roles", {"https://id.example/roles": "portvakt:staff@hall"}),
    ],
)
def test_a_claim_is_found_by_its_name_or_its_path(name: str, claims: dict[str, Any]) -> None:
    assert granted(claims, name, STATIONS, every_station=False).role == "staff"


@pytest.mark.parametrize("claims", [{}, {"a": 1}, {"a": ["b"]}, {"a": {"b": None}}])
def test_a_claim_that_is_not_there_gives_nothing(claims: dict[str, Any]) -> None:
    with pytest.raises(OidcRefused):
        granted(claims, "a.b", STATIONS, every_station=False)
