"""The cells that settle a comparison are on Spark what they are on DuckDB, as the drivers hand them over."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assay.catalog.workspace import Workspace
from assay.compiler.question import MAX_LIMIT, Asked, resolve_question
from assay.compiler.statement import compile_cube
from assay.engines.duckdb.driver import DuckDBBackend
from assay.engines.spark.driver import SparkBackend
from assay.gate import Policy
from assay.people.scope import EVERYTHING
from assay.routing.cube import adds_up, covers, groups_of_same_cells
from assay.routing.grains import single_grains, small_pairs
from tests.conftest import ANCHOR


@pytest.mark.parametrize("metric_id", ["cost_avoided_mtd", "claim_approval_rate", "claim_status_mix_l3_asurion"])
async def test_cells_are_the_same_on_spark(
    metric_id: str, demo_tables: None, spark: SparkBackend, lake: Path, workspace: Workspace
) -> None:
    metric = workspace.metrics[metric_id]
    total = resolve_question((metric_id,), Asked(), workspace, ANCHOR, EVERYTHING)
    groups = dict.fromkeys(["time", *metric.dimensions], 6)
    grains = [*list(single_grains(metric, total))[1:], *small_pairs(metric, total, groups)]
    keys = {name: tuple(question.key_columns()) for name, question in grains}
    groupings = covers(keys.values(), groups)
    assert adds_up(metric)
    assert 1 < len(groupings) < len(grains)
    question = replace(total, grain="day", dimensions=tuple(metric.dimensions.values()), limit=MAX_LIMIT)
    policy, duckdb = Policy.from_dictionary(workspace.dictionary, max_rows=MAX_LIMIT + 1), DuckDBBackend("lakehouse", lake)

    async def rows(backend: DuckDBBackend | SparkBackend) -> list[tuple[Any, ...]]:
        statement = compile_cube(question, groupings, backend.dialect, policy, in_aggregates=True)
        assert statement is not None
        return (await backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 60)).rows

    found = await groups_of_same_cells((await rows(duckdb), await rows(spark)), question.key_columns(), groupings, keys)
    await duckdb.close()
    assert found is not None
    assert all(found.values())
