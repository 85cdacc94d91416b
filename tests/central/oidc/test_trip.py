"""A trip to the provider ends once, in time, and in the browser in which it began."""

from datetime import timedelta

import pytest

from central.oidc.refusals import OidcRefused, Why
from central.oidc.trip import LASTS, Seal, Trip, set_out
from tests.central.oidc.forging import NOW

SECRET = "a secret of the client"


def begun(seal: Seal) -> tuple[Trip, str]:
    trip = set_out("/board?station=hall", NOW)
    return trip, seal.seal(trip)


def why_not(seal: Seal, cookie: str, state: str, after: timedelta = timedelta()) -> str:
    with pytest.raises(OidcRefused) as refused:
        seal.open(cookie, state, NOW + after)
    assert refused.value.why is Why.STALE
    return refused.value.detail


def test_a_trip_comes_back_as_it_set_out_even_to_another_central() -> None:
    trip, cookie = begun(Seal(SECRET))
    assert Seal(SECRET).open(cookie, trip.state, NOW + LASTS - timedelta(seconds=1)) == trip


def test_a_trip_is_used_once() -> None:
    seal = Seal(SECRET)
    trip, cookie = begun(seal)
    seal.open(cookie, trip.state, NOW)
    assert why_not(seal, cookie, trip.state) == "used already"


def test_a_trip_does_not_end_in_another_browser_or_for_another_state() -> None:
    seal = Seal(SECRET)
    trip, _ = begun(seal)
    _, other_cookie = begun(seal)
    assert why_not(seal, other_cookie, trip.state) == "another trip's state"
    assert why_not(seal, other_cookie, "") == "another trip's state"
    assert why_not(seal, other_cookie, "åäö") == "another trip's state"
    assert why_not(seal, "", trip.state) == "no trip of ours"


def test_a_trip_is_over_after_ten_minutes() -> None:
    seal = Seal(SECRET)
    trip, cookie = begun(seal)
    assert why_not(seal, cookie, trip.state, timedelta(minutes=10)) == "too late"


def test_nobody_else_makes_or_changes_a_trip() -> None:
    seal = Seal(SECRET)
    trip, cookie = begun(Seal("another secret"))
    assert why_not(seal, cookie, trip.state) == "no trip of ours"
    trip, cookie = begun(seal)
    words, _, mac = cookie.rpartition(".")
    assert why_not(seal, f"{words[:-2]}xx.{mac}", trip.state) == "no trip of ours"


def test_no_two_trips_share_a_word() -> None:
    one, two = set_out("/board", NOW), set_out("/board", NOW)
    assert len({one.state, one.nonce, one.verifier, two.state, two.nonce, two.verifier}) == 6
    assert 43 <= len(one.verifier) <= 128  # RFC 7636 section 4.1
