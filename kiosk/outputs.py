"""What the post says without its screen: a buzzer for each key, and lamps in the help key and the hall."""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from gpiozero import DigitalOutputDevice, InputDevice

from kiosk.faults import Fault, Part
from kiosk.pulses import Pulses
from kiosk.screen import Lamp

CLICK_S = 0.03
REFUSE_S = 0.06
AGAIN_S = 1.0  # between tries to write a line that failed
BLINK_S = 0.5  # once a second: nothing flashes more than three times a second (WCAG 2.1, 2.3.1)


class Outputs:
    """A self-oscillating buzzer, two lamps and the hall lamp's sense line; None: not wired.

    A line that cannot be claimed, written or read stops nobody from typing a plate: it becomes a
    fault by *put*.  Each later use tries a claimed line again.  *factory* is gpiozero's pin factory,
    None for the machine's own.
    """

    def __init__(
        self,
        buzzer: int | None,
        lamp: int | None,
        hall_lamp: int | None = None,
        hall_sense: int | None = None,
        *,
        put: Callable[[Fault], object],
        factory: Any = None,  # noqa: ANN401 - gpiozero has no types
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._put = put
        self._factory = factory
        self._now_s = now_s
        self._lock = threading.Lock()
        self._faults: dict[str, str] = {}
        self._devices = ExitStack()
        self._buzzer = self._pulses("signals.buzzer", buzzer)
        self._lamp = self._pulses("signals.lamp", lamp)
        self._hall = self._line("signals.hall_lamp", hall_lamp)
        self._sense = self._opened("signals.hall_sense", hall_sense, InputDevice, pull_up=True)
        self._shown = Lamp.OFF
        self._hall_on = False
        self._hall_again_s = 0.0

    def close(self) -> None:
        """Silence and darkness; let go of the lines."""
        self._hall(False)
        self._devices.close()

    def click(self) -> None:
        """Say that a key was taken; returns at once."""
        self._buzzer.play(CLICK_S)

    def refuse(self) -> None:
        """Say that a key did nothing; returns at once."""
        self._buzzer.play(REFUSE_S, REFUSE_S, REFUSE_S)

    def show(self, lamp: Lamp) -> None:
        """Set the lamp of the help key."""
        if lamp is self._shown:
            return
        self._shown = lamp
        if lamp is Lamp.TRYING:
            self._lamp.play(BLINK_S, again=True)
        else:
            self._lamp.hold(lamp is Lamp.ON)

    def hall(self, on: bool) -> None:
        """Switch the lamp in the hall.

        May be called at every tick: the line is written at a change, and each AGAIN_S while it fails.
        """
        fails = "signals.hall_lamp" in self._faults
        if on is self._hall_on and not (fails and self._now_s() >= self._hall_again_s):
            return
        self._hall_on = on
        self._hall_again_s = self._now_s() + AGAIN_S
        self._hall(on)

    def hall_is_lit(self) -> bool | None:
        """Whether current flows in that lamp; None where no sense line tells."""
        sense = self._sense
        if sense is None:
            return None
        # Its contact closes to ground, so low is lit and a cut wire is dark.
        lit: bool | None = self._tried("signals.hall_sense", lambda: bool(sense.is_active))
        return lit

    def _pulses(self, setting: str, pin: int | None) -> Pulses:
        pulses = Pulses(setting, self._line(setting, pin))
        self._devices.callback(pulses.close)
        return pulses

    def _line(self, setting: str, pin: int | None) -> Callable[[bool], object]:
        device = self._opened(setting, pin, DigitalOutputDevice)
        if device is None:
            return bool  # a line that is not there takes every level
        return lambda level: self._tried(setting, device.on if level else device.off)

    def _opened(self, setting: str, pin: int | None, kind: Any, **how: object) -> Any:  # noqa: ANN401
        if pin is None:
            return None
        return self._tried(
            setting,
            lambda: self._devices.enter_context(kind(pin, pin_factory=self._factory, **how)),
        )

    def _tried(self, setting: str, use: Callable[[], Any]) -> Any:  # noqa: ANN401
        try:
            answer = use()
        except Exception as error:  # noqa: BLE001 - lgpio's own error has no base but this
            self._note(setting, str(error) or type(error).__name__)
            return None
        self._note(setting, "")
        return answer

    def _note(self, setting: str, error: str) -> None:
        """Tell a fault when it comes, and that all is well when the last one has gone."""
        with self._lock:
            if self._faults.get(setting, "") == error:
                return
            self._faults.pop(setting, None)
            if error:
                self._faults[setting] = error
            reason = "; ".join(
                f"{name} cannot be used ({why})" for name, why in self._faults.items()
            )
            self._put(Fault(Part.SIGNALS, bool(reason), reason and f"{reason}: check its GPIO."))
