"""`GET /metrics`: what a Prometheus reads of a process, in the two forms it may ask for."""

import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families as plain_families
from tests.api.loop_steps import damage, send, telemetry
from tests.api.steps import CLAIM, database_away, edit, insert_claim, messages, no_problems
from tests.conftest import House, eventually

import assay
from assay.web import prometheus
from assay.web.app import create_app
from assay.web.stream import _events

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


async def scraped(client: httpx.AsyncClient) -> Samples:
    response = await client.get("/metrics")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/plain")
    return {(sample.name, frozenset(sample.labels.items())): sample.value
            for family in plain_families(response.text) for sample in family.samples}  # fmt: skip


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((name, frozenset(labels.items())), 0)


async def gained(house: House, before: Samples, name: str, **labels: str) -> float:
    return value(await scraped(house.client), name, **labels) - value(before, name, **labels)


@pytest.fixture
def asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus, "_FRESH_SECONDS", 0.0)
    monkeypatch.setattr("assay.live.condition._FRESH_SECONDS", 0.0)


async def test_answers_are_counted_by_backend_and_by_how_they_came(house: House, asked_each_time: None) -> None:
    before = await scraped(house.client)
    for _ in range(3):  # asked of the engine, then the same bytes twice
        await house.ask("cost_avoided_mtd")
    await house.ask("cost_avoided_mtd", window="month_to_date")  # another body, the same question
    both = [{"key": name, "metrics": [name]} for name in ("active_issues", "csat")]
    for _ in range(2):
        assert (await house.client.post("/v1/data", json={"questions": both})).status_code == 200
    assert await gained(house, before, "assay_answers_total", backend="postgres", outcome="asked") == 3
    assert await gained(house, before, "assay_answers_total", backend="postgres", outcome="cached") == 5
    async with database_away(house.url):
        await eventually(lambda: _is_stale(house))
        assert (await house.client.post("/v1/metrics/claims_in_progress/data", json={})).status_code == 503
        refused = await house.client.post("/v1/metrics/csat/data", json={"dimensions": ["nowhere"]})
        assert refused.status_code == 422, "nobody was asked"
        assert await gained(house, before, "assay_answers_total", backend="postgres", outcome="stale") == 1
        assert await gained(house, before, "assay_answers_total", backend="postgres", outcome="failed") == 1


async def _is_stale(house: House) -> Any:
    """Until it is known that the database is away, the bytes of before may be told once more."""
    provenance: Any = (await house.ask("cost_avoided_mtd"))["provenance"]
    return provenance["stale"]


@pytest.mark.exhaustive
async def test_bytes_that_are_no_longer_kept_stay_counted(house: House) -> None:
    for _ in range(4):
        await house.ask("cost_avoided_mtd")
    before = await scraped(house.client)
    assert value(before, "assay_answers_total", backend="postgres", outcome="cached") == 3
    await insert_claim(house.url, avoided=1)
    await eventually(lambda: _another(house))
    for outcome in ("asked", "cached"):
        assert await gained(house, before, "assay_answers_total", backend="postgres", outcome=outcome) >= 0
    assert await gained(house, before, "assay_answers_total", backend="postgres", outcome="asked") == 1


async def _another(house: House) -> bool:
    return (await house.ask("cost_avoided_mtd"))["rows"] == [["1410001.00"]]


@pytest.mark.exhaustive
async def test_statements_are_timed_by_backend(house: House) -> None:
    before = await scraped(house.client)
    await house.ask("cost_avoided_mtd")
    assert (await house.client.post("/v1/metrics/cost_avoided_mtd/rows", json={})).status_code == 200
    after = await scraped(house.client)

    def grown(name: str, **labels: str) -> float:
        return value(after, name, backend="postgres", **labels) - value(before, name, backend="postgres", **labels)

    count = grown("assay_statement_seconds_count")
    assert count >= 2
    assert grown("assay_statement_seconds_bucket", le="+Inf") == count
    assert grown("assay_statement_seconds_sum") > 0
    buckets = [grown("assay_statement_seconds_bucket", le=str(each)) for each in prometheus.BOUNDS]
    assert buckets == sorted(buckets)
    assert value(after, "assay_statements_running", backend="postgres") == 0


@pytest.mark.exhaustive
async def test_verdicts_of_the_gate_are_counted_across_a_reload(house: House) -> None:
    before = await scraped(house.client)
    for text in (f"SELECT COUNT(*) AS n FROM {CLAIM}", "DROP TABLE x", "DROP TABLE x"):
        assert (await house.client.post("/v1/sql/check", json={"dialect": "postgres", "sql": text})).status_code == 200
    assert await gained(house, before, "assay_gate_verdicts_total", verdict="passed") == 1
    assert await gained(house, before, "assay_gate_verdicts_total", verdict="refused") == 2
    first = house.running.catalog
    file = house.root / "assay.yaml"
    file.write_text(file.read_text().replace("label: ", "label: The "))
    await eventually(lambda: _replaced(house, first))
    assert await gained(house, before, "assay_gate_verdicts_total", verdict="refused") == 2


async def _replaced(house: House, first: Any) -> bool:
    return house.running.catalog is not first


@pytest.mark.exhaustive
async def test_open_pages_and_what_they_were_told_are_counted(house: House) -> None:
    before = await scraped(house.client)
    stream = messages(_events(house.running))
    assert (await anext(stream))["kind"] == "hello"
    assert await gained(house, before, "assay_streams_open") == 1
    edit(house, lambda text: text + "  no_such_metric: {backend: postgres}\n")
    await eventually(lambda: _has_problem(house))
    assert await gained(house, before, "assay_pushes_total", kind="problems") > 0
    await stream.aclose()
    assert await gained(house, before, "assay_streams_open") == 0
    edit(house, lambda text: text.replace("  no_such_metric: {backend: postgres}\n", ""))
    await eventually(no_problems(house))
    assert value(await scraped(house.client), "assay_problems", kind="routing") == 0


async def _has_problem(house: House) -> bool:
    return value(await scraped(house.client), "assay_problems", kind="routing") == 1


@pytest.mark.exhaustive
async def test_comparisons_flips_and_standings_follow_a_metric_that_moves(house: House) -> None:
    before = await scraped(house.client)
    metrics = len(house.running.catalog.workspace.metrics)
    assert sum(count for (name, _), count in before.items() if name == "assay_metrics") == metrics
    moved = await house.client.put("/v1/routes/csat", json={"backend": "lakehouse", "by": "tests"})
    assert moved.status_code == 200, moved.text
    assert await gained(house, before, "assay_comparisons_total", made_for="route", verdict="equal") == 1
    assert await gained(house, before, "assay_route_flips_total") == 1
    assert await gained(house, before, "assay_metrics", backend="lakehouse", standing="proven") == 1


@pytest.mark.exhaustive
async def test_events_are_counted_by_what_became_of_them(house: House, asked_each_time: None) -> None:
    before = await scraped(house.client)
    await send(house, damage(), telemetry("t-1"), telemetry("t-2"), telemetry("t-2"), {"event_id": "x"})
    await send(house, telemetry("t-1"))
    for outcome, count in {"recommended": 1, "recorded": 2, "known": 2, "refused": 1}.items():
        assert await gained(house, before, "assay_events_total", way="http", outcome=outcome) == count
    assert await gained(house, before, "assay_recommendations_open") == 1


@pytest.mark.exhaustive
async def test_a_backend_or_a_store_that_is_away_is_down_and_the_scrape_goes_on(house: House, asked_each_time: None) -> None:
    there = await scraped(house.client)
    assert value(there, "assay_backend_up", backend="postgres", driver="postgres") == 1
    assert value(there, "assay_backend_up", backend="lakehouse", driver="duckdb") == 1
    assert not [labels for name, labels in there if name == "assay_backend_up" and ("driver", "spark") in labels], (
        "what is not configured is neither up nor down"
    )
    assert value(there, "assay_store_up") == 1
    assert ("assay_outbox_events", frozenset()) in there
    async with database_away(house.url):
        away = await scraped(house.client)
        assert value(away, "assay_store_up") == value(away, "assay_backend_up", backend="postgres", driver="postgres") == 0
        assert ("assay_outbox_events", frozenset()) not in away, "nobody knows how many"
        assert value(away, "assay_backend_up", backend="lakehouse", driver="duckdb") == 1


@pytest.mark.exhaustive
async def test_pools_the_process_and_the_build_are_told_of(shared_house: House) -> None:
    await shared_house.ask("cost_avoided_mtd")
    samples = await scraped(shared_house.client)
    for pool in ("store", "receipts", "backend:postgres"):
        most = value(samples, "assay_pool_connections_max", pool=pool)
        used = [value(samples, "assay_pool_connections", pool=pool, state=state) for state in ("busy", "idle")]
        assert 0 < sum(used) <= most
    assert value(samples, "assay_receipts_waiting") == 0
    assert value(samples, "process_resident_memory_bytes") > 1_000_000
    assert [dict(labels)["version"] for name, labels in samples if name == "assay_build_info"] == [assay.__version__]


@pytest.mark.exhaustive
async def test_it_is_told_as_openmetrics_where_that_is_asked_for(shared_house: House) -> None:
    response = await shared_house.client.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert response.headers["content-type"].startswith("application/openmetrics-text")
    names = {family.name for family in open_families(response.text)}
    assert {"assay_answers", "assay_statement_seconds", "assay_build"} <= names | {"assay_build"}
    assert response.headers["cache-control"] == "no-store"


async def test_each_application_of_a_process_has_figures_of_its_own(shared_house: House) -> None:
    other = create_app(shared_house.settings, shared_house.running)
    transport = httpx.ASGITransport(other)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400") as client:
        first = await scraped(client)
        for _ in range(3):
            assert (await client.post("/v1/metrics/claims_in_progress/data", json={})).status_code == 200
        labels = {"backend": "postgres", "outcome": "cached"}
        own = value(await scraped(client), "assay_answers_total", **labels) - value(first, "assay_answers_total", **labels)
        assert own >= 2
    assert (await shared_house.client.get("/metrics")).status_code == 200


async def test_no_label_holds_an_id_or_a_text(shared_house: House) -> None:
    answer = await shared_house.ask("cost_avoided_mtd", dimensions=["region"])
    text = (await shared_house.client.get("/metrics")).text
    known = answer["provenance"]
    assert answer["answer_id"] not in text
    assert known["receipt_id"] not in text  # pyright: ignore[reportIndexIssue]
    for family in plain_families(text):
        for sample in family.samples:
            for name, told in sample.labels.items():
                assert re.fullmatch(r"[\w.:+-]{1,40}", told), f"{sample.name} {name}={told!r}"
    assert "cost_avoided_mtd" not in text
