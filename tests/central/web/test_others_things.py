"""What belongs to another station, or to another device, is out of reach under one's own address.

Found from the document: every call with a word in its address is tried with the words of what is there.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa

from central import schema
from central.places.setup import StationSetup
from central.web.api.words import VISIT
from central.web.routes import Who
from contract.accounts import Scope
from contract.wire import Role
from tests.central.web.hall import STATION, Asker, Hall, reason

OTHER = "other"
PLATE, HELD_PLATE = "XYZ 987", "XYZ 986"
Call = dict[str, Any]
# Every station has its own names for bookings: `B-9` written here is another booking than `B-9` there.
OWN_NAMES = {"save_booking", "cancel_booking"}


def calls(hall: Hall) -> Iterator[tuple[str, str, Call]]:
    """Every call whose address names a thing."""
    answer = hall.person(Who.OFFICE, OTHER).get("/v1/openapi.json")
    for path, methods in msgspec.json.decode(answer.data, type=dict[str, Any])["paths"].items():
        for method, call in methods.items():
            if things_in(path):
                yield method.upper(), path, call


def things_in(path: str) -> list[str]:
    return [word for word in re.findall(r"{(\w+)}", path) if word != "station"]


def body_of(call: Call, own_visit: str) -> dict[str, Any]:
    """The document's example, about a bay and a visit that are here: nothing else is missing."""
    for content in call.get("requestBody", {}).get("content", {}).values():
        for example in content["examples"].values():
            text = msgspec.json.encode(example["value"]).decode()
            text = text.replace(VISIT, own_visit).replace('"bay":"1"', '"bay":"bay-1"')
            return {"data": text, "content_type": "application/json"}
    return {}


def one_of_everything(hall: Hall) -> dict[str, str]:
    """What the other station has, by the words with which addresses name it."""
    hall.yard.places.create_bay(OTHER, "far-bay", "9", ["full"])
    base = f"/v1/stations/{OTHER}"
    post, sign = hall.device(Role.POST, OTHER), hall.device(Role.SIGN, OTHER, "far-bay")
    technician, manager = hall.person(Who.TECHNICIAN, OTHER), hall.person(Who.MANAGER, OTHER)
    visit = post.post(f"{base}/arrivals", hall.arrival(PLATE)).json["visit"]  # type: ignore[index]
    help_id = str(hall.arrival()["id"])
    assert post.post(f"{base}/help", {"id": help_id, "plate": PLATE}).status_code == 201
    booking = {"plate": PLATE, "slot_at": "2026-11-23T12:00:00Z"}
    assert manager.ask("PUT", f"{base}/bookings/B-9", json=booking).status_code == 201
    hall.yard.places.set_station(OTHER, StationSetup(hours="sun 10:00-11:00"))
    held = hall.arrival(HELD_PLATE)
    assert post.post(f"{base}/arrivals", held).json["state"] == "held"  # type: ignore[index]
    code = technician.post(f"{base}/devices/codes", {"role": "post", "name": "New"}).json
    person = hall.store.read(lambda view: view.first(sa.select(schema.person)))
    assert code is not None
    assert person is not None
    return {
        "visit": visit,
        "help_id": help_id,
        "arrival": str(held["id"]),
        "bay": "far-bay",
        "sign": sign.id,
        "device": post.id,
        "ref": "B-9",
        "token_id": hall.system(Scope.BOOKINGS_READ, station=OTHER).id,
        "handle": code["code"].partition("-")[0],
        "person": person.id,
        "file": "portvakt-26.11.5-1a2b3c4d-cp311-aarch64.tar",
    }


def everybody_here(hall: Hall) -> dict[str, Asker]:
    people = (Who.STAFF, Who.MANAGER, Who.TECHNICIAN, Who.OFFICE)
    scopes = (Scope.BOOKINGS_READ, Scope.BOOKINGS_WRITE)
    return {
        **{role.value: hall.person(role) for role in people},
        **{role.value: hall.device(role) for role in (Role.POST, Role.SIGN)},
        **{scope.value: hall.system(scope) for scope in scopes},
    }


def test_what_another_station_has_is_not_there_under_ones_own_address(sqlite_hall: Hall) -> None:
    hall = sqlite_hall
    found = list(calls(hall))
    theirs, here = one_of_everything(hall), everybody_here(hall)
    own = here["post"].post("arrivals", hall.arrival()).json["visit"]  # type: ignore[index]
    before = hall.yard.cursor(OTHER)[1]
    wrong, asked = [], 0
    for method, path, call in found:
        address = path.format(station=STATION, **theirs)
        for role in set(call["x-portvakt-may"]) & set(here):
            answer = here[role].ask(method, address, **body_of(call, own))
            said = answer.get_data(as_text=True)
            # A device is refused before anything is looked up: it speaks for itself only.
            refusals = {403, 404} if role in ("post", "sign") else {404}
            if call["operationId"] not in OWN_NAMES and answer.status_code not in refusals:
                wrong.append(f"{role} {call['operationId']}: {answer.status_code} {said[:200]}")
            assert not re.search("XYZ ?98|The (post|sign)", said), (role, call["operationId"])
            asked += 1
    assert wrong == []
    assert asked > 50, "every word of every address"
    assert hall.yard.events_after(OTHER, before, 10) == [], "nothing has happened there"


def test_a_booking_of_the_same_name_at_another_station_stays_as_it_is(sqlite_hall: Hall) -> None:
    one_of_everything(sqlite_hall)
    manager = sqlite_hall.person(Who.MANAGER)
    assert manager.ask("DELETE", "bookings/B-9").status_code in (204, 404)
    words = {"plate": "ABC 123", "slot_at": "2026-11-23T12:00:00Z"}
    assert manager.ask("PUT", "bookings/B-9", json=words).status_code == 201
    row = sqlite_hall.store.read(
        lambda view: view.one(sa.select(schema.booking).where(schema.booking.c.station == OTHER))
    )
    assert (row.plate, row.cancelled_at) == ("XYZ987", None)


def test_a_device_speaks_for_itself_only(sqlite_hall: Hall) -> None:
    hall = sqlite_hall
    found = list(calls(hall))
    posts = [hall.device(Role.POST), hall.device(Role.POST)]
    signs = [hall.device(Role.SIGN), hall.device(Role.SIGN)]
    asked = set()
    for method, path, call in found:
        for role, (one, other) in (("post", posts), ("sign", signs)):
            if role in call["x-portvakt-may"] and {"device", "sign"} & set(things_in(path)):
                address = path.format(station=STATION, device=other.id, sign=other.id)
                answer = one.ask(method, address, **body_of(call, VISIT))
                assert reason(answer) == (403, "not_allowed"), (role, call["operationId"])
                asked.add(call["operationId"])
    assert {"beat", "nudges", "heartbeat"} <= asked


def test_a_post_hears_nothing_of_the_help_that_another_one_asked_for(sqlite_hall: Hall) -> None:
    one, other = sqlite_hall.device(Role.POST), sqlite_hall.device(Role.POST)
    help_id = sqlite_hall.arrival()["id"]
    assert one.post("help", {"id": help_id, "plate": "ABC 123"}).status_code == 201
    assert one.get(f"help/{help_id}").status_code == 200
    assert reason(other.get(f"help/{help_id}")) == (404, "not_found")
