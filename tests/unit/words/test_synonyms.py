"""`synonyms.csv`: what is wrong in it is found, with its line."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.catalog.workspace import load_workspace
from assay.widgets.words.synonyms import read_synonyms
from assay.widgets.words.titles import titles_of_nothing
from tests.unit.small import write_shop
from tests.unit.words.reading import DEMO


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("nowhere,,words", "there is no column 'nowhere'"), ("ev_customer.email,,mail", "personal data"),
        ("region,West", "2 cells"), ("region,West,", "words is empty"), ("region,West,; ;", "no words"),
        (",West,west", "column is empty"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_a_finding(tmp_path: Path, row: str, message: str) -> None:
    root = Path(shutil.copytree(DEMO, tmp_path / "workspace"))
    (root / "data-dictionary" / "synonyms.csv").write_text(f"column,value,words\n{row}\n")
    _, (finding,) = read_synonyms(load_workspace(root, {}))
    assert finding.line == 2
    assert message in finding.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"column;value;words\nregion;West;\"wild west\"\n", "the cells are separated by semicolons"),
        ("column,value,words\n".encode("utf-16"), "the file is UTF-16, as spreadsheets write Unicode text"),
        (b"sep=,\ncolumn,value,words\n", "the first line is 'sep=,', a note of spreadsheets to themselves"),
        (b"column,word\n", "wrong header: missing value, words; not known word"),
    ],
    ids=["semicolons", "utf-16", "a note", "header"],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_one_finding_that_names_the_cause(
    tmp_path: Path, content: bytes, message: str
) -> None:
    root = Path(shutil.copytree(DEMO, tmp_path / "workspace"))
    (root / "data-dictionary" / "synonyms.csv").write_bytes(content)
    synonyms, (finding,) = read_synonyms(load_workspace(root, {}))
    assert (finding.line, finding.message, synonyms.values) == (1, message, {})


@pytest.mark.parametrize("name", ["synonyms.csv", "ai_query_guidelines.md"])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir], ids=["pipe", "folder"])
def test_what_is_there_and_no_file_is_not_taken_for_absent(tmp_path: Path, name: str, make: Callable[[Path], None]) -> None:
    root = Path(shutil.copytree(DEMO, tmp_path / "workspace"))
    (root / "data-dictionary" / name).unlink()
    make(root / "data-dictionary" / name)
    workspace = load_workspace(root, {})
    (finding,) = [*workspace.findings, *read_synonyms(workspace)[1]]
    assert (finding.file, finding.line) == (f"data-dictionary/{name}", None)
    assert finding.message.startswith("the file cannot be read: ")


def test_a_workspace_without_the_file_is_whole(tmp_path: Path) -> None:
    root = Path(shutil.copytree(DEMO, tmp_path / "workspace"))
    (root / "data-dictionary" / "synonyms.csv").unlink()
    synonyms, findings = read_synonyms(load_workspace(root, {}))
    assert (synonyms.dimensions, synonyms.values, findings) == ({}, {}, [])


_SALES = "definition: Sales., entity: sale, measure: COUNT(*), time: sold_at, window: trailing_7d, owner: shop"


@pytest.mark.parametrize(
    ("label", "is_told"),
    [
        ("Sales by supplier", True), ("Sales by region", False), ("Sales by product category", False),
        ("Sales by week", False), ("Sales handled by staff", False), ("Sales by region and shelf", False), ("Sales", False),
    ],
)  # fmt: skip
def test_a_title_that_divides_by_nothing_is_a_finding(tmp_path: Path, label: str, is_told: bool) -> None:
    dimensions = "[region, {name: category, column: product.category}]"
    metrics = f"metrics:\n  - {{id: sales, label: {label}, {_SALES}, dimensions: {dimensions}}}\n"
    workspace = load_workspace(write_shop(tmp_path, metrics=metrics), {})
    found = [*titles_of_nothing(workspace, read_synonyms(workspace)[0])]
    assert [(each.file, each.line, "by supplier" in each.message) for each in found] == [
        ("metrics/shop.yaml", 2, True)
    ] * is_told
