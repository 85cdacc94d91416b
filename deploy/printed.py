"""The technician's page as a printer has it: one sheet of A4, from the Markdown of docs/technician.md."""

import re
from collections.abc import Iterator
from html import escape

# Narrow borders, letters that can be read at arm's length.
_HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Portvakt</title><style>
@page{size:A4;margin:7mm}
body{font:8pt/1.2 Roboto Condensed,Arial,sans-serif;margin:0}
h1{font-size:11pt;margin:0 0 2pt}p{margin:2.5pt 0}pre{margin:2pt 0;padding:1.5pt 4pt;background:#eee;
white-space:pre-wrap}code{font-size:6.9pt}table{border-collapse:collapse;width:100%}
td,th{border-bottom:.3pt solid #999;padding:.2pt 3pt;text-align:left;font-size:7.5pt;line-height:1.15}
</style>
"""
_PART = re.compile(r"(?s:^```.*?^```$)|^# .*$|(?:^\|.*\n?)+|(?:^(?!```|# |\|).+\n?)+", re.MULTILINE)
_WORDS = (
    (re.compile(r"\*\*(.+?)\*\*", re.DOTALL), "b"),
    (re.compile(r"\*(.+?)\*", re.DOTALL), "i"),
)


def printed(text: str) -> str:
    """Turn the page's Markdown into HTML that prints on one sheet.

    It knows a title, paragraphs, fenced blocks, one table, and in a line `code`, **bold** and *slanted*.
    """
    return _HEAD + "".join(_part(found[0]) for found in _PART.finditer(text))


def _part(part: str) -> str:
    if part.startswith("```"):
        _, _, lines = part.removesuffix("```").partition("\n")
        return f"<pre><code>{escape(lines.rstrip())}</code></pre>\n"
    if part.startswith("# "):
        return f"<h1>{_inline(part[2:])}</h1>\n"
    if part.startswith("|"):
        return f"<table>{''.join(_rows(part))}</table>\n"
    return f"<p>{_inline(part.strip())}</p>\n"


def _rows(part: str) -> Iterator[str]:
    head, _, *rows = [line.strip("|").split("|") for line in part.strip().splitlines()]
    for kind, cells in (("th", head), *(("td", row) for row in rows)):
        yield (
            "<tr>" + "".join(f"<{kind}>{_inline(one.strip())}</{kind}>" for one in cells) + "</tr>"
        )


def _inline(text: str) -> str:
    # Every second piece stood between backticks, where stars mean nothing.
    pieces = [escape(one, quote=False) for one in text.split("`")]
    for number, piece in enumerate(pieces):
        if number % 2:
            pieces[number] = f"<code>{piece}</code>"
            continue
        for pattern, name in _WORDS:
            pieces[number] = pattern.sub(rf"<{name}>\1</{name}>", pieces[number])
    return "".join(pieces)
