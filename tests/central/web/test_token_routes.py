"""Tokens of other systems: what they open, how they end, and who makes them."""

from typing import Any

import pytest
import sqlalchemy as sa

from central import schema
from central.web.routes import Who
from central.words import SYSTEM
from contract import problems
from contract.accounts import Scope, TokenWords
from contract.problems import Problem
from contract.wire import Role
from tests.central.web.hall import STATION, Asker, Hall, reason

DAY = "2026-11-23"
BOOKING = {"plate": "ABC 123", "slot_at": "2026-11-23T12:00:00Z"}
DAY_MS = 24 * 3_600_000


def rows(asker: Asker) -> list[dict[str, Any]]:
    answer = asker.get("tokens")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: list[dict[str, Any]] = answer.json  # type: ignore[assignment]
    return found


def made_by(asker: Asker, **words: object) -> dict[str, Any]:
    answer = asker.post("tokens", {"name": "Booking system", "scopes": ["bookings:write"], **words})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    made: dict[str, Any] = answer.json  # type: ignore[assignment]
    return made


def bearer(hall: Hall, token: str) -> Asker:
    headers = {"Authorization": f"Bearer {token}"}
    return Asker(hall.app.test_client(use_cookies=False), headers)


def test_a_manager_makes_a_token_and_the_booking_system_writes_with_it_in_its_own_name(
    hall: Hall,
) -> None:
    manager = hall.person(Who.MANAGER)
    made = made_by(manager, name="Bokningar AB")
    system = bearer(hall, made["token"])
    assert system.ask("PUT", "bookings/B-1", json=BOOKING).status_code == 201
    post = hall.device(Role.POST)
    visit = post.post("arrivals", hall.arrival()).json["visit"]  # type: ignore[index]
    moved = {**BOOKING, "slot_at": "2026-11-23T13:00:00Z"}
    assert system.ask("PUT", "bookings/B-1", json=moved).status_code == 200
    timeline = manager.get(f"visits/{visit}/timeline").json
    saved = [event for event in timeline if event["kind"] == "booking_saved"]  # type: ignore[union-attr]
    assert [event["actor"] for event in saved] == ["Bokningar AB"]


def test_reading_and_writing_are_two_scopes(hall: Hall) -> None:
    reads, writes = hall.system(Scope.BOOKINGS_READ), hall.system(Scope.BOOKINGS_WRITE)
    assert writes.ask("PUT", "bookings/B-1", json=BOOKING).status_code == 201
    assert [row["ref"] for row in reads.get(f"bookings?day={DAY}").json] == ["B-1"]  # type: ignore[union-attr]
    assert reason(writes.get(f"bookings?day={DAY}")) == (403, "not_allowed")
    assert reason(reads.ask("PUT", "bookings/B-1", json=BOOKING)) == (403, "not_allowed")
    refused = reads.ask("DELETE", "bookings/B-1")
    assert reason(refused) == (403, "not_allowed")
    said = "This token needs bookings:write; ask the station for another."
    assert refused.json["detail"] == said  # type: ignore[index]
    file = {"data": "ref,plate,slot\nB-2,ABC 124,2026-11-23 10:00\n", "content_type": "text/csv"}
    assert reason(reads.ask("POST", "bookings:import", **file)) == (403, "not_allowed")
    assert writes.ask("POST", "bookings:import", **file).status_code == 200
    assert writes.ask("DELETE", "bookings/B-1").status_code == 204


def test_a_token_that_is_too_old_is_refused_in_a_sentence_that_no_device_enrols_again_for(
    hall: Hall,
) -> None:
    system = hall.system(Scope.BOOKINGS_READ, days=2)
    hall.clock.advance(2 * DAY_MS - 1)
    assert system.get(f"bookings?day={DAY}").status_code == 200
    hall.clock.advance(1)
    refused = system.get(f"bookings?day={DAY}")
    assert reason(refused) == (401, "token_refused")
    assert "The token of Booking system ended on" in refused.json["detail"]  # type: ignore[index]
    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_is_refused_from_that_moment(hall: Hall) -> None:
    manager = hall.person(Who.MANAGER)
    made = made_by(manager)
    system = bearer(hall, made["token"])
    assert system.ask("PUT", "bookings/B-1", json=BOOKING).status_code == 201
    address = f"tokens/{made['row']['id']}/revoke"
    assert manager.post(address, {}).status_code == 204
    refused = system.ask("PUT", "bookings/B-1", json=BOOKING)
    assert reason(refused) == (401, "token_refused")
    assert "was revoked" in refused.json["detail"]  # type: ignore[index]
    assert manager.post(address, {}).status_code == 204, "once more changes nothing"
    assert rows(manager)[0]["revoked_at"] is not None


def test_a_token_that_nobody_gave_is_refused(hall: Hall) -> None:
    guessed = bearer(hall, "pv_api-00000000_guessed")
    assert reason(guessed.get(f"bookings?day={DAY}")) == (401, "token_refused")


def test_a_token_is_kept_nowhere_and_listed_without_its_text(hall: Hall) -> None:
    manager = hall.person(Who.MANAGER)
    made = made_by(manager, days=30)
    assert made["token"].startswith(f"pv_{made['row']['id']}_")
    kept = hall.store.read(lambda view: view.all(sa.select(schema.api_token)))
    secret = made["token"].removeprefix(f"pv_{made['row']['id']}_")
    assert len(secret) == 43, "256 random bits"
    assert secret not in repr(kept)
    [row] = rows(manager)
    assert row == made["row"]
    assert secret not in repr(row)
    assert (row["created_by"], row["stations"]) == (f"manager of {STATION}", [STATION])


def test_when_a_token_was_last_used_is_known_to_the_minute(hall: Hall) -> None:
    manager, system = hall.person(Who.MANAGER), hall.system(Scope.BOOKINGS_READ)
    assert rows(manager)[0]["last_used_at"] is None
    began = hall.clock.now()
    for _ in range(3):
        system.get(f"bookings?day={DAY}")
        hall.clock.advance(20_000)
    hall.store.write(lambda _: None)  # what was handed in before is on disk now
    assert rows(manager)[0]["last_used_at"] == began.isoformat().replace("+00:00", "Z")
    system.get(f"bookings?day={DAY}")
    hall.store.submit(lambda _: None).result()
    assert rows(manager)[0]["last_used_at"] == hall.clock.now().isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    "words",
    [
        {"days": 731},
        {"days": 0},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"name": " "},
        {"stations": ["other"]},
    ],
)
def test_a_token_for_ever_or_for_nothing_is_refused(
    sqlite_hall: Hall, words: dict[str, object]
) -> None:
    manager = sqlite_hall.person(Who.MANAGER)
    sent = {"name": "Booking system", "scopes": ["bookings:read"], **words}
    assert reason(manager.post("tokens", sent)) == (400, "bad_request")
    assert rows(manager) == []


def test_one_station_neither_sees_nor_revokes_what_another_has_made(hall: Hall) -> None:
    foreign = hall.system(Scope.BOOKINGS_READ, station="other")
    manager = hall.person(Who.MANAGER)
    assert rows(manager) == []
    assert reason(manager.post(f"tokens/{foreign.id}/revoke", {})) == (404, "not_found")
    assert reason(foreign.get(f"bookings?day={DAY}")) == (403, "not_allowed")
    assert foreign.get(f"/v1/stations/other/bookings?day={DAY}").status_code == 200


def test_a_token_of_two_stations_is_revoked_by_somebody_whose_both_are(hall: Hall) -> None:
    words = TokenWords(name="Chain", scopes=[Scope.BOOKINGS_READ])
    made = hall.yard.tokens.create([STATION, "other"], SYSTEM, words)
    manager = hall.person(Who.MANAGER)
    refused = manager.post(f"tokens/{made.row.id}/revoke", {})
    assert reason(refused) == (403, "not_allowed")
    assert "other" in refused.json["detail"]  # type: ignore[index]
    hall.yard.tokens.revoke(STATION, SYSTEM, made.row.id)
    with pytest.raises(Problem) as error:
        hall.yard.tokens.by_token(made.token)
    assert error.value.kind is problems.TOKEN_REFUSED


def test_making_and_revoking_stands_among_the_stations_events_without_the_token(
    hall: Hall,
) -> None:
    manager = hall.person(Who.MANAGER)
    before = hall.yard.cursor(STATION)[1]
    made = made_by(manager)
    manager.post(f"tokens/{made['row']['id']}/revoke", {})
    events = hall.yard.events_after(STATION, before, 10)
    assert [(event.kind, event.data["did"]) for event in events] == [
        ("token_changed", "made"),
        ("token_changed", "revoked"),
    ]
    assert made["token"] not in repr(events)
    assert {event.actor for event in events} == {f"manager of {STATION}"}
