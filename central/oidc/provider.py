"""The provider itself: where its doors are, which keys it signs with, and what it gives for a code."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

import msgspec
import requests
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Meta, Struct

from central.clock import Clock
from central.oidc.refusals import OidcRefused, Why
from central.oidc.settings import OidcSettings, OidcUnfit, safe_address
from central.oidc.trip import Trip
from central.outside import Outside, OutsideBusy, OutsideLate
from contract.reading import from_json
from contract.secrecy import Discreet

log = logging.getLogger(__name__)
T = TypeVar("T")

ANSWER_S = 5.0
ANSWER_MAX = 256 * 1024
AT_ONCE = 3
KNOWN_MS = 60 * 60_000
# New keys come with a sign-in, but nobody's made-up tokens may make us ask all the time.
KEYS_AGAIN_MS = 30_000
AWAY_MS = 5_000
_CHUNK = 16 * 1024
_OK = 200
_SYMMETRIC = "oct"
_SCOPE = "openid profile"


class Doors(Struct, frozen=True, kw_only=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0 section 3, RFC 9207 section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    authorization_response_iss_parameter_supported: bool = False
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class Given(Discreet, frozen=True, kw_only=True):
    """What it gives for a code (OpenID Connect Core 1.0 section 3.1.3.3)."""

    id_token: Annotated[str, Meta(min_length=1)]
    access_token: str = ""


class Provider:
    """One provider; what it said of itself is believed for an hour.  Threads may share it."""

    def __init__(self, settings: OidcSettings, clock: Clock, *, answer_s: float = ANSWER_S) -> None:
        self._settings = settings
        self._clock = clock
        self._answer_s = answer_s
        self._outside = Outside("oidc", AT_ONCE, answer_s)
        self._lock = threading.Lock()
        self._doors: Doors | None = None
        self._doors_at = 0
        self._keys: KeySet | None = None
        self._keys_at = 0
        self._away_at: int | None = None
        # The library's lines name whole addresses, and in them codes and states.
        for chatty in ("urllib3", "authlib"):
            logging.getLogger(chatty).setLevel(logging.ERROR)

    def doors(self) -> Doors:
        """Where its doors are; OidcRefused `away` when it does not say, or `untrusted` when it lies."""
        now = self._clock.monotonic_ms()
        with self._lock:
            if self._doors is not None and now - self._doors_at < KNOWN_MS:
                return self._doors
            # Everybody at the sign-in page would wait for it in turn.
            if self._away_at is not None and now - self._away_at < AWAY_MS:
                raise OidcRefused(Why.AWAY, "away a moment ago")
        doors = self._ask(self._fetch_doors)
        with self._lock:
            self._doors, self._doors_at = doors, now
        return doors

    @property
    def leads_out(self) -> bool:
        """Whether it has said that a session can be ended there; asks nobody."""
        with self._lock:
            return self._doors is not None and bool(self._doors.end_session_endpoint)

    def keys(self, *, anew: bool = False) -> KeySet | None:
        """Its public keys; with *anew* asked for again, or None when that was done a moment ago."""
        now = self._clock.monotonic_ms()
        with self._lock:
            age = now - self._keys_at
            if anew and self._keys is not None and age < KEYS_AGAIN_MS:
                return None
            if not anew and self._keys is not None and age < KNOWN_MS:
                return self._keys
        uri = self.doors().jwks_uri
        keys = self._ask(lambda session: _key_set(self._get(session, uri)))
        with self._lock:
            self._keys, self._keys_at = keys, now
        return keys

    def way_there(self, trip: Trip) -> str:
        """The address to send the browser to, with the challenge of RFC 7636 in it."""
        door = self.doors().authorization_endpoint
        with self._session() as session:
            address, _ = session.create_authorization_url(
                door, state=trip.state, code_verifier=trip.verifier, nonce=trip.nonce
            )
        return str(address)

    def redeem(self, code: str, trip: Trip) -> Given:
        """Give the *code* and the verifier of the *trip* for tokens; OidcRefused when it takes neither."""
        doors = self.doors()

        def question(session: Any) -> Given:  # noqa: ANN401 - untyped library
            given = session.fetch_token(
                doors.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=trip.verifier,
                timeout=self._answer_s,
                allow_redirects=False,
                stream=True,
            )
            return msgspec.convert(dict(given), Given)

        methods = doors.token_endpoint_auth_methods_supported
        basic = "client_secret_basic" in methods or "client_secret_post" not in methods
        return self._ask(question, "client_secret_basic" if basic else "client_secret_post")

    def _session(self, auth_method: str = "client_secret_basic") -> Any:  # noqa: ANN401 - untyped library
        settings = self._settings
        session = OAuth2Session(
            settings.client_id,
            settings.client_secret,
            token_endpoint_auth_method=auth_method,
            scope=_SCOPE,
            redirect_uri=settings.redirect_uri,
            code_challenge_method="S256",
        )
        session.register_compliance_hook("access_token_response", _Said)
        if settings.ca_file is not None:
            session.verify = str(settings.ca_file)
        return session

    def _ask(
        self, question: Callable[[requests.Session], T], auth_method: str = "client_secret_basic"
    ) -> T:
        try:
            answer = self._outside.ask(self._session(auth_method), question)
        except OutsideBusy:
            raise OidcRefused(Why.BUSY, "as many questions as may be") from None
        except (OutsideLate, requests.RequestException) as error:
            self._is_away(type(error).__name__)
            raise OidcRefused(Why.AWAY, type(error).__name__) from None
        except OAuthError as error:
            # Anything else is not about the code, but about who we are there.
            why = Why.STALE if error.error == "invalid_grant" else Why.UNTRUSTED
            raise OidcRefused(why, f"code refused {word(error.error)}") from None
        except (ValueError, TypeError, KeyError, JoseError, OidcUnfit) as error:
            raise OidcRefused(Why.UNTRUSTED, f"answer {type(error).__name__}") from None
        with self._lock:
            self._away_at = None
        return answer

    def _is_away(self, what: str) -> None:
        with self._lock:
            self._away_at = self._clock.monotonic_ms()
        log.warning("sign-in provider does not answer error=%s", what)

    def _fetch_doors(self, session: requests.Session) -> Doors:
        """Ask; ValueError when another issuer answers (OpenID Connect Discovery 1.0 section 4.3)."""
        issuer = self._settings.issuer
        said = self._get(session, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        doors = msgspec.convert(said, Doors)
        if doors.issuer != issuer:
            raise ValueError(doors.issuer)
        for door in (doors.authorization_endpoint, doors.token_endpoint, doors.jwks_uri):
            safe_address("The provider's address", door)
        return doors

    def _get(self, session: requests.Session, url: str) -> Any:  # noqa: ANN401 - any JSON
        words: dict[str, Any] = {"withhold_token": True}  # Authlib's session would want one
        with session.get(
            url, timeout=self._answer_s, allow_redirects=False, stream=True, **words
        ) as answer:
            return _Said(answer).json(wanted=_OK)


class _Said:
    """An answer, read no further than an honest one goes."""

    def __init__(self, answer: requests.Response) -> None:
        self.status_code = answer.status_code
        self._body = b""
        for chunk in answer.iter_content(_CHUNK):
            self._body += chunk
            if len(self._body) > ANSWER_MAX:
                raise requests.exceptions.ContentDecodingError

    def raise_for_status(self) -> None:
        """Say that the provider is not well, as the library's own answers do."""
        raise requests.HTTPError(str(self.status_code))

    def json(self, wanted: int = 0) -> Any:  # noqa: ANN401 - any JSON
        """Read the body; HTTPError when another status than *wanted* came."""
        if wanted and self.status_code != wanted:
            self.raise_for_status()
        return from_json(self._body)


def _key_set(said: Mapping[str, Any]) -> KeySet:
    """Take in the keys that verify signatures; one that is symmetric is no public key."""
    keys = [
        key
        for key in said["keys"]
        if key.get("use", "sig") == "sig" and key.get("kty") != _SYMMETRIC
    ]
    return KeySet.import_key_set({"keys": keys})


def word(text: object) -> str:
    """Give what may go into a log of a word that somebody else chose."""
    return "".join(
        sign for sign in str(text)[:40] if sign.isascii() and (sign.isalnum() or sign == "_")
    )
