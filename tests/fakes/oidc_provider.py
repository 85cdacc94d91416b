"""A real OpenID provider in a process of its own: Django OAuth Toolkit, with one client and two people.

`python -m tests.fakes.oidc_provider FOLDER`: it says its address on standard output, and reads before
every question from `FOLDER/now.json` which keys it signs with and which roles its people have.
"""

import json
import sys
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings

CLIENT_ID = "portvakt"
CLIENT_SECRET = "a secret of the client, long enough"
PASSWORD = "korrekt häst batteri"
BACK = "https://board.example/login/oidc/back"
AFTER = "https://board.example/login"
_APPS = ("auth", "contenttypes", "sessions")
LOGIN_FORM = """<form method="post">{% csrf_token %}{{ form }}<button>Sign in</button></form>"""


def configure() -> None:
    """Say to Django what a provider is made of."""
    settings.configure(
        SECRET_KEY="a secret of the provider, for tests only, long enough",
        ALLOWED_HOSTS=["127.0.0.1"],
        USE_TZ=True,
        ROOT_URLCONF="tests.fakes.oidc_provider_urls",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LOGIN_URL="/accounts/login/",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[f"django.contrib.{app}" for app in _APPS] + ["oauth2_provider"],
        # The tables as they are today, not as they came to be: that takes seconds.
        MIGRATION_MODULES=dict.fromkeys([*_APPS, "oauth2_provider"]),
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": [
                        (
                            "django.template.loaders.locmem.Loader",
                            {"registration/login.html": LOGIN_FORM},
                        ),
                        "django.template.loaders.app_directories.Loader",
                    ],
                    "context_processors": ["django.template.context_processors.request"],
                },
            }
        ],
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "PKCE_REQUIRED": True,
            "OIDC_RSA_PRIVATE_KEY": "-",
            "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
            "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
            "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
            "SCOPES": {"openid": "Who you are", "profile": "Your name"},
            "OAUTH2_VALIDATOR_CLASS": "tests.fakes.oidc_provider_urls.Validator",
        },
    )
    django.setup()


def fill() -> dict[str, str]:
    """Register the client, and two people; give their subjects."""
    from django.contrib.auth import get_user_model  # noqa: PLC0415 - after configure()
    from django.core.management import call_command  # noqa: PLC0415 - the same
    from oauth2_provider.models import get_application_model  # noqa: PLC0415 - the same

    call_command("migrate", run_syncdb=True, verbosity=0)
    get_application_model().objects.create(
        name="Portvakt",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=BACK,
        post_logout_redirect_uris=AFTER,
        algorithm="RS256",
        skip_authorization=True,
    )
    users = get_user_model().objects
    return {name: str(users.create_user(name, password=PASSWORD).pk) for name in ("desk", "guest")}


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *words: Any) -> None:  # noqa: A002 - the library's name
        del format, words


def main(folder: Path) -> None:
    """Serve until the end."""
    configure()
    subjects = fill()
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415 - after configure()
    from oauth2_provider.settings import oauth2_settings  # noqa: PLC0415 - the same

    from tests.fakes import oidc_provider_urls  # noqa: PLC0415 - the same

    application = get_wsgi_application()

    def answer(environ: Any, start: Any) -> Any:
        now = json.loads((folder / "now.json").read_text())
        oauth2_settings.OIDC_RSA_PRIVATE_KEY = now["key"]
        oauth2_settings.OIDC_RSA_PRIVATE_KEYS_INACTIVE = now["old_keys"]
        oidc_provider_urls.CLAIMS = now["claims"]
        return application(environ, start)

    with make_server("127.0.0.1", 0, answer, handler_class=_Quiet) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        sys.stdout.write(json.dumps({"address": address, "subjects": subjects}) + "\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
