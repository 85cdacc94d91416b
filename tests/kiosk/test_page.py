"""The post's page: what it serves, what it hears, what it may never do."""

from collections.abc import Iterator

import msgspec
import pytest
from flask.testing import FlaskClient

from kiosk.fake_matrix import FakeBoard, FakeMatrix
from kiosk.finger import Finger
from kiosk.keys import PHONE_LAYOUT
from kiosk.page import PageServer, PortTaken, create_app
from kiosk.settings import CentralSettings, PageSettings, PostSettings
from kiosk.showing import Showing
from tests.kiosk.typist import Typist


def settings_for(*, demo: bool = False, frame_ancestors: tuple[str, ...] = ()) -> PostSettings:
    return PostSettings(
        languages=("en", "sv"),
        demo=demo,
        central=CentralSettings(url="http://central", station="pitea"),
        page=PageSettings(frame_ancestors=frame_ancestors),
    )


class Moves(Finger):
    """Notes what a page asks for."""

    def __init__(self) -> None:
        matrix = FakeMatrix(FakeBoard(), (5, 6, 13, 19), (12, 16, 20, 21), PHONE_LAYOUT, 26)
        super().__init__(matrix, 0, lambda: 0)
        self.made: list[tuple[str, bool]] = []

    def move(self, key: str, *, down: bool) -> None:
        self.made.append((key, down))


@pytest.fixture
def showing() -> Showing:
    return Showing()


@pytest.fixture
def client(showing: Showing) -> FlaskClient:
    return create_app(settings_for(), showing).test_client()


def events(chunks: Iterator[bytes], count: int) -> list[tuple[str, object]]:
    found = []
    for chunk in chunks:
        name, data = chunk.decode().strip().split("\n")
        body = msgspec.json.decode(data.removeprefix("data: "))
        found.append((name.removeprefix("event: "), body))
        if len(found) == count:
            break
    return found


def test_a_page_gets_the_screen_at_once_and_then_each_change(showing: Showing) -> None:
    post = Typist(["ABC123"])
    showing.show(post.screen)
    stream = showing.stream()
    first = dict(events(stream, 3))
    assert first["screen"]["name"] == "idle"  # type: ignore[index]
    showing.show(post.press("222123").screen)
    ((name, body),) = events(stream, 1)
    assert name == "screen"
    assert body["plate"] == "ABC 123"  # type: ignore[index]


def test_beats_prove_that_the_loop_lives_and_stop_with_it(showing: Showing) -> None:
    stream = showing.stream()
    events(stream, 2)
    showing.beat()
    assert events(stream, 1) == [("beat", 1)]
    showing.close()
    assert list(stream) == []


def test_the_lamp_and_the_buzzer_are_told(showing: Showing) -> None:
    stream = showing.stream()
    events(stream, 2)
    showing.light(True)
    assert events(stream, 1) == [("lamp", True)]
    showing.beep(True)
    showing.beep(False)
    assert events(stream, 1) == [("beep", 1)]
    showing.light_hall(True)
    assert events(stream, 1) == [("hall", True)]


def test_the_post_knows_what_its_page_has_drawn(client: FlaskClient, showing: Showing) -> None:
    showing.show(Typist().screen)
    assert shown(client) == (1, "idle", 0, None)
    assert client.post("/drawn", data=b'{"screen": 1}').status_code == 204
    assert shown(client) == (1, "idle", 1, None)
    assert client.post("/drawn", data=b'{"screen": 1, "heap": 2000000}').status_code == 204
    assert shown(client) == (1, "idle", 1, 2_000_000)


def shown(client: FlaskClient) -> tuple[object, ...]:
    body: dict[str, object] = client.get("/shown").json or {}
    return tuple(body[name] for name in ("screen", "name", "drawn", "heap_bytes"))


@pytest.mark.parametrize("report", [b"", b"[]", b'{"screen": "1"}', b'{"screen": 1, "heap": -1}'])
def test_a_report_that_makes_no_sense_is_refused(client: FlaskClient, report: bytes) -> None:
    assert client.post("/drawn", data=report).status_code == 400


def test_a_screen_that_was_never_shown_cannot_have_been_drawn(
    client: FlaskClient, showing: Showing
) -> None:
    client.post("/drawn", data=b'{"screen": 7}')
    assert showing.shown()["drawn"] == 0


def test_what_is_shown_is_told_without_the_plate(client: FlaskClient, showing: Showing) -> None:
    showing.show(Typist(["ABC123"]).press("222123").screen)
    assert b"ABC" not in client.get("/shown").data


def test_a_real_post_has_no_page_that_presses_keys(showing: Showing) -> None:
    client = create_app(settings_for(), showing, Moves()).test_client()
    assert client.get("/keypad").status_code == 404
    assert client.post("/keys/2/down").status_code == 404


def test_the_demo_presses_fake_keys(showing: Showing) -> None:
    finger = Moves()
    client = create_app(settings_for(demo=True), showing, finger).test_client()
    assert client.post("/keys/2/down").status_code == 204
    assert client.post("/keys/2/up").status_code == 204
    assert finger.made == [("2", True), ("2", False)]
    assert client.post("/keys/Q/down").status_code == 404
    assert client.post("/keys/2/sideways").status_code == 404


def test_another_sites_page_cannot_press_them(showing: Showing) -> None:
    finger = Moves()
    client = create_app(settings_for(demo=True), showing, finger).test_client()
    answer = client.post("/keys/2/down", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert finger.made == []


def test_the_keypad_has_every_key_with_its_word_and_the_dot_on_five(showing: Showing) -> None:
    client = create_app(settings_for(demo=True), showing, Moves()).test_client()
    html = client.get("/keypad").text
    for key in [key for row in PHONE_LAYOUT for key in row] + ["help"]:
        assert f'data-key="{key}"' in html
    assert html.count("data-dot") == 1
    assert "CLEAR" in html
    assert "WXYZ" in html


def test_only_named_pages_may_frame_it(showing: Showing) -> None:
    alone = create_app(settings_for(), showing).test_client().get("/")
    assert "frame-ancestors 'none'" in alone.headers["Content-Security-Policy"]
    framed = create_app(settings_for(frame_ancestors=("http://127.0.0.1:8080",)), showing)
    policy = framed.test_client().get("/").headers["Content-Security-Policy"]
    assert "frame-ancestors http://127.0.0.1:8080" in policy


def test_a_browser_may_do_nothing_that_the_page_does_not_need(client: FlaskClient) -> None:
    for path in ("/", "/web/screen.js", "/shown", "/nothing"):
        headers = client.get(path, buffered=True).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';"), path
        assert "require-trusted-types-for 'script'; trusted-types 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "no-referrer"


def test_the_page_is_small(client: FlaskClient) -> None:
    total = 0
    for path in ["/", "/web/screen.css", "/web/screen.js"]:
        with client.get(path) as answer:
            total += len(answer.data)
    assert total < 50_000


def test_a_port_in_use_is_one_sentence(showing: Showing, capfd: pytest.CaptureFixture[str]) -> None:
    first = PageServer(create_app(settings_for(), showing), 0)
    port = first.open()
    with pytest.raises(PortTaken, match=f"Port {port} on 127.0.0.1 is taken"):
        PageServer(create_app(settings_for(), showing), port).open()
    first._server.server_close()
