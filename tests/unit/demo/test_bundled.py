"""The demo's workspace is put where there is none, and what somebody has there stays."""

from pathlib import Path

import pytest

from assay.catalog.workspace import load_workspace
from assay.demo.bundled import put_workspace
from assay.errors import SetupFailed
from tests.conftest import DEMO


def test_the_demo_is_written_where_there_is_none_and_edits_stay(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    assert put_workspace(folder)
    assert load_workspace(folder, {}).version == load_workspace(DEMO, {}).version
    routing = folder / "config" / "metric_routing.yaml"
    routing.write_text("metrics: {}\n")
    assert not put_workspace(folder)
    assert routing.read_text() == "metrics: {}\n"


def test_nothing_is_written_into_a_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(SetupFailed, match="no workspace"):
        put_workspace(tmp_path)
    with pytest.raises(SetupFailed, match="no workspace"):
        put_workspace(tmp_path / "letter.txt")
    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]
