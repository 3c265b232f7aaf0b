"""The tools for agents: the same rows and receipt as HTTP and CSV give, refusals in words, and nothing confirmed."""

import csv
import io
import random
from decimal import Decimal
from typing import Any
from unittest import mock

import httpx
import mcp
import pytest
from mcp.server.mcpserver import MCPServer
from tests.conftest import House

from assay.mcp.server import Server
from assay.mcp.tools import tools

WINDOWS = ("month_to_date", "trailing_7d", "trailing_30d", "previous_month")


@pytest.fixture
def agent(shared_house: House) -> MCPServer:
    return tools(Server(shared_house.client))


async def use(agent: MCPServer, tool: str, **arguments: Any) -> dict[str, Any]:
    async with mcp.Client(agent) as client:
        done = await client.call_tool(tool, arguments)
    assert not done.is_error, done.content
    assert isinstance(done.structured_content, dict)
    return done.structured_content


async def refused(agent: MCPServer, tool: str, **arguments: Any) -> str:
    async with mcp.Client(agent) as client:
        done = await client.call_tool(tool, arguments)
    assert done.is_error
    return str(getattr(done.content[0], "text", ""))


async def test_each_tool_says_what_it_may_change_and_what_it_gives(agent: MCPServer) -> None:
    async with mcp.Client(agent) as client:
        known = {each.name: each for each in (await client.list_tools()).tools}
    assert set(known) == {
        "list_metrics", "describe_metric", "list_dimensions", "query_metrics", "compare_periods", "explain_change",
        "search_values", "time_range", "compile_query", "compare_backends", "verify_receipt", "replay_receipt",
        "compare_receipts", "read_words",
        "propose_widget", "propose_metric",
    }  # fmt: skip
    writing = {name for name, each in known.items() if each.annotations and not each.annotations.read_only_hint}
    assert writing == {"compare_backends", "propose_widget", "propose_metric"}
    assert all(each.output_schema and each.description for each in known.values())


@pytest.mark.cases(3)
@pytest.mark.parametrize("seed", range(40))
async def test_one_question_has_one_answer_and_one_receipt_at_every_door(
    shared_house: House, agent: MCPServer, seed: int
) -> None:
    pick = random.Random(seed)
    metrics = (await shared_house.client.get("/v1/metrics")).json()["metrics"]
    metric = pick.choice([each for each in metrics if each["dimensions"]])
    names = [each["name"] for each in metric["dimensions"]]
    asked: dict[str, Any] = {"dimensions": pick.sample(names, pick.randint(0, min(2, len(names))))}
    if metric["window"]:
        asked["window"] = pick.choice(WINDOWS)
        asked |= pick.choice([{}, {"grain": "day"}, {"grain": "week"}, {"compare": "previous_period"}])
    name = metric["metric_id"]
    answer = await shared_house.ask(name, **asked)
    rows, receipt = answer["rows"], answer["provenance"]["receipt_id"]  # type: ignore[index]
    table = (await use(agent, "query_metrics", questions=[{"metrics": [name], **asked}], rows=500))["answers"][0]
    assert table["rows"] == rows[:500]  # type: ignore[index]
    assert (table["receipt_id"], table["answer_id"]) == (receipt, answer["answer_id"])
    call = {"name": "query_metrics", "arguments": {"questions": [{"metrics": [name], **asked}], "rows": 500}}
    said = await shared_house.client.post(
        "/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call},
        headers={"accept": "application/json, text/event-stream"},
    )  # fmt: skip
    assert said.json()["result"]["structuredContent"]["answers"] == [table]
    file = await shared_house.client.post(f"/v1/metrics/{name}/data.csv", json=asked)
    assert file.headers["assay-receipt"] == receipt
    told = list(csv.reader(io.StringIO(file.text, newline="")))[1:]
    assert told == [["" if cell is None else str(cell) for cell in row] for row in rows]  # type: ignore[union-attr]


async def test_pages_are_of_one_answer(agent: MCPServer) -> None:
    question = {"metrics": ["cost_avoided_mtd"], "dimensions": ["region", "claim_status"]}
    whole = (await use(agent, "query_metrics", questions=[question], rows=500))["answers"][0]
    first = (await use(agent, "query_metrics", questions=[question], rows=3))["answers"][0]
    assert (first["rows"], first["next_offset"]) == (whole["rows"][:3], 3)
    second = await use(agent, "query_metrics", questions=[question], rows=500, offset=3, of_answer=first["answer_id"])
    assert second["answers"][0]["rows"] == whole["rows"][3:]
    assert second["answers"][0]["next_offset"] is None
    moved = await refused(agent, "query_metrics", questions=[question], offset=3, of_answer="another")
    assert "begin again" in moved
    marked = {each["name"]: each["is_untrusted"] for each in whole["columns"]}
    assert marked == {"region": True, "claim_status": True, "value": False}


async def test_a_change_is_told_with_its_parts_and_its_receipt(agent: MCPServer) -> None:
    told = await use(agent, "explain_change", metric_id="cost_avoided_mtd", by=["region"])
    assert sum(Decimal(each["amount"]) for each in told["steps"]) == Decimal(told["change"])
    assert told["sentences"][0].startswith("Cost avoided (MTD) ")
    assert (await use(agent, "verify_receipt", receipt_id=told["receipt_id"]))["is_as_signed"]


async def test_an_agent_lists_asks_and_verifies(shared_house: House, agent: MCPServer) -> None:
    found = await use(agent, "list_metrics", search="cost avoided")
    metric = found["metrics"][0]["metric_id"]
    described = await use(agent, "describe_metric", metric_id=metric)
    shared = await use(agent, "list_dimensions", metric_ids=[metric])
    assert [each["name"] for each in shared["dimensions"]] == [each["name"] for each in described["dimensions"]]
    values = await use(agent, "search_values", metric_id=metric, dimension="region", text="est")
    assert values["rows"]
    assert all("est" in row[0] for row in values["rows"])
    table = await use(agent, "compare_periods", question={"metrics": [metric]})
    assert [each["role"] for each in table["columns"]] == ["value", "previous"]
    verified = await use(agent, "verify_receipt", receipt_id=table["receipt_id"])
    assert verified["is_as_signed"]
    beside = await use(agent, "compare_receipts", receipt_id=table["receipt_id"], other=table["receipt_id"])
    assert (beside["differences"], beside["effects"]) == ([], [])
    replayed = await use(agent, "replay_receipt", receipt_id=table["receipt_id"])
    assert (replayed["same_value"], replayed["moved"]) == (True, [])
    compiled = await use(agent, "compile_query", question={"metrics": [metric], "dimensions": ["region"]}, dialect="duckdb")
    assert compiled["ok"]
    assert "GROUP BY" in compiled["sql"]
    held = await use(agent, "time_range", metric_id=metric)
    assert held["first"] <= held["last"] <= "2026-03-17"
    compared = await use(agent, "compare_backends", metric_id=metric, to="lakehouse")
    assert compared["verdict"] == "equal"


@pytest.mark.parametrize(
    ("amounts", "held"), [({}, [None, None]), ({"2001-02-03": 5, "2001-04-05": -5}, ["2001-02-03", "2001-04-05"])]
)
async def test_days_that_cancel_out_in_their_year_are_found(
    agent: MCPServer, amounts: dict[str, int], held: list[str | None]
) -> None:
    async def answer(_: Server, asked: dict[str, Any]) -> dict[str, Any]:
        question = {
            "as_of": "2026-03-17",
            "window": {"name": None, "start": "2026-03-01", "end": "2026-03-17", "timezone": "UTC"},
        }
        rows: list[list[Any]] = []
        if asked.get("grain") == "year":
            rows = [[f"{year}-01-01", "0.00" if year >= 1990 else None] for year in range(1978, 2027)]
        elif asked.get("grain") == "day":
            assert int(asked["window"]["end"][:4]) - int(asked["window"]["start"][:4]) <= 2
            rows = [
                [day, amount] for day, amount in amounts.items() if asked["window"]["start"] <= day < asked["window"]["end"]
            ]
        return {"question": question, "rows": rows, "provenance": {"receipt_id": "r"}}

    with mock.patch.object(Server, "answer", answer):
        told = await use(agent, "time_range", metric_id="cost_avoided_mtd")
    assert [told["first"], told["last"]] == held


@pytest.mark.exhaustive
async def test_proposals_wait_for_a_person(shared_house: House, agent: MCPServer) -> None:
    before = (await shared_house.client.get("/v1/widgets")).json()
    spec = await use(agent, "read_words", words="claims by region, last 30 days")
    assert spec["outcome"] == "spec"
    opened = await use(agent, "read_words", words="claims by severity")
    assert opened["outcome"] != "spec"
    widget = await use(agent, "propose_widget", words="claims by region, last 30 days")
    assert widget["state"] == "waits for a person"
    session = widget["link"].rpartition("=")[2]
    assert (await shared_house.client.get(f"/v1/widgets/clarify/{session}")).json()["state"] == "ready"
    declined = await use(agent, "propose_widget", words="drop table claims")
    assert declined["state"] in ("declined", "asks the person")
    metric = await use(agent, "propose_metric", words="average deductible of claims")
    draft = metric["link"].rpartition("/")[2]
    assert (await shared_house.client.get(f"/v1/drafts/{draft}")).json()["accepted_at"] is None
    assert (await shared_house.client.get("/v1/widgets")).json() == before


async def test_what_the_server_refuses_is_told_in_its_words(shared_house: House, agent: MCPServer) -> None:
    said = await refused(agent, "query_metrics", questions=[{"metrics": ["no_such_metric"]}])
    assert "no_such_metric" in said
    assert "nowhere" in await refused(
        agent, "query_metrics", questions=[{"metrics": ["cost_avoided_mtd"], "dimensions": ["nowhere"]}]
    )
    assert await refused(agent, "verify_receipt", receipt_id="../metrics")
    assert await refused(agent, "query_metrics", questions=[{"metrics": ["cost_avoided_mtd"], "sql": "select 1"}])
    away = httpx.AsyncClient(base_url="http://127.0.0.1:9")
    async with away:
        assert "assay up" in await refused(tools(Server(away)), "list_metrics")
