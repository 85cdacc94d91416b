"""What sessions, codes and browsers leave behind when they are over."""

from datetime import timedelta

import sqlalchemy as sa

from central import schema
from central.database.tx import Tx
from central.people.lock_out import KNOWN, LOCKED
from central.people.sessions import SESSION_IDLE

# A token or a code that works no longer stays this long, for whoever wonders why it does not.
ENDED_KEPT = timedelta(days=30)

_S, _K, _B, _T, _C = (
    schema.session.c,
    schema.sign_in_code.c,
    schema.known_browser.c,
    schema.api_token.c,
    schema.device_code.c,
)
_BEFORE: "sa.BindParameter[object]" = sa.bindparam("before")
_NAMES = sa.delete(schema.tried_name).where(schema.tried_name.c.wrong_at < _BEFORE)
_SESSIONS = sa.delete(schema.session).where(_S.seen_at < _BEFORE)
_CODES = sa.delete(schema.sign_in_code).where(_K.expires_at < _BEFORE)
_BROWSERS = sa.delete(schema.known_browser).where(_B.at < _BEFORE)
_TOKENS = sa.delete(schema.api_token).where(
    sa.or_(_T.expires_at < _BEFORE, _T.revoked_at < _BEFORE)
)
_DEVICE_CODES = sa.delete(schema.device_code).where(_C.expires_at < _BEFORE)


def erase_over(tx: Tx) -> int:
    """Delete the rows of what is over: sessions, codes, browsers, tokens; give how many."""
    return (
        tx.run(_SESSIONS, before=tx.now - SESSION_IDLE)
        + tx.run(_CODES, before=tx.now)
        + tx.run(_NAMES, before=tx.now - LOCKED)
        + tx.run(_BROWSERS, before=tx.now - KNOWN)
        + tx.run(_TOKENS, before=tx.now - ENDED_KEPT)
        + tx.run(_DEVICE_CODES, before=tx.now - ENDED_KEPT)
    )
