"""How questions are read: what a post, a sign and a board send, and what is wrong with it."""

from datetime import timedelta

import pytest

from central.web.reading import BODY_MAX, FILE_MAX
from central.web.routes import Who
from contract.wire import Role
from tests.central.web.hall import STATION, Hall, reason

CSV = "ref,plate,slot\nB1,ABC 123,2026-11-23 09:00\n"


def test_a_plate_typed_at_a_post_is_in_the_line_on_the_board(hall: Hall) -> None:
    post, staff = hall.device(Role.POST), hall.person()
    standing = post.post("arrivals", hall.arrival())
    assert (standing.status_code, standing.content_type) == (201, "application/json")
    assert standing.json is not None
    assert (standing.json["plate"], standing.json["place"]) == ("ABC123", 1)
    assert standing.headers["Cache-Control"] == "no-store"
    queue = staff.get("queue").json
    assert queue is not None
    assert [row["plate"] for row in queue["line"]] == ["ABC123"]


def test_typing_again_is_the_same_visit_and_says_200(hall: Hall) -> None:
    post = hall.device(Role.POST)
    first = post.post("arrivals", hall.arrival("ABC 123"))
    again = post.post("arrivals", hall.arrival("abc-123"))
    assert again.status_code == 200
    assert first.json is not None
    assert again.json is not None
    assert first.json["visit"] == again.json["visit"]


def test_a_retry_is_the_same_arrival_and_another_body_is_not(hall: Hall) -> None:
    post, arrival = hall.device(Role.POST), hall.arrival()
    first = post.post("arrivals", arrival)
    retry = post.post("arrivals", arrival)
    assert (first.status_code, retry.status_code) == (201, 200)
    assert first.json == retry.json
    assert reason(post.post("arrivals", {**arrival, "plate": "DEF 456"})) == (409, "id_reused")


def test_the_age_of_an_arrival_comes_from_the_senders_own_clock(hall: Hall) -> None:
    """It was typed ten minutes before it was sent, on a clock that was never set."""
    post = hall.device(Role.POST)
    late = {**hall.arrival(), "synced": False, "mono_ms": 1_000}
    clocks = {"Portvakt-Boot": "post-boot", "Portvakt-Mono-Ms": "601000"}
    post.post("arrivals", late, headers=clocks)
    queue = hall.person().get("queue").json
    assert queue is not None
    assert queue["line"][0]["arrived_at"] == "2026-11-23T07:20:00Z"


@pytest.mark.parametrize("days", [-1, 1])
def test_a_post_whose_clock_is_a_day_off_is_believed_for_its_age_only(
    hall: Hall, days: int
) -> None:
    """It was typed five minutes before it was sent; both moments are told by the wrong clock."""
    post, skew = hall.device(Role.POST), timedelta(days=days)
    typed = {**hall.arrival(), "at": hall.clock.now() - timedelta(minutes=5) + skew}
    clocks = {
        "Portvakt-Boot": "post-boot",
        "Portvakt-Mono-Ms": str(5_000 + 300_000),
        "Portvakt-At": (hall.clock.now() + skew).isoformat(),
    }
    answer = post.post("arrivals", typed, headers=clocks)
    assert answer.status_code == 201
    assert answer.json is not None
    assert (answer.json["state"], answer.json["place"]) == ("waiting", 1)
    queue = hall.person().get("queue").json
    assert queue is not None
    assert queue["line"][0]["arrived_at"] == "2026-11-23T07:25:00Z"


@pytest.mark.parametrize(
    "clocks",
    [
        {"Portvakt-Boot": "post-boot", "Portvakt-Mono-Ms": "soon"},
        {"Portvakt-Boot": "post-boot", "Portvakt-Mono-Ms": "-1"},
        {"Portvakt-Boot": "post-boot", "Portvakt-Mono-Ms": "9" * 400},
        {"Portvakt-Mono-Ms": "1"},
        {"Portvakt-Boot": "post-boot", "Portvakt-Mono-Ms": "1", "Portvakt-At": "yesterday"},
        {
            "Portvakt-Boot": "post-boot",
            "Portvakt-Mono-Ms": "1",
            "Portvakt-At": "0001-01-01T00:00+14:00",
        },
    ],
)
def test_clocks_that_make_no_sense_refuse_no_arrival(hall: Hall, clocks: dict[str, str]) -> None:
    post = hall.device(Role.POST)
    assert post.post("arrivals", hall.arrival(), headers=clocks).status_code == 201


def test_a_device_may_be_newer_than_we_and_a_board_may_not(hall: Hall) -> None:
    post, staff = hall.device(Role.POST), hall.person()
    assert post.post("arrivals", {**hall.arrival(), "battery": 99}).status_code == 201
    desk = {"id": hall.arrival()["id"], "plate": "DEF 456"}
    refused = staff.post("arrivals", {**desk, "battery": 99})
    assert reason(refused) == (400, "bad_request")
    assert refused.json is not None
    assert refused.json["path"] == "$.battery"
    assert staff.post("arrivals", desk).status_code == 201


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"version": "1"}', "$.version"),
        (b'{"version": 1.5}', "$.version"),
        (b'{"version": true}', "$.version"),
        (b'{"version": -1}', "$.version"),
        (b'{"version": 1, "bay": 2}', "$.bay"),
        (b"{}", "$.version"),
        (b"[]", "$"),
        (b"", "$.version"),
    ],
)
def test_a_field_that_is_wrong_is_named(hall: Hall, body: bytes, path: str) -> None:
    refused = hall.person().post("visits/thing/call", data=body, content_type="application/json")
    assert reason(refused) == (400, "bad_request")
    assert refused.json is not None
    assert refused.json["path"] == path


@pytest.mark.parametrize(
    "body",
    [
        b'{"nonce":"n","boot":"b"',
        b'{"nonce":"n","boot":"\xff"}',
        b"\xff\xfe",
        b'{"nonce":"n","boot":"b","new":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        b"nonce=n",
    ],
)
def test_what_is_no_json_is_refused_and_nothing_breaks(hall: Hall, body: bytes) -> None:
    sign = hall.device(Role.SIGN)
    refused = sign.post(f"signs/{sign.id}/beat", data=body, content_type="application/json")
    assert reason(refused) == (400, "bad_request")


def test_json_must_be_said_to_be_json(hall: Hall) -> None:
    post = hall.device(Role.POST)
    for content_type in ("text/plain", "application/x-www-form-urlencoded", None):
        refused = post.post("arrivals", data=b"{}", content_type=content_type)
        assert reason(refused) == (415, "not_json")
    answer = post.post("arrivals", data=b"{}", content_type="application/json; charset=utf-8")
    assert reason(answer) == (400, "bad_request")


def test_a_body_may_be_64_kib_and_not_one_byte_more(hall: Hall) -> None:
    post = hall.device(Role.POST)
    fits = b"{}" + b" " * (BODY_MAX - 2)
    assert reason(post.post("arrivals", data=fits, content_type="application/json"))[0] == 400
    over = post.post("arrivals", data=fits + b" ", content_type="application/json")
    assert reason(over) == (413, "too_large")


@pytest.mark.parametrize("who", [Role.POST, Who.STAFF])
def test_a_plate_of_200_characters_is_refused_where_it_stands(hall: Hall, who: Role | Who) -> None:
    asker = hall.device(who) if isinstance(who, Role) else hall.person(who)
    desk = {"id": hall.arrival()["id"], "plate": "A" * 200}
    words = {**hall.arrival(), "plate": "A" * 200} if who is Role.POST else desk
    refused = asker.post("arrivals", words)
    assert reason(refused) == (400, "bad_request")
    assert refused.json is not None
    assert refused.json["path"] == "$.plate"
    assert "64" in refused.json["detail"]
    assert hall.yard.queue(STATION).line == []


def test_a_number_without_a_fraction_is_a_whole_number_however_it_is_written(hall: Hall) -> None:
    staff = hall.person()
    visit = staff.post("arrivals", {"id": hall.arrival()["id"], "plate": "ABC 123"}).json["visit"]  # type: ignore[index]
    body = b'{"version": 1.0, "bay": "bay-1"}'
    called = staff.post(f"visits/{visit}/call", data=body, content_type="application/json")
    assert called.status_code == 200


@pytest.mark.parametrize(
    ("word", "status"), [(r"\u0000", 400), (r"a\\\u0000", 400), (r"\\u0000", 201), ("a", 201)]
)
def test_a_text_holds_no_character_that_a_database_cannot_keep(
    hall: Hall, word: str, status: int
) -> None:
    post, help_id = hall.device(Role.POST), hall.arrival()["id"]
    body = f'{{"id": "{help_id}", "plate": "{word}"}}'
    asked = post.post("help", data=body, content_type="application/json")
    assert asked.status_code == status


def test_neither_an_address_nor_a_form_nor_a_file_holds_that_character(hall: Hall) -> None:
    manager, stranger = hall.person(Who.MANAGER), hall.stranger()
    assert reason(manager.get("visits/%00/timeline")) == (404, "not_found")
    form = stranger.ask("POST", "/login", data={"login": "Desk\0", "password": "guessed"})
    assert reason(form) == (400, "bad_request")
    file = manager.post("bookings:import", data=CSV.replace("B1", "\0"), content_type="text/csv")
    assert reason(file) == (400, "bad_request")


def test_a_plate_that_is_none_is_refused_by_its_reason(hall: Hall) -> None:
    refused = hall.device(Role.POST).post("arrivals", hall.arrival("€€€"))
    assert reason(refused) == (422, "plate_refused")
    assert refused.json is not None
    assert refused.json["refusal"] == "alphabet"


def test_a_post_asks_where_a_plate_stands_sixty_times_a_minute(hall: Hall) -> None:
    post, other = hall.device(Role.POST), hall.device(Role.POST)
    post.post("arrivals", hall.arrival())
    for _ in range(60):
        assert post.get("status?plate=ABC123").json["place"] == 1  # type: ignore[index]
    refused = post.get("status?plate=ABC123")
    assert reason(refused) == (429, "too_many")
    assert refused.headers["Retry-After"] == "60"
    assert reason(other.get("status?plate=ABC123")) == (404, "not_found")
    hall.clock.advance(60_000)
    assert post.get("status?plate=ABC123").status_code == 200


@pytest.mark.parametrize("plate", ["", "%E2%82%AC", "A" * 5_000, "%FF"])
def test_a_look_up_of_what_is_no_plate_is_refused(hall: Hall, plate: str) -> None:
    status, _ = reason(hall.device(Role.POST).get(f"status?plate={plate}"))
    assert status in (404, 422)


def test_todays_plates_come_once_and_then_304(hall: Hall) -> None:
    post = hall.device(Role.POST)
    hall.person(Who.MANAGER).post("bookings:import", data=CSV, content_type="text/csv")
    first = post.get("expected")
    assert first.json is not None
    assert first.json["plates"] == ["ABC123"]
    again = post.get("expected", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    post.post("arrivals", hall.arrival("DEF 456"))
    changed = post.get("expected", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_manager_imports_bookings_and_may_try_first(hall: Hall) -> None:
    manager = hall.person(Who.MANAGER)
    tried = manager.post("bookings:import?dry-run=yes", data=CSV, content_type="text/csv")
    done = manager.post(
        "bookings:import", data=b"\xef\xbb\xbf" + CSV.encode(), content_type="text/csv"
    )
    assert tried.json == {"total": 1, "new": 1, "changed": 0, "dry_run": True}
    assert done.json == {"total": 1, "new": 1, "changed": 0, "dry_run": False}


def test_a_bad_file_is_refused_whole_with_every_bad_line(hall: Hall) -> None:
    bad = CSV + "B2,€,2026-11-23 09:00\nB3,DEF 456,noon\n"
    manager = hall.person(Who.MANAGER)
    refused = manager.post("bookings:import", data=bad, content_type="text/csv")
    assert reason(refused) == (422, "bookings_refused")
    assert refused.json is not None
    assert [line["line"] for line in refused.json["lines"]] == [3, 4]
    assert hall.yard.expected(STATION).plates == []


def test_a_file_is_csv_in_utf_8_of_at_most_2_mib(hall: Hall) -> None:
    manager = hall.person(Who.MANAGER)
    as_json = manager.post("bookings:import", data=CSV, content_type="application/json")
    assert reason(as_json) == (415, "not_json")
    latin = manager.post("bookings:import", data="å".encode("latin-1"), content_type="text/csv")
    assert reason(latin) == (400, "bad_request")
    huge = manager.post("bookings:import", data=b"x" * (FILE_MAX + 1), content_type="text/csv")
    assert reason(huge) == (413, "too_large")


def test_people_move_a_visit_and_a_wrong_word_is_no_address(hall: Hall) -> None:
    staff = hall.person()
    arrival = {"id": hall.arrival()["id"], "plate": "ABC 123"}
    visit = staff.post("arrivals", arrival).json["visit"]  # type: ignore[index]
    row = staff.post("bays/bay-1/call-next", {}).json
    assert row is not None
    assert (row["visit"], row["state"], row["bay"]) == (visit, "called", "bay-1")
    entered = staff.post(f"visits/{visit}/enter", {"version": row["version"], "bay": "bay-1"})
    assert entered.json is not None
    assert entered.json["state"] == "in_bay"
    late = staff.post(f"visits/{visit}/no-show", {"version": row["version"]})
    assert reason(late) == (409, "changed_meanwhile")
    assert reason(staff.post(f"visits/{visit}/dance", {"version": 1})) == (404, "not_found")
    told = staff.get(f"visits/{visit}/timeline").json
    assert told is not None
    assert [event["kind"] for event in told] == ["arrived", "called", "entered"]


def test_nobody_waits_and_nothing_is_dark_are_refusals(hall: Hall) -> None:
    staff = hall.person()
    assert reason(staff.post("bays/bay-1/call-next", {})) == (409, "nobody_waiting")
    assert reason(staff.post("bays/bay-9/call-next", {})) == (404, "not_found")
    assert reason(staff.post("bays/bay-1/seen-dark", {})) == (409, "wrong_state")
    assert reason(staff.post("bays/bay-1/seen-dark", {"x": 1})) == (400, "bad_request")


def test_help_is_raised_taken_and_closed_by_name(hall: Hall) -> None:
    post, staff = hall.device(Role.POST), hall.person()
    help_id = hall.arrival()["id"]
    raised = post.post("help", {"id": help_id, "plate": "ABC 123"})
    assert raised.status_code == 201
    taken = staff.post(f"help/{help_id}/acknowledge", {})
    assert taken.json is not None
    assert taken.json["acknowledged_by"] == "staff of hall"
    assert post.get(f"help/{help_id}").json == taken.json
    assert reason(staff.post(f"help/{help_id}/close", {"word": ""})) == (400, "bad_request")
    closed = staff.post(f"help/{help_id}/close", {"word": "key stuck"})
    assert closed.json is not None
    assert closed.json["closed"] is True
    assert reason(post.get("help/nothing")) == (404, "not_found")


def test_devices_are_listed_without_their_secrets(hall: Hall) -> None:
    sign = hall.device(Role.SIGN, bay="bay-1")
    (listed,) = hall.person(Who.TECHNICIAN).get("devices").json  # type: ignore[misc]
    words = {"station": "hall", "role": "sign", "name": "The sign", "bay": "bay-1", "lists": []}
    unheard: dict[str, object] = {
        "heard_at": None,
        "age_s": None,
        "silent": False,
        "faults": [],
        "says": [],
        "token_at": None,  # its token is its own once it has used it
        "rotating": False,
        "cloned_at": None,
    }
    assert listed == {"id": sign.id, **words, **unheard, "heartbeat": None, "panel": None}


def test_an_address_or_a_method_that_is_not_there_is_said_so(hall: Hall) -> None:
    staff = hall.person()
    assert reason(staff.get("/v1/nothing")) == (404, "not_found")
    refused = staff.post("queue", {})
    assert reason(refused) == (405, "method_not_allowed")
    assert refused.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert reason(staff.ask("DELETE", "events")) == (405, "method_not_allowed")


def test_what_nobody_expected_is_logged_and_tells_nothing(
    hall: Hall, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(_station: str) -> None:
        raise ZeroDivisionError("the plate was ABC123")

    staff = hall.person()
    monkeypatch.setattr(hall.yard, "queue", breaks)
    answer = staff.get("queue")
    assert reason(answer) == (500, "broken")
    assert "ABC123" not in answer.get_data(as_text=True)
    assert "request broken method=GET rule=/v1/stations/<station>/queue" in caplog.text
