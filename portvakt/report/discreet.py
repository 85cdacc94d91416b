"""Text for somebody outside of the station: without plates, telephone numbers, addresses, tokens and codes.

Rather a word too much is masked than one too few; times and releases stay readable.
"""

import re
from collections.abc import Iterable

from contract.masking import PLATE
from device.fault_codes import CODES

MASK = "****"
# Begins as national or international numbers do; a date or a time never begins with "+", "0" and a digit.
_PHONE = re.compile(
    r"(?<![\w.:+-])(?:\+(?!\d{4}\b)\d|00[1-9]|0[1-9]|46(?=\d{8}))[\d ()/-]{5,15}\d(?![\w.:])"
)
# A personal number has a day of birth in it (plus 60 for a coordination number).
_PERSON = re.compile(
    r"(?<![\w.:+-])(?:19|20[01])?\d{2}(?:0[1-9]|1[0-2])(?:[06][1-9]|[1278]\d|[39][01])[-+]?\d{4}(?![\w-]|\.\d)"
)
# Beside capitals, in any letters; "_" parts words here, as in the name of a file.
_SMALL_PLATE = re.compile(
    r"(?i)(?<![^\W_])[a-zåäö]{3}\d{2}[a-z\d](?![^\W_])"
    r"|(?<![\w-])[a-zåäö]{3}[ -]\d{2}[a-z\d]\b(?!\.\d)"
)
_MAIL = re.compile(r"[\w.+-]+@(?![\w.@-]*\.(?:service|timer|target|path|socket)\b)[\w-]+\.[\w.-]+")
# `K7QF-93TM`, `K7QF93TM`, `K7QF 93TM`; in small letters only with a figure in it, or every "code-page" would
# be one.
_CODE = re.compile(
    r"(?<![\w-])(?:[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}"
    r"|(?=[2-9]*[A-Z])[A-HJ-NP-Z2-9]{8}"
    r"|(?=[2-9]* ?[2-9]*[A-Z])(?=[A-Z]* ?[A-Z]*[2-9])[A-HJ-NP-Z2-9]{4} [A-HJ-NP-Z2-9]{4}"
    r"|(?=[2-9]*[ -]?[2-9]*[a-z])(?=[a-z]*[ -]?[a-z]*[2-9])[a-hj-np-z2-9]{4}[ -]?[a-hj-np-z2-9]{4})(?![\w-])"
)
_TOKEN = re.compile(
    r"\bpv_[\w-]+|(?i:(?<=bearer )|(?<=authorization: basic ))\S+|(?<=Basic )[\w+/]{8,}={0,2}"
)
_LONG = re.compile(r"(?<![\w/.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{32,}(?![\w/])")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# To the last "@": a password may have one in it, and a "/".
_IN_URL = re.compile(r"(?<=://)[^\s\"'<>]+@")
# Whatever stands before the word: `client_secret`, `MQTT_TOKEN`.
_NAMED = re.compile(
    r"(?i)((?:secret|token|claim|cookie|plate|(?:api|access|secret|private)[_-]?key)[\"']?\s*[=:]\s*"
    r"|--[\w-]*(?:password|passwd|secret|token|psk)\s+)(\"[^\"]*\"|'[^']*'|\S+)"
)
# A password may have blanks in it, so what follows one in its line goes too.
_PASSWORD = re.compile(
    r"(?i)((?:password|passwd|passphrase|psk|(?<![a-z])(?:pass|pwd))[\"']?\s*[=:]\s*).+"
)
# What support looks for before all else has the shape of a plate: `E 21`.
_PLATE = re.compile(
    rf"(?P<code>(?<![\w-])E (?:{'|'.join(str(one.number) for one in CODES.values())})(?![\w-]))"
    rf"|{PLATE.pattern}"
)


def discreet(text: str, secrets: Iterable[str] = ()) -> str:
    """Mask in *text* whatever may not leave the station; *secrets* are this machine's own, word for word."""
    text = text.encode("utf-8", "replace").decode("utf-8")  # half of a character becomes "?"
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    for pattern in (_TOKEN, _IN_URL):
        text = pattern.sub(MASK, text)
    for pattern in (_PASSWORD, _NAMED):
        text = pattern.sub(lambda found: f"{found[1]}{MASK}", text)
    text = _LONG.sub(lambda found: found[0] if _UUID.fullmatch(found[0]) else MASK, text)
    for pattern in (_PERSON, _CODE, _MAIL, _PHONE, _SMALL_PLATE):
        text = pattern.sub(MASK, text)
    return _PLATE.sub(lambda found: found["code"] or MASK, text)
