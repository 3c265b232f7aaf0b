"""What OpenAPI says beyond the types: an example of every body that is taken, and each refusal that an endpoint can give.

The examples are of the demo workspace; a test sends each of those that need nothing to be set up first.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from assay.errors import (
    AlreadyThere,
    AssayError,
    BackendTimeout,
    BackendUnavailable,
    BadQuestion,
    BadRequest,
    Conflict,
    NotAllowed,
    NotFound,
    SignInRequired,
    StatementFailed,
    TooLarge,
    TooManyAttempts,
)
from assay.web.guard import OPEN_PATHS
from assay.web.needs import NEEDS, SCOPED

_WIDGET = {
    "kind": "bar",
    "title": "Claims by region",
    "question": {"metrics": ["claim_volume_l3_asurion"], "dimensions": ["region"], "window": "trailing_30d"},
}
_DASHBOARD = {
    "dashboard_id": "claims-of-the-west",
    "label": "Claims of the West",
    "tiles": [{"widget_id": "by_region", "x": 0, "y": 0, "w": 6, "h": 4, "widget": _WIDGET}],
}
_WATCH = {
    "question": {"metrics": ["cost_avoided_mtd"], "dimensions": ["region"]},
    "when": {"change": "previous_period", "below": "-10%"},
    "for": "2 checks",
    "check": "every 5 minutes",
    "tell": ["claims_ops"],
}
_TEXTS = {"import_yaml": "dashboard_id: claims-of-the-west\nlabel: Claims of the West\ntiles: []\n"}
"""Of bodies that are no JSON."""
EXAMPLES: dict[str, Any] = {
    "metric_data": {"dimensions": ["region"], "window": "month_to_date", "compare": "previous_period"},
    "explain_metric": {"window": "trailing_7d", "by": ["region"]},
    "metric_rows": {"filters": [{"dimension": "region", "op": "eq", "values": ["West"]}]},
    "many_data": {"questions": [
        {"key": "total", "metrics": ["cost_avoided_mtd"]},
        {"key": "by day", "metrics": ["cost_avoided_mtd"], "grain": "day"},
    ]},
    "try_watch": _WATCH,
    "make_watch": _WATCH,
    "mute_watch": {"hours": 8, "reason": "the loader is being moved"},
    "change_route": {"backend": "postgres", "by": "Ann Lee"},
    "change_routes": {"routes": {"cost_avoided_mtd": "postgres", "csat": "postgres"}, "by": "Ann Lee"},
    "compare": {"to": "lakehouse"},
    "roll_back": {"by": "Ann Lee"},
    "check_sql": {"dialect": "postgres", "sql": "SELECT COUNT(*) AS value FROM l3_asurion.ev_claim LIMIT 1"},
    "generate_sql": {"metric_id": "cost_avoided_mtd", "dimensions": ["region"], "dry_run": True},
    "read_words": {"words": "claims by product, last 30 days"},
    "clarify": {"words": "claims by region, last 7 days"},
    "save": {"widget": _WIDGET},
    "export": {"widget": _WIDGET},
    "add_dashboard": {"label": "Claims of the West"},
    "add_draft": {"words": "average deductible of claims"},
    "take_events": {"events": [{
        "event_id": "example-1", "type": "device.damage_detected", "source": "device-agent",
        "occurred_at": "2026-11-28T19:17:08Z", "payload": {"device_id": "dev_demo_001", "damage": "screen"},
    }]},
    "confirm_access": {"digest": "3f5a7c0d92e1"},
    "create_key": {"name": "nightly report", "role": "viewer", "expires_days": 90},
    "sign_in": {"email": "jane@example.com", "password": "four words that nobody guesses"},
    "change_own_password": {"password": "four words that nobody guesses", "new_password": "five others that nobody guesses"},
    "set_own_factor": {
        "password": "four words that nobody guesses", "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "code": "123456",
    },
    "remove_own_factor": {"password": "four words that nobody guesses", "code": "123456"},
    "begin_oidc": {"to": "/desk"},
    "propose_synonym": {"words": "money kept", "means": "metric:cost_avoided_mtd"},
    "invite_person": {"email": "jane@example.com", "roles": ["editor"]},
    "change_person": {"roles": ["viewer"]},
    "give_colours": {"dimension": "region", "values": ['["West"]', '["South"]']},
    "save_dashboard": _DASHBOARD,
    "accept_draft": {"by": "Ann Lee"},
    "draft_data": {"dimensions": ["region"], "window": "trailing_30d"},
    "read_link": {"token": "the-part-of-the-link-behind-the-last-slash"},
    "use_link": {"token": "the-part-of-the-link-behind-the-last-slash", "password": "four words that nobody guesses"},
    "approve": {"by": "Ann Lee"},
    "dismiss": {"reason": "The customer has called already.", "by": "Ann Lee"},
    "answer_questions": {"answers": {"reading": "reading:words"}, "round": 1},
    "change": {"widget": _WIDGET},
    "prove_against_heads": {"heads": []},
    "test_report": {"channel": "claims_ops"},
    "choose_report": {"wants": False},
    "survey_database": {"connection_id": "variable:SHOP_DATABASE_URL"},
    "create_link": {"name": "The board's sheet", "question": {"metrics": ["cost_avoided_mtd"], "dimensions": ["region"]}},
    "take_survey": {"metrics": [{"metric_id": "orders", "label": "Orders"}]},
    "decline_proposed": {"reason": "Finance has not seen it yet."},
}  # fmt: skip
_REFUSALS: dict[str, type[AssayError]] = {
    "400": BadRequest, "401": SignInRequired, "403": NotAllowed, "404": NotFound,
    "409": AlreadyThere, "412": Conflict, "413": TooLarge, "422": BadQuestion, "429": TooManyAttempts,
    "502": StatementFailed, "503": BackendUnavailable, "504": BackendTimeout,
}  # fmt: skip


def describe(api: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once."""
    if api.openapi_schema is None:
        found = get_openapi(title=api.title, version=api.version, description=api.description, routes=api.routes)
        for path, operations in found["paths"].items():
            for method, operation in operations.items():
                _add_example(operation)
                operation["x-needs"] = NEEDS.get(operation["operationId"], "nobody may")
                operation["x-scoped"] = SCOPED.get(operation["operationId"], "nobody may")
                told = operation["responses"].get("200", {}).get("content", {}).get("text/event-stream")
                if told is not None:
                    name = operation["operationId"].title().replace("_", "") + "Message"
                    found["components"]["schemas"][name] = _without_type(told["schema"])
                    told["schema"] = _event_of(name)
                operation["responses"].update({status: _refusal(status) for status in _refusals(path, method, operation)})
        api.openapi_schema = found
    return api.openapi_schema


def _without_type(message: dict[str, Any]) -> dict[str, Any]:
    """What an event's data hold, of which the framework says that it is a text."""
    return {name: value for name, value in message.items() if name != "type"}


def _event_of(message: str) -> dict[str, Any]:
    data = {
        "type": "string", "contentMediaType": "application/json",
        "contentSchema": {"$ref": f"#/components/schemas/{message}"},
    }  # fmt: skip
    return {"type": "object", "required": ["data"], "properties": {"data": data}}


def _add_example(operation: dict[str, Any]) -> None:
    example = EXAMPLES.get(operation["operationId"])
    if example is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = example
    text = _TEXTS.get(operation["operationId"])
    if text is not None:
        for content in operation["requestBody"]["content"].values():
            content["example"] = text


def _refusals(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    """Which statuses beside success an endpoint can answer with."""
    names = {each["name"].lower() for each in operation.get("parameters", ())}
    asks_an_engine = path.endswith(("/data", "/rows", "/replay", "/compare", "/figure"))
    return [
        # No text with a NUL can be kept or looked for.
        *(("400",) if "requestBody" in operation or names else ()),
        *(() if path in OPEN_PATHS else ("401", "403")),
        # A link that was sent carries a mark, whoever opens it.
        *(("403",) if "mark" in names and path in OPEN_PATHS else ()),
        # A body names metrics and backends, a parameter a person or a link.
        *(("404",) if "{" in path or "requestBody" in operation or names & {"who", "link"} else ()),
        *(("409",) if method in ("post", "put", "patch", "delete") else ()),
        *(("412",) if "if-match" in names else ()),
        *(("413",) if "requestBody" in operation else ()),
        "422",
        *(("401", "429") if path == "/v1/session" and method == "post" else ()),
        *(("502", "504") if asks_an_engine else ()),
        "503",
    ]


def _refusal(status: str) -> dict[str, Any]:
    problem = {**_REFUSALS[status]().problem(), "status": int(status)}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": problem}
    return {"description": problem["detail"], "content": {"application/problem+json": content}}
