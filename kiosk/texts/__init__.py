"""Every word that the post shows, by language.  `{plate}` is drawn as a plate.

The Swedish is binding.  Times are windows of the clock and never "soon"; nothing blames the customer.
"""

from kiosk.texts.bokmal import BOKMAL
from kiosk.texts.english import ENGLISH
from kiosk.texts.finnish import FINNISH
from kiosk.texts.swedish import SWEDISH

Texts = dict[str, str]

TEXTS: dict[str, Texts] = {"sv": SWEDISH, "en": ENGLISH, "fi": FINNISH, "nb": BOKMAL}
# To be read by a native speaker before a station uses them.
TO_BE_READ = frozenset({"fi", "nb"})
