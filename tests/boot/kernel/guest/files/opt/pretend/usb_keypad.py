"""A USB keypad by uinput: plugs it in, waits until the post keeps it to itself, and types.

usb_keypad.py KEY ... [stay]; run by the Python of the release, which has evdev.  It is pulled out when this
ends; with the last word that is when somebody ends it.
"""

import contextlib
import errno
import signal
import sys
import time

from evdev import InputDevice, UInput, ecodes

VENDOR, PRODUCT = 0x04D9, 0x1203
CODES = {str(digit): getattr(ecodes, f"KEY_KP{digit}") for digit in range(10)}
CODES |= {"ok": ecodes.KEY_KPENTER, "clear": ecodes.KEY_BACKSPACE, "cancel": ecodes.KEY_ESC}
HELD_S, REST_S = 0.1, 0.4
PATIENCE_S = 120.0


def is_grabbed(path: str) -> bool:
    """Whether somebody keeps it to himself."""
    with contextlib.closing(InputDevice(path)) as node:
        try:
            node.grab()
        except OSError as error:
            return error.errno == errno.EBUSY
        node.ungrab()
    return False


def main() -> None:
    """Type the keys that are named."""
    keys = {ecodes.EV_KEY: list(CODES.values())}
    with UInput(keys, name="Pretend keypad", vendor=VENDOR, product=PRODUCT) as keypad:
        begun_s = time.monotonic()
        while not is_grabbed(keypad.device.path):
            if time.monotonic() > begun_s + PATIENCE_S:
                sys.exit("nobody took the keypad")
            time.sleep(0.3)
        sys.stdout.write(f"taken after {time.monotonic() - begun_s:.1f} s\n")
        sys.stdout.flush()
        for key in sys.argv[1:]:
            if key == "stay":
                signal.pause()
                return
            for down in (1, 0):
                keypad.write(ecodes.EV_KEY, CODES[key], down)
                keypad.syn()
                time.sleep(HELD_S if down else REST_S)


main()
