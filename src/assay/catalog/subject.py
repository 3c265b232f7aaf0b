"""A table that gets metrics, and a metric that is drafted over it; how a formula writes its columns."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from assay.catalog.dictionary import Column, Table
from assay.catalog.found import FoundColumn
from assay.catalog.shapes import Shape
from assay.catalog.splits import Split
from assay.catalog.vocabulary import BAD, GOOD, singular, tells, thing
from assay.catalog.when import When
from assay.catalog.yaml_text import Entry


@dataclass(frozen=True)
class Subject:
    """A table that gets metrics."""

    table: Table
    facts: Mapping[str, FoundColumn]
    shape: Shape
    label: str
    """Of its rows, in the plural."""
    one: str
    splits: list[Split]
    when: When
    sampled: int
    whole: str
    """The table, or the one that its rows are parts of."""

    @property
    def said(self) -> list[str]:
        return thing(self.table.name)


@dataclass(frozen=True)
class Drafted:
    """`label` may be taken already: then `full_label` is used."""

    label: str
    full_label: str
    definition: str
    form: Entry
    unit: str
    direction: str
    weight: float
    synonyms: tuple[str, ...] = ()
    reason: str = ""
    is_flow: bool = True
    """Whether nothing is 0, so that its series and its splits add up to it."""
    is_value: bool = False
    """Whether it is the money that the rows are about."""
    has_time: bool = True
    """Whether its rows count by the time of their table, where that has one."""


def direction(said: Collection[str]) -> str:
    own = [*said, *(singular(each) for each in said)]
    return "down_is_good" if tells(own, BAD) else "up_is_good" if tells(own, GOOD) else "neutral"


def in_formula(column: Column) -> str:
    """The name as a formula writes it: in quotes wherever it would be read as something else, or look so."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", column.name):
        return exp.to_identifier(column.name, quoted=True).sql()
    try:
        tree = sqlglot.parse_one(f"SUM({column.name})")
        is_plain = isinstance(tree, exp.Sum) and tree.this == exp.column(column.name)
    except SqlglotError:
        is_plain = False
    return column.name if is_plain else exp.to_identifier(column.name, quoted=True).sql()
