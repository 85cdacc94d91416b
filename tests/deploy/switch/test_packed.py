"""The updater as one file that needs nothing but the machine's own Python."""

import ast
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from deploy.switch.packed import packed

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"


def test_it_runs_from_anywhere_without_the_checkout(tmp_path: Path) -> None:
    program = tmp_path / "switch"
    program.write_bytes(packed(DEPLOY))

    words = [sys.executable, "-I", str(program), f"--root={tmp_path / 'machine'}", "status"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (0, "no release runs here\n"), done.stderr


def test_the_same_sources_give_the_same_program() -> None:
    assert packed(DEPLOY) == packed(DEPLOY)


def test_it_holds_the_updater_and_nothing_else(tmp_path: Path) -> None:
    program = tmp_path / "switch"
    program.write_bytes(packed(DEPLOY))

    names = zipfile.ZipFile(program).namelist()

    assert {name.split("/")[1] for name in names if "/" in name} == {
        "__init__.py",
        "errors.py",
        "switch",
    }


def test_it_imports_only_the_standard_library_and_itself() -> None:
    allowed = {*sys.stdlib_module_names, "deploy"}
    for path in (DEPLOY / "switch").glob("*.py"):
        names = set(_imports(ast.parse(path.read_text())))
        assert {name.split(".")[0] for name in names} <= allowed, path.name
        ours = {name for name in names if name.startswith("deploy.")}
        assert all(name.startswith(("deploy.switch", "deploy.errors")) for name in ours), path.name


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
