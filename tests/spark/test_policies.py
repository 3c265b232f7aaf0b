"""What somebody sees is on Spark what it is elsewhere: values are bound, parents read, rows counted."""

from pathlib import Path

import pytest

from assay.catalog.workspace import Workspace
from assay.engines.spark.driver import SparkBackend
from tests.access.engines import CASES, hold


@pytest.mark.cases(1)
@pytest.mark.parametrize("case", CASES)
async def test_rows_are_seen_on_spark_as_on_the_lakehouse(
    case: str, demo_tables: None, spark: SparkBackend, lake: Path, workspace: Workspace
) -> None:
    await hold(CASES[case], workspace, lake, spark)
