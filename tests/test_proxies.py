"""The proxies of docs/operations.md, tried: its own configuration in front of a central that runs."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from device.check import Verdict
from device.check_certificate import certificate_answer
from device.session import CentralSession
from device.trust import Trust
from tests.central.web.served import Events, Served, running
from tests.fakes.clock import FakeClock
from tests.proxies import (
    ADDRESS,
    KINDS,
    NAME,
    Proxy,
    free_port,
    is_here,
    makes_certificates,
    proxied,
)
from tests.waiting import until

pytestmark = [
    pytest.mark.processes,
    # Python's ssl tells that it was asked to offer an old version; that is what one test is about.
    pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning"),
]

PATIENCE_S = 20
PLATE = "ABC123"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    makes_certificates(folder)
    return folder


@dataclass
class Hall:
    """A central, a proxy in front of it, and a post that is enrolled there."""

    central: Served
    proxy: Proxy
    ca: Path
    post: requests.Session
    open_parts: contextlib.ExitStack

    def browser(self) -> requests.Session:
        session = self.open_parts.enter_context(requests.Session())
        session.verify = str(self.ca)
        session.trust_env = False  # or REQUESTS_CA_BUNDLE would win
        return session

    def url(self, path: str) -> str:
        return self.proxy.tls + self.central.url(path).removeprefix(self.central.address)


@pytest.fixture(scope="module", params=KINDS)
def hall(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, keys: Path
) -> Iterator[Hall]:
    kind: str = request.param
    if not is_here(kind):
        pytest.skip(f"{kind} is not installed on this machine; apt-get install {kind}")
    folder = tmp_path_factory.mktemp(kind)
    with (
        running(folder, secure_cookie=True, behind_proxy=True) as central,
        contextlib.ExitStack() as open_parts,
    ):
        central.set_up()
        _, post = central.device("post")
        address = central.address.removeprefix("http://")
        proxy = open_parts.enter_context(proxied(kind, folder / "proxy", keys, address))
        yield Hall(central, proxy, keys / "ca.pem", open_parts.enter_context(post), open_parts)


def test_a_person_signs_in_and_sees_each_event_as_it_happens(hall: Hall) -> None:
    browser = hall.browser()
    code = hall.central.admin.ask("sign_in_code", user="Desk 1")["code"]
    board = browser.post(hall.url("/login"), {"code": code}, timeout=PATIENCE_S)
    assert (board.status_code, board.url) == (200, f"{hall.proxy.tls}/board")
    (cookie,) = [one for one in browser.cookies if "session" in one.name]
    assert cookie.secure
    events = Events(browser, hall.url("events"))
    events.wait_for("snapshot")
    arrival = {"id": "01a2074f-d0a8-7157-9e1d-000000000001", "plate": "KLR 88P"}
    at = {"at": "2026-11-23T07:30:00Z", "synced": False, "boot_id": "b", "mono_ms": 1}
    told = hall.post.post(hall.central.url("arrivals"), json=arrival | at, timeout=PATIENCE_S)
    assert told.ok, told.text
    assert '"kind":"arrived"' in events.wait_for("event")["data"]
    events.close()


def test_a_device_with_the_ca_of_the_page_pinned_talks_through_it(hall: Hall) -> None:
    trust = Trust(hall.ca, FakeClock())
    token = hall.post.headers["Authorization"]
    for host in (NAME, ADDRESS):
        url = f"https://{host}:{hall.proxy.tls_port}"
        with CentralSession(url, str(token).removeprefix("Bearer "), trust=trust) as session:
            assert session.exchange("GET", "/v1/stations/hall/expected").status_code == 200
    answer = certificate_answer(hall.proxy.tls, trust)
    assert answer.verdict is Verdict.PASS
    assert f'"Portvakt CA of {NAME}" that holds' in answer.sentence


def test_answers_carry_what_protects_a_browser_and_the_figures_are_closed(hall: Hall) -> None:
    browser = hall.browser()
    headers = browser.get(hall.url("/login"), timeout=PATIENCE_S).headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert not any(sign.isdigit() for sign in headers.get("Server", "")), "no version"
    token = (hall.central.data / "metrics.token").read_text().strip()
    asked = {"Authorization": f"Bearer {token}"}
    assert browser.get(hall.url("/metrics"), headers=asked, timeout=PATIENCE_S).status_code == 404
    direct = requests.get(hall.central.url("/metrics"), headers=asked, timeout=PATIENCE_S)
    assert direct.status_code == 200


def test_plain_http_is_sent_to_https(hall: Hall) -> None:
    answer = requests.get(f"{hall.proxy.plain}/board", allow_redirects=False, timeout=PATIENCE_S)
    assert answer.status_code == 308
    assert answer.headers["Location"].startswith(f"https://{NAME}")
    assert answer.headers["Location"].endswith("/board")


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X_Forwarded_For", "x_forwarded-for"])
def test_what_a_stranger_writes_into_x_forwarded_for_makes_them_nobody_else(
    hall: Hall, name: str
) -> None:
    browser = hall.browser()
    seen = []
    for number in range(40):
        elsewhere = {name: f"198.51.100.{number}"}
        answer = browser.post(
            hall.url("devices/enrol"),
            json={"code": "AAAA-AAAA"},
            headers=elsewhere,
            timeout=PATIENCE_S,
        )
        seen.append(answer.status_code)
        if answer.status_code == 429:
            return
    raise AssertionError(f"forty codes were tried from one address: {seen}")


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_proxys_own_look_at_our_health_comes_without_an_address(
    kind: str, keys: Path, tmp_path: Path
) -> None:
    if not is_here(kind):
        pytest.skip(f"{kind} is not installed on this machine; apt-get install {kind}")
    heard: list[str | None] = []

    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers["X-Forwarded-For"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((ADDRESS, 0), Ready) as central:
        thread = threading.Thread(target=central.serve_forever)
        thread.start()
        try:
            address = f"{ADDRESS}:{central.server_port}"
            with proxied(kind, tmp_path / "proxy", keys, address) as proxy:
                until(lambda: heard or kind != "caddy", PATIENCE_S, "its own look")
                own = list(heard)
                asked = requests.get(
                    f"{proxy.tls}/readyz", verify=str(keys / "ca.pem"), timeout=PATIENCE_S
                )
        finally:
            central.shutdown()
            thread.join(PATIENCE_S)
    assert asked.status_code == 204
    assert set(own) <= {None}
    assert ADDRESS in heard


def test_tls_1_1_is_not_spoken(hall: Hall) -> None:
    context = ssl.create_default_context(cafile=str(hall.ca))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection((ADDRESS, hall.proxy.tls_port)) as line,
        pytest.raises((ssl.SSLError, OSError)),
    ):
        context.wrap_socket(line, server_hostname=NAME)


def test_a_head_that_does_not_end_and_a_body_that_is_too_long_are_turned_away(hall: Hall) -> None:
    context = ssl.create_default_context(cafile=str(hall.ca))
    with (
        socket.create_connection((ADDRESS, hall.proxy.tls_port), PATIENCE_S) as line,
        context.wrap_socket(line, server_hostname=NAME) as slow,
    ):
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        said = b""
        with contextlib.suppress(ssl.SSLEOFError, ConnectionResetError):
            while more := slow.recv(4096):
                said += more
        assert b" 200 " not in said
    answer = hall.browser().post(
        hall.url("/login"), data=b"x" * (4 * 1024 * 1024), timeout=PATIENCE_S
    )
    assert answer.status_code in {413, 502}, "Caddy 2.6 has but one word for it"


def test_no_log_has_a_plate_whether_central_answers_or_not(
    hall: Hall, keys: Path, tmp_path: Path
) -> None:
    browser = hall.browser()
    token = {"Authorization": hall.post.headers["Authorization"]}
    question = f"/v1/stations/hall/status?plate={PLATE}"
    for address in (hall.proxy.tls, hall.proxy.plain):
        browser.get(address + question, headers=token, allow_redirects=False, timeout=PATIENCE_S)
    dead = f"{ADDRESS}:{free_port()}"
    with proxied(hall.proxy.kind, tmp_path / "alone", keys, dead) as alone:
        answer = browser.get(alone.tls + question, headers=token, timeout=PATIENCE_S)
        assert answer.status_code in (502, 503)
        wrote = until(lambda: _of_central_that_is_away(alone), PATIENCE_S, "a line of log")
    for written in (wrote, hall.proxy.all_that_it_wrote()):
        assert PLATE not in written
        assert "pv_" not in written


def _of_central_that_is_away(proxy: Proxy) -> str:
    """The proxy's logs, once they hold the request: else nothing proves that one was written."""
    written = proxy.all_that_it_wrote()
    return written if "/v1/stations/hall/status" in written else ""
