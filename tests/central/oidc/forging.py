"""An attacker who writes ID tokens, with our provider's key or with another."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

ISSUER = "https://id.example"
CLIENT_ID = "portvakt"
NONCE = "the nonce that was asked for"
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
KEY = RSAKey.generate_key(2048, auto_kid=True)
ANOTHER_KEY = RSAKey.generate_key(2048, auto_kid=True)
KEYS = KeySet([RSAKey.import_key(KEY.as_dict(private=False))])


def claims(**other: Any) -> dict[str, Any]:
    """What an honest token says; None leaves a claim out."""
    at = int(NOW.timestamp())
    honest = {
        "iss": ISSUER,
        "aud": CLIENT_ID,
        "sub": "17",
        "nonce": NONCE,
        "iat": at - 5,
        "exp": at + 600,
    }
    return {name: value for name, value in (honest | other).items() if value is not None}


def signed(key: RSAKey = KEY, algorithm: str = "RS256", **other: Any) -> str:
    """A token signed as it should be."""
    return jwt.encode({"alg": algorithm, "kid": key.kid}, claims(**other), key, [algorithm])


def unsigned(**other: Any) -> str:
    """A token of the algorithm `none` (RFC 7518 section 3.6)."""
    return f"{_part({'alg': 'none', 'kid': KEY.kid})}.{_part(claims(**other))}."


def signed_by_what_all_know(**other: Any) -> str:
    """A token of HS256, whose secret is the text of the public key (RFC 8725 section 2.1)."""
    head = f"{_part({'alg': 'HS256', 'kid': KEY.kid})}.{_part(claims(**other))}"
    mac = hmac.new(KEY.as_pem(private=False), head.encode(), hashlib.sha256).digest()
    return f"{head}.{_url(mac)}"


def with_other_claims(token: str, **other: Any) -> str:
    """The signature of *token* over other claims."""
    head, _, signature = token.split(".")
    return f"{head}.{_part(claims(**other))}.{signature}"


def _part(words: dict[str, Any]) -> str:
    return _url(msgspec.json.encode(words))


def _url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
