"""What operations watch: read as Prometheus reads it, by those who may, and without a plate in it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from central import schema
from central.database.folder import DataFolder
from central.database.tx import Tx
from central.serving import figures
from central.web.app import create_app
from central.web.metrics import Metrics
from central.web.routes import Who
from contract.ids import uuid7
from contract.problems import NOT_SAVED, Problem
from contract.wire import HelpCall, Role
from tests.central.web.hall import STATION, Asker, Hall, reason
from tests.central.web.served import Events, Served
from tests.central.yards import Sign, breaks_the_commit
from tests.waiting import until

HELP = uuid7(1)
TOKEN = {"Authorization": "Bearer the-token"}

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def app(hall: Hall) -> Flask:
    metrics = Metrics(
        lambda: hall.store.read(figures.read), lambda: 3, epoch=hall.store.epoch, token="the-token"
    )
    hall.store.commits.add(metrics.committed)
    hall.store.losses.add(metrics.failed)
    hall.app = create_app(hall.yard, hall.clock, metrics=metrics)
    return hall.app


def scraped(text: str) -> Samples:
    """Every sample of the text, as Prometheus' own parser reads it."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scrape(app: Flask) -> Samples:
    return scraped(app.test_client().get("/metrics", headers=TOKEN).get_data(as_text=True))


def at(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


def comes(asker: Asker, hall: Hall, plate: str) -> TestResponse:
    answer = asker.post("arrivals", hall.arrival(plate))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer


# -- who may ------------------------------------------------------------------------------------


def test_a_scraper_comes_in_with_the_token_and_a_technician_with_a_session(
    app: Flask, hall: Hall
) -> None:
    answer = app.test_client().get("/metrics", headers=TOKEN)
    assert (200, "text/plain; version=0.0.4; charset=utf-8") == (
        answer.status_code,
        answer.content_type,
    )
    for who in (Who.TECHNICIAN, Who.OFFICE):
        assert 200 == hall.person(who).get("/metrics").status_code
    assert 403 == hall.person(Who.STAFF).get("/metrics").status_code


@pytest.mark.parametrize(
    "authorization", ["", "Bearer ", "Bearer the-toke", "Bearer the-tokenn", "Basic the-token"]
)
def test_nobody_else_comes_in(app: Flask, authorization: str) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    assert 401 == reason(app.test_client().get("/metrics", headers=headers))[0]


def test_no_token_lets_nobody_in(hall: Hall) -> None:
    app = create_app(hall.yard, hall.clock, metrics=Metrics())
    assert (
        401 == app.test_client().get("/metrics", headers={"Authorization": "Bearer "}).status_code
    )


def test_the_token_opens_nothing_else(app: Flask) -> None:
    answer = app.test_client().get(f"/v1/stations/{STATION}/queue", headers=TOKEN)
    assert 401 == answer.status_code


def test_the_token_is_made_once_and_is_its_owner_s_alone(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "data") as folder:
        made = folder.secret("metrics.token")
        assert made == folder.secret("metrics.token")
        file = folder.path / "metrics.token"
        assert 0o600 == file.stat().st_mode & 0o777
        assert f"{made}\n" == file.read_text()
        assert len(made) > 40


def test_an_empty_file_of_a_power_cut_is_made_anew(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "data") as folder:
        (folder.path / "metrics.token").write_text("")
        made = folder.secret("metrics.token")
        assert made
        assert made == folder.secret("metrics.token")


# -- what it says -------------------------------------------------------------------------------


def test_requests_are_counted_by_rule_method_and_status(app: Flask, hall: Hall) -> None:
    post = hall.device(Role.POST)
    comes(post, hall, "ABC 123")
    post.get("status?plate=DEF456")
    post.get("/nowhere/ABC123")
    post.ask("BREW", "/healthz")
    samples = scrape(app)
    count = "portvakt_request_seconds_count"
    rule = "/v1/stations/<station>"
    assert 1 == at(samples, count, method="POST", route=f"{rule}/arrivals", status="201")
    assert 1 == at(samples, count, method="GET", route=f"{rule}/status", status="404")
    assert 1 == at(samples, count, method="GET", route="none", status="404")
    assert 1 == at(samples, count, method="other", route="none", status="405")
    assert 1 == at(
        samples,
        "portvakt_request_seconds_bucket",
        method="POST",
        route=f"{rule}/arrivals",
        status="201",
        le="+Inf",
    )


def test_the_line_stands_in_it_by_station_and_state(app: Flask, hall: Hall) -> None:
    post, desk = hall.device(Role.POST), hall.person()
    comes(post, hall, "ABC 123")
    hall.clock.advance(90_000)
    comes(post, hall, "DEF 456")
    visit = desk.get("queue").json["line"][0]  # type: ignore[index]
    words = {"version": visit["version"], "bay": "bay-1"}
    assert 200 == desk.post(f"visits/{visit['visit']}/call", words).status_code
    hall.clock.advance(30_000)

    samples = scrape(app)
    assert 1 == at(samples, "portvakt_visits", station=STATION, state="waiting")
    assert 1 == at(samples, "portvakt_visits", station=STATION, state="called")
    assert 0 == at(samples, "portvakt_visits", station=STATION, state="in_bay")
    assert 0 == at(samples, "portvakt_visits", station="other", state="waiting")
    assert 30 == at(samples, "portvakt_oldest_wait_seconds", station=STATION)
    assert 0 == at(samples, "portvakt_oldest_wait_seconds", station="other")
    newest = hall.yard.cursor(STATION)[1]
    assert newest == at(samples, "portvakt_events_total", station=STATION) > 0


def test_help_and_silent_signs_stand_in_it(app: Flask, hall: Hall) -> None:
    post, desk = hall.device(Role.POST), hall.person()
    sign = hall.device(Role.SIGN, bay="bay-1")
    words = Sign(hall.yard, hall.yard.devices.all(STATION)[-1]).words()
    assert 200 == sign.post(f"signs/{sign.id}/beat", words).status_code
    assert 201 == post.post("help", HelpCall(id=HELP)).status_code
    for ms in (
        3_600_000,
        31_000,
    ):  # after an hour without a tick it was perhaps central that was deaf
        hall.clock.advance(ms)
        hall.yard.tick()
    samples = scrape(app)
    assert 1 == at(samples, "portvakt_help_open", station=STATION)
    assert 1 == at(samples, "portvakt_signs_silent", station=STATION)
    desk.post(f"help/{HELP}/acknowledge")
    assert 200 == desk.post(f"help/{HELP}/close", {"word": "explained"}).status_code
    assert 0 == at(scrape(app), "portvakt_help_open", station=STATION)


def test_posts_that_are_silent_or_fail_stand_in_it(app: Flask, hall: Hall) -> None:
    ill, silent = hall.device(Role.POST), hall.device(Role.POST)
    said: dict[str, object] = {"release": "26.11.2", "boot": "b1"}
    assert 200 == silent.post(f"devices/{silent.id}/heartbeat", said).status_code
    hall.clock.advance(181_000)
    hall.yard.tick()
    said["faults"] = [{"part": "outbox"}, {"part": "card_reader"}]
    said["outbox"] = {"waiting": 4, "oldest_s": 95, "refused": 2}
    assert 200 == ill.post(f"devices/{ill.id}/heartbeat", said).status_code
    samples = scrape(app)
    assert 1 == at(samples, "portvakt_posts_silent", station=STATION)
    for part, failing in (("outbox", 1), ("other", 1), ("keypad", 0)):
        assert failing == at(samples, "portvakt_device_faults", station=STATION, part=part)
        assert 0 == at(samples, "portvakt_device_faults", station="other", part=part)
    assert 4 == at(samples, "portvakt_outbox_waiting", station=STATION)
    assert 95 == at(samples, "portvakt_outbox_oldest_seconds", station=STATION)
    assert 2 == at(samples, "portvakt_outbox_refused", station=STATION)
    assert 0 == at(samples, "portvakt_outbox_refused", station="other")


def test_what_waits_for_a_person_stands_in_it(app: Flask, hall: Hall) -> None:
    def job(tx: Tx) -> None:
        row = dict(tx.one(sa.select(schema.arrival))._mapping)
        for arrival, settled_at in (("held", None), ("settled", tx.now)):
            held = {"id": arrival, "visit": None, "outcome": "held", "settled_at": settled_at}
            tx.run(sa.insert(schema.arrival), **{**row, **held})
        for state in ("uncertain", "done"):
            tx.run(
                sa.insert(schema.deed),
                id=state,
                station=STATION,
                kind="sweep",
                cause=state,
                due_at=tx.now,
                state=state,
                data={},
            )

    comes(hall.device(Role.POST), hall, "ABC 123")
    hall.store.write(job, STATION)
    samples = scrape(app)
    for name in ("portvakt_arrivals_held", "portvakt_deeds_uncertain"):
        assert 1 == at(samples, name, station=STATION)
        assert 0 == at(samples, name, station="other")


@pytest.mark.parametrize("hall", ["sqlite"], indirect=True)  # only there can a test break a commit
def test_commits_are_counted_with_those_that_failed(app: Flask, hall: Hall) -> None:
    before = scrape(app)
    hall.yard.people.create_user("Desk 9", "korrekt häst batteri", [STATION], Who.STAFF)
    with pytest.raises(Problem):
        hall.store.write(breaks_the_commit)
    after = until(lambda: scrape(app), what="the counts")
    for name, more in (
        ("portvakt_commit_seconds_count", 1),
        ("portvakt_commit_jobs_sum", 1),
        ("portvakt_commits_failed_total", 1),
    ):
        assert at(before, name) + more == at(after, name), name


def test_the_process_says_what_it_is(app: Flask, hall: Hall) -> None:
    samples = scrape(app)
    (labels,) = (labels for name, labels in samples if name == "portvakt_build_info")
    assert hall.store.epoch == dict(labels)["epoch"]
    assert "version" in dict(labels)
    assert 3 == at(samples, "portvakt_streams_open")
    assert 1 == at(samples, "portvakt_database_up")
    assert at(samples, "process_resident_memory_bytes") > 0


def test_a_database_that_is_away_is_told_and_not_a_failed_scrape(hall: Hall) -> None:
    def away() -> Sequence[figures.Figures]:
        raise Problem(NOT_SAVED, "The database does not answer.")

    samples = scraped(Metrics(away).text().decode())
    assert 0 == at(samples, "portvakt_database_up")
    assert not any(name == "portvakt_visits" for name, _ in samples)


def test_no_plate_and_no_name_is_ever_in_it(app: Flask, hall: Hall) -> None:
    post, desk = hall.device(Role.POST), hall.person()
    comes(post, hall, "QQQ 777")
    post.get("status?plate=QQQ777")
    post.get("status/QQQ777")
    desk.get("visits/QQQ777/timeline")
    post.post("help", HelpCall(id=HELP, plate="QQQ777"))
    desk.post("arrivals", {"id": uuid7(2), "plate": "QQQ 777"})
    desk.ask("QQQ777", "/QQQ777?QQQ777")
    text = app.test_client().get("/metrics", headers=TOKEN).get_data(as_text=True)
    assert "QQQ" not in text
    assert post.id not in text
    assert "staff of" not in text


def test_two_applications_count_for_themselves(hall: Hall) -> None:
    one, two = Metrics(), Metrics()
    one.committed(2, 0.01)
    assert 1 == at(scraped(one.text().decode()), "portvakt_commit_jobs_count")
    assert 0 == at(scraped(two.text().decode()), "portvakt_commit_jobs_count")


# -- the running service ------------------------------------------------------------------------


@pytest.mark.processes
def test_a_running_central_is_scraped_with_its_own_token(served: Served) -> None:
    token = (served.data / "metrics.token").read_text().strip()

    def look() -> Samples:
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.get(served.url("/metrics"), headers=headers, timeout=20)
        assert answer.ok
        return scraped(answer.text)

    assert 0 == at(look(), "portvakt_streams_open")
    events = Events(served.person(), served.url("events"))
    events.wait_for("snapshot")
    samples = look()
    assert 1 == at(samples, "portvakt_streams_open")
    assert at(samples, "portvakt_commit_seconds_count") > 0
    events.close()
