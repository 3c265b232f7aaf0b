"""Golden cases: a folder each, with a question, the SQL it becomes on every engine, and its rows at ANCHOR.

The SQL is what the gate let pass, laid out; the lines above it are the bound parameters.
"""

import json
import re
import shutil
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
import sqlglot
import yaml

from assay.answers.answer import wire_cell
from assay.backends.protocol import Backend, NotConfigured
from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.question import AskedMetrics, Operator, Question, resolve_question
from assay.compiler.statement import Statement, compile_question
from assay.engine import OWN_ENGINES, Dialect, taking_outside_sql
from assay.errors import BadQuestion
from assay.gate import Policy
from assay.people.scope import EVERYTHING
from tests.conftest import ANCHOR, DEMO, House

HERE = Path(__file__).parent
CASES = sorted(folder.name for folder in (HERE / "cases").iterdir())


def golden_workspace(folder: Path) -> Workspace:
    """The bundled workspace, copied into `folder`, with metrics, a fiscal year and seasons that only the cases need."""
    root = Path(shutil.copytree(DEMO, folder / "workspace"))
    shutil.copy(HERE / "metrics.yaml", root / "metrics" / "golden.yaml")
    settings = root / "assay.yaml"
    settings.write_text(settings.read_text() + "calendar: {fiscal_year: {weeks: 4-4-5, ends: last saturday of january}}\n")
    (root / "calendars").mkdir()
    seasons = "period,first_day,last_day\nold,2000-01-01,2024-02-29\nlow,2024-03-01,2025-06-30\nhigh,2025-07-01,2026-12-31\n"
    (root / "calendars" / "season.csv").write_text(seasons)
    loaded = load_workspace(root, {})
    assert loaded.findings == ()
    return loaded


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return golden_workspace(tmp_path_factory.mktemp("golden"))


def question_of(case: str, workspace: Workspace) -> Question:
    asked = AskedMetrics.model_validate_json(
        json.dumps(yaml.safe_load(_file(case, "question.yaml").read_text()), default=str)
    )
    return resolve_question(asked.metrics, asked, workspace, ANCHOR, EVERYTHING)


def compiled(question: Question, dialect: Dialect, workspace: Workspace) -> Statement:
    return compile_question(question, dialect, Policy.from_dictionary(workspace.dictionary, max_rows=10_001))


def written_or_refused(question: Question, dialect: Dialect, workspace: Workspace) -> str:
    try:
        return laid_out(compiled(question, dialect, workspace), question)
    except BadQuestion as error:
        return f"-- refused: {error.detail}\n"


def laid_out(statement: Statement, question: Question) -> str:
    mark = {"postgres": "$", "duckdb": "$p"}.get(statement.safe.dialect, ":p")
    bound = [f"-- {mark}{name[1:]} = {_shown(value)}" for name, value in statement.parameters(question).items()]
    tree = sqlglot.parse_one(statement.safe.text, dialect=statement.safe.dialect)
    return "\n".join([*bound, tree.sql(statement.safe.dialect, pretty=True)]) + "\n"


def _shown(value: object) -> str:
    return value.isoformat(" ") if isinstance(value, datetime) else str(value) if isinstance(value, date) else repr(value)


def _file(case: str, name: str) -> Path:
    return HERE / "cases" / case / name


@pytest.mark.parametrize("case", CASES)
def test_a_question_becomes_this_sql(case: str, golden: Workspace, updates: bool) -> None:
    question = question_of(case, golden)
    written = {dialect: written_or_refused(question, dialect, golden) for dialect in OWN_ENGINES}
    for dialect, text in written.items():
        file = _file(case, f"expected.{dialect}.sql")
        if updates:
            file.write_text(text)
        assert text == file.read_text()


async def test_every_question_has_these_rows_on_both_engines(
    house: House, golden: Workspace, updates: bool, subtests: pytest.Subtests
) -> None:
    for case in CASES:
        with subtests.test(case):
            question = question_of(case, golden)
            on_postgres, on_lakehouse = [
                await _rows(question, house.running.catalog.backends[name], golden) for name in ("postgres", "lakehouse")
            ]
            assert on_postgres == on_lakehouse
            text = _table(on_postgres)
            if updates:
                _file(case, "rows.json").write_text(text)
            assert text == _file(case, "rows.json").read_text()


async def _rows(question: Question, backend: Backend | NotConfigured, workspace: Workspace) -> list[list[Any]]:
    """The names of the columns and then the rows, as they travel."""
    assert not isinstance(backend, NotConfigured)
    statement = compiled(question, backend.dialect, workspace)
    told = await backend.run(statement.safe, statement.parameters(question), statement.safe.tables, 30)
    rows = [[wire_cell(value, column) for value, column in zip(row, statement.columns, strict=True)] for row in told.rows]
    return [[column.name for column in statement.columns], *rows]


def _table(rows: list[list[Any]]) -> str:
    return "[\n" + ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n"


def test_every_operator_has_a_golden_case(golden: Workspace) -> None:
    used = {each.op for case in CASES for each in question_of(case, golden).every_filter}
    assert used == set(get_args(Operator))


@pytest.mark.parametrize("dialect", taking_outside_sql())
def test_a_discrete_percentile_is_exact_on_every_engine(dialect: Dialect, golden: Workspace) -> None:
    """sqlglot writes an approximate one for some engines; what runs is what the gate printed."""
    asked = AskedMetrics(metrics=("usual_deductible",))
    text = compiled(resolve_question(asked.metrics, asked, golden, ANCHOR, EVERYTHING), dialect, golden).safe.text
    assert re.search(r"PERCENTILE_DISC\(0\.9\) WITHIN GROUP \(ORDER BY c\.deductible_usd|QUANTILE_DISC\(c", text), text
    assert "APPROX" not in text
