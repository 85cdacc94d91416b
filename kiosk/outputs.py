"""What the post says without its screen: a buzzer for each key, and the lamp in the help key."""

from contextlib import ExitStack
from typing import Any

from gpiozero import LED, Buzzer, GPIOZeroError

from contract.errors import PortvaktError
from kiosk.screen import Lamp

CLICK_S = 0.03
REFUSE_S = 0.06
BLINK_S = 0.5  # once a second: nothing flashes more than three times a second (WCAG 2.1, 2.3.1)


class SignalLost(PortvaktError):
    """The buzzer or the lamp cannot be driven."""


class Outputs:
    """A self-oscillating buzzer and an LED; None for a pin that is not wired.

    *factory* is gpiozero's pin factory, None for the machine's own.
    """

    def __init__(
        self,
        buzzer: int | None,
        lamp: int | None,
        factory: Any = None,  # noqa: ANN401 - gpiozero has no types
    ) -> None:
        self._devices = ExitStack()
        self._buzzer = self._opened(Buzzer, buzzer, factory)
        self._lamp = self._opened(LED, lamp, factory)
        self._shown = Lamp.OFF

    def close(self) -> None:
        """Silence and darkness; let go of the lines."""
        self._devices.close()

    def click(self) -> None:
        """Say that a key was taken; returns at once."""
        if self._buzzer is not None:
            self._buzzer.beep(on_time=CLICK_S, off_time=0, n=1)

    def refuse(self) -> None:
        """Say that a key did nothing; returns at once."""
        if self._buzzer is not None:
            self._buzzer.beep(on_time=REFUSE_S, off_time=REFUSE_S, n=2)

    def show(self, lamp: Lamp) -> None:
        """Set the lamp of the help key."""
        if self._lamp is None or lamp is self._shown:
            return
        self._shown = lamp
        if lamp is Lamp.TRYING:
            self._lamp.blink(on_time=BLINK_S, off_time=BLINK_S)
        else:
            (self._lamp.on if lamp is Lamp.ON else self._lamp.off)()

    def _opened(self, kind: Any, pin: int | None, factory: Any) -> Any:  # noqa: ANN401 - as above
        if pin is None:
            return None
        try:
            return self._devices.enter_context(kind(pin, pin_factory=factory))
        except (GPIOZeroError, OSError) as error:
            raise SignalLost(
                f"GPIO {pin} cannot be used ({error}); check signals.buzzer and signals.lamp."
            ) from error
