"""Whether an ID token is believed (OpenID Connect Core 1.0 section 3.1.3.7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from central.oidc.refusals import OidcRefused, Why

# Signatures by a private key only: with an HMAC the public key, which all know, would sign (RFC 8725
# section 3.1); `none` is signed by nobody.
ALGORITHMS = ("RS256", "PS256", "ES256")
LEEWAY_S = 60
OLDEST = timedelta(minutes=10)
_SUBJECT_MAX = 255  # OpenID Connect Core 1.0 section 2


class UnknownKey(Exception):
    """The token names a key that the set does not hold; the provider may have a new one."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the token must say."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    access_token: str = field(default="", repr=False)


def verify(raw: str, keys: KeySet, expected: Expected, now: datetime) -> Mapping[str, Any]:
    """Give the claims of *raw*.

    Raises:
        UnknownKey: ask for the keys anew.
        OidcRefused: `untrusted`.
    """
    try:
        token = jwt.decode(raw, keys, algorithms=ALGORITHMS)
    except InvalidKeyIdError:
        raise UnknownKey from None
    except (JoseError, ValueError) as error:
        raise OidcRefused(Why.UNTRUSTED, f"id_token {type(error).__name__}") from None
    claims: Mapping[str, Any] = CodeIDToken(
        token.claims,
        token.header,
        options={
            "iss": {"essential": True, "value": expected.issuer},
            "aud": {"essential": True, "value": expected.client_id},
        },
        params={
            "client_id": expected.client_id,
            "nonce": expected.nonce,
            "access_token": expected.access_token,
        },
    )
    _check(claims, now)
    return claims


def _check(claims: Any, now: datetime) -> None:  # noqa: ANN401 - untyped library
    at = int(now.timestamp())
    try:
        claims.validate(at, LEEWAY_S)
    except (JoseError, ValueError, TypeError) as error:
        claim = error.claim if isinstance(error, ClaimError) else ""
        raise OidcRefused(
            Why.UNTRUSTED, f"id_token {type(error).__name__} {claim}".rstrip()
        ) from None
    if claims["iat"] < at - OLDEST.total_seconds() - LEEWAY_S:
        raise OidcRefused(Why.UNTRUSTED, "id_token iat is long ago")
    if not 0 < len(claims["sub"]) <= _SUBJECT_MAX:
        raise OidcRefused(Why.UNTRUSTED, "id_token sub is empty or too long")
