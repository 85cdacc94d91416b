"""The running server against its own document: whatever schemathesis thinks of, nothing disagrees."""

import itertools
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.central.web.served import running
from tests.schemathesis.campaign import Hall

pytestmark = pytest.mark.processes

SOAK = os.environ.get("PORTVAKT_SOAK") == "1"
WANTED_IN_A_ROUND = 2_000
WANTED = 20_000 if SOAK else WANTED_IN_A_ROUND
SEED = 20261123


@contextmanager
def a_hall(folders: pytest.TempPathFactory) -> Iterator[Hall]:
    """A central of its own.  Its streams end soon, because a case is over when its answer is."""
    pace = {"stream_max_age_s": 0.2, "heartbeat_s": 0.1}
    with running(folders.mktemp("served"), limits_times=100_000, **pace) as served:
        yield Hall.of(served, folders.mktemp("schemathesis"))


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with a_hall(tmp_path_factory) as hall:
        yield hall


def test_whatever_is_asked_the_answer_is_what_the_document_says(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    """Many cases are many rounds, each with a yard of its own: no yard has a thousand customers."""
    cases = 0
    for seed in itertools.count(SEED):
        with a_hall(tmp_path_factory) as hall:
            report = hall.tested_against(hall.document(), "--seed", str(seed))
            with capsys.disabled():
                sys.stdout.write(f"\nschemathesis, seed {seed}: {report.summary}\n")
            assert report.exit_code == 0, report.printed
            assert set(report.cases) == {"examples", "coverage", "fuzzing", "stateful"}
            assert set(report.askers) == set(hall.credentials)
            assert "request broken" not in hall.served.log()
        cases += report.cases.total()
        # A short round would only hide that the phases find less to ask than they should.
        assert report.cases.total() >= WANTED_IN_A_ROUND
        if cases >= WANTED:
            return


@pytest.mark.parametrize(
    ("call", "kind", "field", "found"),
    [
        ("queue", "Queue", "name", "Response violates schema"),
        ("call_next", "BayWords", "version", "Schema-valid request rejected"),
    ],
)
def test_a_document_that_is_wrong_in_one_place_is_found_out(
    hall: Hall, call: str, kind: str, field: str, found: str
) -> None:
    document = hall.document()
    document["components"]["schemas"][kind]["properties"][field] = {"type": "boolean"}
    report = hall.tested_against(document, "--phases", "coverage", "--include-operation-id", call)
    assert report.exit_code == 1, report.printed
    assert found in report.printed
