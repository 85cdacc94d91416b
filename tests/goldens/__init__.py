"""Bytes that were looked at once and may not change by themselves: hex, one transfer a line.

`hex*5` stands for the same bytes five times over.
"""

from pathlib import Path

HERE = Path(__file__).parent


def golden(panel: str, name: str) -> list[bytes]:
    """The transfers of one file."""
    lines = (HERE / panel / f"{name}.txt").read_text("ascii").splitlines()
    return [b"".join(map(_unfolded, line.split())) for line in lines]


def _unfolded(part: str) -> bytes:
    digits, _, times = part.partition("*")
    return bytes.fromhex(digits) * int(times or 1)
