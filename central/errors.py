"""What the office may be told when it sets something up."""

from contract.errors import PortvaktError


class AlreadyThere(PortvaktError):
    """Something of that name exists already."""


class NotThere(PortvaktError):
    """There is nothing of that name."""


class NotPossible(PortvaktError):
    """What was asked for makes no sense; the text says what would."""


class FolderTaken(PortvaktError):
    """Another process holds the data folder, or it cannot be written."""


class StoreUnfit(PortvaktError):
    """This machine's SQLite cannot be trusted with the queue, or the database is of another release."""


class StoreTaken(PortvaktError):
    """Somebody else uses the database in a way that does not go together with what was asked."""


class StoreAway(PortvaktError):
    """The database does not answer."""
