"""`synonyms.csv`: what is wrong in it is found, with its line."""

import shutil
from pathlib import Path

import pytest

from assay.catalog.workspace import load_workspace
from assay.widgets.words.synonyms import read_synonyms
from tests.unit.words.reading import DEMO


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("nowhere,,words", "there is no column 'nowhere'"), ("ev_customer.email,,mail", "personal data"),
        ("region,West", "2 cells"), ("region,West,", "no words"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_a_finding(tmp_path: Path, row: str, message: str) -> None:
    root = Path(shutil.copytree(DEMO, tmp_path / "workspace"))
    (root / "data-dictionary" / "synonyms.csv").write_text(f"column,value,words\n{row}\n")
    _, (finding,) = read_synonyms(load_workspace(root, {}))
    assert finding.line == 2
    assert message in finding.message


def test_a_workspace_without_the_file_is_whole(tmp_path: Path) -> None:
    root = Path(shutil.copytree(DEMO, tmp_path / "workspace"))
    (root / "data-dictionary" / "synonyms.csv").unlink()
    synonyms, findings = read_synonyms(load_workspace(root, {}))
    assert (synonyms.dimensions, synonyms.values, findings) == ({}, {}, [])
