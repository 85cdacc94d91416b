"""The root of every error that a person may read."""


class PortvaktError(Exception):
    """Something happened that a person can act on; the text is one sentence that says what to do."""
