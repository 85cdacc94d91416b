"""Which of today's expected plates a row of key presses can mean."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass

from contract.plate import Plate, PlateRefused
from kiosk.keys import KEY_OF, Pad

ORDINARY_SIGNS = 6
# Plates are kept apart by so many first presses: of 100, one or two are left to be looked at.
_FIRST = 2

_Rows = dict[Plate, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Fits:
    """Expected plates that the presses spell completely, and those that they only begin."""

    whole: tuple[Plate, ...] = ()
    begun: tuple[Plate, ...] = ()


class ExpectedPlates:
    """Today's plates, ready to be matched sign by sign."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.texts = tuple(texts)
        plates = [plate for text in self.texts if (plate := _parsed(text)) is not None]
        self._keys = {plate: _keys(plate) for plate in plates}
        self._match_keys = frozenset(plate.match_key for plate in plates)
        self._begins: dict[Pad, dict[str, _Rows]] = {}

    def __contains__(self, plate: object) -> bool:
        return isinstance(plate, Plate) and plate.match_key in self._match_keys

    def adding(self, plates: Iterable[Plate]) -> "ExpectedPlates":
        """Give the list with more: who was registered here may come back to the keys."""
        fresh = [plate for plate in plates if plate not in self]
        if not fresh:
            return self
        more = copy(self)
        more.texts = *self.texts, *[plate.text for plate in fresh]
        more._keys = self._keys | {plate: _keys(plate) for plate in fresh}  # noqa: SLF001 - our own copy
        more._match_keys = self._match_keys | {plate.match_key for plate in fresh}  # noqa: SLF001 - as above
        more._begins = {}  # noqa: SLF001 - as above
        return more

    def fitting(self, presses: str, pad: Pad) -> Fits:
        """Find the plates that *presses* can mean on *pad*; both lists keep the order of the day."""
        typed = _typed(presses, pad)
        whole: list[Plate] = []
        begun: list[Plate] = []
        for plate, row in self._beginning(typed, pad).items():
            if len(typed) > len(row) or not all(map(_is_in, typed, row)):
                continue
            (whole if len(typed) == len(row) else begun).append(plate)
        return Fits(tuple(whole), tuple(begun))

    def _beginning(self, typed: str, pad: Pad) -> _Rows:
        """The plates that the first presses leave, with what may be pressed for each of their signs."""
        if len(typed) < _FIRST:
            return {plate: _row(plate, keys, pad) for plate, keys in self._keys.items()}
        if pad not in self._begins:
            self._begins[pad] = self._sorted(pad)
        return self._begins[pad].get(typed[:_FIRST], {})

    def _sorted(self, pad: Pad) -> dict[str, _Rows]:
        begins: dict[str, _Rows] = {}
        for plate, keys in self._keys.items():
            row = _row(plate, keys, pad)
            for one in row[0]:
                for other in row[1]:
                    begins.setdefault(one + other, {})[plate] = row
        return begins


def _typed(presses: str, pad: Pad) -> str:
    return presses if pad is Pad.PHONE else presses.translate(_FOLD)


def _row(plate: Plate, keys: tuple[str, ...], pad: Pad) -> tuple[str, ...]:
    return keys if pad is Pad.PHONE else tuple(plate.match_key)


_FOLD = str.maketrans("OI", "01")


def _is_in(press: str, keys: str) -> bool:
    return press in keys


def _keys(plate: Plate) -> tuple[str, ...]:
    """For each sign the keys that somebody may press for it."""
    return tuple(_keys_of(sign, ordinary=plate.is_ordinary_swedish) for sign in plate.text)


def _keys_of(sign: str, *, ordinary: bool) -> str:
    # Letter O and figure 0 look alike; on an ordinary plate the place tells which, and only the letter
    # can be mistaken: with key 6 for figure 0, ABC 120 and ABC 126 could not be told apart.
    if sign in "OI":
        return KEY_OF[sign] + ("0" if sign == "O" else "1")
    if sign in "01" and not ordinary:
        return sign + ("6" if sign == "0" else "4")
    return KEY_OF.get(sign, sign)


def _parsed(text: str) -> Plate | None:
    try:
        return Plate.parse(text)
    except PlateRefused:  # a list from a newer central may hold what we cannot read yet
        return None
