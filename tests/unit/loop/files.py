"""The demo's loop files, changed for a test, and what is found wrong in them."""

import shutil
from functools import cache
from pathlib import Path

from assay.catalog.findings import Finding
from assay.catalog.workspace import load_workspace
from assay.loop.content import LoopContent, load_loop
from assay.loop.rules import Rules

DEMO = Path(__file__).parents[3] / "demo"
DICTIONARY = load_workspace(DEMO, {}).dictionary


@cache
def rules() -> Rules:
    """The demo's own."""
    content, _ = load_loop(DEMO, DICTIONARY)
    assert content
    return content.rules


def changed(folder: Path, file: str, *changes: tuple[str, str]) -> tuple[LoopContent | None, list[Finding]]:
    """Each text that is replaced has to be there, once at least."""
    shutil.copytree(DEMO / "loop", folder / "loop", dirs_exist_ok=True)
    text = (folder / "loop" / file).read_text()
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after, 1)
    (folder / "loop" / file).write_text(text)
    return load_loop(folder, DICTIONARY, frozenset(DICTIONARY.tables))


def line_of(folder: Path, file: str, text: str) -> int:
    return 1 + next(n for n, line in enumerate((folder / "loop" / file).read_text().splitlines()) if text in line)
