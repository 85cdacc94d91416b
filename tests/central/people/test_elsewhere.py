"""What a provider says of people: it is taken over, but for the last who could put it right."""

import logging

import pytest
import sqlalchemy as sa

from central import schema
from central.people.elsewhere import Claim
from tests.central.yards import PITEA, Station

ISSUER = "https://id.example"


def claim(role: str, subject: str = "1") -> Claim:
    stations = frozenset({"*" if role == "office" else PITEA})
    return Claim(ISSUER, subject, f"Person {subject}", role, stations)


def test_the_last_of_the_office_stays_whatever_the_provider_says(
    station: Station, caplog: pytest.LogCaptureFixture
) -> None:
    people = station.yard.people
    before = people.by_claim(claim("office"))
    with caplog.at_level(logging.WARNING):
        after = people.by_claim(claim("staff"))
    assert "office" == after.person.role
    assert before.person.stations == after.person.stations
    assert people.session(before.token) is not None
    assert "last of the office kept" in caplog.text
    assert "Person 1" not in caplog.text


def test_of_two_of_the_office_one_may_become_something_else(station: Station) -> None:
    people = station.yard.people
    people.by_claim(claim("office"))
    before = people.by_claim(claim("office", "2"))
    after = people.by_claim(claim("staff", "2"))
    assert ("staff", frozenset({PITEA})) == (after.person.role, after.person.stations)
    assert people.session(before.token) is None


def test_the_timeline_names_the_provider_that_changed_somebody(station: Station) -> None:
    station.yard.people.by_claim(claim("staff"))
    station.yard.people.by_claim(claim("manager"))
    found = sa.select(schema.event).where(schema.event.c.kind == "person_changed")
    rows = station.store.read(lambda view: view.all(found))
    assert [ISSUER, ISSUER] == [row.actor for row in rows]
