"""Starts the provider of `oidc_provider`, and walks through its log-in form as a person does."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
from joserfc.jwk import RSAKey

from central.oidc.settings import OidcSettings
from tests.fakes.oidc_provider import BACK, CLIENT_ID, CLIENT_SECRET, PASSWORD

PATIENCE_S = 20
BOARD = BACK.removesuffix("/login/oidc/back")
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def new_key() -> str:
    return RSAKey.generate_key(2048).as_pem(private=True).decode()


@dataclass
class RealProvider:
    """The process, its address, and what it reads before every question."""

    process: "subprocess.Popen[str]"
    folder: Path
    address: str
    subjects: dict[str, str]
    first_key: str
    keys: list[str] = field(default_factory=list)
    claims: dict[str, dict[str, Any]] = field(default_factory=dict)

    def begin_again(self) -> None:
        self.keys, self.claims = [self.first_key], {}
        self._say()

    def sign_by_a_new_key(self, *, forget_old: bool = False) -> None:
        """Rotate: the old key is still published unless it is to be forgotten."""
        self.keys = [new_key(), *([] if forget_old else self.keys)]
        self._say()

    def claim(self, who: str, **claims: Any) -> None:
        self.claims[who] = claims
        self._say()

    def settings(self, **other: Any) -> OidcSettings:
        return OidcSettings(
            **{
                "issuer": self.address,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "public_url": BOARD,
                "label": "the works",
                **other,
            }
        )

    def walk(self, address: str, who: str = "desk") -> str:
        """Go where the board sends a browser, log in, and give the address that leads back."""
        browser = requests.Session()
        answer = browser.get(address, allow_redirects=False, timeout=PATIENCE_S)
        while not answer.headers.get("Location", "").startswith(BOARD):
            if answer.is_redirect:
                there = urljoin(answer.url, answer.headers["Location"])
                answer = browser.get(there, allow_redirects=False, timeout=PATIENCE_S)
            else:
                answer = self._log_in(browser, answer, who)
        browser.close()
        return answer.headers["Location"]

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """It takes connections and answers nobody."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def _log_in(
        self, browser: requests.Session, form: requests.Response, who: str
    ) -> requests.Response:
        found = _TOKEN.search(form.text)
        assert form.ok, form.text
        assert found is not None, form.text
        words = {"csrfmiddlewaretoken": found[1], "username": who, "password": PASSWORD}
        return browser.post(form.url, words, allow_redirects=False, timeout=PATIENCE_S)

    def _say(self) -> None:
        _write(self.folder, self.keys, self.claims)


@contextmanager
def real_provider(folder: Path) -> Iterator[RealProvider]:
    """A provider that lives as long as the context."""
    key = new_key()
    _write(folder, [key], {})
    command = [sys.executable, "-m", "tests.fakes.oidc_provider", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = process.stdout.readline()
        assert told, "the provider did not start"
        try:
            yield RealProvider(process, folder, **json.loads(told), first_key=key)
        finally:
            process.kill()


def _write(folder: Path, keys: list[str], claims: dict[str, dict[str, Any]]) -> None:
    new = folder / "now.new"
    new.write_text(json.dumps({"key": keys[0], "old_keys": keys[1:], "claims": claims}))
    new.replace(folder / "now.json")
