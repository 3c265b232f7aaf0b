"""MetricFlow's own integration suite as the score: METRICFLOW names a folder with a copy of its repository.

Nothing of it stands here: tables, definitions, questions and the SQL that says what is right are read when it runs. How many
cases are right, and why others are not, stands in docs/metrics/compared.md, which this test holds to be true.
"""

import csv
import os
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.conftest import empty_database
from tests.interop.suite_cases import FOLDERS, MANIFESTS, cases
from tests.interop.suite_data import SCHEMA, fill_duckdb, fill_postgres, rows_of_duckdb, rows_of_postgres, snapshots
from tests.interop.suite_questions import Span
from tests.interop.suite_run import Engine, Model, Rows, Verdict, each_row_once, left_out_of, verdict

from assay.catalog.workspace import load_workspace
from assay.cli.imports import calendars_of, make_bare, project_over, propose
from assay.engines.duckdb.driver import DuckDBBackend
from assay.engines.postgres.driver import PostgresBackend
from assay.interop.metricflow.reading import read_project

SUITE = os.environ.get("METRICFLOW")
ROWS = (date(2019, 11, 1), date(2021, 3, 1))
"""The days around the rows of its tables."""
PAGE = Path(__file__).parents[2] / "docs" / "metrics" / "compared.md"

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.skipif(not SUITE, reason="METRICFLOW names no copy of MetricFlow's repository"),
]


@dataclass
class Suite:
    models: dict[str, Model]
    engines: list[Engine]
    span: Span


@pytest.fixture(scope="module")
async def suite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Suite]:
    work, root = tmp_path_factory.mktemp("suite"), Path(SUITE or "")
    tables, file = snapshots(root), work / "suite.duckdb"
    fill_duckdb(file, tables)
    async with empty_database() as url:
        await fill_postgres(url, tables)
        await make_bare(f"duckdb://{file}", work / "bare", [], datetime.now(UTC), lambda _: None)
        _looked_over(work / "bare" / "data-dictionary")
        lake, postgres = DuckDBBackend("lake", file), PostgresBackend("postgres", url, counted=False)

        async def of_duckdb(sql: str) -> tuple[list[str], Rows]:
            return rows_of_duckdb(file, sql)

        async def of_postgres(sql: str) -> tuple[list[str], Rows]:
            return await rows_of_postgres(url, sql)

        engines = [Engine("duckdb", lake, of_duckdb), Engine("postgres", postgres, of_postgres)]
        _, ((last,),) = rows_of_duckdb(file, f"SELECT MAX(ds) FROM {SCHEMA}.mf_time_spine")
        span = (*ROWS, last.date() + timedelta(days=1))
        yield Suite({name: await _imported(root, folder, work) for name, folder in FOLDERS.items()}, engines, span)
        await lake.close()
        await postgres.close()


def _looked_over(dictionary: Path) -> None:
    """As somebody does who knows that the suite's names are of nobody, and what tells visits apart."""
    _edited(dictionary / "column_dictionary.csv", lambda _: {"pii": ""})
    keys = {"fct_visits": "session_id"}
    _edited(dictionary / "table_catalog.csv", lambda row: {"business_key": keys.get(row["table_name"], "")})


def _edited(file: Path, changed: Callable[[dict[str, str]], dict[str, str]]) -> None:
    with file.open(newline="") as opened:
        reader = csv.DictReader(opened)
        rows = [{**row, **changed(row)} for row in reader]
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, reader.fieldnames or ())
        writer.writeheader()
        writer.writerows(rows)


async def _imported(root: Path, folder: str, work: Path) -> Model:
    source, workspace = work / "source" / folder, work / "workspace" / folder
    shutil.copytree(root / MANIFESTS / folder, source)
    for each in source.rglob("*.yaml"):
        each.write_text(each.read_text().replace("$source_schema", SCHEMA))
    shutil.copytree(work / "bare", workspace)
    project = read_project(source)
    proposal = propose("metricflow", workspace, project_over(project, await calendars_of(project, workspace)))
    assert await proposal.take() == []
    items = list(proposal.report.items)
    return Model(project, load_workspace(workspace, {}), left_out_of(items), each_row_once(items))


async def test_no_answer_is_wrong_and_the_page_says_how_many_are_right(suite: Suite) -> None:
    found: dict[str, dict[str, Verdict]] = {}
    for each in cases(Path(SUITE or "")):
        found[each.id] = {
            engine.dialect: await verdict(each, suite.models[each.model], engine, suite.span) for engine in suite.engines
        }
    wrong = {name: each for name, each in found.items() if any(one.kind == "wrong" for one in each.values())}
    assert wrong == {}
    page = PAGE.read_text()
    for dialect in ("duckdb", "postgres"):
        counted = Counter(each[dialect].kind for each in found.values())
        line = re.search(rf"^\| {dialect} \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
        assert line, dialect
        assert [int(each) for each in line.groups()] == [
            counted[each] for each in ("right", "refused", "not sayable", "wrong")
        ], {name: each[dialect].why for name, each in found.items() if each[dialect].kind != "right"}
