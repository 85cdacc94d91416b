"""What must never be read in a log: a type that holds a secret does not show it.

An exception, a debugger's line or a careless `%r` writes the `repr` of a value (OWASP Logging Cheat Sheet,
"Data to exclude").
"""

import msgspec

SECRETS = frozenset(
    {
        "access_token",
        "browser",
        "claim",
        "code",
        "csrf",
        "id_token",
        "new",
        "old",
        "password",
        "secret",
        "token",
        "verifier",
    }
)
HIDDEN = "..."


def discreet(value: msgspec.Struct) -> str:
    """Write *value* as its `repr` would, with each secret as three dots."""
    fields = ", ".join(
        f"{name}={HIDDEN if name in SECRETS else repr(getattr(value, name))}"
        for name in value.__struct_fields__
    )
    return f"{type(value).__name__}({fields})"


class Discreet(msgspec.Struct, frozen=True):
    """A type of the wire whose `repr` names its secrets and shows nothing of them.

    >>> class Key(Discreet, frozen=True):
    ...     device: str
    ...     token: str
    >>> Key("d1", "pv_d1_x")
    Key(device='d1', token=...)
    """

    def __repr__(self) -> str:
        """Write it with its secrets hidden."""
        return discreet(self)
