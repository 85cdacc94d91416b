"""The night also takes what sessions, codes, browsers and tokens of other systems leave behind."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from central import schema
from central.privacy import accounts
from tests.central.yards import PITEA, Station


def rows_of(station: Station, at: datetime) -> dict[str, dict[str, object]]:
    """One row of each kind, made at *at*."""
    return {
        "session": {
            "token_sha256": "t",
            "person": "p",
            "csrf": "c",
            "created_at": at,
            "seen_at": at,
            "sets_password": False,
        },
        "sign_in_code": {
            "code_sha256": "c",
            "person": "p",
            "expires_at": at,
            "used_at": None,
            "sets_password": True,
        },
        "tried_name": {"name_sha256": "n", "wrong": 10, "wrong_at": at},
        "known_browser": {
            "token_sha256": "b",
            "person": "p",
            "at": at,
            "wrong": 0,
            "wrong_at": None,
        },
        "api_token": {
            "id": "api-1",
            "name": "Bookings",
            "token_sha256": "a",
            "stations": [PITEA],
            "scopes": [],
            "created_at": at,
            "created_by": "somebody",
            "expires_at": at,
        },
        "device_code": {
            "handle": "K7QF",
            "code_hash": "h",
            "station": PITEA,
            "role": "post",
            "name": "Post 3",
            "made_at": at,
            "expires_at": at,
            "tries": 0,
        },
    }


LASTS = {
    "session": timedelta(hours=2),
    "sign_in_code": timedelta(0),
    "tried_name": timedelta(minutes=15),
    "known_browser": timedelta(days=180),
    "api_token": timedelta(days=30),
    "device_code": timedelta(days=30),
}


@pytest.mark.parametrize("table", sorted(LASTS))
def test_what_is_over_goes_and_what_is_not_stays(sqlite_station: Station, table: str) -> None:
    station = sqlite_station
    at = station.clock.now()
    person = {
        "id": "p",
        "name": "somebody",
        "role": "staff",
        "password_hash": "",
        "stations": [PITEA],
        "created_at": at,
    }
    station.store.write(lambda tx: tx.run(sa.insert(schema.person), **person))
    kind = schema.metadata.tables[table]
    station.store.write(lambda tx: tx.run(sa.insert(kind), **rows_of(station, at)[table]))
    station.clock.advance(int(LASTS[table].total_seconds() * 1000))
    station.store.write(accounts.erase_over)
    assert count(station, kind) == 1
    station.clock.advance(1_000)
    station.store.write(accounts.erase_over)
    assert count(station, kind) == 0


def count(station: Station, table: sa.Table) -> int:
    query = sa.select(sa.func.count()).select_from(table)
    codes = table.c.handle == "K7QF" if table.name == "device_code" else sa.true()
    return int(station.store.read(lambda view: view.one(query.where(codes))[0]))
