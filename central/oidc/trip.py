"""A trip to the provider: what we asked for, sealed into a cookie of the browser that set out.

Nothing is kept for a stranger who sets out, so no flood of them can fill anything.  What is sealed is
no secret to the browser it belongs to; it can only not be changed or made up, for the key is ours.
"""

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from datetime import datetime, timedelta

import msgspec
from itsdangerous import BadData, URLSafeSerializer

from central.oidc.refusals import OidcRefused, Why
from contract.secrecy import Discreet

LASTS = timedelta(minutes=10)
_USED_KEPT = 10_000


class Trip(Discreet, frozen=True, kw_only=True):
    """What one sign-in asked: `state` ties the answer to it, `nonce` the token, `verifier` the code.

    RFC 6749 section 10.12, OpenID Connect Core 1.0 section 3.1.2.1, RFC 7636 section 4.1.
    """

    state: str
    nonce: str
    verifier: str
    next: str
    ends_at: float


def set_out(next_page: str, now: datetime) -> Trip:
    """Begin a trip that leads to *next_page*; 256 random bits in each of its words."""
    return Trip(
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(32),
        next=next_page,
        ends_at=(now + LASTS).timestamp(),
    )


class Seal:
    """Seals trips and opens each once.

    Two centrals of one database seal alike, for both know the client's secret.  Each remembers only its
    own used trips; at the other one a second use fails at the provider, which takes a code once.
    """

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(
            secret,
            salt="portvakt sign-in",
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        )
        self._used: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def seal(self, trip: Trip) -> str:
        """Give the cookie's value."""
        sealed: str | bytes = self._serializer.dumps(msgspec.to_builtins(trip))
        return sealed if isinstance(sealed, str) else sealed.decode()

    def open(self, cookie: str, state: str, now: datetime) -> Trip:
        """Give the trip that *state* came back from, and use it up; OidcRefused `stale` otherwise."""
        try:
            trip = msgspec.convert(self._serializer.loads(cookie), Trip)
        except (BadData, msgspec.ValidationError):
            raise OidcRefused(Why.STALE, "no trip of ours") from None
        if not hmac.compare_digest(trip.state.encode(), state.encode()):
            raise OidcRefused(Why.STALE, "another trip's state")
        if now.timestamp() >= trip.ends_at:
            raise OidcRefused(Why.STALE, "too late")
        self._use(trip.state)
        return trip

    def _use(self, state: str) -> None:
        with self._lock:
            if state in self._used:
                raise OidcRefused(Why.STALE, "used already")
            self._used[state] = None
            while len(self._used) > _USED_KEPT:
                self._used.popitem(last=False)
