"""Stands in for the shell and Chromium: says what it draws, until it does what its mode says.

Run as a program: `fake_browser.py MODE NOTES [flags of Chromium]`; it writes its process ids to NOTES.
"""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

REPORTS = 15


def main(mode: str, notes: Path, url: str) -> int:
    hung = subprocess.Popen(["sleep", "600"])
    hung.send_signal(signal.SIGSTOP)
    notes.write_text(str(hung.pid))
    if mode == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if mode == "never":
        signal.pause()
    count = 0
    while not (mode == "exits" and count > REPORTS):
        count += 1
        if mode != "deaf" or count <= REPORTS:
            report(url, standing=mode == "stands still")
        time.sleep(0.02)
    return 3


def report(url: str, *, standing: bool) -> None:
    with urllib.request.urlopen(f"{url}shown", timeout=5) as answer:
        screen = 1 if standing else json.load(answer)["screen"]
    body = json.dumps({"screen": screen, "heap": 5_000_000}).encode()
    urllib.request.urlopen(f"{url}drawn", data=body, timeout=5).close()


if __name__ == "__main__":
    (url,) = (word.removeprefix("--app=") for word in sys.argv if word.startswith("--app="))
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), url))
