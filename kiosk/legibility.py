"""How tall letters must be to be read from where somebody stands (EN 301 549 V3.2.1, 5.1.4)."""

from math import ceil, hypot

# A capital H that fills 0.7 degrees of what is seen, as the standard works it out.
CAPITAL_PER_DISTANCE = 0.0122
MM_PER_INCH = 25.4
# The tallest capitals, as a share of the screen's diagonal, with which every screen fits in every language.
LARGEST_SHARE = 1 / 30
# The shapes of screen on which that has been drawn; 128:75 is 1024 by 600 pixels.
ASPECTS = ("16:10", "16:9", "128:75", "10:16")


def capital_mm(reading_m: float) -> float:
    """The least height of a capital letter that is read from *reading_m* away."""
    return CAPITAL_PER_DISTANCE * reading_m * 1000


def capital_share(reading_m: float, screen_inches: float) -> float:
    """That height as a share of the screen's diagonal, which needs no knowledge of its pixels."""
    return capital_mm(reading_m) / (screen_inches * MM_PER_INCH)


def capital_px(reading_m: float, screen_inches: float, width_px: float, height_px: float) -> float:
    """That height in the pixels of a page that fills the screen; pixels are square."""
    return capital_share(reading_m, screen_inches) * hypot(width_px, height_px)


def least_inches(reading_m: float) -> float:
    """The smallest diagonal that holds every screen at *reading_m*, rounded up to a tenth."""
    return ceil(capital_mm(reading_m) / LARGEST_SHARE / MM_PER_INCH * 10) / 10
