import html
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from portvakt.demo.errors import DemoRefused
from portvakt.demo.fake_panel import FakePanel
from portvakt.demo.options import DemoOptions
from portvakt.demo.page import Backstage, Page
from portvakt.demo.sample import bookings
from portvakt.demo.scene import Door, Scene
from portvakt.demo.supervisor import Health, PartState
from portvakt.demo.words import WORDS
from tests.portvakt.demo.yard import queue, row

OWN = "http://127.0.0.1:8080"


class Stage:
    """A page without a station behind it."""

    def __init__(self, options: DemoOptions) -> None:
        self.panels = [FakePanel(1), FakePanel(1)]
        self.health = {"post": Health(PartState.READY, 7)}
        doors = [Door(str(n + 1), f"sign-{n + 1}", panel) for n, panel in enumerate(self.panels)]
        self.scene = Scene(doors, lambda: self.health)
        self.central_is_there = True
        backstage = Backstage(
            options=options,
            scene=self.scene,
            bookings=lambda: bookings(datetime(2026, 11, 21, 9, tzinfo=UTC)),
            desk_code=self._desk_code,
        )
        self.client: FlaskClient = Page(backstage).app().test_client()

    def _desk_code(self) -> str:
        if not self.central_is_there:
            raise DemoRefused("Central is not running here.")
        return "code-1"

    def get(self, path: str = "/", base_url: str = OWN) -> str:
        return self.client.get(path, base_url=base_url).text


@pytest.fixture
def stage() -> Stage:
    return Stage(DemoOptions())


def _told(stream: Iterator[bytes]) -> dict[str, object]:
    told: dict[str, object] = json.loads(next(stream).decode().removeprefix("data: "))
    return told


def test_the_page_frames_the_post_and_tells_the_three_steps(stage: Stage) -> None:
    page = stage.get()
    assert 'data-src="http://127.0.0.1:8082/keypad"' in page
    assert page.count('class="number"') == 3
    assert '<span class="signs">ABC 123</span>' in page


def test_the_page_says_what_it_is_and_what_to_press(stage: Stage) -> None:
    page = stage.get()
    assert "A vehicle-inspection yard: the post outside" in page
    assert "one press for each letter or figure" in page
    assert "<b>Finish</b>" in page


def test_the_page_says_what_is_a_stand_in_and_what_is_real(stage: Stage) -> None:
    page = html.unescape(stage.get())
    assert WORDS["en"]["fake"] in page
    assert WORDS["en"]["real"] in page


def test_the_page_speaks_swedish_when_asked() -> None:
    page = Stage(DemoOptions(language="sv")).get()
    assert '<html lang="sv">' in page
    assert "Kalla nästa" in page


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["en"].keys() == WORDS["sv"].keys()


def test_traffic_is_explained_only_when_there_is_any(stage: Stage) -> None:
    assert "Simulated cars" not in stage.get()
    assert "Simulated cars at 60 times life" in Stage(DemoOptions(traffic=60)).get()


def test_the_stream_tells_at_once_what_is_lit_and_again_after_each_change(stage: Stage) -> None:
    stream = iter(stage.client.get("/stream", base_url=OWN, buffered=False).response)
    assert _told(stream)["signs"] == [  # type: ignore[arg-type]
        {"door": "1", "sign": "sign-1", "rows": ["........"] * 8},
        {"door": "2", "sign": "sign-2", "rows": ["........"] * 8},
    ]
    stage.panels[1].transfer(b"\x0f\x01")
    signs = _told(stream)["signs"]  # type: ignore[arg-type]
    assert isinstance(signs, list)
    assert signs[1]["rows"] == ["########"] * 8


def test_a_part_that_is_away_is_told(stage: Stage) -> None:
    stage.health["post"] = Health(PartState.DOWN, None, 1)
    assert json.loads(stage.get("/state"))["parts"]["post"]["state"] == "down"


def test_a_step_is_ticked_when_the_yard_says_that_it_happened(stage: Stage) -> None:
    stage.scene.yard_changed(queue(row("ABC123")))
    assert json.loads(stage.get("/state"))["steps"] == [True, False, False]


def test_only_our_own_page_gets_a_sign_in_code(stage: Stage) -> None:
    def asked(origin: str | None) -> tuple[int, str]:
        headers = {} if origin is None else {"Origin": origin}
        answer = stage.client.post("/desk-code", base_url=OWN, headers=headers)
        return answer.status_code, answer.text

    assert asked("http://evil.example")[0] == 403
    assert asked(None)[0] == 403
    assert asked(OWN) == (200, '{"code": "code-1"}')


def test_while_central_is_away_there_is_no_code_and_the_reason_is_said(stage: Stage) -> None:
    stage.central_is_there = False
    answer = stage.client.post("/desk-code", base_url=OWN, headers={"Origin": OWN})
    assert (answer.status_code, answer.text) == (503, "Central is not running here.")


def test_localhost_is_sent_to_the_address_and_other_names_get_nothing(stage: Stage) -> None:
    answer = stage.client.get("/", base_url="http://localhost:8080")
    assert answer.headers["Location"] == OWN + "/"
    assert stage.client.get("/", base_url="http://rebound.example:8080").status_code == 403


def test_the_page_may_load_nothing_but_the_stations_own_parts(stage: Stage) -> None:
    policy = stage.client.get("/", base_url=OWN).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-src http://127.0.0.1:8081 http://127.0.0.1:8082;" in policy


def test_the_doors_can_be_opened_alone(stage: Stage) -> None:
    page = stage.get("/doors")
    assert page.count('class="sign"') == 2
    assert "<iframe" not in page
