"""One run of schemathesis against a hall that is really served, and what it reports."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from central.web.cookies import SESSION
from tests.central.web.served import PASSWORD, PATIENCE_S, Served
from tests.schemathesis.session import session

SETTINGS = Path(__file__).parent / "schemathesis.toml"
STATION = "pitea"
PEOPLE = ("staff", "manager", "technician", "office")
LONGEST_S = 3_600


@dataclass(frozen=True)
class Report:
    """How many cases ran in each phase, who asked them, and what schemathesis printed."""

    exit_code: int
    cases: Counter[str]
    askers: Counter[str]
    printed: str

    @property
    def summary(self) -> str:
        """How many cases ran, and who asked."""
        asked = ", ".join(f"{count} {name}" for name, count in sorted(self.askers.items()))
        ran = ", ".join(f"{count} {phase}" for phase, count in self.cases.items())
        return f"{self.cases.total()} cases ({ran}), asked by {asked}"


@dataclass(frozen=True)
class Hall:
    """A station with everybody who may ask."""

    served: Served
    folder: Path
    credentials: dict[str, dict[str, str]]
    sign: str

    @classmethod
    def of(cls, served: Served, folder: Path) -> "Hall":
        """Set up the station of the document's examples."""
        admin = served.admin
        admin.ask("create_station", station=STATION, name="Piteå")
        for bay in ("1", "2"):
            admin.ask("create_bay", station=STATION, bay=bay, door=bay, kinds=["full", "recheck"])
        credentials: dict[str, dict[str, str]] = {}
        for name in PEOPLE:
            admin.ask("create_user", name=name, password=PASSWORD, stations=[STATION], role=name)
            credentials[name] = session(served.address, admin, name)
        post, sign = (_enrolled(served, role) for role in ("post", "sign"))
        credentials["post"] = {"bearer": post["token"], "device": post["device"]}
        credentials["sign"] = {"bearer": sign["token"], "device": sign["device"]}
        credentials["scraper"] = {"bearer": (served.data / "metrics.token").read_text().strip()}
        return cls(served, folder, credentials, sign["device"])

    def document(self) -> dict[str, Any]:
        """The document as the server itself gives it."""
        answer = requests.get(
            self.served.url("/v1/openapi.json"),
            cookies={SESSION: self.credentials["office"]["session"]},
            timeout=PATIENCE_S,
        )
        document: dict[str, Any] = answer.json()
        return document

    def tested_against(self, document: dict[str, Any], *arguments: str) -> Report:
        """Let schemathesis ask what *document* says; *arguments* are its own."""
        written, askers = self.folder / "openapi.json", self.folder / "askers.json"
        written.write_text(json.dumps(document))
        hall = {
            "station": STATION,
            "address": self.served.address,
            "socket": str(self.served.data / "central.sock"),
            "askers": str(askers),
            "credentials": self.credentials,
        }
        reports = self.folder / f"reports-{len(list(self.folder.iterdir()))}"
        done = subprocess.run(
            _command(written, self.served.address, reports, arguments),
            capture_output=True,
            text=True,
            timeout=LONGEST_S,
            check=False,
            env={**os.environ, "PORTVAKT_HALL": json.dumps(hall), "PORTVAKT_SIGN": self.sign},
        )
        return Report(
            done.returncode,
            _cases(reports),
            Counter(json.loads(askers.read_text())),
            done.stdout + done.stderr,
        )


def _enrolled(served: Served, role: str) -> dict[str, str]:
    bay = "1" if role == "sign" else None
    told = served.admin.ask("device_code", station=STATION, role=role, name=f"A {role}", bay=bay)
    enrolled: dict[str, str] = requests.post(
        served.url(f"/v1/stations/{STATION}/devices/enrol"),
        json={"code": told["code"]},
        timeout=PATIENCE_S,
    ).json()
    return enrolled


def _command(document: Path, address: str, reports: Path, arguments: Sequence[str]) -> list[str]:
    return [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS)),
        *("run", str(document), "--url", address, "--no-color"),
        *("--report", "ndjson", "--report-dir", str(reports), *arguments),
    ]


def _cases(reports: Path) -> Counter[str]:
    """Count the cases that were sent, by phase."""
    counted: Counter[str] = Counter()
    for path in reports.glob("*.ndjson"):
        for line in path.read_text().splitlines():
            scenario = json.loads(line).get("ScenarioFinished")
            if scenario is not None:
                counted[scenario["phase"]] += len(scenario["recorder"].get("interactions", ()))
    return counted
