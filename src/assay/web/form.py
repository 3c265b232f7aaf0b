"""Large bodies are held against their form in a worker first: what is wrong ten thousand times is told once, there."""

import functools
import json
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from assay.web.wiring import Apart

_SMALL_BYTES = 1_500
"""What is smaller cannot be wrong in so many places that telling of them takes long."""
_CPU_SECONDS = 1.0
_MOST_SHOWN = 100
"""Characters: enough to tell an empty text from a short one, and to name what was meant."""


async def check_form(request: Request, workers: Apart) -> None:
    """A dependency of every route; runs before the route's own reading of the body. Raises what that would raise."""
    field = getattr(request.scope.get("route"), "body_field", None)
    if field is None:
        return
    body = await request.body()
    if len(body) <= _SMALL_BYTES:
        return
    found = await workers.run(first_fault, field.field_info.annotation, body, cpu_seconds=_CPU_SECONDS, what="This body")
    if found is not None:
        raise RequestValidationError([found])


def first_fault(form: Any, body: bytes) -> dict[str, Any] | None:
    """As pydantic tells it, of the value no more than a text's beginning; None where there is none.

    None too where it is not JSON: the route says so.
    """
    try:
        _adapter(form).validate_python(json.loads(body))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        written = first["input"][:_MOST_SHOWN] if isinstance(first["input"], str) else None
        context = {
            name: str(value) if isinstance(value, Exception) else value for name, value in first.get("ctx", {}).items()
        }
        return {**first, "input": written, "loc": ("body", *first["loc"]), **({"ctx": context} if context else {})}
    except (ValueError, RecursionError):
        return None
    return None


@functools.lru_cache(maxsize=64)
def _adapter(form: Any) -> TypeAdapter[Any]:
    return TypeAdapter(form)
