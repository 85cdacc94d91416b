"""JSON that others wrote, or that a disk gave back: read strictly, with one kind of error."""

from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")


@overload
def from_json(content: bytes | str) -> Any: ...  # noqa: ANN401 - any JSON


@overload
def from_json(content: bytes | str, kind: type[T]) -> T: ...


@overload
def from_json(content: bytes | str, kind: object) -> Any: ...  # noqa: ANN401 - a union of kinds


def from_json(content: bytes | str, kind: Any = Any) -> Any:
    """Read *content* as *kind*.

    A text that is no UTF-8, as one flipped bit on a card makes it, is an error like every other; msgspec
    lets Python's own UnicodeDecodeError through.

    Raises:
        msgspec.DecodeError: it is no JSON, or another kind (`msgspec.ValidationError`).
    """
    try:
        return msgspec.json.decode(content, type=kind)
    except UnicodeDecodeError as error:
        raise msgspec.DecodeError(f"JSON is malformed: {error.reason}") from error
