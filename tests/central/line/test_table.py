"""The table of transitions as the board and the documentation have it."""

from pathlib import Path

import pytest

from central.line import table
from contract.transitions import OTHERWISE, TRANSITIONS


@pytest.mark.parametrize("path", table.files(), ids=lambda path: path.name)
def test_what_is_written_is_what_the_table_says(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == table.files()[path], f"run {table.COMMAND}"


def test_the_documentation_has_every_change_with_its_rule() -> None:
    page = table.markdown()
    for row in TRANSITIONS.values():
        assert f"| `{row.verb}` |" in page
        assert row.says in page
    for other in OTHERWISE:
        assert other.says in page


def test_a_change_of_the_table_changes_both_files(monkeypatch: pytest.MonkeyPatch) -> None:
    before = table.files()
    verb, *_ = TRANSITIONS
    rest = {key: row for key, row in TRANSITIONS.items() if key is not verb}
    monkeypatch.setattr(table, "TRANSITIONS", rest)
    assert all(text != before[path] for path, text in table.files().items())
