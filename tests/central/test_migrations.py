"""An update of central that is taken back: the release before goes on with the tables of the newer one."""

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Inspector

from central import migrations, schema
from central.database import engines, swap
from central.database.presence import Presence
from central.database.store import Store
from central.errors import StoreTaken, StoreUnfit
from central.serving.migrate import migrate as migrate_alone
from tests.fakes.clock import FakeClock
from tests.postgres import Databases

FIRST_RULED = "0005"  # what came before it was never taken back
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
STEP = """
import sqlalchemy as sa
from alembic import op
revision = "9001"
down_revision = "{before}"
{says}
def upgrade():
    op.create_table("next_thing", sa.Column("id", sa.Text, primary_key=True),
        sa.Column("station", sa.Text, sa.ForeignKey("station.id")))
    {more}
"""

Newer = Callable[..., None]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'central.db'}"
        return
    databases: Databases = request.getfixturevalue("postgres")
    made = databases.new()
    yield made
    databases.drop(made)


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Newer:
    """The next release, which has one step more than this one."""

    def migrate(url: str, *, says: str = "", more: str = "pass", now: datetime = NOW) -> None:
        folder = tmp_path / "newer"
        here = Path(migrations.__file__).parent
        shutil.copytree(here, folder, ignore=shutil.ignore_patterns("__pycache__"))
        step = STEP.format(before=migrations.revisions()[0], says=says, more=more)
        (folder / "versions/v9001_next.py").write_text(step)
        with monkeypatch.context() as patched:
            patched.setattr(migrations, "_HERE", folder)
            migrations.migrate(url, lambda: now)

    return migrate


def ours(url: str) -> str:
    """What stands in the database about whose code can use it."""
    return str(migrations.standing(url).reads_from)


def allowed() -> str:
    return f'reads_from = "{migrations.revisions()[0]}"'


def test_the_release_before_goes_on_with_what_a_newer_one_has_written(
    url: str, newer: Newer, caplog: pytest.LogCaptureFixture
) -> None:
    migrations.migrate(url)
    newer(url, says=allowed(), more="""op.execute("INSERT INTO meta VALUES ('saved', 'by it')")""")
    migrations.migrate(url)  # this one, after the update was taken back
    store = Store(url, FakeClock())
    asked = sa.select(schema.meta.c.value).where(schema.meta.c.name == "saved")
    assert store.read(lambda view: view.one(asked).value) == "by it"
    store.close()
    assert "of a newer release and is used as it is tables=9001" in caplog.text
    assert migrations.standing(url).revision == "9001", "and the newer one may come back"


def test_a_step_that_says_nothing_shuts_the_release_before_out_in_one_sentence(
    url: str, newer: Newer
) -> None:
    migrations.migrate(url)
    newer(url)
    with pytest.raises(StoreUnfit) as refused:
        migrations.migrate(url)
    (there,) = migrations.revisions()[:1]
    assert str(refused.value) == (
        "This database was written by a newer Portvakt: it needs the code of its tables 9001 or later,"
        f" and this release has {there}; install that release again."
    )


def test_a_newer_database_that_says_nothing_of_itself_is_refused(url: str) -> None:
    migrations.migrate(url)
    engine = engines.writing_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.exec_driver_sql("DELETE FROM meta WHERE name = 'reads_from'")
    engine.dispose()
    with pytest.raises(StoreUnfit, match="newer Portvakt: it needs the code of its tables 9999"):
        migrations.migrate(url)


def test_a_database_from_before_the_rule_says_it_after_its_next_start(url: str) -> None:
    migrations.migrate(url)
    engine = engines.writing_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM meta WHERE name = 'reads_from'")
    engine.dispose()
    migrations.migrate(url)
    assert ours(url) == migrations.reads_from(migrations.revisions()[0])


def test_several_centrals_of_the_release_before_join_at_a_newer_database(
    postgres: Databases, newer: Newer
) -> None:
    url = postgres.new()
    migrations.migrate(url)
    newer(url, says=allowed())
    with Presence(url), Presence(url):
        pass
    postgres.drop(url)


def test_a_newer_release_does_not_change_the_tables_under_the_feet_of_an_older_one(
    postgres: Databases, newer: Newer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new()
    with Presence(url):
        known = ["9001", *migrations.revisions()]
        monkeypatch.setattr(migrations, "revisions", lambda: known)
        with pytest.raises(StoreTaken, match="An older Portvakt serves this database"):
            Presence(url).__enter__()
    postgres.drop(url)


# -- the file as it was --------------------------------------------------------------------------


@pytest.fixture
def old_file(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'central.db'}"
    migrations.migrate(url)
    return url


def test_a_file_is_kept_aside_before_its_tables_are_changed_and_the_journal_names_it(
    old_file: str, tmp_path: Path, newer: Newer, caplog: pytest.LogCaptureFixture
) -> None:
    newer(old_file, says=allowed())
    (kept,) = swap.aside(tmp_path)
    assert kept.name == "central.db.before-2026-11-22T020000Z"
    assert kept.stat().st_mode & 0o777 == 0o600
    before = migrations.revisions()[0]
    assert migrations.standing(f"sqlite:///{kept}").revision == before
    assert f"the tables are changed from={before} to=9001 as it was={kept}" in caplog.text


def test_a_new_file_and_one_that_is_up_to_date_are_not_copied(
    old_file: str, tmp_path: Path
) -> None:
    migrations.migrate(old_file)
    assert swap.aside(tmp_path) == []


def test_a_step_that_fails_leaves_the_file_as_it_was_and_no_copies_that_fill_the_disk(
    old_file: str, tmp_path: Path, newer: Newer
) -> None:
    before = migrations.standing(old_file)
    with pytest.raises(sa.exc.OperationalError):
        newer(old_file, more='op.execute("SELECT * FROM nothing_of_that_name")')
    assert migrations.standing(old_file) == before
    assert swap.aside(tmp_path) == []
    assert not list(tmp_path.glob("*.copying"))


def test_without_room_for_the_copy_nothing_is_changed_and_a_sentence_says_so(
    old_file: str, tmp_path: Path, newer: Newer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(swap, "keep", full)
    before = migrations.standing(old_file)
    with pytest.raises(StoreUnfit, match=r"cannot be kept aside .*disk is full.*make room in"):
        newer(old_file, says=allowed())
    assert migrations.standing(old_file) == before
    assert not list(tmp_path.glob("*.copying"))


class Killed(BaseException):
    """Power is cut: nothing that cleans up runs any more."""


def cut_off(
    newer: Newer, url: str, monkeypatch: pytest.MonkeyPatch, folder: Path, *, now: datetime = NOW
) -> None:
    """The newer release is killed in the middle of its step, after the copy was made."""

    with monkeypatch.context() as patched:

        def dies(*_: Any) -> None:
            patched.setattr(swap, "remove", lambda _: None)
            patched.setattr("central.migrations.before._settled", lambda _: None)
            raise Killed

        patched.setattr("central.migrations.command.upgrade", dies)
        with pytest.raises(Killed):
            newer(url, says=allowed(), now=now)
    shutil.rmtree(folder / "newer")


def test_an_update_that_is_killed_again_and_again_leaves_one_copy(
    old_file: str, tmp_path: Path, newer: Newer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hour in range(3):
        now = NOW + timedelta(hours=hour)
        cut_off(newer, old_file, monkeypatch, tmp_path, now=now)
        assert [swap.replaced_at(kept) for kept in swap.aside(tmp_path)] == [now]
    newer(old_file, says=allowed(), now=NOW + timedelta(days=1))
    assert [swap.replaced_at(kept) for kept in swap.aside(tmp_path)] == [NOW + timedelta(days=1)]


def test_the_copy_of_an_update_that_was_killed_and_taken_back_goes_with_the_next_start(
    old_file: str, tmp_path: Path, newer: Newer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(newer, old_file, monkeypatch, tmp_path)
    migrations.migrate(old_file)  # the release before; nothing of the step is in its tables
    assert swap.aside(tmp_path) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["central.db"]


def test_the_copy_stays_for_its_week_when_the_change_was_whole_before_the_power_went(
    old_file: str, tmp_path: Path, newer: Newer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("central.migrations.before._settled", lambda _: None)
        newer(old_file, says=allowed())
    (kept,) = swap.aside(tmp_path)
    migrations.migrate(old_file)
    assert swap.aside(tmp_path) == [kept]
    migrations.migrate(old_file)
    assert swap.aside(tmp_path) == [kept]


def test_what_a_restore_kept_aside_is_no_copy_of_ours_to_remove(
    old_file: str, tmp_path: Path, newer: Newer, monkeypatch: pytest.MonkeyPatch
) -> None:
    restored = tmp_path / "central.db.before-2026-11-21T020000Z"
    shutil.copy(tmp_path / "central.db", restored)
    cut_off(newer, old_file, monkeypatch, tmp_path)
    migrations.migrate(old_file)
    assert swap.aside(tmp_path) == [restored]


def test_half_a_copy_goes_with_the_next_start_though_no_table_is_changed(
    old_file: str, tmp_path: Path
) -> None:
    for part in ("", "-journal", "-wal", "-shm"):
        (tmp_path / f"central.db.copying{part}").write_bytes(b"half of a page")
    migrations.migrate(old_file)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["central.db"]


def test_a_copy_that_cannot_be_read_stays_and_keeps_no_central_from_its_start(
    old_file: str, tmp_path: Path, newer: Newer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off(newer, old_file, monkeypatch, tmp_path)
    (kept,) = swap.aside(tmp_path)
    kept.write_bytes(b"no database" * 1_000)
    migrations.migrate(old_file)
    assert swap.aside(tmp_path) == [kept]


def test_the_copy_is_whole_though_much_of_it_stood_in_the_log(
    old_file: str, tmp_path: Path, newer: Newer
) -> None:
    with closing(sqlite3.connect(tmp_path / "central.db")) as open_one:
        open_one.execute("PRAGMA wal_autocheckpoint=0")
        open_one.execute("INSERT INTO meta VALUES ('only', 'in the log')")
        open_one.commit()
        newer(old_file, says=allowed())
    (kept,) = swap.aside(tmp_path)
    with closing(sqlite3.connect(kept)) as read:
        assert read.execute("SELECT value FROM meta WHERE name = 'only'").fetchone() == (
            "in the log",
        )


def test_migrate_alone_says_where_the_tables_are(tmp_path: Path) -> None:
    assert migrate_alone(tmp_path / "data", "") == migrations.revisions()[0]


# -- the rule ------------------------------------------------------------------------------------

_SEQUENCE = list(reversed(migrations.revisions()))
RULED = _SEQUENCE[_SEQUENCE.index(FIRST_RULED) + 1 :]


def indexes_of(inspector: Inspector, table: str) -> list[Any]:
    """Every index and every constraint that makes one."""
    return [*inspector.get_indexes(table), *inspector.get_unique_constraints(table)]


def looked_at(connection: sa.Connection) -> dict[str, Any]:
    """What code that reads and writes a database meets there."""
    inspector: Inspector = sa.inspect(connection)
    return {
        name: {
            "columns": {one["name"]: one for one in inspector.get_columns(name)},
            "unique": {
                tuple(str(column) for column in one["column_names"])
                for one in indexes_of(inspector, name)
                if one.get("unique", True)
            },
            "checks": {
                str(one["sqltext"]).replace('"', "")
                for one in inspector.get_check_constraints(name)
            },
            "foreign": {
                tuple(one["constrained_columns"]) for one in inspector.get_foreign_keys(name)
            },
        }
        for name in inspector.get_table_names()
    }


def only_added(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What code of the release before would stumble over."""
    wrong = [f"table {name} is gone" for name in before.keys() - after.keys()]
    for name in before.keys() & after.keys():
        was, now = before[name], after[name]
        for column, facts in was["columns"].items():
            there = now["columns"].get(column)
            if there is None:
                wrong.append(f"{name}.{column} is gone")
            elif (str(there["type"]), there["nullable"]) != (str(facts["type"]), facts["nullable"]):
                wrong.append(f"{name}.{column} is another")
        for column in now["columns"].keys() - was["columns"].keys():
            facts = now["columns"][column]
            if not facts["nullable"] and facts["default"] is None:
                wrong.append(f"{name}.{column} must be given")
        wrong += [
            f"{name} refuses more: {kind} {sorted(now[kind] - was[kind])}"
            for kind in ("unique", "checks", "foreign")
            if any(
                set(one) <= was["columns"].keys()
                for one in now[kind] - was[kind]
                if kind != "checks"
            )
            or (kind == "checks" and now[kind] - was[kind])
        ]
    return wrong


@pytest.mark.parametrize("revision", RULED)
def test_a_step_only_adds_or_says_that_the_release_before_is_shut_out(
    revision: str, tmp_path: Path
) -> None:
    """Expand now, contract a release later: CONTRIBUTING.md."""
    before = _SEQUENCE[_SEQUENCE.index(revision) - 1]
    engine = engines.migrating_engine(f"sqlite:///{tmp_path / 'central.db'}")
    with engine.connect() as connection:
        with connection.begin():
            migrations.upgrade(connection, before)
        was = looked_at(connection)
        connection.rollback()
        with connection.begin():
            migrations.upgrade(connection, revision)
        wrong = only_added(was, looked_at(connection))
        connection.rollback()
    engine.dispose()
    shuts_out = migrations.reads_from(revision) == revision
    assert wrong == [] or shuts_out, f'take it out, or say reads_from = "{revision}" in the step'


@pytest.mark.parametrize("revision", RULED)
def test_a_step_says_who_reads_its_tables_and_lets_nobody_in_whom_an_earlier_one_shut_out(
    revision: str,
) -> None:
    place = Path(migrations.__file__).parent / "versions"
    (text,) = (one.read_text() for one in place.glob(f"v{revision}_*.py"))
    assert re.search(r"^reads_from = ", text, re.MULTILINE), f"v{revision} has no reads_from"
    order = [_SEQUENCE.index(migrations.reads_from(one)) for one in _SEQUENCE]
    assert order == sorted(order)
    assert migrations.reads_from(revision) <= revision


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DROP TABLE look", "table look is gone"),
        ("ALTER TABLE person DROP COLUMN disabled_at", "person.disabled_at is gone"),
        ("ALTER TABLE person RENAME COLUMN name TO called", "person.name is gone"),
        ("CREATE UNIQUE INDEX one_bay ON bay (door)", "bay refuses more: unique [('door',)]"),
    ],
)
def test_the_rule_notices(change: str, told: str, old_file: str) -> None:
    engine = engines.migrating_engine(old_file)
    with engine.connect() as connection:
        was = looked_at(connection)
        connection.rollback()
        with connection.begin():
            connection.exec_driver_sql("DROP INDEX IF EXISTS look_by_time")
            connection.exec_driver_sql(change)
        assert told in only_added(was, looked_at(connection))
    engine.dispose()
