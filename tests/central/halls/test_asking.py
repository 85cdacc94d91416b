"""The hall's line to the office over real sockets: whom it believes, and what it does not wait for."""

import http.server
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from central.halls.asking import HttpOffice, OfficeUnfit, OfficeWords
from central.halls.link import OfficeAway
from contract.halls import HallReport

REPORT = HallReport(epoch="e")
Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextmanager
def answering(
    answer: Answer, authority: trustme.CA | None = None
) -> Iterator[tuple[int, list[str]]]:
    """A server on a free port; gives the port, and the tokens that it was shown."""
    shown: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            shown.append(self.headers["Authorization"])
            self.rfile.read(int(self.headers["Content-Length"]))
            answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if authority is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server.server_address[1], shown
    finally:
        server.shutdown()
        server.server_close()


def says(status: int, body: bytes) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture
def token(tmp_path: Path) -> Path:
    file = tmp_path / "office.token"
    file.write_text("pv_api-1\n")
    return file


def test_the_token_is_read_anew_for_each_question(token: Path) -> None:
    with answering(says(200, b'{"last": 7}')) as (port, shown):
        office = HttpOffice(OfficeWords(f"http://127.0.0.1:{port}", token))
        assert office.report("pitea", REPORT).last == 7
        token.write_text("pv_api-2")
        office.report("pitea", REPORT)
    assert shown == ["Bearer pv_api-1", "Bearer pv_api-2"]


def test_only_the_authority_that_was_named_is_believed(tmp_path: Path, token: Path) -> None:
    ours, other = tmp_path / "ours.pem", tmp_path / "other.pem"
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ours))
    trustme.CA().cert_pem.write_to_path(str(other))
    with answering(says(200, b'{"last": 7}'), authority) as (port, shown):
        url = f"https://localhost:{port}"
        assert HttpOffice(OfficeWords(url, token, ours)).report("pitea", REPORT).last == 7
        for wrong in (other, None):
            with pytest.raises(OfficeAway, match="certificate is not one that this hall trusts"):
                HttpOffice(OfficeWords(url, token, wrong)).report("pitea", REPORT)
    assert len(shown) == 1  # nobody else was shown the token


def test_the_office_s_own_sentence_is_what_the_log_says(token: Path) -> None:
    body = b'{"reason": "token_refused", "detail": "The token of Hall was revoked."}'
    with answering(says(401, body)) as (port, _):
        office = HttpOffice(OfficeWords(f"http://127.0.0.1:{port}", token))
        with pytest.raises(OfficeAway, match="The office says: The token of Hall was revoked"):
            office.report("pitea", REPORT)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (502, b"<html>bad gateway</html>", "status 502"),
        (302, b"", "status 302"),
        (200, b"<html>a hotel's own page</html>", "cannot be read"),
        (200, b"[" * 5_000_000, "too large"),
    ],
)
def test_what_is_no_answer_of_an_office_is_not_taken_for_one(
    token: Path, status: int, body: bytes, said: str
) -> None:
    with answering(says(status, body)) as (port, _):
        office = HttpOffice(OfficeWords(f"http://127.0.0.1:{port}", token))
        with pytest.raises(OfficeAway, match=said):
            office.report("pitea", REPORT)


def test_one_that_sends_a_byte_now_and_then_is_not_waited_for(token: Path) -> None:
    over = threading.Event()

    def drips(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not over.wait(0.02):
            handler.wfile.write(b" ")

    with answering(drips) as (port, _):
        office = HttpOffice(OfficeWords(f"http://127.0.0.1:{port}", token), answer_s=0.3)
        with pytest.raises(OfficeAway, match="did not answer in time"):
            office.report("pitea", REPORT)
        over.set()


def test_nobody_listens_there(token: Path) -> None:
    with answering(says(200, b"")) as (port, _):
        pass
    office = HttpOffice(OfficeWords(f"http://127.0.0.1:{port}", token))
    with pytest.raises(OfficeAway, match="is not reached"):
        office.report("pitea", REPORT)


def test_a_token_that_is_not_there_yet_is_said_and_nothing_is_asked(tmp_path: Path) -> None:
    with answering(says(200, b'{"last": 7}')) as (port, shown):
        office = HttpOffice(OfficeWords(f"http://127.0.0.1:{port}", tmp_path / "none"))
        with pytest.raises(OfficeAway, match="cannot be read"):
            office.report("pitea", REPORT)
    assert shown == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (OfficeWords("http://office.example.com", Path("t")), "must begin with https://"),
        (OfficeWords("https://a:b@office.example.com", Path("t")), "without a query or a password"),
        (OfficeWords("https://office.example.com"), "--office-token-file"),
        (OfficeWords("https://office.example.com", Path("t"), Path("/none.pem")), "--office-ca"),
    ],
)
def test_what_cannot_be_an_office_is_refused_at_the_start(words: OfficeWords, said: str) -> None:
    with pytest.raises(OfficeUnfit, match=said):
        words.check()


def test_one_question_after_the_other_is_answered_however_late_a_thread_ends(token: Path) -> None:
    with answering(says(200, b'{"last": 7}')) as (port, shown):
        office = HttpOffice(OfficeWords(f"http://127.0.0.1:{port}", token))
        for _ in range(50):
            office.report("pitea", REPORT)
    assert len(shown) == 50


def test_the_end_of_the_key_is_what_the_office_said_last(token: Path) -> None:
    body = b'{"last": 7, "key_ends_at": "2027-03-12T00:00:00Z"}'
    with answering(says(200, body)) as (port, _):
        office = HttpOffice(OfficeWords(f"http://127.0.0.1:{port}", token))
        assert office.key_ends_at is None
        office.report("pitea", REPORT)
    assert office.key_ends_at == datetime(2027, 3, 12, tzinfo=UTC)
