"""What schemathesis is told of the hall under test: who asks.

Every call is asked by all that may, one after the other, so that each role's own way in is used.
"""

import atexit
import itertools
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
import schemathesis
from schemathesis import AuthContext, Case, HookContext

from central.serving.admin import AdminClient
from central.web.api.words import ARRIVAL, HELP, VISIT
from central.web.cookies import SESSION
from central.web.door import CSRF_HEADER
from contract.ids import uuid7
from tests.schemathesis.session import TIMEOUT_S, session

HALL = json.loads(os.environ["PORTVAKT_HALL"])
STATION = HALL["station"]
EXAMPLE_CODE = "K7QF-93TM"
_askers: Counter[str] = Counter()
_turns: defaultdict[str, Iterator[int]] = defaultdict(itertools.count)


@schemathesis.auth(refresh_interval=None)
class Credentials:
    """Gives each case the credentials of somebody who may ask it."""

    def get(self, case: Case[Any], context: AuthContext) -> dict[str, str]:
        """Choose who asks."""
        may = context.operation.definition.raw.get("x-portvakt-may", [])
        able = [role for role in _fitting(case, may) if role in HALL["credentials"]]
        if not able:
            return {}
        role = able[next(_turns[context.operation.label]) % len(able)]
        _askers[role] += 1
        if context.operation.definition.raw["operationId"] == "sign_out":
            return session(HALL["address"], admin(), role)  # it is about to end
        credentials: dict[str, str] = HALL["credentials"][role]
        return credentials

    def set(self, case: Case[Any], data: dict[str, str], _context: AuthContext) -> None:
        """Let them ask; a device speaks for itself only."""
        if "bearer" in data:
            case.headers["Authorization"] = f"Bearer {data['bearer']}"
            if "device" in data and "device" in case.path_parameters:
                case.path_parameters["device"] = data["device"]
        if "session" in data:
            case.cookies[SESSION] = data["session"]
            case.headers[CSRF_HEADER] = data["csrf"]


@schemathesis.hook
def before_call(_context: HookContext, case: Case[Any], _kwargs: dict[str, Any]) -> None:
    """Let every other case be about something that is there.

    What is generated begins with the document's examples, which would all be one retry after the other,
    and no generator guesses a visit's id and its version, or a one-time code.
    """
    name = case.operation.definition.raw["operationId"]
    turn = next(_turns[f"case of {name}"])
    body = case.body if isinstance(case.body, dict) else {}
    if turn % 2:
        if name in ("arrive", "raise_help") and body.get("id") in (ARRIVAL, HELP):
            body["id"] = uuid7(turn)
            body["plate"] = f"ABC {100 + turn % 900}"
        if name == "enrol" and body.get("code") == EXAMPLE_CODE:
            body["code"] = _device_code()
        if "visit" in case.path_parameters and isinstance(body.get("version", 0), int):
            _name_a_visit(case, body, turn)
        if name == "call_next" and "visit" in body:
            body |= {"visit": None, "version": None}


def _name_a_visit(case: Case[Any], body: dict[str, Any], turn: int) -> None:
    """A visit that this very verb may move, as the board shows it."""
    verb = case.operation.path.rpartition("/")[2]
    today = _ask("visits?plate=ABC") or [{"visit": VISIT, "version": 1, "may": [], "bay": None}]
    rows = [row for row in today if verb in row["may"]] or today
    row = rows[turn % len(rows)]
    case.path_parameters["visit"] = row["visit"]
    if "version" in body:
        body["version"] = row["version"]
    if "bay" in body and turn % 4 == 1:
        body["bay"] = row["bay"] or str(1 + turn // 4 % 2)


def _ask(path: str) -> Any:
    return requests.get(
        f"{HALL['address']}/v1/stations/{STATION}/{path}",
        cookies={SESSION: HALL["credentials"]["staff"]["session"]},
        timeout=TIMEOUT_S,
    ).json()


def _device_code() -> str:
    told = admin().ask("device_code", station=STATION, role="post", name="One more post")
    code: str = told["code"]
    return code


def _fitting(case: Case[Any], may: list[str]) -> list[str]:
    """An arrival at a post and one at the desk are two bodies of one call."""
    if case.operation.definition.raw["operationId"] != "arrive":
        return may
    at_post = isinstance(case.body, dict) and "boot_id" in case.body
    return [role for role in may if (role == "post") == at_post]


def admin() -> AdminClient:
    """The local socket."""
    return AdminClient(Path(HALL["socket"]))


def _write_askers() -> None:
    Path(HALL["askers"]).write_text(json.dumps(_askers))


atexit.register(_write_askers)
