"""A trace leads from the page's request to the engine's statement: over OTLP, to a collector on a socket."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.conftest import House

from assay.tracing import set_up_tracing
from assay.web.app import create_app

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Collector(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Collect)
        self.spans: list[Any] = []
        self.services: set[str] = set()


class Collect(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"])))
        for resource in sent.resource_spans:
            known = {each.key: each.value.string_value for each in resource.resource.attributes}
            self.server.services.add(known["service.name"])
            self.server.spans += [span for scope in resource.scope_spans for span in scope.spans]
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """The test says what it got."""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with Collector() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        yield server
        server.shutdown()


async def test_a_request_and_its_statement_are_spans_of_the_pages_trace_that_name_the_receipt(
    shared_house: House, collector: Collector
) -> None:
    corridor, untraced = shared_house.running.corridor, shared_house.running.corridor.tracing
    corridor.tracing = set_up_tracing()
    try:
        transport = httpx.ASGITransport(create_app(shared_house.settings, shared_house.running))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400") as client:
            headers = {"traceparent": f"00-{TRACE}-{PARENT}-01", "x-request-id": "of-this-test"}
            answer = await client.post("/v1/metrics/cost_avoided_mtd/data", json={"limit": 7}, headers=headers)
        assert answer.headers["x-request-id"] == "of-this-test"
        await asyncio.to_thread(corridor.tracing.close)
    finally:
        corridor.tracing = untraced
    told = {span.name: span for span in collector.spans}
    request, statement = told["POST /v1/metrics/{metric_id}/data"], told["statement postgres"]
    assert {span.trace_id.hex() for span in (request, statement)} == {TRACE}
    assert (request.parent_span_id.hex(), statement.parent_span_id) == (PARENT, request.span_id)
    receipt = answer.json()["provenance"]["receipt_id"]
    for span in (request, statement):
        attributes = {each.key: each.value.string_value for each in span.attributes}
        assert attributes["assay.receipt"] == receipt
        assert all("1,410" not in value and "SELECT" not in value for value in attributes.values()), "ids, never values"
    assert {each.key: each.value.string_value for each in request.attributes}["assay.request_id"] == "of-this-test"
    assert collector.services == {"assay"}
