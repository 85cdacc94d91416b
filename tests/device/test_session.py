from pathlib import Path

import msgspec
import pytest
import requests

from contract.wire import Beat, Dark, Expected, Grant, Lease
from device.session import CentralRefused, CentralSession, CentralUnreachable
from tests.fakes.answers import Answers

EXPECTED = {"day": "2026-11-23", "plates": ["ABC123"]}


@pytest.fixture
def answers() -> Answers:
    return Answers()


def test_an_answer_is_read_as_its_type(answers: Answers) -> None:
    answers.give(200, {**EXPECTED, "added_later": 1})

    with answers.session("http://central/") as session:
        expected = session.call("GET", "/v1/stations/p/expected", None, Expected)

    assert expected == Expected(day="2026-11-23", plates=["ABC123"])
    assert answers.asked[0].url == "http://central/v1/stations/p/expected"


def test_every_request_has_deadlines(answers: Answers) -> None:
    answers.give(200, EXPECTED)

    with answers.session("http://central") as session:
        session.call("GET", "/x", None, Expected)

    assert answers.timeouts == [(3.05, 10.0)]


def test_one_of_two_answers_is_told_by_its_tag(answers: Answers) -> None:
    answers.give(200, {"answer": "dark", "nonce": "n", "epoch": "e", "seq": 4, "reason": "no_call"})
    lease: Lease

    with answers.session("http://central") as session:
        lease = session.call("POST", "/x", Beat(nonce="n", boot="b"), Grant | Dark)

    assert lease == Dark(nonce="n", epoch="e", seq=4, reason="no_call")
    assert msgspec.json.decode(answers.asked[0].body or "", type=Beat).nonce == "n"
    assert answers.asked[0].headers["Content-Type"] == "application/json"


def test_a_frozen_body_travels_byte_for_byte(answers: Answers) -> None:
    answers.give(201, {})
    body = b'{"plate" :"ABC123"}'

    with answers.session("http://central") as session:
        session.call("POST", "/x", body, headers={"Portvakt-Boot": "b1"})

    assert answers.asked[0].body == body
    assert answers.asked[0].headers["Portvakt-Boot"] == "b1"


def test_our_token_goes_along_even_where_the_machine_has_a_netrc(
    answers: Answers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine central login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    answers.give(200, EXPECTED)

    with answers.session("http://central", "pv_d1_secret") as session:
        session.call("GET", "/x", None, Expected)

    assert answers.asked[0].headers["Authorization"] == "Bearer pv_d1_secret"


def test_a_refusal_brings_status_reason_and_sentence(answers: Answers) -> None:
    answers.refuse(401, "unknown_device", "Enrol this device again.")

    with answers.session("http://central") as session, pytest.raises(CentralRefused) as caught:
        session.call("GET", "/x", None, Expected)

    assert (caught.value.status, caught.value.reason) == (401, "unknown_device")
    assert "Enrol this device again." in str(caught.value)


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [
        (502, "text/html", b"<h1>Bad gateway</h1>"),
        (500, "application/problem+json", b"{not json"),
        (302, "text/html", b""),
    ],
)
def test_a_no_that_central_did_not_write_has_no_reason(
    answers: Answers, status: int, content_type: str, body: bytes
) -> None:
    answers.give(status, body, {"Content-Type": content_type, "Location": "http://login/"})

    with answers.session("http://central") as session, pytest.raises(CentralRefused) as caught:
        session.call("GET", "/x", None, Expected)

    assert (caught.value.status, caught.value.reason) == (status, "")
    assert len(answers.asked) == 1, "a redirect is not followed"


def test_a_plate_that_was_asked_about_is_not_in_the_sentence_for_the_log(answers: Answers) -> None:
    answers.give(200, b"<html>", {"Content-Type": "text/html"})

    with answers.session("http://central") as session, pytest.raises(CentralUnreachable) as caught:
        session.call("GET", "/v1/stations/pitea/status?plate=KORIN", None, Expected)

    assert "KORIN" not in str(caught.value)


def test_a_log_in_page_with_200_is_not_an_answer(answers: Answers) -> None:
    """A hotspot that says 200 to everything must not make us forget an arrival."""
    answers.give(200, b"<html>Welcome to our network</html>", {"Content-Type": "text/html"})

    with (
        answers.session("http://central") as session,
        pytest.raises(CentralUnreachable, match="something else answered"),
    ):
        session.call("POST", "/x", b"{}", Expected)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (requests.ConnectTimeout(), "no answer in time"),
        (requests.ReadTimeout(), "no answer in time"),
        (requests.ConnectionError("Connection refused"), "Connection refused"),
        (requests.exceptions.ChunkedEncodingError("cut short"), "cut short"),
    ],
)
def test_no_answer_is_one_sentence_that_says_what_to_check(
    answers: Answers, error: Exception, why: str
) -> None:
    answers.fail(error)

    with answers.session("http://central") as session, pytest.raises(CentralUnreachable) as caught:
        session.call("GET", "/x", None, Expected)

    assert str(caught.value) == (
        f"Central does not answer at http://central ({why}); "
        "check the cable, the switch and central.url."
    )


def test_nobody_listening_is_told_in_few_words() -> None:
    with (
        CentralSession("http://127.0.0.1:9") as session,
        pytest.raises(CentralUnreachable, match=r"127\.0\.0\.1:9 \(Connection refused\)"),
    ):
        session.call("GET", "/x", None, Expected)


def test_not_modified_is_an_answer_for_those_who_asked_with_an_etag(answers: Answers) -> None:
    answers.give(304, b"")

    with answers.session("http://central") as session:
        response = session.exchange("GET", "/x", headers={"If-None-Match": '"7"'})

    assert response.status_code == 304
    assert answers.asked[0].headers["If-None-Match"] == '"7"'


def test_a_stream_asks_for_events_that_no_compressor_holds_back(answers: Answers) -> None:
    answers.give(200, b"", {"Content-Type": "text/event-stream"})

    with answers.session("http://central") as session:
        session.listen("/x", {"Last-Event-ID": "e-4"}).close()

    assert answers.asked[0].headers["Accept"] == "text/event-stream"
    assert answers.asked[0].headers["Accept-Encoding"] == "identity"
    assert answers.asked[0].headers["Last-Event-ID"] == "e-4"
    assert answers.timeouts[0][1] > 30, "two heartbeats may be missed"
