"""Our own typefaces: every letter that a plate may hold, told apart at 25 m.

Columns that a text needs, its groups separated by a gap:

    typeface   rows   `ABC 123`   `WMX 99W`   a personal plate of 7 signs   10 signs
    5 x 7         7          37          37                            41         59
    7 x 9         9          50          50                            55         79
    10 x 14      14          75          75                            83        119
"""

from signage.fonts.five_by_seven import FIVE_BY_SEVEN
from signage.fonts.seven_by_nine import SEVEN_BY_NINE
from signage.fonts.ten_by_fourteen import TEN_BY_FOURTEEN
from signage.fonts.typeface import Typeface

ALL = (TEN_BY_FOURTEEN, SEVEN_BY_NINE, FIVE_BY_SEVEN)

__all__ = ["ALL", "FIVE_BY_SEVEN", "SEVEN_BY_NINE", "TEN_BY_FOURTEEN", "Typeface"]
