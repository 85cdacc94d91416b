"""Letters of ours in place of a sign's own, for its preview and to know what fits on it."""

from signage.fonts import ALL, Typeface


def stand_ins(letters: str, rows: int, advance_px: int, gap_px: int) -> Typeface:
    """Make a typeface as high and as wide as the sign's own, with no letter that the sign lacks.

    Args:
        letters: what the sign has.
        rows: how high its letters are.
        advance_px: columns from one letter to the next, of its widest letter.
        gap_px: dark columns between two words.
    """
    fitting = (face for face in ALL if face.height_px <= rows and face.advance_px <= advance_px)
    ours = max(fitting, key=lambda face: face.height_px, default=ALL[-1])
    down = max(0, rows - ours.height_px) // 2
    glyphs = {
        letter: _placed(ours.glyphs[letter], advance_px - 1, down)
        for letter in letters
        if letter in ours.glyphs
    }
    return Typeface(max(rows, ours.height_px), advance_px, gap_px, glyphs)


def _placed(glyph: tuple[int, ...], width_px: int, down: int) -> tuple[int, ...]:
    """Put *glyph* in the middle of a cell, whatever its own width."""
    left = max(0, width_px - len(glyph)) // 2
    columns = [0] * left + [column << down for column in glyph]
    return tuple((columns + [0] * width_px)[:width_px])
