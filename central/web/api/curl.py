"""A call as a line for a shell; what is secret stands in variables."""

import json
import shlex
from typing import Any

from central.web.cookies import SESSION
from central.web.door import CSRF_HEADER

_BEARER = {
    "post": "$POST_TOKEN",
    "sign": "$SIGN_TOKEN",
    "scraper": "$METRICS_TOKEN",
}


def line(method: str, path: str, call: dict[str, Any]) -> str:
    """Write the line for *call*, with the document's own examples."""
    asked = []
    for word in call.get("parameters", ()):
        if word["in"] == "path":
            path = path.replace(f"{{{word['name']}}}", str(word["example"]))
        if word["in"] == "query" and word["required"]:
            asked.append(f"{word['name']}={word.get('example', '...')}")
    query = f"?{'&'.join(asked)}" if asked else ""
    parts = [f'curl -X {method.upper()} "$PORTVAKT{path}{query}"']
    parts += _credentials(call) + _body(call)
    return " \\\n  ".join(parts)


def _credentials(call: dict[str, Any]) -> list[str]:
    """The first way in that the call names."""
    first: dict[str, list[str]] = next(iter(call["security"]), {})
    words = [f'-H "Authorization: Bearer {_BEARER[name]}"' for name in first if name in _BEARER]
    if "session" in first:
        words.append(f'-b "{SESSION}=$SESSION"')
    if "csrf" in first:
        words.append(f'-H "{CSRF_HEADER}: $CSRF"')
    return words


def _body(call: dict[str, Any]) -> list[str]:
    for media, content in call.get("requestBody", {}).get("content", {}).items():
        value = next(iter(content["examples"].values()))["value"]
        if media == "application/x-www-form-urlencoded":
            return [
                f"--data-urlencode {shlex.quote(f'{name}={said}')}"
                for name, said in value.items()
                if said
            ]
        said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return [f"-H {shlex.quote(f'Content-Type: {media}')}", f"--data-binary {shlex.quote(said)}"]
    return []
