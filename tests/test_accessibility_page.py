"""The checklist names tests that exist and bench tests that are written down; the manual is complete."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from central.devices.faults import WORDS
from kiosk.faults import Part
from kiosk.keycaps import KEYPAD_WORDS, rows_of_caps
from kiosk.keys import PHONE_LAYOUT
from kiosk.outputs import BLINK_S

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
CHECKLIST = (ROOT / "docs/accessibility.md").read_text(encoding="utf-8")
MANUAL = (ROOT / "docs/post.md").read_text(encoding="utf-8")
HARDWARE = (ROOT / "hardware.md").read_text(encoding="utf-8")

# EN 301 549 V3.2.1, what applies to a machine with keys, a screen and a voice.
CLAUSES = [
    *("5.1.2.2", *(f"5.1.3.{number}" for number in (1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15))),
    *("5.1.4", "5.1.5", "5.1.6.1", "5.1.6.2", "5.1.7", "5.2", "5.5.1", "5.5.2", "5.6.1", "5.6.2"),
    *("5.7", "5.8", "5.9", "8.1.3", "8.2.1.1", "8.2.1.2"),
    *("8.3.2.1", "8.3.2.2", "8.3.2.4", "8.3.2.5", "8.3.2.6", "8.3.3.1", "8.3.3.2", "8.3.4.2"),
    *("8.3.5", "8.3.6", "8.4.1", "8.4.2.1", "8.4.2.2", "8.5"),
    *("11.1.4.3", "11.1.4.11", "11.2.2.1", "11.2.3.1", "12.1.1"),
]
VERDICTS = ("**Met.**", "**Met**", "**Met with the right parts.**", "**Partly.**", "**Not met.**")
# Libraries that hear.
EARS = {"sounddevice", "pyaudio", "speech_recognition", "vosk", "webrtcvad"}


def rows() -> dict[str, tuple[str, list[str]]]:
    """Clause -> (how it is met, what shows that)."""
    found = {}
    for line in CHECKLIST.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 4 and re.match(r"\d", cells[0]):
            for clause in cells[0].split(", "):
                found[clause] = cells[2], re.findall(r"`([^`]+)`|\b(P\d+)\b", cells[3])
    return {
        clause: (how, ["".join(one) for one in shown]) for clause, (how, shown) in found.items()
    }


ROWS = rows()
PROOFS = sorted({proof for _, shown in ROWS.values() for proof in shown})


def test_no_clause_is_missing() -> None:
    assert sorted(ROWS) == sorted(CLAUSES)


@pytest.mark.parametrize("clause", CLAUSES)
def test_each_clause_has_a_verdict_and_something_that_shows_it(clause: str) -> None:
    how, shown = ROWS[clause]
    assert how.startswith(VERDICTS)
    assert shown
    if "right parts" in how:
        assert any(re.fullmatch(r"P\d+", one) for one in shown), "parts are shown on the bench"


def names_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}


@pytest.mark.parametrize("proof", [one for one in PROOFS if "::" in one])
def test_a_test_that_is_named_is_in_the_tree(proof: str) -> None:
    file, name = proof.split("::")
    assert name.startswith("test_")
    assert name in names_in(TESTS / file)


def test_a_bench_test_that_is_named_is_written_down() -> None:
    written_down = set(re.findall(r"^\| (P\d+) \|", HARDWARE, re.MULTILINE))
    named = set(re.findall(r"\bP\d+\b", CHECKLIST + MANUAL))
    assert named <= written_down


def test_everything_that_is_named_as_a_proof_is_a_test() -> None:
    assert [one for one in PROOFS if not re.fullmatch(r"\S+\.py::test_\w+|P\d+", one)] == []


def test_the_manual_has_every_key_and_every_screen() -> None:
    caps = [cap.main for row in rows_of_caps(PHONE_LAYOUT, "sv") for cap in row if cap is not None]
    for word in [*(cap for cap in caps if not cap.isdecimal()), KEYPAD_WORDS["sv"]["help"]]:
        assert re.search(rf"^\| .*{re.escape(word)}", MANUAL, re.MULTILINE | re.IGNORECASE), word
    in_manual = set(re.findall(r"^\| `([a-z_]+)` \|", MANUAL, re.MULTILINE))
    assert in_manual == set(screens()) | set(Part)


@pytest.mark.parametrize(
    "page", ["README.md", "hardware.md", "docs/accessibility.md", "docs/post.md"]
)
def test_whatever_a_page_points_at_is_there(page: str) -> None:
    path = ROOT / page
    for target in re.findall(r"\]\(([^):#]+)\)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("part", list(Part))
def test_the_manual_calls_a_fault_what_the_board_calls_it(part: Part) -> None:
    assert f"| `{part}` | {WORDS[part]} |" in MANUAL


def screens() -> Iterator[str]:
    """Every name that a screen of the post can have."""
    for file in sorted((ROOT / "kiosk").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "Screen"
                and node.args
            ):
                yield from _texts(node.args[0])
            if isinstance(node, ast.FunctionDef) and _gives_a_name(node):
                yield from _returned(node)
    yield from ("not_taken", "cannot_save")


def _gives_a_name(function: ast.FunctionDef) -> bool:
    return "name_of" in function.name and getattr(function.returns, "id", "") == "str"


def _returned(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            branches = (
                [node.value.body, node.value.orelse]
                if isinstance(node.value, ast.IfExp)
                else [node.value]
            )
            for branch in branches:
                yield from _texts(branch)


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_the_names_of_screens_are_really_found() -> None:
    assert {"idle", "drive_in", "help_coming", "saved_here", "cannot_tell"} <= set(screens())


def test_the_mounting_instruction_names_the_heights_of_the_standard() -> None:
    mounting = HARDWARE.split("### Mounting", 1)[1].split("\n### ", 1)[0]
    for number in ("1220", "380", "1120", "1170", "1015", "760 x 1220"):
        assert number in mounting


STYLES = (ROOT / "kiosk/web/screen.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", STYLES))


def luminance(colour: str) -> float:
    """WCAG 2.1, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["ok", "clear", "cancel"])
def test_the_mark_of_a_coloured_key_stands_out_and_so_does_the_shape_on_it(name: str) -> None:
    assert contrast(COLOURS[name], COLOURS["ground"]) >= 3
    shape = re.search(rf"\.mark\.{name}::after {{(.*)}}", STYLES)
    assert shape is not None, "colour alone says nothing to many eyes"
    assert "#000" in shape[1]
    assert contrast(COLOURS[name], "#000000") >= 3


def test_the_frames_of_other_keys_and_the_open_places_of_a_plate_stand_out() -> None:
    assert contrast(COLOURS["quiet"], COLOURS["ground"]) >= 3
    place = re.search(r"i\.open::after {.*background: (#[0-9a-f]{6});", STYLES)
    assert place is not None
    assert contrast(place[1], "#ffffff") >= 3


def test_the_contrast_of_black_and_white_is_known() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_nothing_blinks_faster_than_three_times_a_second() -> None:
    assert 1 / (2 * BLINK_S) <= 3
    fastest = [float(one) for one in re.findall(r"animation:[^;]*?([\d.]+)s", STYLES)]
    assert all(seconds >= 1 / 3 for seconds in fastest)


def test_nothing_of_the_post_listens() -> None:
    imported = {
        (alias.name if isinstance(node, ast.Import) else node.module or "").split(".")[0]
        for file in (ROOT / "kiosk").glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not imported & EARS
    scripts = "".join(path.read_text("utf-8") for path in (ROOT / "kiosk/web").glob("*.js"))
    assert not re.search(r"getUserMedia|SpeechRecognition", scripts)
