"""Where the two services of a machine find what they read, and leave what they write."""

import sys
from dataclasses import dataclass
from pathlib import Path

from device.vitals import PROC, SYS


@dataclass(frozen=True, slots=True)
class Places:
    """`settings` holds post.toml or sign.toml; `update` the files of updates; `release` is our own folder.

    `state` is the updater's (root writes it), `wanted` the heartbeat's, `incoming` the fetcher's.
    """

    settings: Path = Path("/etc/portvakt")
    update: Path = Path("/var/lib/portvakt-update")
    release: Path = Path(sys.prefix).parent
    releases: Path = Path("/opt/portvakt")
    proc: Path = PROC
    sys: Path = SYS

    @property
    def wanted(self) -> Path:
        """What central wants of this machine: MachineHeard, and when that was heard."""
        return self.update / "wanted" / "wanted.json"

    @property
    def incoming(self) -> Path:
        """Files of releases, whole or on their way."""
        return self.update / "incoming"

    @property
    def fetched(self) -> Path:
        """What the fetcher did last."""
        return self.incoming / "fetch.json"

    @property
    def state(self) -> Path:
        """What the updater did, does, and will not do again."""
        return self.update / "state"
