"""The addresses of the provider for tests, and what it claims of its people."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import LoginView
from django.urls import include, path
from oauth2_provider.oauth2_validators import OAuth2Validator

CLAIMS: dict[str, dict[str, Any]] = {}

urlpatterns = [
    path("accounts/login/", LoginView.as_view()),
    path("", include("oauth2_provider.urls", namespace="oauth2_provider")),
]


class Validator(OAuth2Validator):  # type: ignore[misc] # an untyped library
    """Puts further claims into the ID token."""

    oidc_claim_scope = None

    def get_additional_claims(self, request: Any) -> dict[str, str | Callable[..., Any]]:
        return {
            "preferred_username": request.user.get_username(),
            **CLAIMS.get(request.user.get_username(), {}),
        }
