"""What operations watch, as Prometheus reads it (text format 0.0.4).  No plate, no name, no device."""

import hmac
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version

import prometheus_client
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from central.devices import faults
from central.serving.figures import OTHER, Figures
from contract.problems import Problem

MEDIA_TYPE = prometheus_client.exposition.CONTENT_TYPE_PLAIN_0_0_4
REQUEST_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
COMMIT_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
GROUP = (1, 2, 4, 8, 16, 32, 64)
# A label takes few values: whoever invents methods would make a series of each.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})

# A second series for each one, with the time at which it began, helps nobody here.
prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The counts of one application, in a registry of its own.

    *figures* reads the stations, *streams_open* says how many streams are open, *token* lets a scraper
    in (empty: nobody).
    """

    def __init__(
        self,
        figures: Callable[[], Sequence[Figures]] = lambda: (),
        streams_open: Callable[[], int] = lambda: 0,
        *,
        epoch: str = "",
        token: str = "",
    ) -> None:
        self._token = token
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "portvakt_request_seconds",
            "Time to answer, by the rule of the route.",
            ("method", "route", "status"),
            buckets=REQUEST_S,
            registry=self._registry,
        )
        self._commit_s = Histogram(
            "portvakt_commit_seconds",
            "Time until a commit was on disk.",
            buckets=COMMIT_S,
            registry=self._registry,
        )
        self._jobs = Histogram(
            "portvakt_commit_jobs",
            "Changes that shared a commit.",
            buckets=GROUP,
            registry=self._registry,
        )
        self._failed = Counter(
            "portvakt_commits_failed", "Commits that failed.", registry=self._registry
        )
        self._registry.register(_Now(figures, streams_open, epoch))
        ProcessCollector(registry=self._registry)

    def lets_in(self, authorization: str) -> bool:
        """Whether this Authorization header brings the scraper's token."""
        shown = authorization.removeprefix("Bearer ").strip()
        return bool(self._token) and hmac.compare_digest(shown.encode(), self._token.encode())

    def committed(self, jobs: int, took_s: float) -> None:
        """Count a commit of so many changes."""
        self._jobs.observe(jobs)
        self._commit_s.observe(took_s)

    def failed(self) -> None:
        """Count a commit that failed."""
        self._failed.inc()

    def watch(self, app: Flask) -> None:
        """Count what *app* answers."""

        def begin() -> None:
            g.begun_s = time.perf_counter()

        def end(response: Response) -> Response:
            rule = "none" if request.url_rule is None else request.url_rule.rule
            method = request.method if request.method in _METHODS else "other"
            took_s = time.perf_counter() - g.begun_s
            self._requests.labels(method, rule, response.status_code).observe(took_s)
            return response

        app.before_request(begin)
        app.after_request(end)

    def text(self) -> bytes:
        """Everything, as it is now."""
        return prometheus_client.generate_latest(self._registry)


class _Now(Collector):
    """What is not counted but looked at, when somebody asks."""

    def __init__(
        self,
        figures: Callable[[], Sequence[Figures]],
        streams_open: Callable[[], int],
        epoch: str,
    ) -> None:
        self._figures = figures
        self._streams_open = streams_open
        self._build = {"version": version("portvakt"), "epoch": epoch}

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand, so that registering this does not ask the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Look."""
        yield InfoMetricFamily("portvakt_build", "This release, and its database.", self._build)
        yield GaugeMetricFamily(
            "portvakt_streams_open", "Streams that are open.", self._streams_open()
        )
        try:
            figures = self._figures()
        except (
            Problem,
            SQLAlchemyError,
        ):  # the database is away: that is what must be seen, not a failed scrape
            yield _database_up(0)
            return
        yield _database_up(1)
        yield from _of_stations(figures)


def _database_up(up: int) -> Metric:
    return GaugeMetricFamily("portvakt_database_up", "Whether the database answers.", up)


def _of_stations(figures: Sequence[Figures]) -> Iterable[Metric]:
    visits = GaugeMetricFamily("portvakt_visits", "Open visits.", labels=("station", "state"))
    events = CounterMetricFamily("portvakt_events", "Events so far.", labels=("station",))
    for one in figures:
        events.add_metric((one.station,), one.seq)
        for state, count in sorted(one.visits.items()):
            visits.add_metric((one.station, state), count)
    yield from (visits, events, _faults(figures))
    for name, says, value in _GAUGES:
        gauge = GaugeMetricFamily(name, says, labels=("station",))
        for one in figures:
            gauge.add_metric((one.station,), value(one))
        yield gauge


def _faults(figures: Sequence[Figures]) -> Metric:
    """Every part that may fail has its series, so that one at 0 is not one that nobody watches."""
    gauge = GaugeMetricFamily(
        "portvakt_device_faults",
        "Posts and signs that say that a part of them fails.",
        labels=("station", "part"),
    )
    for one in figures:
        for part in (*faults.WORDS, OTHER):
            gauge.add_metric((one.station, part), one.devices.faults[part])
    return gauge


_GAUGES: tuple[tuple[str, str, Callable[[Figures], float]], ...] = (
    (
        "portvakt_oldest_wait_seconds",
        "How long the one who waits longest has been here.",
        lambda one: one.oldest_wait_s,
    ),
    ("portvakt_help_open", "Calls for help that nobody has closed.", lambda one: one.help_open),
    ("portvakt_signs_silent", "Signs that do not beat.", lambda one: one.signs_silent),
    (
        "portvakt_posts_silent",
        "Posts whose heartbeats have stopped.",
        lambda one: one.devices.posts_silent,
    ),
    (
        "portvakt_outbox_waiting",
        "Arrivals that posts have saved and not delivered, by their last heartbeats.",
        lambda one: one.devices.outbox_waiting,
    ),
    (
        "portvakt_outbox_oldest_seconds",
        "The age of the oldest of them.",
        lambda one: one.devices.outbox_oldest_s,
    ),
    (
        "portvakt_outbox_refused",
        "Arrivals that central has refused and that posts keep.",
        lambda one: one.devices.outbox_refused,
    ),
    (
        "portvakt_arrivals_held",
        "Arrivals that a person must look at first.",
        lambda one: one.arrivals_held,
    ),
    (
        "portvakt_deeds_uncertain",
        "Deeds that began and of which nobody knows the end.",
        lambda one: one.deeds_uncertain,
    ),
)
