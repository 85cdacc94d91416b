"""Text for somebody outside of the station: without plates, telephone numbers, addresses, tokens and codes.

Rather a word too much is masked than one too few; times and releases stay readable.
"""

import re
from collections.abc import Iterable

from contract.masking import without_plates

# Begins as national or international numbers do; a date or a time never begins with "+", "0" and a digit.
_PHONE = re.compile(
    r"(?<![\w.:+-])(?:\+(?!\d{4}\b)\d|00[1-9]|0[1-9]|46(?=\d{8}))[\d ()/-]{5,15}\d(?![\w.:])"
)
_SMALL_PLATE = re.compile(r"(?<![\w-])[a-zåäö]{3}[ -]\d{2}[a-z\d]\b(?!\.\d)")
_MAIL = re.compile(r"[\w.+-]+@(?![\w.@-]*\.(?:service|timer|target|path|socket)\b)[\w-]+\.[\w.-]+")
# `K7QF-93TM`; in small letters only with a figure in it, or every "code-page" would be one.
_CODE = re.compile(
    r"(?<![\w-])(?:[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}"
    r"|(?=[a-z]*-?[a-z]*[2-9])[a-hj-np-z2-9]{4}-[a-hj-np-z2-9]{4})(?![\w-])"
)
_TOKEN = re.compile(r"\bpv_[\w-]+|(?<=Bearer )\S+|(?<=Basic )\S+")
_LONG = re.compile(r"(?<![\w/.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{32,}(?![\w/])")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_IN_URL = re.compile(r"(?<=://)[^/\s@]+@")
_NAMED = re.compile(r"(?i)\b((?:secret|token|claim)\"?\s*[=:]\s*)(\"[^\"]*\"|\S+)")
# A password may have blanks in it, so what follows one in its line goes too.
_PASSWORD = re.compile(r"(?i)\b((?:password|passwd|psk)\"?\s*[=:]\s*).+")
MASK = "****"


def discreet(text: str, secrets: Iterable[str] = ()) -> str:
    """Mask in *text* whatever may not leave the station; *secrets* are this machine's own, word for word."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    for pattern in (_TOKEN, _IN_URL):
        text = pattern.sub(MASK, text)
    for pattern in (_PASSWORD, _NAMED):
        text = pattern.sub(lambda found: f"{found[1]}{MASK}", text)
    text = _LONG.sub(lambda found: found[0] if _UUID.fullmatch(found[0]) else MASK, text)
    for pattern in (_CODE, _MAIL, _PHONE, _SMALL_PLATE):
        text = pattern.sub(MASK, text)
    return without_plates(text)
