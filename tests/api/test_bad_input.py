"""Bad input gets its status, its kind, the field, and the mend; never an accident and never a page."""

import json
from typing import Any

import httpx
import pytest
from tests.conftest import House

DATA = "/v1/metrics/cost_avoided_mtd/data"
DEEP = b"[" * 50_000


def check(response: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "kind", "detail", "mend"} <= body.keys()
    assert (body["status"], body["kind"]) == (status, kind)
    assert body["detail"]
    return body


def where(**changes: object) -> dict[str, object]:
    return {"filters": [{"dimension": "region", "op": "eq", "values": ["West"], **changes}]}


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"dimensions": ["regin"]}, "dimensions.0"),
        ({"dimensions": ["region", "region"]}, "dimensions"),
        ({"dimensions": "region"}, "dimensions"),
        ({"dimensions": [f"d{n}" for n in range(7)]}, "dimensions"),
        ({"dimensions": [None]}, "dimensions.0"),
        ({"dimensions": ["half a pair \ud800"]}, None),
        (where(dimension="nowhere"), "filters.0.dimension"),
        (where(op="like"), "filters.0.op"),
        (where(op="gt"), "filters.0.op"),
        (where(values=[]), "filters.0"),
        (where(values=["a", "b"]), "filters.0"),
        (where(values=[1]), "filters.0.values"),
        (where(values=[True]), "filters.0.values"),
        (where(values=[None]), None),
        (where(values=["a\u0000b"]), "filters.0.values"),
        (where(values=["x" * 1_001]), "filters.0.values"),
        (where(op="in", values=["x"] * 10_001), None),
        (where(op="is_null", values=["x"]), "filters.0"),
        ({"filters": [where()["filters"][0]] * 21}, "filters"),  # pyright: ignore[reportIndexIssue]
        ({"window": "month_to_dat"}, "window"),
        ({"window": 30}, None),
        ({"window": {"start": "2026-03-02", "end": "2026-03-01"}}, "window"),
        ({"window": {"start": "2026-03-01", "end": "2026-03-01"}}, "window"),
        ({"window": {"start": "2026-02-30", "end": "2026-03-01"}}, "window.start"),
        ({"window": {"start": "yesterday", "end": "2026-03-01"}}, "window.start"),
        ({"window": {"start": "0001-01-01", "end": "2026-03-01"}}, "window.start"),
        ({"window": {"start": "2026-01-01", "end": "9999-12-31"}}, "window.end"),
        ({"window": {"start": "1950-01-01", "end": "2026-03-01"}}, "window"),
        ({"window": {"start": "2026-01-01"}}, "window.end"),
        ({"grain": "minute"}, "grain"),
        ({"grain": "hour", "window": {"start": "2020-01-01", "end": "2026-01-01"}}, "grain"),
        ({"compare": "last_year"}, "compare"),
        ({"order": [{"by": "nothing"}]}, "order.0.by"),
        ({"order": [{"by": "value", "descending": "perhaps"}]}, "order.0.descending"),
        ({"limit": 0}, "limit"),
        ({"limit": -1}, "limit"),
        ({"limit": 10_001}, "limit"),
        ({"limit": 10**30}, "limit"),
        ({"limit": 1.5}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"sql": "SELECT 1"}, "sql"),
        ([], None),
        ("text", None),
        (5, None),
    ],
    ids=lambda value: str(value)[:60].encode("ascii", "backslashreplace").decode(),
)
async def test_a_bad_question_is_refused_with_its_field(shared_house: House, question: Any, field: str | None) -> None:
    response = await shared_house.client.post(DATA, content=json.dumps(question))
    body = check(response, 422, "bad_question")
    if field is not None:
        assert body["field"] == field, body
    fields = question if isinstance(question, dict) else {"x": 1}
    keyed = {"key": "k", "metrics": ["cost_avoided_mtd"], **fields}
    again = await shared_house.client.post("/v1/data", content=json.dumps({"questions": [keyed]}))
    assert again.status_code in (200, 422), again.text
    if again.status_code == 200:
        assert again.json()["answers"][0]["problem"]["kind"] == "bad_question"


@pytest.mark.parametrize(
    ("question", "mend"),
    [
        ({"dimensions": ["regin"]}, "Did you mean 'region'?"),
        ({"dimension": ["region"]}, "Did you mean 'dimensions'?"),
        ([], "GET /openapi.json says what it holds"),
        ({"window": {"start": "x", "end": "y"}}, "write 2026-11-01 or 2026-11-01T08:00:00Z"),
        ({"grain": "hour", "window": {"start": "2020-01-01", "end": "2026-01-01"}}, "shorten the window or coarsen "),
    ],
)
async def test_where_there_is_a_mend_it_is_said(shared_house: House, question: Any, mend: str) -> None:
    assert check(await shared_house.client.post(DATA, json=question), 422, "bad_question")["mend"].startswith(mend)


@pytest.mark.parametrize(
    ("metric_id", "question"),
    [("active_issues", {"window": "month_to_date"}), ("active_issues", {"grain": "day"})],
)
async def test_a_count_at_an_instant_takes_no_window_it_could_not_mean(
    shared_house: House, metric_id: str, question: dict[str, Any]
) -> None:
    response = await shared_house.client.post(f"/v1/metrics/{metric_id}/data", json=question)
    assert response.status_code == 200 or check(response, 422, "bad_question")["field"] in ("window", "grain")


@pytest.mark.parametrize("name", ["cost_avoided_mtdd", "x" * 5_000, "a b", "'; DROP TABLE x", "..%2F..", "%00", "\u2603"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_an_unknown_metric_is_not_found(shared_house: House, name: str, method: str) -> None:
    path = f"/v1/metrics/{name}" + ("/data" if method == "POST" else "")
    response = await shared_house.client.request(method, path)
    assert response.status_code == 404
    assert check(response, 404, response.json()["kind"])["kind"] in ("metric_not_found", "not_found")


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"null", b"{'a': 1}", b"\xff\xfe", b'{"limit": NaN}', b'{"limit": 1e999}', DEEP, b"[" + b"1," * 999],
    ids=["brace", "empty", "null", "quotes", "no UTF-8", "NaN", "infinity", "deep", "comma"],
)
@pytest.mark.parametrize("path", [DATA, "/v1/data", "/v1/sql/check"])
async def test_a_body_that_is_no_json_is_no_accident(shared_house: House, path: str, body: bytes) -> None:
    response = await shared_house.client.post(path, content=body)
    if path == DATA and body in (b"", b"null"):
        assert response.status_code == 200
        return
    assert response.status_code in (400, 422), response.text
    check(response, response.status_code, response.json()["kind"])
    assert response.json()["kind"] in ("bad_request", "bad_question")


async def test_broken_json_names_the_position(shared_house: House) -> None:
    body = check(await shared_house.client.post(DATA, content=b'{"limit": 5,}'), 422, "bad_request")
    assert body["position"] == 12


async def test_a_body_is_json_whatever_the_client_calls_it(shared_house: House) -> None:
    for name in ("application/x-www-form-urlencoded", "text/plain"):
        response = await shared_house.client.post(DATA, content=b'{"limit": 0}', headers={"content-type": name})
        assert check(response, 422, "bad_question")["field"] == "limit"


@pytest.mark.parametrize("path", [DATA, "/v1/data", "/v1/sql/check", "/v1/session"])
async def test_a_body_too_large_is_refused_before_it_is_read_to_the_end(shared_house: House, path: str) -> None:
    response = await shared_house.client.post(path, content=b"x" * 300_000)
    assert check(response, 413, "body_too_large")["mend"]

    sent = 0

    async def endless() -> Any:
        nonlocal sent
        for _ in range(1_000):
            sent += 100_000
            yield b"x" * 100_000

    check(await shared_house.client.post(path, content=endless()), 413, "body_too_large")
    assert sent < 20_000_000


@pytest.mark.parametrize(
    ("questions", "field"),
    [
        ([], "questions"),
        ([{"key": str(n), "metrics": ["csat"]} for n in range(65)], "questions"),
        ([{"metrics": ["csat"]}], "questions.0.key"),
        ([{"key": "k"}], "questions.0.metrics"),
        ([{"key": "k", "metrics": []}], "questions.0.metrics"),
        ([{"key": "k", "metrics": ["csat"] * 13}], "questions.0.metrics"),
        ([{"key": "k" * 201, "metrics": ["csat"]}], "questions.0.key"),
        ([{"key": "k", "metrics": ["csat"], "limit": 0}], "questions.0.limit"),
        ("none", "questions"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_bad_list_of_questions_is_refused_with_its_field(shared_house: House, questions: Any, field: str) -> None:
    response = await shared_house.client.post("/v1/data", json={"questions": questions})
    assert check(response, 422, "bad_question")["field"] == field


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", DATA, "POST"),
        ("DELETE", "/v1/metrics", "GET"),
        ("POST", "/v1/routes/csat", "GET, PUT"),
        ("PATCH", "/v1/dashboards/overview", "DELETE, GET, PUT"),
        ("GET", "/v1/data", "POST"),
        ("PUT", "/v1/receipts", "GET"),
        ("POST", "/health", "GET, HEAD"),
        ("DELETE", "/anything", "GET, HEAD"),
    ],
)
async def test_a_wrong_method_is_told_the_right_one(shared_house: House, method: str, path: str, allow: str) -> None:
    response = await shared_house.client.request(method, path)
    body = check(response, 405, "method_not_allowed")
    assert set(response.headers["allow"].split(", ")) <= set(allow.split(", "))
    assert body["mend"] == f"use {response.headers['allow']}"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/", "/v1/metrics/csat/nothing", "/v1/%2e%2e/%00"])
async def test_an_unknown_address_of_the_api_is_a_problem_and_never_the_page(
    shared_house: House, method: str, path: str
) -> None:
    body = check(await shared_house.client.request(method, path), 404, "not_found")
    assert "openapi.json" in body["mend"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/v1/receipts?limit=0", "query.limit"),
        ("/v1/receipts?limit=201", "query.limit"),
        ("/v1/receipts?limit=ten", "query.limit"),
        ("/v1/receipts?before=" + "x" * 41, "query.before"),
        ("/v1/receipts?metric_id=" + "x" * 81, "query.metric_id"),
    ],
)
async def test_a_bad_query_names_its_parameter(shared_house: House, path: str, field: str) -> None:
    assert check(await shared_house.client.get(path), 422, "bad_question")["field"] == field


@pytest.mark.parametrize("path", ["/v1/receipts?metric_id=%00", "/v1/receipts?before=%00", "/v1/receipts/%00"])
async def test_a_text_that_no_database_holds_is_refused(shared_house: House, path: str) -> None:
    check(await shared_house.client.get(path), 400, "bad_request")


@pytest.mark.parametrize("name", ["nothing", "x" * 3_000, "\u2603"])
async def test_an_unknown_receipt_or_dashboard_is_not_found(shared_house: House, name: str) -> None:
    check(await shared_house.client.get(f"/v1/receipts/{name}"), 404, "not_found")
    check(await shared_house.client.post(f"/v1/receipts/{name}/replay"), 404, "not_found")
    check(await shared_house.client.get(f"/v1/dashboards/{name}"), 404, "not_found")
    check(await shared_house.client.post(f"/v1/dashboards/{name}/reset"), 404, "not_found")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"dialect": "oracle", "sql": "SELECT 1"}, "dialect"),
        ({"dialect": "postgres"}, "sql"),
        ({"dialect": "postgres", "sql": "x" * 200_001}, "sql"),
        ({"dialect": "postgres", "sql": 5}, "sql"),
    ],
    ids=["dialect", "no sql", "long", "number"],
)
async def test_a_bad_check_names_its_field(shared_house: House, body: dict[str, Any], field: str) -> None:
    assert check(await shared_house.client.post("/v1/sql/check", json=body), 422, "bad_question")["field"] == field


@pytest.mark.parametrize("sql", ["", "DROP TABLE x", "SELECT pg_sleep(100)", "\x00", "(" * 10_000, "SELECT 1; SELECT 2"])
async def test_sql_that_may_not_run_is_a_verdict_and_no_failure(shared_house: House, sql: str) -> None:
    response = await shared_house.client.post("/v1/sql/check", json={"dialect": "postgres", "sql": sql})
    assert response.status_code == 200
    assert response.json()["ok"] is False
    assert response.json()["violations"]


@pytest.mark.parametrize(
    "path", ["/%00", "/" + "a" * 5_000, "/" + "a/" * 900, "/..%2f..%2f..%2fetc%2fpasswd", "//etc/passwd"], ids=len
)
async def test_a_strange_address_of_the_page_is_the_page_or_not_found(shared_house: House, path: str) -> None:
    response = await shared_house.client.get(httpx.URL("http://127.0.0.1:8400", raw_path=path.encode()))
    assert response.status_code in (200, 404)
    assert "root:" not in response.text


async def test_half_a_surrogate_pair_in_a_filter_is_refused(house: House) -> None:
    body = b'{"filters": [{"dimension": "region", "op": "eq", "values": ["\\ud800"]}]}'
    response = await house.client.post("/v1/metrics/cost_avoided_mtd/data", content=body)
    assert (response.status_code, response.json()["kind"]) == (422, "bad_question")
