"""Whether the service runs and its page is drawn, asked as the browser's guard asks."""

import msgspec

from device.check import Answer, fault, note, ok
from device.check_central import MakeSession
from device.session import CentralRefused, CentralUnreachable
from kiosk.settings import PostSettings

# The loop that decides beats every 2 s; the page gives up after three that were missed.
STALLED_MS = 6_000
_RESTART = (
    "Restart it: sudo systemctl restart portvakt-kiosk\n"
    "If that does not help: journalctl -u portvakt-kiosk -n 50"
)


class _Shown(msgspec.Struct):
    screen: int
    drawn: int
    name: str | None = None
    drawn_ms_ago: int | None = None
    beat_ms_ago: int | None = None


def page_answer(settings: PostSettings, make_session: MakeSession) -> Answer:
    """Whether something on the page's port decides, and something draws it."""
    port = settings.page.port
    try:
        with make_session(f"http://127.0.0.1:{port}", None) as session:
            shown = session.call("GET", "/shown", None, _Shown)
    except CentralUnreachable as error:
        return fault(f"the service does not answer on port {port} ({error.why}).", _RESTART)
    except CentralRefused as error:
        return fault(
            f"something else has port {port}: it says {error.status}.",
            "Stop that program, or choose another page.port.",
        )
    return judged(shown, settings)


def judged(shown: _Shown, settings: PostSettings) -> Answer:
    """Say it in words."""
    if shown.beat_ms_ago is not None and shown.beat_ms_ago > STALLED_MS:
        return fault(
            f"the service has stood still for {shown.beat_ms_ago // 1000} s.",
            _RESTART,
        )
    if shown.name == "out_of_order":
        return fault("the post says that it is out of order.", "Mend what Keys or Disk name.")
    if not settings.browser.expected:
        return note("the service answers; these settings expect no browser.")
    if shown.drawn_ms_ago is None:
        return fault("the service answers, but no browser has drawn its page.", _BROWSER)
    ago_s = shown.drawn_ms_ago // 1000
    if ago_s >= settings.browser.patience_s:
        return fault(f"the browser has not drawn for {ago_s} s.", _BROWSER)
    return ok(f'the browser drew "{shown.name}", reported {ago_s} s ago.')


_BROWSER = (
    "Restart it: sudo systemctl restart portvakt-browser; a screen that stays dark wants its cable "
    "looked at."
)
