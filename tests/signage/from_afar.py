"""What a driver's eye gets of a panel, as a picture.

The panel's light is drawn finely, each LED as a disc of half the distance between two dots, and blurred by
the eye: a Gaussian as wide, at half its height, as the smallest detail that the eye resolves.  That is one
minute of arc for normal sight (1.0), and two for the least that a driving licence allows (0.5; directive
2006/126/EC, annex III).  Glare, rain and a dirty windscreen come on top.
"""

import math
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from signage.frame import Frame

DISTANCE_MM = 25_000
NORMAL_SIGHT, LEAST_SIGHT = 1.0, 0.5

# A telephone's screen: 400 dots an inch, 30 cm from the eye.
SCREEN_MM, SCREEN_DOTS_PER_MM = 300, 400 / 25.4

_AMBER = (255, 176, 32)
_FINE_PX = 12  # across one dot of the panel, while the light is spread
_LED_SHARE = 0.5
_GAMMA = 2.2
_WIDTH_PER_SIGMA = 2.355  # of a Gaussian, at half its height


@dataclass(frozen=True)
class Look:
    """A look at panels whose dots are *pitch_mm* apart, by an eye of *sight* (1.0 is normal)."""

    pitch_mm: float
    sight: float = NORMAL_SIGHT

    @property
    def minutes_a_dot(self) -> float:
        """Minutes of arc from one dot to the next: 1.4 for 10 mm at 25 m."""
        return math.degrees(math.atan(self.pitch_mm / DISTANCE_MM)) * 60

    @property
    def screen_px_a_dot(self) -> float:
        """How far apart dots are on the screen that fills the same angle: 1.9 for 10 mm at 25 m."""
        return self.pitch_mm / DISTANCE_MM * SCREEN_MM * SCREEN_DOTS_PER_MM

    def at(self, frame: Frame, enlarged: float = 1) -> Image.Image:
        """Draw *frame* as large as it seems from 25 m on the screen, or *enlarged* as it was seen."""
        spread_px = _FINE_PX / self.minutes_a_dot / self.sight
        light = _light(frame).filter(ImageFilter.GaussianBlur(spread_px / _WIDTH_PER_SIGMA))
        brightest = max(value for value, pixels in enumerate(light.histogram()) if pixels)
        grey = light.point([_shade(value, brightest) for value in range(256)])
        scale = self.screen_px_a_dot * enlarged / _FINE_PX
        sized = grey.resize(
            (round(grey.width * scale), round(grey.height * scale)), Image.Resampling.HAMMING
        )
        amber = Image.new("RGB", sized.size, _AMBER)
        return Image.composite(amber, Image.new("RGB", sized.size), sized)


def _light(frame: Frame) -> Image.Image:
    picture = Image.new("L", (frame.width_px * _FINE_PX, frame.height_px * _FINE_PX))
    pen = ImageDraw.Draw(picture)
    edge = round(_FINE_PX * (1 - _LED_SHARE) / 2)
    for y, row in enumerate(frame.rows):
        for x, dot in enumerate(row):
            if dot == "#":
                left, top = x * _FINE_PX + edge, y * _FINE_PX + edge
                across = _FINE_PX - 2 * edge - 1
                pen.ellipse((left, top, left + across, top + across), fill=255)
    return picture


def _shade(value: int, brightest: int) -> int:
    """The eye's picture is dimmer than the LEDs; make its brightest place as bright as a screen can."""
    share = min(1.0, value / max(1, brightest))
    return round(255 * math.pow(share, 1 / _GAMMA))
