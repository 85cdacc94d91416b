"""The sign-in page, with what the server has to say in it, for browsers with and without a script."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from flask import Response

from central.web.answers import HTML

PAGE = Path(__file__).parent.parent / "board" / "login.html"
_ALERT = 'role="alert"></p>'
_ELSEWHERE = '<p id="elsewhere" hidden></p>'


@dataclass(frozen=True, slots=True)
class Doors:
    """Other ways to sign in: whose (`label`), what to say when one led nowhere (`refusals`), and
    whether one's session there can be ended from here (`leads_out`)."""

    label: str = ""
    refusals: Mapping[str, str] = field(default_factory=dict)
    leads_out: Callable[[], bool] = lambda: False


def login_page(doors: Doors, status: int = 200, *, said: str = "", why: str = "") -> Response:
    """Give the form, with the sentence *said* in it, or the one for the reason *why* of another door.

    No text of an address gets onto the page: *why* only chooses among our own sentences.
    """
    key = f"elsewhere_{why}" if why in doors.refusals and not said else ""
    return form_page(
        PAGE,
        status,
        said=said or doors.refusals.get(why, ""),
        key=key,
        elsewhere=_ways(doors) if doors.label else "",
    )


def form_page(
    path: Path, status: int = 200, *, said: str = "", key: str = "", elsewhere: str = ""
) -> Response:
    """Give the form in the file *path*, with the sentence *said* in it, and other ways in.

    The page's script says it in the language chosen if *key* is among its words.
    """
    page = path.read_text(encoding="utf-8")
    spoken = f' data-say="{key}"' if key else ""
    page = page.replace(_ALERT, f'role="alert"{spoken}>{escape(said)}</p>')
    return Response(page.replace(_ELSEWHERE, elsewhere), status, content_type=HTML)


def _ways(doors: Doors) -> str:
    name = f'<span data-say="signInBy">Sign in by</span> {escape(doors.label)}'
    ways = f'<p id="elsewhere"><a class="button" href="/login/oidc">{name}</a></p>'
    if doors.leads_out():
        ways += '<p><a href="/login/oidc/out" data-say="signOutThere">Sign out there too</a></p>'
    return ways
