"""A colleague at the desk, by the board's own calls: desk.py queue | call BAY | VERB PLATE BAY.

The password of "Desk 1" is read from standard input.
"""

import json
import sys
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import Any

CENTRAL = "http://127.0.0.1:8081"
STATION = "/v1/stations/station/"


class Desk:
    """One signed-in session."""

    def __init__(self, password: str) -> None:
        keeper = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(keeper)
        form = urllib.parse.urlencode({"login": "Desk 1", "password": password})
        self._csrf = ""
        self._ask("/login", form.encode())
        self._csrf = json.loads(self._ask("/v1/session"))["csrf"]

    def queue(self) -> Any:
        """The yard as it is now."""
        return json.loads(self._ask(STATION + "queue"))

    def do(self, place: str, words: dict[str, object]) -> None:
        """Do a deed."""
        self._ask(STATION + place, json.dumps(words).encode(), "application/json")

    def _ask(self, path: str, body: bytes | None = None, kind: str = "") -> bytes:
        headers = {"Origin": CENTRAL, "X-Portvakt-Csrf": self._csrf}
        if kind:
            headers["Content-Type"] = kind
        request = urllib.request.Request(CENTRAL + path, body, headers)
        with self._opener.open(request, timeout=60) as answer:
            return bytes(answer.read())


def main() -> None:
    """Do what the words say, then print the queue."""
    desk = Desk(sys.stdin.read().strip())
    match sys.argv[1:]:
        case ["call", bay]:
            desk.do(f"bays/{bay}/call-next", {})
        case [verb, plate, bay]:
            visit = next(one for one in desk.queue()["line"] if one["plate"] == plate)
            words: dict[str, object] = {"version": visit["version"]}
            if verb == "enter":
                words["bay"] = bay
            desk.do(f"visits/{visit['visit']}/{verb}", words)
    sys.stdout.write(json.dumps(desk.queue()) + "\n")


main()
