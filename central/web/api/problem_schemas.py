"""Problems as the document has them: one schema and one example for each reason."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import msgspec

from contract import problems
from contract.problems import MEDIA_TYPE, MEMBERS, Problem, ProblemType

_EXAMPLES: dict[str, object] = {
    "path": "$.version",
    "most_bytes": 65_536,
    "refusal": "too_short",
    "retry_after_s": 12,
    "by": "Desk 2",
    "bay": "1",
    "vehicles": 3,
    "visit": None,
    "version": 3,
    "plate": "ABC123",
    "state": "called",
    "lines": [{"line": 7, "reason": 'slot "noon" is no time; write it like 2026-11-23 10:30.'}],
}
_RETRY_AFTER = {
    "description": "Come back after so many seconds.",
    "schema": {"type": "integer", "minimum": 1},
}
_WAITS = frozenset({problems.TOO_MANY, problems.NOT_SAVED})


def schema_name(kind: ProblemType) -> str:
    """The component's name."""
    return f"problem.{kind.reason}"


def problem_schemas() -> dict[str, dict[str, Any]]:
    """The schema of every problem."""
    return {schema_name(kind): _schema(kind) for kind in problems.every()}


def problem_examples() -> dict[str, dict[str, Any]]:
    """An example of every problem, by its reason."""
    return {kind.reason: {"value": example(kind)} for kind in problems.every()}


def example(kind: ProblemType) -> dict[str, object]:
    """A problem as somebody may get it."""
    members = {name: _EXAMPLES[name] for name in kind.members}
    return Problem(kind, kind.when, **members).document()


def refusals(kinds: Iterable[ProblemType]) -> dict[str, dict[str, Any]]:
    """The answers of a call that refuses *kinds*, by status."""
    by_status: defaultdict[int, list[ProblemType]] = defaultdict(list)
    for kind in kinds:
        by_status[kind.status].append(kind)
    return {str(status): _answer(same) for status, same in sorted(by_status.items())}


def _answer(kinds: list[ProblemType]) -> dict[str, Any]:
    refs = [{"$ref": f"#/components/schemas/{schema_name(kind)}"} for kind in kinds]
    answer: dict[str, Any] = {
        "description": "\n".join(f"- `{kind.reason}`: {kind.title}." for kind in kinds),
        "content": {
            MEDIA_TYPE: {
                "schema": refs[0] if len(refs) == 1 else {"oneOf": refs},
                "examples": {
                    kind.reason: {"$ref": f"#/components/examples/{kind.reason}"} for kind in kinds
                },
            }
        },
    }
    if _WAITS.intersection(kinds):
        answer["headers"] = {"Retry-After": _RETRY_AFTER}
    return answer


def _schema(kind: ProblemType) -> dict[str, Any]:
    members = {name: msgspec.json.schema(MEMBERS[name]) for name in kind.members}
    return {
        "title": kind.title,
        "description": f"{kind.when}\n\n{kind.what_to_do}",
        "type": "object",
        "properties": {
            "type": {"const": f"urn:portvakt:problem:{kind.reason}"},
            "title": {"const": kind.title},
            "status": {"const": kind.status},
            "detail": {"type": "string", "minLength": 1},
            "reason": {"const": kind.reason},
            **members,
        },
        "required": ["type", "title", "status", "detail", "reason"],
        "additionalProperties": False,
    }
