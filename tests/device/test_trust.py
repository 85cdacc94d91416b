"""Whom a device takes for central: real TLS on 127.0.0.1, each wrong far end with its own sentence."""

import logging
import socket
import ssl
import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from device.check import Answer, Verdict
from device.check_central import central_answer
from device.check_certificate import certificate_answer
from device.session import CentralRefused, CentralSession, CentralUntrusted
from device.sse import read_events
from device.trust import CaUnusable, Trust
from tests.fakes.answers import Answers
from tests.fakes.clock import FakeClock
from tests.fakes.tls_central import ENDS, HOST, leaf_of, served, written

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FAR_OFF = datetime(2090, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2011, 1, 1, tzinfo=UTC)
RELEASED = datetime(2020, 1, 1, tzinfo=UTC)
# Made once: a key costs more than all the rest.
OURS, OTHERS, NEXT = trustme.CA(), trustme.CA(), trustme.CA()
GOOD = leaf_of(OURS)


@pytest.fixture
def pin(tmp_path: Path) -> Path:
    """The device's file with our CA."""
    return written(tmp_path, OURS)


def trust(ca_file: Path | None, clock: FakeClock | None = None) -> Trust:
    return Trust(ca_file, clock or FakeClock(), lambda: RELEASED)


def unset() -> FakeClock:
    """The clock of a device that has just booted."""
    return FakeClock(EPOCH, synced=False)


def asked(leaf: trustme.LeafCert, by: Trust, host: str = HOST) -> str:
    """What a device says about a central behind *leaf*; empty when it talks with it."""
    with served(leaf) as port, CentralSession(f"https://{host}:{port}", trust=by) as session:
        try:
            session.exchange("GET", "/readyz")
        except CentralUntrusted as error:
            return str(error)
        return ""


# -- whose word counts -------------------------------------------------------------------------


def test_a_certificate_of_the_pinned_ca_is_central_for_calls_and_for_streams(pin: Path) -> None:
    with served(GOOD) as port:
        with CentralSession(f"https://{HOST}:{port}", trust=trust(pin)) as session:
            assert session.exchange("GET", "/readyz").status_code == 200
            events = list(read_events(session.listen("/nudges")))
        assert [sent.event for sent in events] == ["beat", "dark"]


def test_a_ca_that_is_not_pinned_is_refused_with_the_key_to_put_it_into(pin: Path) -> None:
    assert asked(leaf_of(OTHERS), trust(pin)).endswith(
        "is not trusted: its certificate is signed by another CA than the pinned one: "
        "put the CA of your proxy into central.ca_file."
    )


def test_a_stream_and_a_later_request_are_refused_as_the_first_one_was(pin: Path) -> None:
    with (
        served(leaf_of(OTHERS)) as port,
        CentralSession(f"https://{HOST}:{port}", trust=trust(pin)) as session,
    ):
        with pytest.raises(CentralUntrusted):
            session.exchange("GET", "/x")
        with pytest.raises(CentralUntrusted):
            session.listen("/nudges")
        with pytest.raises(CentralUntrusted):
            # Whoever asks requests not to look is not heard either.
            session.request("GET", "/x", verify=False)


def test_under_a_pin_the_cas_of_the_system_count_for_nothing(
    pin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(written(tmp_path, OTHERS, name="system.pem")))
    assert asked(leaf_of(OTHERS), trust(None)) == "", "the system trusts it"
    assert "another CA than the pinned one" in asked(leaf_of(OTHERS), trust(pin))


def test_variables_of_the_environment_bring_in_no_ca(
    pin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = written(tmp_path, OTHERS, name="others.pem")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(others))
    assert "another CA than the pinned one" in asked(leaf_of(OTHERS), trust(pin))


class Watched(Trust):
    """Keeps the rules that it made."""

    made: ssl.SSLContext

    def context(self) -> ssl.SSLContext:
        self.made = super().context()
        return self.made


def test_no_request_adds_the_public_cas_that_a_library_brings_along(pin: Path) -> None:
    """requests has a bundle of its own, and would load it beside the pinned CA."""
    by = Watched(pin, FakeClock())
    assert asked(GOOD, by) == ""
    assert len(by.made.get_ca_certs()) == 1


def test_a_ca_is_changed_without_a_gap_by_a_file_with_both(tmp_path: Path) -> None:
    both = written(tmp_path, OURS, NEXT)
    assert asked(GOOD, trust(both)) == ""
    assert asked(leaf_of(NEXT), trust(both)) == ""


def test_an_issuing_ca_may_be_pinned_without_its_root(tmp_path: Path) -> None:
    issuing = OURS.create_child_ca()
    pinned = trust(written(tmp_path, issuing))
    assert asked(leaf_of(issuing), pinned) == ""
    assert asked(GOOD, pinned) != ""


# -- what else must hold -----------------------------------------------------------------------


def test_the_name_must_be_the_one_in_central_url(pin: Path) -> None:
    said = asked(leaf_of(OURS, "central.example.com"), trust(pin))
    assert (
        f"its certificate is not for {HOST}: write a name of the certificate into central.url"
        in said
    )


def test_an_expired_certificate_is_to_be_renewed_at_the_proxy(pin: Path) -> None:
    said = asked(leaf_of(OURS, ends=LONG_AGO), trust(pin))
    assert (
        "has expired, and the clock of this device says 2026-11-23: renew it at the proxy" in said
    )


def test_tls_1_1_is_refused(pin: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python warns of the old version
        old = served(GOOD, newest=ssl.TLSVersion.TLSv1_1)
        with old as port, CentralSession(f"https://{HOST}:{port}", trust=trust(pin)) as session:
            with pytest.raises(CentralUntrusted, match=r"it speaks no TLS 1\.2 or newer"):
                session.exchange("GET", "/x")
            # That it is offered at all, or the test would prove nothing.
            anything = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            anything.check_hostname, anything.verify_mode = False, ssl.CERT_NONE
            anything.set_ciphers("ALL:@SECLEVEL=0")
            anything.minimum_version = ssl.TLSVersion.TLSv1
            assert spoken(anything, port) == "TLSv1.1"


def spoken(context: ssl.SSLContext, port: int) -> str | None:
    with socket.create_connection((HOST, port)) as line, context.wrap_socket(line) as wrapped:
        return wrapped.version()


def test_a_port_without_tls_and_a_port_with_it_are_told_apart(pin: Path) -> None:
    with (
        served(None) as port,
        CentralSession(f"https://{HOST}:{port}", trust=trust(pin)) as session,
        pytest.raises(CentralUntrusted, match="no TLS is spoken there"),
    ):
        session.exchange("GET", "/x")


@pytest.mark.parametrize(
    "said",
    [
        b"The plain HTTP request was sent to HTTPS port",  # nginx
        b"Client sent an HTTP request to an HTTPS server.",  # Caddy
    ],
)
def test_plain_http_to_a_proxys_tls_port_says_to_write_https(said: bytes) -> None:
    answers = Answers()
    answers.give(400, said, {"Content-Type": "text/html"})
    with (
        answers.session("http://127.0.0.1:443") as session,
        pytest.raises(CentralRefused) as caught,
    ):
        session.exchange("GET", "/x")
    assert "TLS is spoken there; write https:// into central.url" in str(caught.value)


# -- a device boots without a clock ------------------------------------------------------------


def test_under_a_pin_a_device_without_a_clock_takes_a_certificate_that_begins_later(
    pin: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = unset()
    by = trust(pin, clock)
    assert by.faults() == []
    with caplog.at_level(logging.ERROR, "device.trust"):
        assert asked(leaf_of(OURS, begins=FAR_OFF), by) == ""
        assert asked(leaf_of(OURS, begins=FAR_OFF), by) == ""
    assert len(caplog.messages) == 1, "it is said once"
    assert "the clock of this device says 1970-01-01 and nobody has set it" in caplog.text
    clock.advance(5_000)
    (fault,) = by.faults()
    assert (fault.part, fault.since_s) == ("clock", 5)
    assert "1970-01-01" in fault.reason
    clock.set_wall(datetime(2091, 1, 1, tzinfo=UTC))
    assert by.faults() == [], "a clock that is set is well"


def test_a_clock_that_is_set_reads_the_start_of_a_certificate(pin: Path) -> None:
    said = asked(leaf_of(OURS, begins=FAR_OFF), trust(pin))
    assert "is not valid yet: the clock of this device says 2026-11-23: set it" in said


def test_without_a_pin_a_device_without_a_clock_trusts_nobody_from_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(written(tmp_path, OURS)))
    by = trust(None, unset())
    said = asked(leaf_of(OURS, begins=FAR_OFF), by)
    assert "the clock of this device says 1970-01-01: set it" in said
    assert by.faults() == []


def test_what_had_expired_before_this_release_was_made_is_expired_whatever_the_clock_says(
    pin: Path,
) -> None:
    assert "its certificate has expired" in asked(leaf_of(OURS, ends=LONG_AGO), trust(pin, unset()))
    before_release = Trust(pin, unset(), lambda: EPOCH)
    assert asked(leaf_of(OURS, ends=LONG_AGO), before_release) == "", "only the release could tell"


def test_a_device_without_a_clock_still_asks_for_ca_and_name(pin: Path) -> None:
    assert "another CA than the pinned one" in asked(leaf_of(OTHERS), trust(pin, unset()))
    assert "is not for 127.0.0.1" in asked(leaf_of(OURS, "elsewhere.example"), trust(pin, unset()))


# -- the file ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "is not there; copy the CA of your proxy there."),
        (b"no certificate", "is no PEM file with the certificate of a CA."),
        (GOOD.cert_chain_pems[0].bytes(), "holds the certificate of a server; put that of its CA"),
        (
            OURS.cert_pem.bytes() + OURS.private_key_pem.bytes(),
            "holds a private key; only the CA's certificate belongs on a device.",
        ),
    ],
)
def test_a_file_that_is_no_ca_is_named_with_its_key(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CaUnusable) as caught:
        trust(path).context()
    assert str(caught.value).startswith(f"central.ca_file = {path} {says}")


def test_a_folder_in_the_place_of_the_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(CaUnusable, match="cannot be read: Is a directory"):
        trust(tmp_path).context()


def test_a_device_whose_file_went_away_says_so_at_each_try_and_talks_to_nobody(
    tmp_path: Path,
) -> None:
    """A post goes on taking plates without central."""
    said = asked(GOOD, trust(tmp_path / "gone.pem"))
    assert "is not trusted: central.ca_file = " in said
    assert "is not there" in said


# -- what a technician is told -----------------------------------------------------------------


def looked_at(leaf: trustme.LeafCert | None, by: Trust) -> Answer:
    with served(leaf) as port:
        return certificate_answer(f"https://{HOST}:{port}", by)


def days_before_the_end(days: int) -> FakeClock:
    return FakeClock(datetime.fromtimestamp(ENDS.timestamp() - days * 86_400, UTC))


def test_the_check_names_the_pinned_ca_and_the_days_left(pin: Path) -> None:
    answer = looked_at(GOOD, trust(pin, days_before_the_end(40)))
    assert answer.verdict is Verdict.PASS
    assert answer.sentence.startswith(f"pinned by {pin}: Testing CA")
    assert "that holds, 40 days left." in answer.sentence


def test_a_certificate_that_should_have_been_renewed_is_a_note(pin: Path) -> None:
    answer = looked_at(GOOD, trust(pin, days_before_the_end(13)))
    assert (answer.verdict, "13 days left." in answer.sentence) == (Verdict.LOOK, True)
    assert "renews" in answer.todo


def test_a_chain_that_does_not_hold_is_a_fault_with_what_to_do(pin: Path) -> None:
    answer = looked_at(leaf_of(OTHERS), trust(pin))
    assert answer.verdict is Verdict.FAIL
    assert "signed by another CA than the pinned one." in answer.sentence
    assert answer.todo == "Put the CA of your proxy into central.ca_file."


def test_the_name_of_a_key_is_written_as_the_file_has_it(pin: Path) -> None:
    answer = looked_at(None, trust(pin))
    assert answer.todo.startswith("central.url names the wrong port")


def test_a_clock_that_nobody_set_is_a_note_beside_the_pin(pin: Path) -> None:
    answer = looked_at(leaf_of(OURS, begins=FAR_OFF), trust(pin, unset()))
    assert (answer.verdict, "1970-01-01" in answer.sentence) == (Verdict.LOOK, True)


def test_a_file_that_is_gone_a_cut_cable_and_this_machine_have_their_own_sentence(
    pin: Path, tmp_path: Path
) -> None:
    gone = certificate_answer("https://127.0.0.1:9", trust(tmp_path / "gone.pem"))
    assert (gone.verdict, "central.ca_file" in gone.sentence) == (Verdict.FAIL, True)
    cut = certificate_answer("https://127.0.0.1:9", trust(pin))
    assert (cut.verdict, "cannot be looked at now" in cut.sentence) == (Verdict.WAIT, True)
    here = certificate_answer("http://127.0.0.1:9", trust(None))
    assert (here.verdict, "on this machine" in here.sentence) == (Verdict.PASS, True)


def test_no_pin_is_said_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(written(tmp_path, OURS)))
    answer = looked_at(GOOD, trust(None))
    assert answer.sentence.startswith("no CA is pinned, those of the system count; central shows")


def test_the_question_about_central_points_to_the_one_about_its_certificate(pin: Path) -> None:
    with served(leaf_of(OTHERS)) as port:
        answer = central_answer(
            f"https://{HOST}:{port}",
            lambda url, token: CentralSession(url, token, trust=trust(pin)),
        )
    assert answer.verdict is Verdict.FAIL
    assert answer.todo == "Mend what Certificate names."
