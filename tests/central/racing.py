"""Staff who want the same car, or the same bay, at the very same moment; also as a process of their own.

`python -m tests.central.racing URL RACER` reads rounds from standard input, one a line, and writes what
became of each.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from central.words import Actor
from contract.problems import Problem
from contract.transitions import Verb
from contract.words import VisitWords
from tests.central.yards import PITEA, Station
from tests.fakes.clock import FakeClock


@dataclass(frozen=True)
class Try:
    """What one of staff does in a round: call *visit*, seen at *version*, to *bay*."""

    visit: str
    version: int
    bay: str


def desk(number: int) -> Actor:
    return Actor("staff", f"desk-{number}", f"Desk {number}")


def try_it(station: Station, number: int, wanted: Try) -> str:
    """Do it as Desk *number*: `won`, or the reason of the refusal and who was faster."""
    words = VisitWords(version=wanted.version, bay=wanted.bay)
    try:
        station.yard.act(PITEA, desk(number), wanted.visit, Verb.CALL, words)
    except Problem as problem:
        return f"{problem.kind.reason} {problem.members.get('by')}"
    return "won"


def faults(answers: dict[int, str]) -> list[str]:
    """What is wrong with the answers of a round, by the number of the desk."""
    winners = [number for number, answer in answers.items() if answer == "won"]
    if len(winners) != 1:
        return [f"{len(winners)} won: {answers}"]
    fair = {f"{reason} Desk {winners[0]}" for reason in ("changed_meanwhile", "bay_busy")}
    return [
        f"desk {number} heard {answer!r}, but desk {winners[0]} won"
        for number, answer in answers.items()
        if number != winners[0] and answer not in fair
    ]


def main(url: str, number: int, said: Callable[[str], object]) -> None:
    station = Station(Path(), FakeClock(), url).find()
    said("ready")
    for line in sys.stdin:
        said(try_it(station, number, Try(**json.loads(line))))
    station.store.close()


def _say(word: str) -> None:
    print(word, flush=True)  # noqa: T201 - it is how this process answers


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), _say)
