"""The golden corpus: one YAML file a topic, each statement with what the gate must say about it."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from assay.engine import Dialect, taking_outside_sql

_FOLDER = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Case:
    name: str
    dialect: Dialect
    sql: str
    codes: frozenset[str] | None
    """None where the statement is honest and must pass; else codes that must be among the violations."""


def load_cases() -> list[Case]:
    """A statement counts once for each dialect it is written for: those in the file's name, or all four."""
    cases: list[Case] = []
    for path in sorted(_FOLDER.glob("*.yaml")):
        own = [dialect for dialect in taking_outside_sql() if dialect in path.stem] or list(taking_outside_sql())
        for entry in yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader):
            codes = None if path.stem.startswith("honest") else frozenset(entry["codes"])
            for dialect in entry.get("dialects", own):
                cases.append(Case(f"{path.stem}/{entry['id']}/{dialect}", dialect, entry["sql"], codes))
    return cases


HONEST = [case for case in load_cases() if case.codes is None]
HOSTILE = [case for case in load_cases() if case.codes is not None]
