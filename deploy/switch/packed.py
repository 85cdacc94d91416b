"""The updater as one file, so that it is replaced in one step and nothing of a release is in it."""

import io
import zipfile
from pathlib import Path

SWITCH = "/usr/local/lib/portvakt/switch"
_START = "import sys\n\nfrom deploy.switch.command import main\n\nsys.exit(main())\n"
_MADE = (2020, 1, 1, 0, 0, 0)  # the same sources give the same file


def packed(deploy: Path) -> bytes:
    """Give the program made of the folder *deploy*, for the machine's own Python (zipapp, PEP 441)."""
    names = ["__init__.py", "errors.py"]
    names += sorted(f"switch/{path.name}" for path in (deploy / "switch").glob("*.py"))
    found = io.BytesIO()
    found.write(b"#!/usr/bin/python3 -I\n")
    with zipfile.ZipFile(found, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py", _MADE), _START)
        for name in names:
            archive.writestr(zipfile.ZipInfo(f"deploy/{name}", _MADE), (deploy / name).read_bytes())
    return found.getvalue()
