"""Waits until the post's screen is one of those named, and prints it: screen.py SECONDS NAME ..."""

import json
import sys
import time
import urllib.request

STREAM = "http://127.0.0.1:8082/stream"


def main() -> None:
    """Read the stream that the post's browser reads."""
    end_s, names = time.monotonic() + float(sys.argv[1]), sys.argv[2:]
    last = "nothing"
    while time.monotonic() < end_s:
        try:
            with urllib.request.urlopen(STREAM, timeout=10) as stream:
                for line in stream:
                    if line.startswith(b"data:") and b'"lines"' in line:
                        last = line[5:].decode().strip()
                        if json.loads(last).get("name") in names:
                            sys.stdout.write(last + "\n")
                            return
                    if time.monotonic() > end_s:
                        break
        except OSError:
            time.sleep(0.5)
    sys.exit(f"the screen was never {' or '.join(names)}; at last: {last}")


main()
