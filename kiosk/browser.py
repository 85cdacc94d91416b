"""`portvakt kiosk show`: keeps one browser on the screen, and ends when it no longer draws.

systemd starts it again then; the whole machine when that was not enough, once a day at most.
"""

import http.client
import logging
import os
import queue
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import msgspec

from contract.reading import from_json
from device.clock import Clock, SystemClock
from device.log import event, set_up
from device.notify import notify
from device.settings import load, load_or_last_good
from kiosk.browser_command import check, command
from kiosk.browser_failures import Failures
from kiosk.browser_process import Screen
from kiosk.browser_watch import Limits, PageWatch, Rest, Shown, nightly_due
from kiosk.screen_guard import plugged_in
from kiosk.settings import BrowserSettings, PostSettings

HOST = "127.0.0.1"
LAST_GOOD = "post.last-good.toml"
FAILURES = "browser-failures.json"
POLL_S = 1.0
ASK_S = 2.0
FAILED = 1
# For this status alone the unit starts the machine again.
REBOOT = 10
# Longer than a turn of ours can take; systemd gives up on us when we stop asking for more time.
MORE_TIME = "EXTEND_TIMEOUT_USEC=30000000"

log = logging.getLogger(__name__)


class Show:
    """Watches one browser, from its start to its end."""

    def __init__(
        self,
        settings: PostSettings,
        limits: Limits,
        clock: Clock,
        *,
        failures: Failures | None = None,
        poll_s: float = POLL_S,
        tell: Callable[[str], object] = notify,
        has_screen: Callable[[], bool | None] | None = None,
    ) -> None:
        self._settings = settings.browser
        self._zone = settings.zone
        self._port = settings.page.port
        self._clock = clock
        self._poll_s = poll_s
        self._tell = tell
        self._has_screen = has_screen or partial(plugged_in, wanted=settings.screen.connector)
        self._failures = failures or Failures(None, clock)
        self._watch = PageWatch(limits)
        self._rest = Rest()
        self._rested_ms = 0
        self._ready = False
        self._dark = False
        # A queue, because an Event may not be set by a signal handler while the same thread waits for it.
        self._ends: queue.SimpleQueue[None] = queue.SimpleQueue()

    def stop(self, *_: object) -> None:
        """End `run`; from any thread or a signal handler."""
        self._ends.put(None)

    def run(self, profile: Path) -> int:
        """Show the page until told to stop or until the night's fresh start.

        Returns 0 then, `FAILED` when it failed, and `REBOOT` when it failed too often.
        """
        if not (self._paused() and self._found_page()):
            self._failures.forget()
            return 0
        begun_ms = self._clock.monotonic_ms()
        try:
            screen = Screen(command(self._settings, f"http://{HOST}:{self._port}/", profile))
        except OSError as error:
            return self._failed(f"it cannot be started: {error}", begun_ms)
        try:
            why = self._watched(screen, begun_ms)
        finally:
            self._tell("STOPPING=1")
            screen.close()
        return self._failed(why, begun_ms) if why else 0

    def _paused(self) -> bool:
        """Wait as long as the failures before this start ask for; false when told to stop."""
        while left_ms := self._failures.pause_ms():
            times = f"the browser failed {self._failures.count} times"
            self._tell(f"{MORE_TIME}\nSTATUS={times}; the next try in {left_ms // 1000} s")
            if self._told_to_stop():
                return False
        return True

    def _found_page(self) -> bool:
        while self._asked() is None:
            self._tell(f"{MORE_TIME}\nSTATUS=waiting for the post's page")
            if self._told_to_stop():
                return False
        return True

    def _watched(self, screen: Screen, begun_ms: int) -> str:
        """Say why the browser failed, or nothing when it may end."""
        while not self._told_to_stop():
            why = self._turn(screen)
            if why:
                return why
            if self._night(begun_ms):
                log.info("nobody is here: the browser starts afresh for the day")
                return ""
        self._failures.forget()
        return ""

    def _failed(self, why: str, begun_ms: int) -> int:
        log.error(event("browser failed", reason=why))
        if self._failures.note(self._clock.monotonic_ms() - begun_ms):
            log.error("it failed again and again; the machine is started again, once in a day")
            return REBOOT
        return FAILED

    def _turn(self, screen: Screen) -> str:
        """Look once; say why the browser failed, or tell systemd that it did not."""
        if screen.ended is not None:
            return f"the shell or the browser ended with status {screen.ended}"
        shown = self._asked()
        now_ms = self._clock.monotonic_ms()
        self._rested_ms = self._rest.look(now_ms, shown)
        why = self._watch.look(now_ms, shown)
        if why and not self._excused(why):
            return why
        if self._watch.draws and not self._ready:
            self._ready = True
            self._tell("READY=1\nSTATUS=the browser draws")
        # Before READY there is no watchdog, only the limit on the time that a start may take.
        self._tell("WATCHDOG=1" if self._ready else MORE_TIME)
        return ""

    def _excused(self, why: str) -> bool:
        """Nothing is drawn on a screen that is not there, and no restart brings it back."""
        dark = self._has_screen() is False
        if dark and not self._dark:
            log.warning(event("no screen is connected", reason=why))
        self._dark = dark
        return dark

    def _night(self, begun_ms: int) -> bool:
        local = self._clock.now().astimezone(self._zone) if self._clock.synced() else None
        life_ms = self._clock.monotonic_ms() - begun_ms
        return nightly_due(self._settings.restart_time, local, life_ms, self._rested_ms)

    def _told_to_stop(self) -> bool:
        try:
            self._ends.get(timeout=self._poll_s)
        except queue.Empty:
            return False
        return True

    def _asked(self) -> Shown | None:
        """What the post says about its page; None while it does not answer."""
        line = http.client.HTTPConnection(HOST, self._port, timeout=ASK_S)
        try:
            line.request("GET", "/shown")
            return from_json(line.getresponse().read(), Shown)
        except (OSError, http.client.HTTPException, msgspec.MsgspecError):
            return None
        finally:
            line.close()


def run(config: Path, limits: Limits | None = None, poll_s: float = POLL_S) -> int:
    """Show the page of the post that *config* describes, until told to stop; the exit status.

    Raises:
        SettingsError: the file cannot be used.
        ShellRefused: a program is missing or too old, which no restart can heal.
    """
    set_up()
    settings = _settings(config)
    check(settings.browser)
    clock, state = SystemClock(), _state()
    failures = Failures(state / FAILURES if state else None, clock)
    limits = limits or limits_of(settings.browser)
    show = Show(settings, limits, clock, failures=failures, poll_s=poll_s)
    signal.signal(signal.SIGTERM, show.stop)
    signal.signal(signal.SIGINT, show.stop)
    with fresh_profile() as profile:
        return show.run(profile)


def _settings(config: Path) -> PostSettings:
    """A file with a fault leaves the screen as dark as the post it belongs to: not at all."""
    state = _state()
    if state is None:
        return load(config, PostSettings)
    settings, error = load_or_last_good(config, PostSettings, state / LAST_GOOD)
    if error is not None:
        log.error("settings refused, the last good ones stay in force: %s", error)
    return settings


def _state() -> Path | None:
    """The unit's folder for what outlives a restart (systemd.exec(5), StateDirectory=)."""
    given = os.environ.get("STATE_DIRECTORY")
    return Path(given) if given else None


def limits_of(settings: BrowserSettings) -> Limits:
    """The limits that the settings set, for this command and for the post's own watch."""
    return Limits(settings.first_s * 1000, settings.patience_s * 1000)


@contextmanager
def fresh_profile() -> Iterator[Path]:
    """An empty folder for the browser: no history, no pages to restore, nothing from the run before.

    It lies in the unit's own folder in memory (systemd.exec(5), RuntimeDirectory=) where there is one.
    """
    given = os.environ.get("RUNTIME_DIRECTORY")
    if not given:
        with tempfile.TemporaryDirectory(
            prefix="portvakt-browser-", ignore_cleanup_errors=True
        ) as made:
            yield Path(made)
        return
    profile = Path(given.split(":")[0]) / "profile"
    shutil.rmtree(profile, ignore_errors=True)
    profile.mkdir(mode=0o700)
    yield profile
