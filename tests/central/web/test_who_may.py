"""Every call x everybody who asks x own and foreign station: found from the document, asked one by one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from central.web.api import who_may_page
from tests.central.web.access import (
    IN,
    REDIRECTED,
    SAFE,
    TABLE,
    Asked,
    Offered,
    may,
    offered,
    right,
)
from tests.central.web.askers import EVERYBODY, PEOPLE, Somebody
from tests.central.web.hall import STATION, Asker, Hall, reason


@pytest.fixture(scope="module")
def all_of_it(tmp_path_factory: pytest.TempPathFactory, fresh_database: Path) -> Offered:
    return offered(tmp_path_factory.mktemp("offered"), fresh_database)


def ask(who: Somebody, asked: Asked, station: str | None, method: str = "") -> str:
    """What the server says to a body that is none: it must know who asks before it looks at that."""
    method = method or asked.method
    body = {} if method in SAFE else {"data": b"{", "content_type": "application/json"}
    answer = who.asker.ask(method, asked.address(station, who.asker), **body)
    assert answer.status_code < 500, (asked, answer.get_data(as_text=True))
    to = (answer.location or "").partition("?")[0]
    if "anybody" not in may(asked) and to in REDIRECTED:
        return REDIRECTED[to]
    return str(answer.status_code) if answer.status_code in (401, 403) else IN


def wrong(who: Somebody, asked: list[Asked]) -> Iterator[str]:
    for one in asked:
        for station in one.stations:
            told, meant = ask(who, one, station), right(who, one, station)
            if told != meant:
                yield f"{one.name} ({one.method} {one.path}) at {station}: {told}, not {meant}"


def test_the_table_names_every_call_and_every_page_and_no_other(all_of_it: Offered) -> None:
    assert {asked.name for asked in all_of_it.calls} == set(TABLE["calls"])
    assert {asked.name for asked in all_of_it.pages} == set(TABLE["pages"])
    assert set(TABLE["invited"]["may"]) <= {asked.name for asked in all_of_it.everything}


def test_the_document_says_what_the_table_says(all_of_it: Offered) -> None:
    said = {asked.name: call["x-portvakt-may"] for asked, call in all_of_it.operations}
    assert said == {name: sorted(roles) for name, roles in TABLE["calls"].items()}


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_is_let_in_where_the_table_says_and_nowhere_else(
    sqlite_hall: Hall, all_of_it: Offered, name: str
) -> None:
    assert list(wrong(EVERYBODY[name](sqlite_hall), all_of_it.everything)) == []


@pytest.mark.parametrize("name", ["a stranger", "a post", "staff"])
@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_another_method_is_no_way_round(
    sqlite_hall: Hall, all_of_it: Offered, name: str, method: str
) -> None:
    who = EVERYBODY[name](sqlite_hall)
    for asked in all_of_it.calls:
        if asked.method == "GET":
            assert ask(who, asked, STATION, method) == right(who, asked, STATION), asked.name


@pytest.mark.parametrize("name", ["a stranger", "staff", "a system that reads bookings"])
def test_so_it_is_on_postgresql_too(postgres_hall: Hall, all_of_it: Offered, name: str) -> None:
    assert list(wrong(EVERYBODY[name](postgres_hall), all_of_it.everything[::5])) == []


# -- a page of another site --------------------------------------------------------------------------


@pytest.mark.parametrize("shown", [{}, {"X-Portvakt-Csrf": "guessed"}])
def test_no_change_is_made_for_a_page_that_does_not_know_the_sessions_own_value(
    sqlite_hall: Hall, all_of_it: Offered, shown: dict[str, str]
) -> None:
    people = [EVERYBODY[name](sqlite_hall) for name in ("a manager", "a technician", "the office")]
    tried = set()
    for asked in all_of_it.everything:
        for who in people:
            if asked.method not in SAFE and who.roles & may(asked):
                stolen = Asker(who.asker.client, shown)
                answer = stolen.ask(asked.method, asked.address(STATION, stolen), data=b"{")
                assert reason(answer) == (403, "csrf"), asked.name
                tried.add(asked.name)
    changing = {call.name for call in all_of_it.calls if call.method not in SAFE}
    by_nobody_signed_in = {name for name in changing if not PEOPLE & set(TABLE["calls"][name])}
    assert tried == changing - by_nobody_signed_in


# -- for people to read --------------------------------------------------------------------------------


def test_the_page_for_people_is_as_the_document_says(all_of_it: Offered) -> None:
    page = who_may_page.markdown(all_of_it.document)
    assert page == who_may_page.PAGE.read_text(encoding="utf-8"), (
        f"docs/who-may.md is old; write it with: {who_may_page.COMMAND}"
    )
