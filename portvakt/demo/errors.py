"""What can stop the demo before it stands."""

from contract.errors import PortvaktError


class DemoRefused(PortvaktError):
    """The demo cannot run like this; the sentence says what to change."""
