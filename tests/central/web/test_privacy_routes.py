"""Personal data over the API: who is in charge reads how long it is kept, exports and erases a plate."""

from central.web.routes import Who
from tests.central.web.hall import Hall, reason


def came_and_left(hall: Hall, plate: str = "ABC 123") -> None:
    desk = hall.person(Who.STAFF)
    assert desk.post("arrivals", {"id": hall.arrival()["id"], "plate": plate}).status_code == 201
    (row,) = desk.get("queue").json["line"]  # type: ignore[index]
    assert desk.post(f"visits/{row['visit']}/leave", {"version": row["version"]}).status_code == 200


def test_how_long_what_is_kept_is_told(hall: Hall) -> None:
    answer = hall.person(Who.MANAGER).get("privacy")
    assert answer.json == {
        "plates_days": 7,
        "recheck_days": 30,
        "names_days": 400,
        "looks_days": 400,
        "erased_at": None,
    }


def test_a_plate_is_exported_and_then_erased(hall: Hall) -> None:
    came_and_left(hall)
    office = hall.person(Who.OFFICE)
    found = office.post("privacy/export", {"plate": "abc-123"}).json
    assert found is not None
    assert found["plate"] == "ABC 123"
    assert [visit["visit"]["state"] for visit in found["visits"]] == ["left"]
    done = office.post("privacy/erase", {"plate": "ABC123"}).json
    assert done is not None
    assert (done["visits"], done["arrivals"]) == (1, 1)
    again = office.post("privacy/export", {"plate": "ABC123"}).json
    assert again is not None
    assert again["visits"] == []


def test_a_vehicle_that_is_in_the_yard_is_refused(hall: Hall) -> None:
    manager = hall.person(Who.MANAGER)
    assert (
        manager.post("arrivals", {"id": hall.arrival()["id"], "plate": "ABC123"}).status_code == 201
    )
    refused = manager.post("privacy/erase", {"plate": "ABC123"})
    assert reason(refused) == (409, "wrong_state")


def test_what_is_no_plate_is_refused(hall: Hall) -> None:
    manager = hall.person(Who.MANAGER)
    for path in ("privacy/export", "privacy/erase"):
        assert reason(manager.post(path, {"plate": "!"}))[1] == "plate_refused"


def test_the_timeline_of_an_erased_visit_is_read_without_its_plate(hall: Hall) -> None:
    came_and_left(hall)
    manager = hall.person(Who.MANAGER)
    found = manager.post("privacy/export", {"plate": "ABC123"}).json
    assert found is not None
    visit = found["visits"][0]["visit"]["id"]
    manager.post("privacy/erase", {"plate": "ABC123"})
    timeline = manager.get(f"visits/{visit}/timeline")
    assert [event["kind"] for event in timeline.json or []] == ["arrived", "left"]
    vehicle = manager.get(f"visits/{visit}/vehicle").json
    assert vehicle is not None
    assert vehicle["plate"] == ""


def test_who_exported_and_who_erased_is_written_down_without_the_plate(hall: Hall) -> None:
    came_and_left(hall)
    manager = hall.person(Who.MANAGER)
    manager.post("privacy/export", {"plate": "ABC123"})
    manager.post("privacy/erase", {"plate": "ABC123"})
    hall.store.submit(lambda _: None).result()  # looks are not waited for, but written in order
    looks = manager.get("looks?day=2026-11-23").json
    assert looks is not None
    told = {(look["what"], look["about"], look["person"]) for look in looks}
    assert {("export", "A****3", "manager of hall"), ("erase", "A****3", "manager of hall")} <= told
