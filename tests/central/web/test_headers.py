"""What every answer tells a browser, and that no page of ours needs more than it allows."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from central.web.answers import OriginRefused, protection
from central.web.app import WebSettings, create_app
from tests.central.web.hall import Hall

ROOT = Path(__file__).resolve().parents[3]
WEB = ("central", "kiosk", "portvakt")
PAGES = sorted(path for part in WEB for path in (ROOT / part).rglob("*.html"))
SCRIPTS = sorted(path for part in WEB for path in (ROOT / part).rglob("*.js"))
# What makes code or style out of a text, which the policy refuses.
SINKS = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|srcdoc|DOMParser"
    r"|createContextualFragment|setAttribute\(\s*[\"'](style|on\w+)|javascript:)"
)
DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}


class Inline(HTMLParser):
    """Collects what stands in a page itself instead of in a file of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.found.append(f"{tag} {name}")
            if name in {"src", "href", "action"} and re.match(
                r"(https?:)?//|javascript:", value or ""
            ):
                self.found.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open in {"script", "style"} and data.strip():
            self.found.append(f"{self._open}: {data.strip()[:40]}")


def inline(page: str) -> list[str]:
    looked = Inline()
    looked.feed(page)
    return looked.found


def test_the_policy_lets_nothing_in_but_our_own_files() -> None:
    policy = protection(())["Content-Security-Policy"]
    said = dict(part.split(" ", 1) for part in policy.split("; "))
    assert said.items() >= DIRECTIVES.items()
    assert not re.search(r"unsafe|\*|https?:|data:|blob:", policy)


def addresses(hall: Hall) -> Iterator[tuple[str, str]]:
    """Every route, as it may be asked, and an address that is none."""
    for rule in hall.app.url_map.iter_rules():
        method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        yield method, re.sub(r"<[^>]*>", "thing", rule.rule)
    yield "GET", "/no/such/page"


def test_every_answer_carries_every_header_whoever_asks(hall: Hall) -> None:
    wanted = dict(protection(("http://127.0.0.1:8080",)))
    assert len(wanted) >= 6
    # A stranger is enough: the headers are put on where every answer leaves.
    stranger = hall.app.test_client()
    for method, path in addresses(hall):
        answer = stranger.open(path, method=method)
        missing = {name for name, value in wanted.items() if answer.headers.get(name) != value}
        assert missing == set(), (method, path)
        assert answer.headers["Cache-Control"] in {"no-store", "no-cache"}
        assert answer.headers["Cache-Control"] == "no-store" or "static" in path
        assert "Server" not in answer.headers


def test_only_behind_tls_a_browser_is_told_to_stay_there(hall: Hall) -> None:
    plain = create_app(hall.yard, hall.clock).test_client().get("/healthz")
    assert "Strict-Transport-Security" not in plain.headers
    tls = create_app(hall.yard, hall.clock, WebSettings(secure_cookie=True)).test_client()
    assert tls.get("/healthz").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_an_old_browser_too_frames_the_board_nowhere_unless_somebody_is_named() -> None:
    assert protection(())["X-Frame-Options"] == "DENY"
    assert "X-Frame-Options" not in protection(("http://127.0.0.1:8080",))


@pytest.mark.parametrize("origin", ["*", "http://a/b", "http://a; script-src *", "http://a b"])
def test_a_setting_cannot_widen_the_policy(origin: str) -> None:
    with pytest.raises(OriginRefused):
        protection((origin,))


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_no_page_has_a_script_or_a_style_of_its_own_nor_one_from_elsewhere(page: Path) -> None:
    assert inline(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_code_or_a_page_out_of_a_text(script: Path) -> None:
    assert SINKS.findall(script.read_text(encoding="utf-8")) == []


def test_the_pages_as_they_are_served_have_none_either(hall: Hall) -> None:
    person = hall.person()
    seen = 0
    for path in ("/login", "/board", "/docs", "/office"):
        answer = person.get(path)
        if answer.status_code == 200:
            assert inline(answer.get_data(as_text=True)) == [], path
            seen += 1
    assert seen >= 3


def test_such_things_would_be_found() -> None:
    bad = '<p onclick="x()" style="a:b">y</p><script>z()</script><script src="https://a/b.js"></script>'
    assert inline(bad) == ["p onclick", "p style", "script: z()", "script src=https://a/b.js"]
    assert SINKS.findall("node.innerHTML = x; eval(x)")
    assert len(PAGES) >= 8
    assert len(SCRIPTS) >= 40
