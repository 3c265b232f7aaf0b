"""What is known of the request that is being answered: who asks, under which id, and until when.

It travels with the task, so that nothing between the door and the engine has to hand it on.
"""

import asyncio
import secrets
from contextvars import ContextVar
from dataclasses import dataclass, field

from assay.work.principal import Principal

ANSWER_SECONDS = 30.0
"""From a request's first byte to its answer, engines included."""


@dataclass(slots=True)
class Request:
    """`asker`: as far as is known, one person or program. `until`: on the event loop's clock."""

    asker: str
    request_id: str = field(default_factory=lambda: secrets.token_hex(8))
    until: float | None = None
    metric: str | None = None
    receipt: str | None = None
    """Of the last statement that was run for it."""
    traceparent: str | None = None
    """W3C trace context that statements go on with."""
    trace_id: str | None = None
    address: str = "local"
    """Where it comes from, as the server sees it."""
    who: Principal | None = None
    """None until the guard has let it in, and for Assay's own work."""


_OWN_WORK = Request("assay", "-")
_current: ContextVar[Request] = ContextVar("request")


def current_request() -> Request:
    """Of this task; Assay's own work, where it is part of no request."""
    return _current.get(_OWN_WORK)


def begin_request(request: Request) -> None:
    _current.set(request)


def note_statement(metric: str, receipt: str) -> None:
    """What the log is to say of this request."""
    request = _current.get(None)
    if request is not None:
        request.metric, request.receipt = metric, receipt


def begin_anew() -> None:
    """What came before was somebody else's time: this request has all of its own again."""
    request = current_request()
    if request.until is not None:
        request.until = asyncio.get_running_loop().time() + ANSWER_SECONDS


def seconds_left(most: float) -> float:
    """What is left of the request's time, and no more than `most`."""
    until = current_request().until
    return most if until is None else max(0.0, min(most, until - asyncio.get_running_loop().time()))
