"""`portvakt central serve` with a provider, as a person starts it, and as a person walks in."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests

from central.serving.admin import AdminClient
from tests.fakes.oidc_provider import CLIENT_ID, CLIENT_SECRET
from tests.fakes.oidc_provider_process import BOARD, PATIENCE_S, RealProvider
from tests.waiting import until

pytestmark = pytest.mark.processes


def command(folder: Path, *options: str) -> list[str]:
    secret = folder / "secret"
    secret.touch(0o600)
    secret.write_text(CLIENT_SECRET)
    serve = [sys.executable, "-m", "portvakt", "central", "serve", "--data", str(folder / "data")]
    named = ["--oidc-client-id", CLIENT_ID, "--oidc-client-secret-file", str(secret)]
    return [*serve, "--port", "0", *named, *options]


def address_in(log: str) -> str:
    return "".join(re.findall(r"central ready address=(\S+)", log))


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[str]:
    """Central's address while it serves."""
    log = folder / "log"
    with (
        log.open("w") as file,
        subprocess.Popen(command(folder, *options), stderr=file) as process,
    ):
        try:
            yield until(lambda: address_in(log.read_text()), PATIENCE_S, "central")
        finally:
            process.terminate()


def test_a_person_whom_the_provider_vouches_for_walks_in(
    tmp_path: Path, provider: RealProvider
) -> None:
    provider.claim("desk", groups=["portvakt:office@*"])
    named = ("--oidc-issuer", provider.address, "--public-url", BOARD)
    with (
        serving(tmp_path, *named, "--oidc-role-claim", "groups", "--oidc-every-station") as address,
        requests.Session() as browser,
    ):
        AdminClient(tmp_path / "data" / "central.sock").ask(
            "create_station", station="hall", name="Hall"
        )
        sent = browser.get(f"{address}/login/oidc", allow_redirects=False, timeout=PATIENCE_S)
        back = provider.walk(sent.headers["Location"]).removeprefix(BOARD)
        came = browser.get(urljoin(address, back), timeout=PATIENCE_S)
        assert came.url == f"{address}/board"
        assert browser.get(f"{address}/v1/session", timeout=PATIENCE_S).json()["role"] == "office"
    log = (tmp_path / "log").read_text()
    assert CLIENT_SECRET not in log
    assert "code=" not in log


def test_half_a_provider_is_refused_before_anything_is_touched(tmp_path: Path) -> None:
    done = subprocess.run(
        command(tmp_path, "--oidc-issuer", "https://id.example"),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 2
    assert "--public-url" in done.stderr
    assert not (tmp_path / "data").exists()
