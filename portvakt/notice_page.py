"""The notice that hangs at the post: one A4 page, all languages, no script.  Values in, a page out."""

from dataclasses import dataclass
from html import escape

from kiosk.texts import TEXTS
from portvakt.notice_texts import NOTICES, Notice

_STYLE = """
@page { size: A4 portrait; margin: 10mm 12mm; }
* { box-sizing: border-box; margin: 0; }
body { max-width: 186mm; margin: 0 auto; color: #000; font: 10.6pt/1.27 system-ui, "Segoe UI", Roboto,
  "Noto Sans", "DejaVu Sans", sans-serif; }
.draft { margin: 4mm 0; padding: 3mm 4mm; border: 1px solid #8d1b10; border-radius: 2mm; color: #8d1b10; }
header { display: flex; align-items: center; gap: 8mm; padding-bottom: 4mm; border-bottom: .7mm solid #000; }
header svg { flex: none; width: 52mm; }
h1 { font-size: 25pt; line-height: 1.1; }
.others { margin-top: 1mm; font-size: 13pt; }
main { display: grid; grid-template-columns: 1fr 1fr; gap: 4.5mm 8mm; padding: 4.5mm 0; }
h2 { font-size: 13pt; line-height: 1.15; }
dt { margin-top: 1.3mm; font-weight: 700; }
footer { display: grid; gap: 1.5mm; padding-top: 3mm; border-top: .7mm solid #000; overflow-wrap: anywhere; }
footer p { font-size: 11.5pt; }
@media print { .draft { display: none; } }
"""
# A plate as everybody knows it: nobody needs a language to see what the page is about.
_PICTOGRAM = """<svg viewBox="0 0 260 60" role="img" aria-label="ABC 123">
<rect x="1.5" y="1.5" width="257" height="57" rx="7" fill="#fff" stroke="#000" stroke-width="3"/>
<path d="M3 9a6 6 0 0 1 6-6h21v54H9a6 6 0 0 1-6-6z" fill="#0a3f8f"/>
<text x="16.5" y="50" fill="#fff" font-size="15" font-weight="700" text-anchor="middle">S</text>
<text x="145" y="45" font-size="42" font-weight="700" text-anchor="middle" letter-spacing="3">ABC 123</text>
</svg>"""
_DRAFT = (
    "A draft. The station's own lawyer confirms it, above all the legal basis; then print it on A4 and hang"
    " it at the post. This line is not printed."
)


@dataclass(frozen=True, slots=True)
class Station:
    """Who answers for what is kept, how they are reached, who watches over them, and for how many days."""

    name: str
    controller: str
    contact: str
    authority: str
    plates_days: int
    recheck_days: int


def notice_page(station: Station) -> str:
    """Give the page as HTML (GDPR articles 12 and 13)."""
    first, *others = NOTICES.values()
    titles = " · ".join(escape(notice["title"]) for notice in others)
    parts = "".join(_part(language, notice, station) for language, notice in NOTICES.items())
    return f"""<!doctype html>
<html lang="{next(iter(NOTICES))}">
<head><meta charset="utf-8"><title>{escape(first["title"])} – {escape(station.name)}</title>
<style>{_STYLE}</style></head>
<body>
<p class="draft" lang="en">{_DRAFT}</p>
<header>{_PICTOGRAM}<div><h1>{escape(first["title"])}</h1><p class="others">{titles}</p></div></header>
<main>{parts}</main>
<footer>{_foot(station)}</footer>
</body></html>
"""


def _part(language: str, notice: Notice, station: Station) -> str:
    days = {"plates": station.plates_days, "rechecks": station.recheck_days}
    rows = "".join(
        f"<dt>{escape(word)}</dt><dd>{escape(text.format(**days))}</dd>"
        for word, text in notice["parts"]
    )
    name = escape(TEXTS[language]["language"])
    return f'<section lang="{language}"><h2>{name}</h2><dl>{rows}</dl></section>\n'


def _foot(station: Station) -> str:
    """Names and addresses are the same in every language."""
    ask = " · ".join(escape(notice["ask"]) for notice in NOTICES.values())
    complain = " · ".join(escape(notice["authority"]) for notice in NOTICES.values())
    return (
        f"<p><strong>{escape(station.controller)}</strong>, {escape(station.name)}</p>"
        f"<p>{ask}: <strong>{escape(station.contact)}</strong></p>"
        f"<p>{complain}: <strong>{escape(station.authority)}</strong></p>"
    )
