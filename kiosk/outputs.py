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
    fault by *put*, and `hall`, at every tick, tries it again each AGAIN_S.  *factory* is gpiozero's pin
    factory, None for the machine's own.
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
        self._lines: list[_Line] = []
        self._buzzer = self._pulses("signals.buzzer", buzzer)
        self._lamp = self._pulses("signals.lamp", lamp)
        self._hall = self._line("signals.hall_lamp", hall_lamp, DigitalOutputDevice).write
        self._sense = self._line("signals.hall_sense", hall_sense, InputDevice, pull_up=True)
        self._shown = Lamp.OFF
        self._hall_on = False

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

        To be called at every tick: the line is written at a change, and lines that fail are tried again.
        """
        if on is not self._hall_on:
            self._hall_on = on
            self._hall(on)
        for line in self._lines:
            line.try_again()

    def hall_is_lit(self) -> bool | None:
        """Whether current flows in that lamp; None where no sense line tells."""
        # Its contact closes to ground, so low is lit and a cut wire is dark.
        return self._sense.read()

    def _pulses(self, setting: str, pin: int | None) -> Pulses:
        pulses = Pulses(setting, self._line(setting, pin, DigitalOutputDevice).write)
        self._devices.callback(pulses.close)
        return pulses

    def _line(self, setting: str, pin: int | None, kind: Any, **how: object) -> "_Line":  # noqa: ANN401
        def claim() -> Any:  # noqa: ANN401 - gpiozero has no types
            return None if pin is None else kind(pin, pin_factory=self._factory, **how)

        line = _Line(claim, lambda error: self._note(setting, error), self._now_s)
        self._devices.callback(line.close)
        self._lines.append(line)
        return line

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


class _Line:
    """One line: claimed now, or later, when whoever has it lets go.

    *claim* gives gpiozero's device, None where nothing is wired; *note* hears each failure, and "".
    Any thread may use it.
    """

    def __init__(
        self,
        claim: Callable[[], Any],
        note: Callable[[str], object],
        now_s: Callable[[], float],
    ) -> None:
        self._claim = claim
        self._note = note
        self._now_s = now_s
        self._lock = threading.RLock()
        self._device: Any = None
        self._level: bool | None = None
        self._fails = False
        self._again_s = 0.0
        self._tried(self._open)

    def write(self, level: bool) -> None:
        """Drive it now; a line that is not there keeps the level for later."""
        with self._lock:
            self._level = level
            if self._device is not None:
                self._tried(self._drive)

    def read(self) -> bool | None:
        """Whether it is active; None when nobody knows."""
        with self._lock:
            device = self._device
            if device is None:
                return None
            lit: bool | None = self._tried(lambda: bool(device.is_active))
            return lit

    def try_again(self) -> None:
        """Claim and drive a line that failed, each AGAIN_S."""
        with self._lock:
            if self._fails and self._now_s() >= self._again_s:
                self._tried(self._open if self._device is None else self._drive)

    def close(self) -> None:
        """Let go of it."""
        with self._lock:
            self._fails = False
            if self._device is not None:
                self._device.close()

    def _open(self) -> None:
        self._device = self._claim()
        self._drive()

    def _drive(self) -> None:
        if self._device is not None and self._level is not None:
            (self._device.on if self._level else self._device.off)()

    def _tried(self, use: Callable[[], Any]) -> Any:  # noqa: ANN401
        try:
            answer = use()
        except Exception as error:  # noqa: BLE001 - lgpio's own error has no base but this
            self._fails, self._again_s = True, self._now_s() + AGAIN_S
            self._note(str(error) or type(error).__name__)
            return None
        self._fails = False
        self._note("")
        return answer
