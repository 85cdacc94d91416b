"""The cookies of people: their session, and what their browser is known by."""

from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response

from central.people.lock_out import KNOWN
from central.people.sessions import SESSION_LONGEST, SignedIn

SESSION = "portvakt_session"
BROWSER = "portvakt_known"
TRIP = "portvakt_trip"
# Only this very host over TLS can set a cookie of such a name: no neighbour plants one (RFC 6265bis
# section 4.1.3.2).  It asks for Path=/.
_HOST = "__Host-"


class Cookies:
    """Names, reads and writes them.  Where TLS stands in front (*secure*), no other name is read."""

    def __init__(self, *, secure: bool = False) -> None:
        self._secure = secure
        self.session = self.name(SESSION)
        self.browser = self.name(BROWSER)
        self.trip = self.name(TRIP)

    def name(self, plain: str) -> str:
        """What a cookie is called here."""
        return f"{_HOST}{plain}" if self._secure else plain

    def session_token(self, header: str) -> str:
        """Find the session's token in a Cookie header; empty when there is none."""
        return parse_cookie(header).get(self.session, "")

    def browser_of(self, header: str) -> str:
        """Find what the browser is known by; empty for a stranger."""
        return parse_cookie(header).get(self.browser, "")

    def keep(self, answer: Response, session: SignedIn) -> None:
        """Put a session that has just begun into the browser, which is known from now on."""
        # Lax: a link from a message opens the board.  Strict: nobody's link makes a browser known.
        self._set(answer, self.session, session.token, int(SESSION_LONGEST.total_seconds()), "Lax")
        if session.browser:
            self._set(answer, self.browser, session.browser, int(KNOWN.total_seconds()), "Strict")

    def drop(self, answer: Response) -> None:
        """Take the session out of the browser; it stays known."""
        answer.delete_cookie(
            self.session, path="/", secure=self._secure, httponly=True, samesite="Lax"
        )

    def trip_of(self, header: str) -> str:
        """Find what a browser was given on the way to a provider."""
        return parse_cookie(header).get(self.trip, "")

    def keep_trip(self, answer: Response, sealed: str, age_s: int) -> None:
        """Give it to the browser.  Lax: it is the provider's page that sends the browser back."""
        self._set(answer, self.trip, sealed, age_s, "Lax")

    def drop_trip(self, answer: Response) -> None:
        """Take it away again."""
        answer.delete_cookie(
            self.trip, path="/", secure=self._secure, httponly=True, samesite="Lax"
        )

    def _set(self, answer: Response, name: str, value: str, age_s: int, same_site: str) -> None:
        answer.set_cookie(
            name,
            value,
            max_age=age_s,
            httponly=True,
            samesite=same_site,
            path="/",
            secure=self._secure,
        )
