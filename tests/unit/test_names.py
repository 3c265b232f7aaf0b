"""Every word that a parser knows, as the name of a column, a dimension, a table and a schema: all of them compile."""

import json
import re
from pathlib import Path

import pytest
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.postgres import Postgres

from assay.catalog.entry import RESERVED
from assay.catalog.workspace import Workspace, load_workspace
from assay.compiler.statement import compile_question
from assay.engine import Dialect
from assay.gate import Policy, judge
from tests.unit.small import ask, write_shop


def words() -> list[str]:
    found: set[str] = set()
    for dialect in (Postgres, DuckDB):
        known = (dialect.Tokenizer.KEYWORDS, dialect.Parser.FUNCTIONS, dialect.Parser.NO_PAREN_FUNCTION_PARSERS,
                 dialect.Parser.FUNCTION_PARSERS)  # fmt: skip
        found |= {word.lower() for each in known for word in each if re.fullmatch(r"[A-Za-z][A-Za-z_]*", word)}
    return sorted(found - {*RESERVED})


@pytest.fixture(scope="module")
def wordy(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A table with a column for each word, and for each word a table of that name."""
    listed = words()
    tables = {"t": "id string, happened timestamp, " + ", ".join(f"{word} string" for word in listed)}
    tables |= dict.fromkeys(listed, "id string, happened timestamp")
    common = {"label": "L", "definition": "D.", "time": "happened", "owner": "o"}
    metrics = [
        {"id": f"column_{number}", "entity": "t", "measure": f'COUNT(DISTINCT "{word}")', "filter": f"\"{word}\" <> 'x'",
         "dimensions": [{"name": word, "column": word}], **common}
        for number, word in enumerate(listed)
    ]  # fmt: skip
    metrics += [
        {"id": f"table_{number}", "entity": f"shop.{word}", "measure": "COUNT(*)", **common}
        for number, word in enumerate(listed)
    ]
    root = write_shop(tmp_path_factory.mktemp("words"), metrics=json.dumps({"metrics": metrics}), tables=tables, joins=())
    workspace = load_workspace(root, {})
    assert workspace.findings == ()
    return workspace


EVERY = pytest.param(1, marks=pytest.mark.exhaustive)


@pytest.mark.parametrize("stride", [29, EVERY])
@pytest.mark.parametrize("dialect", ["postgres", "duckdb"])
def test_any_word_may_be_the_name_of_a_column_and_of_a_table(wordy: Workspace, dialect: Dialect, stride: int) -> None:
    listed = words()
    assert len(listed) > 700
    policy = Policy.from_dictionary(wordy.dictionary)
    for number, word in list(enumerate(listed))[::stride]:
        asked = ask(wordy, f"column_{number}", dimensions=[word], order=[{"by": word}], grain="day")
        assert compile_question(asked, dialect, policy).safe.text
        assert compile_question(ask(wordy, f"table_{number}"), dialect, policy).safe.text


@pytest.mark.parametrize("stride", [97, EVERY])
@pytest.mark.parametrize("dialect", ["postgres", "duckdb"])
def test_any_word_may_be_the_name_of_a_schema(tmp_path: Path, dialect: Dialect, stride: int) -> None:
    root = write_shop(tmp_path, tables={"sale": "id string"}, joins=(), metrics=json.dumps({"metrics": [
        {"id": "sales", "label": "L", "definition": "D.", "entity": "sale", "measure": "COUNT(*)", "owner": "o"},
    ]}))  # fmt: skip
    for word in words()[::stride]:
        for name in ("table_catalog.csv", "column_dictionary.csv"):
            path = root / "data-dictionary" / name
            path.write_text(re.sub(r"^[^,\n]+,sale", f"{word},sale", path.read_text(), flags=re.MULTILINE))
        workspace = load_workspace(root, {})
        assert workspace.findings == ()
        assert compile_question(ask(workspace, "sales"), dialect, Policy.from_dictionary(workspace.dictionary)).safe.text


@pytest.mark.parametrize("dialect", ["postgres", "duckdb"])
def test_a_name_may_be_as_long_as_postgres_allows(dialect: Dialect, tmp_path: Path) -> None:
    name = "A" * 63
    root = write_shop(tmp_path, tables={"sale": f"id string, {name} string"}, joins=(), metrics=json.dumps({"metrics": [
        {"id": "sales", "label": "L", "definition": "D.", "entity": "sale", "measure": f'COUNT("{name}")', "owner": "o"},
    ]}))  # fmt: skip
    workspace = load_workspace(root, {})
    assert (
        f'"{name}"'
        in compile_question(ask(workspace, "sales"), dialect, Policy.from_dictionary(workspace.dictionary)).safe.text
    )


def test_a_column_of_a_type_that_only_one_engine_has_is_used_by_nothing(tmp_path: Path) -> None:
    root = write_shop(tmp_path, tables={"sale": "id string, note string"}, joins=(), metrics=json.dumps({"metrics": [
        {"id": "sales", "label": "L", "definition": "D.", "entity": "sale", "measure": "COUNT(*)", "owner": "o"},
        {"id": "notes", "label": "L", "definition": "D.", "entity": "sale", "measure": "COUNT(note)", "owner": "o"},
    ]}))  # fmt: skip
    path = root / "data-dictionary" / "column_dictionary.csv"
    path.write_text(path.read_text().replace("note,2,string", "note,2,other; jsonb"))
    workspace = load_workspace(root, {})
    assert [each.metric_id for each in workspace.findings] == ["notes"]
    policy = Policy.from_dictionary(workspace.dictionary)
    assert judge("SELECT COUNT(id) AS n FROM shop.sale", "postgres", policy).ok
    refused = judge("SELECT COUNT(note) AS n FROM shop.sale", "postgres", policy)
    assert {each.code for each in refused.violations} == {"unknown_column"}
