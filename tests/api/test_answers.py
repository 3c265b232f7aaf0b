"""An answer says where it came from, is kept until the data moves, and is asked for once at a time."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.api.steps import CLAIM, database_away, insert_claim
from tests.conftest import House, eventually

PROVENANCE = {
    "backend", "driver", "generator", "sql", "params", "definition", "owner", "source_tables", "definition_version",
    "dictionary_version", "meaning_version",
    "route_epoch", "data_version", "data_version_kind", "as_of", "cached", "stale", "stale_reason",
    "synthetic", "elapsed_ms", "timings", "checks", "rows_returned", "truncated", "value_digest", "parity", "receipt_id",
}  # fmt: skip


@pytest.mark.parametrize(
    ("metric_id", "backend", "driver", "kind"),
    [("cost_avoided_mtd", "postgres", "postgres", "counter"), ("claim_volume_l3_asurion", "lakehouse", "duckdb", "file")],
)
@pytest.mark.parametrize(
    ("question", "roles"),
    [
        ({}, ["value"]),
        ({"grain": "day"}, ["time", "value"]),
        ({"dimensions": ["region"], "compare": "previous_period"}, ["dimension", "value", "previous"]),
    ],
)
async def test_every_answer_carries_its_whole_provenance(
    shared_house: House, metric_id: str, backend: str, driver: str, kind: str, question: dict[str, Any], roles: list[str]
) -> None:
    answer: dict[str, Any] = await shared_house.ask(metric_id, **question)
    given = answer["provenance"]
    assert set(given) == PROVENANCE
    assert (given["backend"], given["driver"], given["data_version_kind"]) == (backend, driver, kind)
    assert [column["role"] for column in answer["columns"]] == roles
    assert given["rows_returned"] == len(answer["rows"]) > 0
    assert given["source_tables"] == [CLAIM]
    assert given["sql"].lstrip().upper().startswith(("SELECT", "WITH"))
    assert all(name in given["sql"] for name in given["params"])
    assert answer["metric_id"] == metric_id
    assert answer["question"]["window"]["start"] < answer["question"]["window"]["end"]
    assert given["synthetic"] is True
    assert given["stale"] is False
    assert given["parity"]["standing"] == "unproven"
    stored = (await shared_house.client.get(f"/v1/receipts/{given['receipt_id']}")).json()
    assert (stored["answer_id"], stored["value_digest"]) == (answer["answer_id"], given["value_digest"])
    assert stored["signature_valid"] is True


async def test_a_metric_tells_along_which_of_its_dimensions_a_chart_goes_down(shared_house: House) -> None:
    told = {each["metric_id"]: each for each in (await shared_house.client.get("/v1/metrics")).json()["metrics"]}
    (product,) = told["claims_by_product_l3_asurion"]["hierarchies"]
    assert product == {"name": "product", "label": "Product", "levels": ["category", "product_line", "product_name"]}
    # This one says itself what it is divided by.
    assert told["cost_avoided_mtd"]["hierarchies"] == [{**product, "levels": ["category", "product_line"]}]
    assert "hierarchies" not in told["csat"]
    for each in told.values():
        names = {dimension["name"] for dimension in each["dimensions"]}
        assert all(names.issuperset(one["levels"]) for one in each.get("hierarchies", ()))


async def test_buckets_that_are_cut_or_not_over_are_told(shared_house: House) -> None:
    async def partial(metric_id: str, **question: Any) -> list[dict[str, str]]:
        answer: Any = await shared_house.ask(metric_id, **question)
        return answer["partial"]

    volume = "claim_volume_l3_asurion"
    today, february, march = ({"time": f"2026-{day}", "reason": reason} for day, reason in
                              (("03-17", "so_far"), ("02-01", "cut"), ("03-01", "so_far")))  # fmt: skip
    assert await partial(volume, grain="day", window="trailing_30d") == [today]
    assert await partial(volume, grain="month", window="trailing_30d") == [february, march]
    assert await partial(volume, grain="month", window="trailing_30d", dimensions=["region"]) == [february, march]
    assert await partial(volume, grain="hour", window={"start": "2026-03-16", "end": "2026-03-17"}) == []
    assert await partial(volume, window="trailing_30d") == await partial("active_issues", compare="previous_period") == []


async def test_an_hour_is_named_by_its_wall_time_and_offset(shared_house: House) -> None:
    window = {"start": "2026-03-16T06:00", "end": "2026-03-16T08:00"}
    answer: Any = await shared_house.ask("claim_volume_l3_asurion", grain="hour", window=window)
    assert [row[0] for row in answer["rows"]] == ["2026-03-16T06:00:00+00:00", "2026-03-16T07:00:00+00:00"]


async def test_the_money_avoided_this_month_comes_from_postgres(shared_house: House) -> None:
    answer = await shared_house.ask("cost_avoided_mtd")
    assert answer["rows"] == [["1410000.00"]]
    assert answer["columns"] == [
        {
            "name": "value",
            "type": "decimal",
            "unit": "usd",
            "role": "value",
            "metric_id": "cost_avoided_mtd",
            "empty": "zero",
        }
    ]


async def test_the_same_question_is_answered_from_the_cache_until_its_data_moves(house: House) -> None:
    first = await house.client.post("/v1/metrics/cost_avoided_mtd/data", json={})
    again = await house.client.post("/v1/metrics/cost_avoided_mtd/data", json={})
    assert (first.json()["provenance"]["cached"], again.json()["provenance"]["cached"]) == (False, True)
    assert first.headers["etag"] == again.headers["etag"]
    unchanged = await house.client.post(
        "/v1/metrics/cost_avoided_mtd/data", json={}, headers={"if-none-match": first.headers["etag"]}
    )
    assert (unchanged.status_code, unchanged.content) == (304, b"")

    await insert_claim(house.url, avoided=1_000)

    async def moved() -> Any:
        now = await house.client.post(
            "/v1/metrics/cost_avoided_mtd/data", json={}, headers={"if-none-match": first.headers["etag"]}
        )
        return now if now.status_code == 200 else None

    after = (await eventually(moved)).json()
    assert after["rows"] == [["1411000.00"]]
    assert after["provenance"]["cached"] is False
    assert after["answer_id"] != first.json()["answer_id"]
    assert after["provenance"]["data_version"] != first.json()["provenance"]["data_version"]


async def test_what_is_committed_is_in_the_next_answer_even_while_nobody_tells(house: House) -> None:
    """Without notifications every question asks for the version, so there is no moment in which an old one passes."""
    await house.ask("claims_in_progress")
    for backend in house.running.counted():
        backend.hears_moves(False)
    for count in (1, 2, 3):
        await insert_claim(house.url, avoided=1_000)
        assert (await house.ask("cost_avoided_mtd"))["rows"] == [[f"141{count}000.00"]]


async def test_many_identical_questions_at_once_are_one_statement_and_one_receipt(house: House) -> None:
    question = {"dimensions": ["region"], "window": "trailing_90d"}
    answers = await asyncio.gather(*(house.ask("cost_avoided_mtd", **question) for _ in range(24)))
    assert len({answer["provenance"]["receipt_id"] for answer in answers}) == 1
    listed = (await house.client.get("/v1/receipts", params={"metric_id": "cost_avoided_mtd"})).json()
    assert len(listed["receipts"]) == 1


@pytest.mark.exhaustive
async def test_a_waiter_that_leaves_does_not_take_the_answer_from_the_others(house: House) -> None:
    leaving = asyncio.ensure_future(house.ask("csat", dimensions=["channel"]))
    staying = asyncio.ensure_future(house.ask("csat", dimensions=["channel"]))
    await asyncio.sleep(0)
    leaving.cancel()
    assert (await staying)["provenance"]["rows_returned"] > 0


async def test_of_many_questions_each_gets_its_answer_or_its_problem_in_order(shared_house: House) -> None:
    asked = [
        {"key": "money", "metrics": ["cost_avoided_mtd"]},
        {"key": "typo", "metrics": ["cost_avoided_mtdd"]},
        {"key": "bad", "metrics": ["csat"], "dimensions": ["nowhere"]},
        {"key": "two engines", "metrics": ["cost_avoided_mtd", "claim_volume_l3_asurion"], "window": "trailing_30d"},
        {"key": "volume", "metrics": ["claim_volume_l3_asurion"], "grain": "week"},
    ]
    response = await shared_house.client.post("/v1/data", json={"questions": asked})
    assert response.status_code == 200
    answers = response.json()["answers"]
    assert [each["key"] for each in answers] == [each["key"] for each in asked]
    assert [each["problem"] and each["problem"]["kind"] for each in answers] == [
        None, "metric_not_found", "bad_question", "bad_question", None,
    ]  # fmt: skip
    assert all((each["answer"] is None) != (each["problem"] is None) for each in answers)
    assert answers[1]["problem"]["mend"] == "Did you mean 'cost_avoided_mtd'?"
    assert answers[2]["problem"]["field"] == "dimensions.0"
    assert answers[3]["problem"]["field"] == "metrics"
    assert answers[0]["answer"]["rows"] == [["1410000.00"]]


async def test_as_lines_each_answer_comes_when_it_is_there_and_the_same_as_together(shared_house: House) -> None:
    asked = [
        {"key": "money", "metrics": ["cost_avoided_mtd"]},
        {"key": "typo", "metrics": ["cost_avoided_mtdd"]},
        {"key": "volume", "metrics": ["claim_volume_l3_asurion"], "grain": "week"},
    ]
    response = await shared_house.client.post(
        "/v1/data", json={"questions": asked}, headers={"accept": "application/x-ndjson"}
    )
    assert response.headers["content-type"].startswith("application/x-ndjson")
    lines = {each["key"]: each for each in map(json.loads, response.text.splitlines())}
    together = (await shared_house.client.post("/v1/data", json={"questions": asked})).json()["answers"]
    assert set(lines) == {"money", "typo", "volume"}
    for each in together:
        told = lines[each["key"]]
        assert told["problem"] == each["problem"]
        assert (told["answer"] and told["answer"]["rows"]) == (each["answer"] and each["answer"]["rows"])


async def test_a_whole_overview_is_one_request_and_then_comes_from_memory(house: House) -> None:
    overview = (await house.client.get("/v1/dashboards/overview")).json()
    asked = [{"key": tile["widget_id"], **tile["widget"]["question"]} for tile in overview["tiles"]]
    body = {"questions": asked}
    first = (await house.client.post("/v1/data", json=body)).json()["answers"]
    assert [each["problem"] for each in first] == [None] * len(asked)
    again = (await house.client.post("/v1/data", json=body)).json()["answers"]
    assert all(each["answer"]["provenance"]["cached"] for each in again)
    assert [each["answer"]["rows"] for each in again] == [each["answer"]["rows"] for each in first]


# -- a backend that is away -----------------------------------------------------------------------


async def test_while_the_lakehouse_is_away_its_last_answer_is_shown_as_stale_with_the_reason(house: House) -> None:
    lake = house.settings.home / "lakehouse.duckdb"
    good = await house.ask("claim_volume_l3_asurion")
    aside = lake.rename(lake.with_suffix(".aside"))

    stale: Any = await house.ask("claim_volume_l3_asurion")
    assert stale["rows"] == good["rows"]
    assert stale["provenance"]["stale"] is True
    assert stale["provenance"]["stale_reason"] == "lakehouse: lakehouse.duckdb cannot be read: No such file or directory"
    assert stale["provenance"]["as_of"] == good["provenance"]["as_of"]

    never_asked = await house.client.post("/v1/metrics/claim_volume_l3_asurion/data", json={"grain": "year"})
    assert never_asked.status_code == 503
    assert never_asked.headers["content-type"] == "application/problem+json"
    assert never_asked.json()["kind"] == "backend_unavailable"

    workspace = (await house.client.get("/v1/workspace")).json()
    assert {each["name"]: each["state"] for each in workspace["backends"]} == {
        "postgres": "ready", "lakehouse": "down", "databricks": "not_configured", "spark": "not_configured",
    }  # fmt: skip
    response = await house.client.get("/ready")
    ready = response.json()
    assert {each["name"]: each["ok"] for each in ready["checks"]} == {
        "store": True, "disk": True, "files": True, "pages": True, "postgres": True, "lakehouse": False,
    }  # fmt: skip
    assert (response.status_code, ready["ok"]) == (503, False)

    aside.rename(lake)
    assert (await house.ask("claim_volume_l3_asurion"))["provenance"]["stale"] is False


@pytest.mark.exhaustive
async def test_the_last_answer_of_another_definition_is_not_shown_as_a_stale_one(house: House) -> None:
    await house.ask("claim_volume_l3_asurion")
    lake = house.settings.home / "lakehouse.duckdb"
    lake.rename(lake.with_suffix(".aside"))
    file = house.root / "metrics" / "claims.yaml"
    file.write_text(file.read_text().replace("measure: COUNT(DISTINCT claim_id)", "measure: COUNT(*)"))

    async def refused() -> bool:
        response = await house.client.post("/v1/metrics/claim_volume_l3_asurion/data", json={})
        return response.status_code == 503 and response.json()["kind"] == "backend_unavailable"

    await eventually(refused)


@pytest.mark.exhaustive
async def test_a_damaged_lakehouse_is_a_reason_and_never_an_accident(house: House) -> None:
    lake = house.settings.home / "lakehouse.duckdb"
    await house.ask("claim_volume_l3_asurion")
    fresh = lake.with_suffix(".fresh")
    fresh.write_bytes(b"this is no database" * 1_000)
    os.replace(fresh, lake)
    answer: Any = await house.ask("claim_volume_l3_asurion")
    assert answer["provenance"]["stale"] is True
    assert answer["provenance"]["stale_reason"].startswith("lakehouse cannot be opened")
    assert (await house.client.get("/v1/routes")).status_code == 200


async def test_while_the_database_is_away_the_rest_goes_on_and_what_it_missed_is_written_after(house: House) -> None:
    before = await house.ask("cost_avoided_mtd")
    async with database_away(house.url):
        stale: Any = await house.ask("cost_avoided_mtd")
        assert (stale["rows"], stale["provenance"]["stale"]) == (before["rows"], True)
        assert stale["provenance"]["stale_reason"].startswith("postgres does not answer")

        unknown = await house.client.post("/v1/metrics/cost_avoided_mtd/data", json={"dimensions": ["region"]})
        assert (unknown.status_code, unknown.json()["kind"]) == (503, "backend_unavailable")

        other: Any = await house.ask("claim_volume_l3_asurion", grain="month")
        assert other["provenance"]["stale"] is False
        waiting = await house.client.get(f"/v1/receipts/{other['provenance']['receipt_id']}")
        assert waiting.json()["signature_valid"] is True

        listed = await house.client.get("/v1/receipts")
        assert (listed.status_code, listed.json()["kind"]) == (503, "store_unavailable")
        assert listed.headers["content-type"] == "application/problem+json"

        async def told() -> bool:
            found = (await house.client.get("/v1/workspace")).json()
            return any(each["kind"] == "store" for each in found["problems"])

        await eventually(told)

    async def healed() -> bool:
        answer: Any = await house.ask("cost_avoided_mtd")
        return not answer["provenance"]["stale"]

    await eventually(healed)

    async def written() -> bool:
        found = await house.client.get("/v1/receipts", params={"metric_id": "claim_volume_l3_asurion"})
        return found.status_code == 200 and len(found.json()["receipts"]) == 1

    await eventually(written)

    async def quiet() -> bool:
        found = (await house.client.get("/v1/workspace")).json()
        return not any(each["kind"] == "store" for each in found["problems"])

    await eventually(quiet)


@pytest.mark.exhaustive
async def test_a_table_that_somebody_makes_anew_is_watched_again(house: House) -> None:
    """Dropping a table drops its trigger; without one its version would stand still and old answers would stay."""
    await house.ask("survey_responses")
    connection = await asyncpg.connect(house.url)
    table = "l3_asurion.ev_survey_response"
    async with connection.transaction():
        await connection.execute(f"CREATE TABLE l3_asurion.again AS SELECT * FROM {table} LIMIT 0")
        await connection.execute(f"DROP TABLE {table} CASCADE")
        await connection.execute("ALTER TABLE l3_asurion.again RENAME TO ev_survey_response")
    await connection.close()

    async def empty() -> bool:
        response = await house.client.post("/v1/metrics/survey_responses/data", json={})
        answer = response.json()
        return response.status_code == 200 and answer["rows"] == [[0]] and not answer["provenance"]["stale"]

    await eventually(empty)


@pytest.mark.exhaustive
async def test_a_table_under_lock_is_a_reason_and_not_an_accident(house: House) -> None:
    await house.ask("csat")
    connection = await asyncpg.connect(house.url)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("LOCK TABLE l3_asurion.ev_survey_response IN ACCESS EXCLUSIVE MODE")
    response = await house.client.post("/v1/metrics/csat/data", json={"dimensions": ["language"]})
    assert (response.status_code, response.json()["kind"]) == (504, "backend_timeout")
    await transaction.rollback()
    await connection.close()
    assert (await house.ask("csat", dimensions=["language"]))["provenance"]["rows_returned"] > 0


def test_nothing_is_left_beside_the_lakehouse(lake: Path) -> None:
    assert [each.name for each in lake.parent.glob(".*")] == []
