"""Workspaces of other fields, each with its requests: one file of `workspaces/` has tables, joins, metrics and values."""

import json
import tempfile
from pathlib import Path
from typing import Any

import yaml

from assay.catalog.workspace import load_workspace
from assay.widgets.words.language import load_languages, load_strangers
from assay.widgets.words.reader import Reader
from assay.widgets.words.synonyms import read_synonyms
from assay.widgets.words.terms import build_lexicon
from assay.widgets.words.values import value_columns
from tests.conftest import ANCHOR
from tests.eval.cases import Case, read_cases
from tests.unit.small import write_shop

FIELDS = sorted((Path(__file__).parent / "workspaces").glob("*.yaml"))


def field_reader(path: Path) -> tuple[Reader, list[Case]]:
    """The reader of a workspace at the moment of the tests, and its requests. No engine runs: the file has the values."""
    raw: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        metrics = json.dumps({"metrics": raw["metrics"]}, ensure_ascii=False)
        workspace = load_workspace(
            write_shop(root, metrics=metrics, tables=raw["tables"], joins=tuple(raw.get("joins", ()))), {}
        )
        assert not workspace.findings, [str(each) for each in workspace.findings]
        synonyms, _ = read_synonyms(workspace)
    languages = load_languages()
    listed = {f"shop.{column}": tuple(sorted(values)) for column, values in raw["values"].items()}
    values = {key: listed.get(key, ()) for key in value_columns(workspace.metrics.values())}
    lexicon = build_lexicon(workspace, synonyms, values, languages)
    return Reader(lexicon, languages, load_strangers(), lambda: ANCHOR), read_cases(raw["requests"], path.stem)
