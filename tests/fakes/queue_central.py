"""A central that keeps arrivals, in memory and behind requests' own adapter interface: no network."""

import io
import json
from typing import Any

import msgspec
import requests
import urllib3

from contract import problems
from contract.problems import ProblemType
from contract.wire import Heartbeat
from device.session import CentralSession

AT = "2026-11-23T09:32:00Z"


class QueueCentral(requests.adapters.BaseAdapter):
    """Answers a post.  `cut` is the cable; `loses_answers` takes a request and lets its answer vanish."""

    def __init__(self) -> None:
        super().__init__()
        self.cut = False
        self.loses_answers = False
        self.loses_enrolments = 0
        self.refuses_enrolments: ProblemType | None = None
        self.claims: dict[str, str] = {}
        self.refusal: tuple[str, ProblemType] | None = None
        # How many arrivals it takes until it asks for patience; None: any number.
        self.room: int | None = None
        self.arrivals: dict[str, dict[str, Any]] = {}
        self.headers: list[dict[str, str]] = []
        self.expected = ["ABC123"]
        self.opens_at: str | None = None
        self.epoch = "first"
        # Bookings for other days, by plate; None: a central of an older release, which has no such address.
        self.elsewhere: dict[str, dict[str, str]] | None = {}
        self.help: dict[str, dict[str, Any]] = {}
        self.knows_help = True  # false: a central of an older release
        self.day = "2026-11-23"
        self.asked: list[str] = []
        self.heartbeats: list[Heartbeat] = []
        self.heartbeat_every_s: int | None = 60
        self.codes = {"1234": "pv_post-1_secret"}
        self.tokens = {"pv_post-1_secret"}
        # What its codes are for; false: a central of an older release, which looks at nobody's role.
        self.makes = "post"
        self.looks_at_roles = True

    def session(self, url: str, token: str | None) -> CentralSession:
        """A session whose requests come here."""
        session = CentralSession(url, token)
        session.mount("http://", self)
        return session

    @property
    def plates(self) -> list[str]:
        return [arrival["plate"] for arrival in self.arrivals.values()]

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        if self.cut:
            raise requests.ConnectionError("the cable is cut")
        path = request.path_url.removeprefix("/v1/stations/pitea/")
        self.asked.append(f"{request.method} {path}")
        status, body, headers = self._answer(request, path)
        if path == "devices/enrol" and self.loses_enrolments:
            self.loses_enrolments -= 1
            raise requests.ConnectionError("the answer was lost")
        if self.loses_answers and path != "devices/enrol":
            raise requests.ConnectionError("the answer was lost")
        content = io.BytesIO(b"" if body is None else json.dumps(body).encode())
        raw = urllib3.HTTPResponse(content, headers, status, preload_content=False)
        return requests.adapters.HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Nothing is open."""

    def restored(self, *lost: str) -> None:
        """Another database stands behind it, which does not know the plates *lost*."""
        self.epoch = "second"
        self.arrivals = {k: v for k, v in self.arrivals.items() if v["plate"] not in lost}

    def _answer(self, request: Any, path: str) -> tuple[int, Any, dict[str, str]]:
        if path == "devices/enrol" and self.refuses_enrolments is not None:
            return self._refused(self.refuses_enrolments)
        if path == "devices/enrol":
            return self._enrol(json.loads(request.body))
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return self._refused(problems.UNKNOWN_DEVICE)
        if path == "devices/post-1/heartbeat":
            return self._heartbeat(request)
        if path == "arrivals":
            return self._arrive(request)
        if path == "expected":
            return self._expected(request)
        if path.startswith("elsewhere"):
            return self._elsewhere(path.partition("=")[2])
        if path.startswith("status"):
            return self._status(path.partition("=")[2])
        return self._help(request, path.partition("/")[2])

    def _help(self, request: Any, call: str) -> tuple[int, Any, dict[str, str]]:
        if not self.knows_help or (call and call not in self.help):
            return self._refused(problems.NOT_FOUND)
        plain = {"Content-Type": "application/json"}
        if call:
            return 200, self.help[call], plain
        words = json.loads(request.body)
        state = {"id": words["id"], "raised_at": AT, "has_place": False}
        return 201, self.help.setdefault(words["id"], state), plain

    def _expected(self, request: Any) -> tuple[int, Any, dict[str, str]]:
        tag = f'"{len(self.expected)}-{self.epoch}-{self.opens_at}-{self.day}"'
        if request.headers.get("If-None-Match") == tag:
            return 304, None, {"ETag": tag}
        words = {"day": self.day, "plates": self.expected, "epoch": self.epoch}
        words |= {} if self.opens_at is None else {"opens_at": self.opens_at}
        return 200, words, {"Content-Type": "application/json", "ETag": tag}

    def _heartbeat(self, request: Any) -> tuple[int, Any, dict[str, str]]:
        if self.heartbeat_every_s is None:  # an older release
            return self._refused(problems.NOT_FOUND)
        self.heartbeats.append(msgspec.json.decode(request.body, type=Heartbeat))
        return 200, {"every_s": self.heartbeat_every_s}, {"Content-Type": "application/json"}

    def _arrive(self, request: Any) -> tuple[int, Any, dict[str, str]]:
        try:
            words = json.loads(request.body)
        except ValueError:
            return self._refused(problems.BAD_REQUEST)
        if self.refusal is not None and words["plate"] == self.refusal[0]:
            return self._refused(self.refusal[1])
        if self.room is not None and self.room <= len(self.arrivals):
            status, body, headers = self._refused(problems.TOO_MANY)
            return status, body, {**headers, "Retry-After": "20"}
        again = words["id"] in self.arrivals
        self.arrivals[words["id"]] = words
        self.headers.append(dict(request.headers))
        return 200 if again else 201, self._standing(words["plate"]), {}

    def _status(self, plate: str) -> tuple[int, Any, dict[str, str]]:
        if self.refusal is not None and self.refusal[0] == "status":
            return self._refused(self.refusal[1])
        if plate not in self.plates:
            return self._refused(problems.NOT_FOUND)
        return 200, self._standing(plate), {}

    def _elsewhere(self, plate: str) -> tuple[int, Any, dict[str, str]]:
        if self.elsewhere is None:
            return self._refused(problems.NOT_FOUND)
        self.asked.append(plate)
        return 200, {"elsewhere": self.elsewhere.get(plate)}, {"Content-Type": "application/json"}

    def _standing(self, plate: str) -> dict[str, Any]:
        place = self.plates.index(plate) + 1
        return {
            "plate": plate,
            "visit": f"v-{plate}",
            "state": "waiting",
            "as_of": AT,
            "place": place,
            "watch_sign": True,
            "epoch": self.epoch,
        }

    def _enrol(self, words: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        claim = words.get("claim") or ""
        is_ours = self.claims.setdefault(words["code"], claim) == claim
        if not is_ours or words["code"] not in self.codes:
            return self._refused(problems.CODE_REFUSED)
        if self.looks_at_roles and words["role"] != self.makes:
            return self._refused(problems.CODE_FOR_ANOTHER)
        return 201, self._enrolled(words), {"Content-Type": "application/json"}

    def _enrolled(self, words: dict[str, Any]) -> dict[str, Any]:
        # Central gives another token to who asks again; one that nobody heard need not differ here.
        token = self.codes[words["code"]]
        if not self.loses_enrolments:
            del self.codes[words["code"]]
        return {
            "device": "post-1",
            "token": token,
            "station": "pitea",
            "role": self.makes,
            "name": "Post 1",
        }

    def _refused(self, kind: ProblemType) -> tuple[int, Any, dict[str, str]]:
        problem = {"reason": kind.reason, "detail": kind.title, "status": kind.status}
        return kind.status, problem, {"Content-Type": "application/problem+json"}
