"""A board at which people sign in by a provider, and a browser between the two."""

from datetime import UTC, datetime
from html import unescape
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from central.database.store import Store
from central.people.elsewhere import Claim
from central.web.app import WebSettings, create_app
from central.yard import Yard
from tests.fakes.clock import FakeClock
from tests.fakes.oidc_provider_process import RealProvider


class House:
    """The stations `hall` and `other`, as a context."""

    def __init__(self, url: str) -> None:
        self.clock = FakeClock(datetime.now(UTC))  # it agrees with the provider's
        self.store = Store(url, self.clock)
        self.yard = Yard(self.store, self.clock)
        self.ended: list[str] = []

    def bind(self, name: str, issuer: str, subject: str) -> None:
        """Make a person at the hall who has an account elsewhere, without the cost of a password."""
        claim = Claim(issuer, subject, name, "staff", frozenset({"hall"}))
        self.yard.people.sign_out(self.yard.people.by_claim(claim).token)

    def __enter__(self) -> Self:
        self.yard.people.signed_out.add(self.ended.append)
        return self

    def __exit__(self, *how: object) -> None:
        self.store.close()


class Board:
    """The application of a house, at which people may sign in by the provider."""

    def __init__(self, house: House, provider: RealProvider, **other: Any) -> None:
        self.house = house
        self.provider = provider
        self.clock = house.clock
        settings = WebSettings(oidc=provider.settings(**other))
        self.app = create_app(house.yard, house.clock, settings)

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def set_out(self, browser: FlaskClient, words: str = "") -> str:
        """Press the button; give where the browser is sent to."""
        answer = browser.get(f"/login/oidc{words}")
        assert answer.status_code == 303
        return answer.headers["Location"]

    def come_back(self, browser: FlaskClient, address: str) -> TestResponse:
        """Let the browser go where the provider has sent it."""
        parts = urlsplit(address)
        return browser.get(f"{parts.path}?{parts.query}")

    def sign_in(self, browser: FlaskClient, who: str = "desk", words: str = "") -> TestResponse:
        """The whole way."""
        return self.come_back(browser, self.provider.walk(self.set_out(browser, words), who))


def who_is(browser: FlaskClient) -> dict[str, object] | None:
    """Who is signed in, as the board's own page asks it."""
    answer = browser.get("/v1/session")
    if answer.status_code == 401:
        return None
    assert answer.json is not None
    return dict(answer.json)


def said(browser: FlaskClient, answer: TestResponse) -> str:
    """What the sign-in page says after a sign-in that came to nothing."""
    where = answer.headers["Location"]
    assert answer.status_code == 303
    assert where.startswith("/login?elsewhere="), where
    page = browser.get(where).get_data(as_text=True)
    return unescape(page.partition('role="alert"')[2].partition(">")[2].partition("<")[0])


def asked_for(address: str) -> dict[str, str]:
    """The words of an address."""
    return {name: found[0] for name, found in parse_qs(urlsplit(address).query).items()}
