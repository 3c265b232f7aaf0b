"""The times that a table's rows have, by the names of their columns: `ordered_at`, `shipped_at`."""

from collections.abc import Collection

from assay.catalog.dictionary import table_of
from assay.catalog.metric import Metric
from assay.catalog.workspace import Workspace
from assay.widgets.words.parts import root
from assay.widgets.words.text import fold

Moment = tuple[str, str]
"""(qualified table, column)"""
_OF_ANY = frozenset("at on ts time date day timestamp when utc from until start end".split())


def times_of(metric: Metric) -> list[Moment]:
    """By which its rows count."""
    found = [(table_of(part.time.table), part.time.name) for part in metric.parts if part.time]
    return [*found, *((part.entity.qualified, each.name) for part in metric.parts for each in part.alive or ())]


def moments(tables: Collection[str], workspace: Workspace) -> list[Moment]:
    listed = [table for table in workspace.dictionary.tables.values() if table.qualified in tables]
    return [(table.qualified, each.name) for table in listed for each in table.columns.values() if each.type.is_time]


def roots_of(column: str, code: str) -> set[str]:
    """What happened then: `shipped_at` is when it was shipped."""
    return {root(fold(word), code) for word in column.split("_") if word.lower() not in _OF_ANY}
