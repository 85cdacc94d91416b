"""What operations ask."""

from collections.abc import Callable

from flask import Blueprint, Response

from central.web.replies import as_json
from central.web.routes import Who, blueprint, route
from contract import problems
from contract.problems import Problem


class HealthRoutes:
    """Whether the process answers, and whether it can do its work."""

    def __init__(self, is_ready: Callable[[], bool]) -> None:
        self._is_ready = is_ready

    def blueprint(self) -> Blueprint:
        """Collect the routes."""
        return blueprint(self, "health")

    @route("GET", "/healthz", Who.ANYBODY)
    def alive(self) -> Response:
        """Answer."""
        return as_json({"alive": True})

    @route("GET", "/readyz", Who.ANYBODY)
    def ready(self) -> Response:
        """Say whether the database answers and the writer takes jobs."""
        if not self._is_ready():
            raise Problem(
                problems.NOT_SAVED, "The database does not answer; look at central's log."
            )
        return as_json({"ready": True})
