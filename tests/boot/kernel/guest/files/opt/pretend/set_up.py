"""Sets up the station as a manager would, by the commands of the release, all in one process.

Run by the release's Python as portvakt-central; prints the codes of the post and the sign, as JSON.
The password of "Desk 1" is read from standard input.
"""

import contextlib
import io
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from portvakt.cli import main as portvakt

AT = ("--station", "station")
# The machine's clock starts on a Monday morning, 10:00 in Stockholm.
BOOKINGS = """ref,plate,slot,kind
1,ABC123,2026-11-23T10:30+01:00,full
2,DEF456,2026-11-23T10:45+01:00,full
"""


def central(*words: str) -> str:
    """What one command printed."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        portvakt(["central", *words], standalone_mode=False)
    return said.getvalue()


def code(name: str, *words: str) -> str:
    """A one-time code for the device *name*."""
    told = json.loads(central("device", "code", name, *AT, *words, "--json"))
    return str(told["code"])


def main() -> None:
    """Station, door, person, bookings, devices."""
    with TemporaryDirectory() as folder:
        password, bookings = Path(folder, "password"), Path(folder, "bookings.csv")
        password.write_text(sys.stdin.read(), "utf-8")
        bookings.write_text(BOOKINGS, "utf-8")
        central("create", "station", "station", "--name", "Station")
        central("create", "bay", "1", *AT, "--door", "1")
        central("create", "user", "Desk 1", *AT, "--password-file", str(password))
        central("import", "bookings", *AT, str(bookings))
    post = code("Post 1", "--role", "post")
    sign = code("Sign 1", "--role", "sign", "--bay", "1")
    sys.stdout.write(json.dumps({"post": post, "sign": sign}) + "\n")


main()
