"""An ID token is believed when our provider signed it for us, for this sign-in and just now."""

from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import KeySet, RSAKey

from central.oidc.id_token import Expected, UnknownKey, verify
from central.oidc.refusals import OidcRefused, Why
from tests.central.oidc import forging
from tests.central.oidc.forging import ANOTHER_KEY, CLIENT_ID, ISSUER, KEY, KEYS, NONCE, NOW

EXPECTED = Expected(ISSUER, CLIENT_ID, NONCE)
HOUR_S = 3600
AT = int(NOW.timestamp())


def believed(token: str, keys: KeySet = KEYS) -> str:
    return str(verify(token, keys, EXPECTED, NOW)["sub"])


def why_not(token: str, keys: KeySet = KEYS) -> str:
    with pytest.raises(OidcRefused) as refused:
        verify(token, keys, EXPECTED, NOW)
    assert refused.value.why is Why.UNTRUSTED
    return refused.value.detail


def test_an_honest_token_is_believed() -> None:
    assert believed(forging.signed()) == "17"
    assert believed(forging.signed(algorithm="PS256")) == "17"
    assert believed(forging.signed(aud=[CLIENT_ID])) == "17"
    assert believed(forging.signed(aud=[CLIENT_ID, "another"], azp=CLIENT_ID)) == "17"


def test_nobody_but_a_private_key_signs() -> None:
    assert why_not(forging.unsigned()) == "id_token UnsupportedAlgorithmError"
    assert why_not(forging.signed_by_what_all_know()) == "id_token UnsupportedAlgorithmError"
    assert why_not(forging.with_other_claims(forging.signed(), sub="1")) == (
        "id_token BadSignatureError"
    )


def test_another_key_under_the_name_of_ours_signs_nothing() -> None:
    stranger = RSAKey.import_key(ANOTHER_KEY.as_pem(private=True), {"kid": str(KEY.kid)})
    assert why_not(forging.signed(stranger)) == "id_token BadSignatureError"


def test_an_unknown_key_is_asked_for_before_anything_is_believed() -> None:
    with pytest.raises(UnknownKey):
        verify(forging.signed(ANOTHER_KEY), KEYS, EXPECTED, NOW)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"iss": "https://id.example/"}, "InvalidClaimError iss"),
        ({"iss": None}, "MissingClaimError iss"),
        ({"aud": "another"}, "InvalidClaimError aud"),
        ({"aud": ["another", "third"], "azp": CLIENT_ID}, "InvalidClaimError aud"),
        ({"aud": [CLIENT_ID, "another"]}, "MissingClaimError azp"),
        ({"azp": "another"}, "InvalidClaimError azp"),
        ({"nonce": "of another sign-in"}, "InvalidClaimError nonce"),
        ({"nonce": None}, "MissingClaimError nonce"),
        ({"exp": AT - 61}, "ExpiredTokenError exp"),
        ({"exp": None}, "MissingClaimError exp"),
        ({"exp": "never"}, "InvalidClaimError exp"),
        ({"iat": AT + 61}, "InvalidClaimError iat"),
        ({"iat": AT - HOUR_S}, "iat is long ago"),
        ({"iat": None}, "MissingClaimError iat"),
        ({"nbf": AT + HOUR_S}, "InvalidClaimError nbf"),
        ({"sub": None}, "MissingClaimError sub"),
        ({"sub": 17}, "InvalidClaimError sub"),
        ({"sub": ""}, "sub is empty or too long"),
        ({"sub": "1" * 256}, "sub is empty or too long"),
    ],
)
def test_a_token_that_says_something_else_is_not_believed(other: dict[str, Any], said: str) -> None:
    assert why_not(forging.signed(**other)) == f"id_token {said}"


def test_a_token_is_bound_to_the_access_token_that_came_with_it() -> None:
    with pytest.raises(OidcRefused):
        verify(
            forging.signed(at_hash="of-another"), KEYS, Expected(ISSUER, CLIENT_ID, NONCE, "t"), NOW
        )


@pytest.mark.parametrize("rubbish", ["", ".", "a.b.c", "é.é.é", "[]", "e30.e30.e30"])
def test_what_is_no_token_is_refused_and_not_a_failure(rubbish: str) -> None:
    assert why_not(rubbish).startswith("id_token ")


def test_clocks_may_differ_by_a_minute() -> None:
    token = forging.signed(exp=AT + 60)
    late = NOW + timedelta(seconds=60 + 59)
    assert verify(token, KEYS, EXPECTED, late)["sub"] == "17"
