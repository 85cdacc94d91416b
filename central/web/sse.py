"""The text of server-sent events (WHATWG HTML, "Server-sent events")."""


def event(name: str, data: bytes, event_id: str = "") -> bytes:
    """Write one event; *data* is one line, as JSON without line breaks is."""
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {name}\ndata: ".encode() + data + b"\n\n"


def comment(text: str) -> bytes:
    """Write a line that readers skip; it proves that the connection lives."""
    return f": {text}\n\n".encode()


def retry(after_ms: int) -> bytes:
    """Ask the reader to come back *after_ms* when the stream ends."""
    return f"retry: {after_ms}\n\n".encode()
