"""Somebody at the desk who was invited a moment ago: signs in, chooses a password, calls who is next.

    python -m tests.boot.desk STATION BAY <CODE

Runs in the network of a box, where central is on its loopback address.
"""

import sys

import msgspec
import requests

from contract.accounts import PasswordWords
from contract.words import BayWords
from contract.yard import Queue

CENTRAL = "http://127.0.0.1:8081"
PASSWORD = "sju gröna lyktor vid grinden"


def main() -> None:
    """Print the plate that was called."""
    station, bay = sys.argv[1:]
    with requests.Session() as browser:
        browser.trust_env = False
        signed = browser.post(
            f"{CENTRAL}/login",
            data={"code": sys.stdin.read().strip()},
            headers={"Origin": CENTRAL},
            allow_redirects=False,
        )
        assert signed.status_code == 303, signed.text
        _does(browser, "/v1/session/password", PasswordWords(new=PASSWORD))
        answer = browser.get(f"{CENTRAL}/v1/stations/{station}/queue")
        first = msgspec.json.decode(answer.content, type=Queue).line[0]
        words = BayWords(visit=first.visit, version=first.version)
        _does(browser, f"/v1/stations/{station}/bays/{bay}/call-next", words)
        sys.stdout.write(f"{first.plate}\n")


def _does(browser: requests.Session, path: str, words: msgspec.Struct) -> None:
    session = browser.get(f"{CENTRAL}/v1/session").json()
    answer = browser.post(
        f"{CENTRAL}{path}",
        data=msgspec.json.encode(words),
        headers={"X-Portvakt-Csrf": session["csrf"], "Content-Type": "application/json"},
    )
    assert answer.ok, answer.text


if __name__ == "__main__":
    main()
