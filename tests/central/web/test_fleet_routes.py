"""Machines speak for themselves and fetch releases; the office decides who gets which."""

from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from central.fleet.releases import Releases
from central.web.routes import Who
from central.words import COMMAND_LINE
from contract.wire import Role
from tests.central.fleet.bundles import PLATFORM, RELEASE, Signer
from tests.central.web.hall import STATION, Asker, Hall, reason

FILE = f"portvakt-{RELEASE}-{PLATFORM}.tar"
OLD = "26.11.4"
SAID = {"release": OLD, "platform": PLATFORM, "boot": "b1"}


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(tmp_path_factory.mktemp("signer"))


@pytest.fixture
def released(sqlite_hall: Hall, tmp_path: Path, signer: Signer) -> Hall:
    """A hall whose central has one release."""
    (tmp_path / "allowed_signers").write_text(signer.trust, "ascii")
    releases = Releases(sqlite_hall.store, tmp_path)
    file = signer.release(tmp_path / "releases", content=bytes(range(256)) * 400)
    releases.add(file.name, lambda _done, _of: None)
    sqlite_hall.yard.fleet.releases = releases
    return sqlite_hall


def told(answer: TestResponse) -> Any:
    """What an answer says, which is as its route says: `marks` looks at that."""
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json


def office(hall: Hall) -> Asker:
    """Somebody of the office, who works everywhere."""
    return hall.person(Who.OFFICE, "*")


# -- machines -------------------------------------------------------------------------------------


def test_a_machine_says_how_it_is_and_hears_what_is_wanted(released: Hall) -> None:
    released.yard.fleet.release(COMMAND_LINE, RELEASE, "all")
    post = released.device(Role.POST)
    heard = told(post.post(f"devices/{post.id}/machine", SAID))
    assert heard["every_s"] == 60
    assert (heard["wanted"]["release"], heard["wanted"]["file"]) == (RELEASE, FILE)
    assert len(heard["quiet"]) == 14


def test_a_machine_of_a_later_release_may_say_more(hall: Hall) -> None:
    sign = hall.device(Role.SIGN)
    assert sign.post(f"devices/{sign.id}/machine", {**SAID, "mood": "good"}).status_code == 200


def test_a_machine_speaks_for_itself_only(hall: Hall) -> None:
    post, other = hall.device(Role.POST), hall.device(Role.SIGN)
    assert reason(post.post(f"devices/{other.id}/machine", SAID)) == (403, "not_allowed")


def test_one_that_speaks_all_the_time_is_told_to_wait(hall: Hall) -> None:
    post = hall.device(Role.POST)
    answers = [post.post(f"devices/{post.id}/machine", SAID) for _ in range(31)]
    assert reason(answers[-1]) == (429, "too_many")
    assert answers[29].status_code == 200


# -- fetching -------------------------------------------------------------------------------------


def test_a_release_and_its_signature_are_fetched(released: Hall) -> None:
    post = released.device(Role.POST)
    whole = post.get(f"releases/{FILE}")
    assert (whole.status_code, whole.content_type) == (200, "application/x-tar")
    assert len(whole.data) == int(whole.headers["Content-Length"])
    assert post.get(f"releases/{FILE}.sig").data.startswith(b"-----BEGIN SSH SIGNATURE-----")


def test_a_fetch_that_was_cut_goes_on_where_it_stopped(released: Hall) -> None:
    post = released.device(Role.POST)
    whole = post.get(f"releases/{FILE}")
    words = {"Range": "bytes=1000-", "If-Range": whole.headers["ETag"]}
    rest = post.get(f"releases/{FILE}", headers=words)
    assert rest.status_code == 206
    assert rest.headers["Content-Range"] == f"bytes 1000-{len(whole.data) - 1}/{len(whole.data)}"
    assert rest.data == whole.data[1000:]


def test_of_another_file_of_that_name_all_is_given(released: Hall) -> None:
    post = released.device(Role.POST)
    words = {"Range": "bytes=1000-", "If-Range": '"of-before"'}
    assert post.get(f"releases/{FILE}", headers=words).status_code == 200


def test_who_has_it_already_is_told_so(released: Hall) -> None:
    post = released.device(Role.POST)
    known = {"If-None-Match": post.get(f"releases/{FILE}").headers["ETag"]}
    answer = post.get(f"releases/{FILE}", headers=known)
    assert (answer.status_code, answer.data) == (304, b"")


def test_behind_its_end_there_is_nothing(released: Hall) -> None:
    post = released.device(Role.POST)
    answer = post.get(f"releases/{FILE}", headers={"Range": "bytes=99999999-"})
    assert reason(answer) == (416, "range_refused")


@pytest.mark.parametrize(
    "name",
    ["allowed_signers", "..%2fallowed_signers", "%2e%2e%2fcentral.db", "central.db", "..", "x.tar"],
)
def test_no_name_leads_out_of_the_folder(released: Hall, name: str) -> None:
    answer = released.device(Role.POST).get(f"releases/{name}")
    assert reason(answer) == (404, "not_found")


def test_a_device_fetches_at_its_own_station_only(released: Hall) -> None:
    post = released.device(Role.POST)
    answer = post.get(f"/v1/stations/other/releases/{FILE}")
    assert reason(answer) == (403, "not_allowed")


# -- people ---------------------------------------------------------------------------------------


def test_the_office_lets_a_ring_have_a_release_and_takes_it_back(released: Hall) -> None:
    boss = office(released)
    words = {"release": RELEASE, "ring": "all"}
    done = told(boss.post("/v1/fleet/release", words))
    assert done["rings"] == ["lab", "one", "eight", "all"]
    assert told(boss.get("/v1/fleet"))["rings"][3]["release"] == RELEASE
    assert told(boss.post("/v1/fleet/take-back", done)) == done
    assert told(boss.get("/v1/fleet"))["rings"][3]["release"] is None


def test_a_ring_is_not_passed_and_the_page_says_why(released: Hall) -> None:
    boss = office(released)
    assert boss.post(f"/v1/stations/{STATION}/ring", {"ring": "lab"}).status_code == 204
    answer = boss.post("/v1/fleet/release", {"release": RELEASE, "ring": "all"})
    assert reason(answer) == (422, "value_refused")
    assert b"Ring lab has not got" in answer.data


def test_a_release_is_halted_and_goes_on(released: Hall) -> None:
    boss = office(released)
    words = {"release": RELEASE, "why": "It flickers."}
    assert boss.post("/v1/fleet/halt", words).status_code == 204
    (row,) = told(boss.get("/v1/fleet"))["releases"]
    assert row["why"] == "It flickers."
    assert boss.post("/v1/fleet/resume", {"release": RELEASE}).status_code == 204
    assert told(boss.get("/v1/fleet"))["releases"][0]["halted_at"] is None


def test_a_machine_is_pinned_and_let_go(released: Hall) -> None:
    boss, post = office(released), released.device(Role.POST)
    path = f"devices/{post.id}"
    assert boss.post(f"{path}/pin", {"release": RELEASE}).status_code == 204
    assert told(boss.get("/v1/fleet"))["machines"][0]["pinned"] == RELEASE
    assert boss.post(f"{path}/unpin", {}).status_code == 204
    assert told(boss.get("/v1/fleet"))["machines"][0]["pinned"] is None


@pytest.mark.parametrize("call", ["halt", "resume"])
def test_a_release_that_is_not_there_is_not_found(hall: Hall, call: str) -> None:
    answer = office(hall).post(f"/v1/fleet/{call}", {"release": "1.0"})
    assert reason(answer) == (404, "not_found")


def test_who_works_at_one_station_decides_nothing_for_all(released: Hall) -> None:
    local = released.person(Who.OFFICE)
    answer = local.post("/v1/fleet/release", {"release": RELEASE, "ring": "all"})
    assert reason(answer) == (403, "not_allowed")


def test_a_technician_sees_the_machines_of_their_own_stations(hall: Hall) -> None:
    for station in (STATION, "other"):
        hall.device(Role.POST, station)
    seen = told(hall.person(Who.TECHNICIAN).get("/v1/fleet"))
    assert {row["station"] for row in seen["machines"]} == {STATION}
    assert seen["stations"] == 1
