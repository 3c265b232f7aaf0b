"""What OpenAPI promises: its examples are taken, and every endpoint names its refusals."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.routing import APIRoute
from tests.conftest import ANCHOR, House

from assay.web import app
from assay.web.events import Events
from assay.web.openapi import EXAMPLES, describe

_NEEDS_SETTING_UP = {
    "sign_in", "generate_sql", "read_link", "use_link", "change_own_password", "set_own_factor", "remove_own_factor",
    "confirm_access", "make_watch", "try_watch",
}  # fmt: skip
"""Beside whatever is about one draft, widget, person and so on."""


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, each) for path, methods in schema["paths"].items() for method, each in methods.items()]


@pytest.mark.exhaustive
async def test_every_example_is_taken(house: House) -> None:
    schema = (await house.client.get("/openapi.json")).json()
    sent = set()
    for path, method, operation in operations(schema):
        name = operation["operationId"]
        if name not in EXAMPLES or name in _NEEDS_SETTING_UP or "{" in path.replace("{metric_id}", ""):
            continue
        body = operation["requestBody"]["content"]["application/json"]["example"]
        if name == "take_events":
            just_now = (ANCHOR - timedelta(minutes=1)).isoformat()
            body = {"events": [{**each, "occurred_at": just_now} for each in body["events"]]}
        address = path.format(metric_id="cost_avoided_mtd")
        response = await house.client.request(method, address, json=body)
        no_rollback = name == "roll_back" and response.status_code == 409
        assert response.is_success or no_rollback, f"{name}: {response.text}"
        sent.add(name)
    assert len(sent) >= 18


def test_every_body_has_an_example_that_is_of_its_form() -> None:
    routes = [route for room in app._ROOMS for route in room.routes if isinstance(route, APIRoute)]
    forms = {route.name: route.body_field for route in routes}
    schema = describe(app.create_api())
    for path, method, operation in operations(schema):
        for kind, content in operation.get("requestBody", {"content": {}})["content"].items():
            assert "example" in content, (method, path)
            form = forms.get(operation["operationId"])
            if kind == "application/json" and form is not None:
                _, faults = form.validate(content["example"], loc=("body",))
                assert not faults, (method, path, faults)


async def test_what_is_told_as_events_says_so(shared_house: House) -> None:
    routes = [route for room in app._ROOMS for route in room.routes if isinstance(route, APIRoute)]
    told = {route.name for route in routes if route.endpoint.__annotations__.get("return") is Events}
    schema = (await shared_house.client.get("/openapi.json")).json()
    said = {
        each["operationId"] for _, _, each in operations(schema)
        if "text/event-stream" in each["responses"].get("200", {}).get("content", {})
    }  # fmt: skip
    assert said == told == {"stream", "clarify", "answer_questions", "survey_database"}


async def test_every_endpoint_names_its_refusals(shared_house: House) -> None:
    schema = (await shared_house.client.get("/openapi.json")).json()
    for path, method, operation in operations(schema):
        told = {status for status in operation["responses"] if status.startswith("4")}
        assert told, (method, path)
        if "{" in path:
            assert "404" in told, (method, path)
        for status in told:
            content = operation["responses"][status]["content"]["application/problem+json"]
            assert content["example"]["status"] == int(status)


@pytest.mark.parametrize(
    "path", ["/v1/metrics/nothing", "/v1/receipts/nothing", "/v1/widgets/nothing", "/v1/dashboards/nothing"]
)
async def test_a_refusal_is_what_its_endpoint_names(shared_house: House, path: str) -> None:
    response = await shared_house.client.get(path)
    assert response.status_code in (404, 422)
    assert response.headers["content-type"] == "application/problem+json"
