"""A USB keypad, read by python-evdev and held so that none of its keys reaches anything else.

The kernel's rules: Documentation/input/event-codes.rst; EVIOCGRAB gives all events to us alone.
"""

import errno
import glob
import select
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from threading import Event

from kiosk.key_codes import MODIFIERS, Table
from kiosk.key_reports import KeyReports, keep_reading
from kiosk.keypad_settings import UsbSettings
from kiosk.keys import KeypadLost, Put
from kiosk.scan import SCAN_MS
from kiosk.usb_search import (
    EV_KEY,
    EV_SYN,
    SYN_DROPPED,
    SYN_REPORT,
    InputEvent,
    Node,
    open_all,
    ours,
)

LOOK_S = 0.25
UP, DOWN = 0, 1  # 2 is the kernel's own repeat of a key that is held
_UNPLUGGED = "The USB keypad was unplugged ({error}); plug it in again."


def _event_nodes() -> list[str]:
    return sorted(glob.glob("/dev/input/event*"))  # noqa: PTH207 - paths as evdev takes them


def _open_node(path: str) -> Node:
    # Only now, and only here: evdev is compiled, and a post with another keypad has none.
    try:
        import evdev  # noqa: PLC0415
    except ImportError as error:
        raise KeypadLost(
            f"A USB keypad needs the package evdev ({error}); install the role post again."
        ) from error
    # Read-only: opened for writing, some keypads set their NumLock anew.
    node: Node = evdev.InputDevice(path, readonly=True)
    return node


class UsbKeypad:
    """Finds its keypad by *wanted*, keeps it to itself, and takes it again when it was unplugged.

    *table* names the key of each kernel code.  *paths* and *open_node* stand for /dev/input and evdev.
    """

    def __init__(
        self,
        wanted: UsbSettings,
        table: Table,
        *,
        lockout_ms: int,
        monotonic_ms: Callable[[], int],
        put: Put,
        click: Callable[[], object],
        paths: Callable[[], Iterable[str]] = _event_nodes,
        open_node: Callable[[str], Node] = _open_node,
    ) -> None:
        self._wanted = wanted
        self._table = table
        self._paths = paths
        self._open_node = open_node
        self._reports = KeyReports(lockout_ms, monotonic_ms, put, click)
        self._devices = ExitStack()
        self._nodes: list[Node] = []
        # By path: evdev's devices can be compared, so they cannot be keys of a dictionary.
        self._down: dict[str, set[int]] = {}
        self._dropped: set[str] = set()
        self._seen: set[str] = set()

    def run(self, stopping: Event) -> None:
        """Read until *stopping* is set; a keypad that is not there is looked for again and again."""
        keep_reading(self._read, self._reports, stopping)

    def open(self) -> None:
        """Find the keypad and take it for us alone.

        Raises:
            KeypadLost: it is not there, not the only one, or somebody else has taken it.
        """
        opened = open_all(self._paths(), self._open_node)
        for node in opened.nodes:
            self._devices.enter_context(closing(node))
        self._nodes = ours(opened, self._wanted, self._table)
        kept = {node.path for node in self._nodes}
        for node in opened.nodes:
            if node.path not in kept:
                node.close()
        for node in self._nodes:
            self._grab(node)
        self._dropped.clear()
        self._down = {node.path: self._active(node) for node in self._nodes}
        self._seen = self._closed()
        self._reports.begin(self._seen)

    def close(self) -> None:
        """Let go of it: the kernel ends the grab with the file."""
        self._nodes = []
        self._devices.close()

    def look(self, timeout_s: float = 0.0) -> None:
        """Take what was pressed; wait at most *timeout_s* for it.

        Raises:
            KeypadLost: it was unplugged.
        """
        ready, _, _ = select.select(self._nodes, [], [], timeout_s)
        for node in ready:
            try:
                self._take(node, list(node.read()))
            except BlockingIOError:
                continue
            except OSError as error:
                raise KeypadLost(_UNPLUGGED.format(error=error.strerror)) from error
        self._reports.see(self._seen)

    def _read(self, stopping: Event) -> None:
        with closing(self):
            self.open()
            while not stopping.is_set():
                self.look(SCAN_MS / 1000 if self._reports.busy else LOOK_S)

    def _grab(self, node: Node) -> None:
        try:
            node.grab()
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise KeypadLost(_UNPLUGGED.format(error=error.strerror)) from error
            raise KeypadLost(
                f"Another program keeps the USB keypad {node.name} to itself ({error.strerror}); "
                "stop that program."
            ) from error

    def _active(self, node: Node) -> set[int]:
        try:
            return set(node.active_keys())
        except OSError as error:
            raise KeypadLost(_UNPLUGGED.format(error=error.strerror)) from error

    def _take(self, node: Node, events: list[InputEvent]) -> None:
        now_ms = self._reports.now_ms()
        for event in events:
            # Read together does not mean pressed together: this machine may have been busy meanwhile.
            at_ms = now_ms - max(0, _ms(events[-1]) - _ms(event))
            if event.type == EV_SYN:
                self._synced(node, event.code, at_ms)
            elif event.type == EV_KEY and node.path not in self._dropped:
                self._moved(self._down[node.path], event.code, event.value)

    def _synced(self, node: Node, code: int, at_ms: int) -> None:
        """Believe a whole report; after lost events all up to the next report are worth nothing."""
        if code == SYN_DROPPED:
            self._dropped.add(node.path)
        elif code == SYN_REPORT:
            if node.path in self._dropped:
                self._dropped.discard(node.path)
                self._down[node.path] = self._active(node)
            self._reports.see(self._seen, at_ms)  # so it was until then
            self._seen = self._closed()
            self._reports.see(self._seen, at_ms)

    def _moved(self, down: set[int], code: int, value: int) -> None:
        if value == DOWN:
            down.add(code)
            if code not in self._table and code not in MODIFIERS:
                self._reports.wondered()
        elif value == UP:
            down.discard(code)

    def _closed(self) -> set[str]:
        codes = set().union(*self._down.values())
        return {self._table[code] for code in codes if code in self._table}


def _ms(event: InputEvent) -> int:
    return event.sec * 1000 + event.usec // 1000
