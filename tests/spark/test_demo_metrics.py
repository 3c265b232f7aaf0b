"""Every metric of the demo whose tables lie on Spark: the same question gives there what it gives elsewhere."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from assay.backends.protocol import Backend
from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.question import Asked, Question, resolve_question
from assay.compiler.statement import compile_question
from assay.engine import Dialect
from assay.engines.duckdb.driver import DuckDBBackend
from assay.engines.postgres.driver import PostgresBackend
from assay.engines.spark.driver import SparkBackend
from assay.errors import BadQuestion
from assay.gate import Policy
from assay.people.scope import EVERYTHING
from tests.conftest import ANCHOR, DEMO, cloned_database
from tests.engine.pins import told

Engines = list[tuple[Backend, Dialect]]


def on_spark() -> list[str]:
    workspace = load_workspace(DEMO, {})
    tables = workspace.dictionary.tables
    return [
        name for name, metric in workspace.metrics.items()
        if all(tables[table].lies_in("spark") for table in metric.needed_columns)
    ]  # fmt: skip


METRICS = on_spark()


@pytest.fixture(scope="module")
async def engines(demo_tables: None, spark: SparkBackend, lake: Path) -> AsyncIterator[Engines]:
    async with cloned_database() as url:
        postgres, duckdb = PostgresBackend("postgres", url, counted=False), DuckDBBackend("lakehouse", lake)
        yield [(postgres, "postgres"), (duckdb, "duckdb"), (spark, "spark")]
        await postgres.close()
        await duckdb.close()


def questions(metric: Metric, workspace: Workspace) -> Iterator[Question]:
    """The total, by each dimension and, where it has a time, in each grain; beside the period before where there is one."""
    asked: list[dict[str, object]] = [{}, *({"dimensions": [name]} for name in metric.dimensions)]
    if metric.has_time:
        # What looks back by whole days has no hours.
        asked += [] if metric.has_frame else [{"grain": "hour", "window": "trailing_7d"}]
        asked += [{"compare": "previous_year"}, {"grain": "day"}, {"grain": "week", "window": "trailing_90d"},
                  {"grain": "month", "window": "year_to_date"},
                  {"grain": "quarter", "window": "year_to_date", "compare": "previous_year"},
                  {"grain": "year", "window": "year_to_date"}]  # fmt: skip
    for each in asked:
        try:
            yield question(metric, workspace, {"compare": "previous_period", **each})
        except BadQuestion:  # nothing lies before it
            yield question(metric, workspace, each)


def question(metric: Metric, workspace: Workspace, asked: dict[str, object]) -> Question:
    return resolve_question((metric.metric_id,), Asked.model_validate(asked), workspace, ANCHOR, EVERYTHING)


def keyed(rows: list[list[Any]], asked: Question) -> dict[tuple[Any, ...], list[Any]]:
    """By key: groups whose doubles differ in the last digit may stand in another order."""
    keys = len(asked.key_columns())
    found = {tuple(row[:keys]): row[keys:] for row in rows}
    assert len(found) == len(rows)
    return found


def same(one: Any, other: Any) -> bool:
    """Exact, but for doubles: engines add them in an order of their own."""
    return one == pytest.approx(other, rel=1e-9, abs=1e-12) if isinstance(other, float) else one == other


def test_most_of_the_catalog_lies_on_spark(workspace: Workspace) -> None:
    missing = set(workspace.metrics) - set(METRICS)
    assert len(METRICS) > 20
    assert all(
        any(not workspace.dictionary.tables[table].lies_in("spark") for table in workspace.metrics[name].source_tables)
        for name in missing
    )


@pytest.mark.parametrize("name", METRICS)
async def test_a_metric_gives_on_spark_what_it_gives_elsewhere(name: str, engines: Engines, workspace: Workspace) -> None:
    metric, policy = workspace.metrics[name], Policy.from_dictionary(workspace.dictionary)
    few, filled = asyncio.Semaphore(3), 0

    async def ask(asked: Question) -> list[dict[tuple[Any, ...], list[Any]]]:
        async with few:
            answers = await asyncio.gather(*[told(asked, policy, *engine) for engine in engines])
            return [keyed(rows, asked) for rows in answers]

    listed = list(questions(metric, workspace))
    for asked, (on_postgres, *others) in zip(listed, await asyncio.gather(*map(ask, listed)), strict=True):
        filled += len(on_postgres)
        for found in others:
            assert found.keys() == on_postgres.keys(), asked.described()
            for key, values in on_postgres.items():
                pairs = zip(found[key], values, strict=True)
                assert all(same(one, other) for one, other in pairs), (asked.described(), key, found[key], values)
    assert filled, "nothing was compared"


def test_databricks_is_told_the_same_text(workspace: Workspace) -> None:
    """So what holds on Spark here was tried for Databricks, too."""
    policy = Policy.from_dictionary(workspace.dictionary)
    for name in METRICS:
        for asked in questions(workspace.metrics[name], workspace):
            texts = {compile_question(asked, dialect, policy).safe.text for dialect in ("spark", "databricks")}
            assert len(texts) == 1
