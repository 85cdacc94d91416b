"""`python3 -m deploy.switch`, and what the zipapp runs."""

import sys

from deploy.switch.command import main

if __name__ == "__main__":
    sys.exit(main())
