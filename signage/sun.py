"""How much light the sky gives by the clock, for the hours when no sensor tells."""

from datetime import datetime
from enum import IntEnum

from astral import Observer
from astral.sun import elevation

# The middle of the sun when its upper edge is on the horizon, and the end of civil twilight
# (United States Naval Observatory, "Rise, Set, and Twilight Definitions").
HORIZON_DEG = -0.833
NIGHT_DEG = -6.0


class Sky(IntEnum):
    """How bright it is outdoors."""

    NIGHT = 0
    TWILIGHT = 1
    DAY = 2


def sky(latitude: float, longitude: float, at: datetime) -> Sky:
    """Say what the sky is at *at*, an aware time; degrees north and east count up.

    Asks how high the sun stands, never when it rises: beyond the polar circle there are months in which
    it does not.
    """
    height_deg = sun_height_deg(latitude, longitude, at)
    if height_deg >= HORIZON_DEG:
        return Sky.DAY
    return Sky.TWILIGHT if height_deg >= NIGHT_DEG else Sky.NIGHT


def sun_height_deg(latitude: float, longitude: float, at: datetime) -> float:
    """Say how high the middle of the sun stands over the horizon, without the air's refraction."""
    return elevation(Observer(latitude, longitude), at, with_refraction=False)
