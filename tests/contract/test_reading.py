"""JSON from a disk or a line, one flipped bit away from what was written."""

from pathlib import Path

import msgspec
import pytest

from contract.reading import from_json
from contract.wire import Standing

ROOT = Path(__file__).parents[2]
# A body's complaint tells its sender what is wrong with it; the others read what we have written just now.
MAY = {
    "contract/reading.py",
    "central/web/reading.py",
    "central/schema/columns.py",
    "central/database/bus.py",
}
PRODUCT = ("contract", "device", "kiosk", "signage", "central", "portvakt")


@pytest.mark.parametrize(
    "spoiled", [b'{"\xc3x": 1}', b'{"a": "\xc3x"}', b'["\xff"]', b"\xff", b'{"a": ', b""]
)
def test_whatever_is_no_json_is_one_kind_of_error(spoiled: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        from_json(spoiled)


def test_what_is_of_another_kind_is_said_to_be_so() -> None:
    with pytest.raises(msgspec.ValidationError):
        from_json(b"[]", Standing)


def test_json_is_read_as_the_kind_that_is_asked_for() -> None:
    assert from_json(b'{"a": "\xc3\xa5"}', dict[str, str]) == {"a": "å"}
    assert from_json("[1]") == [1]


def test_nobody_reads_json_another_way() -> None:
    files = (path for name in PRODUCT for path in (ROOT / name).rglob("*.py"))
    named = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in files}
    found = {
        name for name, text in named.items() if "json.decode(" in text or "json.Decoder" in text
    }
    assert found == MAY
