"""The same question has the same answer on the lakehouse and on the warehouse, for every metric of the demo."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from assay.answers.answer import wire_cell
from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.question import Asked, Question, resolve_question
from assay.compiler.statement import compile_question
from assay.engines.databricks.driver import DatabricksBackend, connect
from assay.engines.databricks.http import Pace
from assay.engines.duckdb.driver import DuckDBBackend
from assay.gate import Policy
from assay.live.validation import validate
from assay.people.scope import EVERYTHING
from tests.access.engines import CASES as SEEN
from tests.access.engines import hold
from tests.conftest import ANCHOR, DEMO
from tests.golden.test_golden import CASES, golden_workspace, question_of
from tests.warehouse import Warehouse

QUICK = Pace(first_poll=0.002)


@pytest.fixture(scope="module")
async def warehouse(lake: Path) -> AsyncIterator[Warehouse]:
    async with Warehouse(lake) as opened:
        yield opened


@pytest.fixture(scope="module")
async def engines(warehouse: Warehouse, lake: Path) -> AsyncIterator[tuple[DuckDBBackend, DatabricksBackend]]:
    databricks = connect(load_workspace(DEMO, warehouse.environment).backends["databricks"], QUICK)
    assert isinstance(databricks, DatabricksBackend)
    lakehouse = DuckDBBackend("lakehouse", lake)
    yield lakehouse, databricks
    await lakehouse.close()
    await databricks.close()


def questions(metric: Metric) -> list[dict[str, Any]]:
    """The total, each dimension, each grain, the period before, and filters of several types."""
    asked: list[dict[str, Any]] = [{}, *({"dimensions": [name]} for name in metric.dimensions)]
    if metric.window is not None:
        bounded = {"window": {"start": "2026-02-27", "end": "2026-03-03"}}
        asked += [{"compare": "previous_period"}, {"grain": "day"}, {"grain": "week", "compare": "previous_period"}]
        asked += [{"grain": "month"}, {"grain": "day", "compare": "previous_year", **bounded}]
        # What looks back by whole days has no hours.
        asked += [] if metric.has_frame else [{"grain": "hour", **bounded}]
    if "region" in metric.dimensions:
        asked.append({"filters": [{"dimension": "region", "op": "in", "values": ["West", "Midwest"]}]})
        asked.append({"dimensions": ["region"], "filters": [{"dimension": "region", "op": "ne", "values": ["West"]}]})
    return asked


async def answer(
    backend: DuckDBBackend | DatabricksBackend, metric_id: str, asked: dict[str, Any], workspace: Workspace
) -> list[list[Any]]:
    question = resolve_question((metric_id,), Asked.model_validate(asked), workspace, ANCHOR, EVERYTHING)
    return await rows_of(backend, question, workspace)


async def rows_of(backend: DuckDBBackend | DatabricksBackend, question: Question, workspace: Workspace) -> list[list[Any]]:
    statement = compile_question(question, backend.dialect, Policy.from_dictionary(workspace.dictionary))
    told = await backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 30)
    return [[wire_cell(value, column) for value, column in zip(row, statement.columns, strict=True)] for row in told.rows]


@pytest.fixture(scope="module")
def both(workspace: Workspace) -> list[str]:
    """The metrics whose tables lie in both."""
    lies = {table.qualified: table.lies_in("lakehouse") and table.lies_in("databricks")
            for table in workspace.dictionary.tables.values()}  # fmt: skip
    return [name for name, metric in workspace.metrics.items() if all(lies[table] for table in metric.needed_columns)]


@pytest.mark.parametrize("stride", [11, pytest.param(1, marks=pytest.mark.exhaustive)])
async def test_every_metric_is_the_same_on_both(
    engines: tuple[DuckDBBackend, DatabricksBackend],
    workspace: Workspace,
    both: list[str],
    subtests: pytest.Subtests,
    stride: int,
) -> None:
    assert len(both) >= 27
    lakehouse, databricks = engines
    for number, metric_id in enumerate(both):
        # Of each metric every eleventh question, begun at another place: all kinds of question are asked of some metric.
        for asked in questions(workspace.metrics[metric_id])[number % stride :: stride]:
            with subtests.test(metric_id, **asked):
                wanted = await answer(lakehouse, metric_id, asked, workspace)
                found = await answer(databricks, metric_id, asked, workspace)
                assert len(wanted) > 0
                assert [[_rounded(cell) for cell in row] for row in found] == [
                    [_rounded(cell) for cell in row] for row in wanted
                ]


@pytest.mark.parametrize("stride", [3, pytest.param(1, marks=pytest.mark.exhaustive)])
async def test_every_golden_question_is_the_same_on_both(
    engines: tuple[DuckDBBackend, DatabricksBackend], tmp_path: Path, subtests: pytest.Subtests, stride: int
) -> None:
    golden = golden_workspace(tmp_path)
    for case in list(CASES)[::stride]:
        with subtests.test(case):
            wanted, found = [await rows_of(engine, question_of(case, golden), golden) for engine in engines]
            assert [[_rounded(cell) for cell in row] for row in found] == [
                [_rounded(cell) for cell in row] for row in wanted
            ]


def _rounded(cell: Any) -> Any:
    """The order in which doubles are added is no engine's promise."""
    return float(f"{cell:.12g}") if isinstance(cell, float) else cell


@pytest.mark.exhaustive
async def test_the_warehouse_is_as_the_dictionary_says(
    engines: tuple[DuckDBBackend, DatabricksBackend], warehouse: Warehouse
) -> None:
    _, databricks = engines
    report = await validate(DEMO, {"databricks": databricks})
    assert ([str(each) for each in report.findings], report.checked) == ([], ["structure", "databricks"])
    warehouse.change("ALTER TABLE l3_asurion.ref_state ALTER population_thousands TYPE VARCHAR")
    warehouse.change("DROP TABLE l3_asurion.ref_partner")
    try:
        told = [finding.message for finding in (await validate(DEMO, {"databricks": databricks})).findings]
    finally:
        warehouse.change("ALTER TABLE l3_asurion.ref_state ALTER population_thousands TYPE INTEGER")
    assert told == [
        "databricks: l3_asurion.ref_state.population_thousands is string where the dictionary says int; integer",
        "databricks has no table l3_asurion.ref_partner",
    ]


@pytest.mark.exhaustive
@pytest.mark.parametrize("case", SEEN)
async def test_rows_are_seen_on_the_warehouse_as_on_the_lakehouse(
    case: str, engines: tuple[DuckDBBackend, DatabricksBackend], lake: Path, workspace: Workspace
) -> None:
    await hold(SEEN[case], workspace, lake, engines[1])
