"""`docs/privacy.md` and the program say the same."""

from pathlib import Path

from central.privacy.inventory import PERSONAL
from central.privacy.limits import KEEP_DAYS

PAGE = Path(__file__).parents[3] / "docs" / "privacy.md"
MARK = "| --- | --- | --- |\n"


def lines() -> str:
    return "".join(
        f"| `{table}` | `{column}` | {goes.value} |\n"
        for table, columns in PERSONAL.items()
        for column, goes in columns.items()
    )


def test_the_page_lists_every_column_that_says_something_about_somebody() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("### Every column")[2].partition(MARK)[2]
    assert table.partition("\n\n")[0] + "\n" == lines(), f"write this into {PAGE.name}:\n{lines()}"


def test_the_page_says_the_days_that_a_station_begins_with() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"until {KEEP_DAYS.plates} days after the visit ended; {KEEP_DAYS.recheck} while" in page
    assert (
        f"--keep-days {KEEP_DAYS.plates} --keep-recheck-days {KEEP_DAYS.recheck}"
        f" --keep-names-days {KEEP_DAYS.names} --keep-looks-days {KEEP_DAYS.looks}" in page
    )
