"""Traces: a span for each request and each statement, where OpenTelemetry is installed (`assay[otel]`) and told where to.

Its own variables say where spans go (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_SERVICE_NAME`). Without them nothing is loaded.
A page's or a proxy's `traceparent` is gone on with, and an engine that keeps tags is given it. Spans name routes, ids
and counts, never values.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from starlette.types import Scope

from assay.errors import SetupFailed
from assay.work.request import Request, current_request


class _NoSpan:
    def ended(self, request: Request, status: int, scope: Scope) -> None:
        """Nothing is kept."""


_NO_SPAN = _NoSpan()


class _RequestSpan(_NoSpan):
    def __init__(self, span: Any, method: str) -> None:
        self._span = span
        self._method = method

    def ended(self, request: Request, status: int, scope: Scope) -> None:
        route = getattr(scope.get("route"), "path", None)
        if route:
            self._span.update_name(f"{self._method} {route}")
            self._span.set_attribute("http.route", route)
        self._span.set_attribute("http.response.status_code", status)
        if request.receipt is not None:
            self._span.set_attribute("assay.receipt", request.receipt)


class Tracing:
    def __init__(self, provider: Any = None) -> None:
        """`provider` is OpenTelemetry's, or None."""
        self._provider = provider
        self._tracer = provider.get_tracer("assay") if provider is not None else None

    def close(self) -> None:
        """Send what is still to be sent, for as long as that takes a moment."""
        if self._provider is not None:
            self._provider.force_flush(2_000)

    @contextmanager
    def request(self, method: str, parent: str | None, request: Request) -> Iterator[_NoSpan]:
        if self._tracer is None:
            if parent is not None and _is_parent(parent):
                request.traceparent, request.trace_id = parent, parent.split("-")[1]
            yield _NO_SPAN
            return
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        context = TraceContextTextMapPropagator().extract({"traceparent": parent} if parent else {})
        attributes = {"http.request.method": method, "assay.request_id": request.request_id}
        with self._tracer.start_as_current_span(method, context, SpanKind.SERVER, attributes) as span:
            request.traceparent, request.trace_id = _told(span)
            yield _RequestSpan(span, method)

    @contextmanager
    def statement(self, backend: str, driver: str, tags: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
        """The tags for the engine: those given, and whose trace the statement belongs to."""
        request = current_request()
        if self._tracer is None:
            yield {**tags, "traceparent": request.traceparent} if request.traceparent else tags
            return
        from opentelemetry.trace import SpanKind

        attributes = {"db.system.name": driver, "assay.backend": backend}
        attributes |= {f"assay.{name}": value for name, value in tags.items()}
        with self._tracer.start_as_current_span(f"statement {backend}", kind=SpanKind.CLIENT, attributes=attributes) as span:
            yield {**tags, "traceparent": _told(span)[0]}


def _told(span: Any) -> tuple[str, str]:
    known = span.get_span_context()
    trace_id = format(known.trace_id, "032x")
    return f"00-{trace_id}-{known.span_id:016x}-{known.trace_flags:02x}", trace_id


def _is_parent(text: str) -> bool:
    parts = text.split("-")
    return [len(each) for each in parts] == [2, 32, 16, 2] and all(set(each) <= set("0123456789abcdef") for each in parts)


def set_up_tracing(environment: Mapping[str, str] = os.environ) -> Tracing:
    """Raises SetupFailed where traces are wanted and the packages are not there."""
    if not environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") and not environment.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        return Tracing()
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
        raise SetupFailed("OTEL_EXPORTER_OTLP_ENDPOINT is set and OpenTelemetry is not installed.",
                          mend="pip install 'assay[otel]', or take the variable away")  # fmt: skip
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": environment.get("OTEL_SERVICE_NAME") or "assay"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return Tracing(provider)
