"""What operations ask."""

from collections.abc import Callable

from flask import Blueprint, Response
from msgspec import Struct

from central.web.metrics import MEDIA_TYPE, Metrics
from central.web.routes import OPERATIONS, Gives, Who, blueprint, route
from contract import problems
from contract.problems import Problem


class Alive(Struct, frozen=True):
    """The process answers."""

    alive: bool = True


class Ready(Struct, frozen=True):
    """The database answers and the writer takes jobs."""

    ready: bool = True


class HealthRoutes:
    """Whether the process answers, and whether it can do its work."""

    def __init__(self, is_ready: Callable[[], bool], metrics: Metrics) -> None:
        self._is_ready = is_ready
        self._metrics = metrics

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "health")

    @route("GET", "/healthz", Who.ANYBODY)
    def alive(self) -> Alive:
        """Say that the process answers."""
        return Alive()

    @route("GET", "/readyz", Who.ANYBODY)
    def ready(self) -> Ready:
        """Say whether the database answers and the writer takes jobs."""
        if not self._is_ready():
            raise Problem(
                problems.NOT_SAVED, "The database does not answer; look at central's log."
            )
        return Ready()

    @route(
        "GET", "/metrics", OPERATIONS, gives=Gives(200, str, MEDIA_TYPE, "Prometheus' text format.")
    )
    def metrics(self) -> Response:
        """Give what operations watch, as Prometheus reads it.

        A scraper sends the data folder's `metrics.token` as its bearer token.
        """
        return Response(self._metrics.text(), content_type=MEDIA_TYPE)
