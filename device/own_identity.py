"""Who we are, for all threads of a process: every session takes its token from here."""

import threading
from dataclasses import replace
from pathlib import Path

from device.identity import Identity, save_identity


class OwnIdentity:
    """The identity in force, which any thread may read and whose token may be renewed at any moment.

    The token before is kept beside it: after a restore central may know that one alone, and an answer that
    came late may have voided the new one before it was used.
    """

    def __init__(self, token_file: Path, identity: Identity | None = None) -> None:
        self._file = token_file
        self._lock = threading.Lock()
        self._identity = identity
        self._refused: set[str] = set()

    @property
    def now(self) -> Identity | None:
        """Who we are; None before enrolment."""
        return self._identity

    def become(self, identity: Identity | None) -> None:
        """Be somebody else from now on, or nobody; what is on the disk stays."""
        with self._lock:
            self._identity = identity
            self._refused.clear()

    def check_kept(self) -> None:
        """See whether a token could be saved, before central is asked for one.

        Raises:
            IdentityBroken: the file cannot be written.
        """
        with self._lock:
            if self._identity is not None:
                save_identity(self._identity, self._file)

    def renew(self, token: str) -> None:
        """Save *token*, and use it from then on; the order is what a power cut in between needs.

        Raises:
            IdentityBroken: it cannot be saved; the token in force stays.
        """
        with self._lock:
            if self._identity is None:
                return
            renewed = replace(self._identity, token=token, before=self._identity.token)
            save_identity(renewed, self._file)
            self._identity = renewed
            self._refused.clear()

    def refused(self, token: str) -> bool:
        """Hear that central does not know *token*; whether another one of ours may work.

        It may when *token* is not in force any more, because it was renewed on the way, and when there is
        one before it.  When neither is known they take turns: a restored database knows the older one, and
        one that comes back may know the newer.
        """
        with self._lock:
            identity = self._identity
            if identity is None or token != identity.token:
                return identity is not None
            if not identity.before:
                return False
            is_news = identity.before not in self._refused
            self._refused = {token} if is_news else set()
            self._identity = replace(identity, token=identity.before, before=token)
            return is_news
