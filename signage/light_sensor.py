"""What a light sensor and a current sensor are to the rest of the sign, whatever is soldered."""

from typing import Protocol

from contract.errors import PortvaktError


class SensorLost(PortvaktError):
    """A sensor cannot be read; the sign goes on without it."""

    def __init__(self, sensor: str, where: str, why: object) -> None:
        super().__init__(
            f"The {sensor} at {where} cannot be read ({why}); check its four wires and its address."
        )
        self.why = str(why)


class LightSensor(Protocol):
    """Measures the light that falls on the panel."""

    def lux(self) -> float:
        """Measure now; takes up to half a second.  Raises SensorLost."""

    def close(self) -> None:
        """Let go of the bus; the next `lux` opens it anew."""


class CurrentSensor(Protocol):
    """Measures what the panel draws."""

    def milliamps(self) -> float:
        """Measure now; takes up to half a second.  Raises SensorLost."""

    def close(self) -> None:
        """Let go of the bus; the next `milliamps` opens it anew."""
