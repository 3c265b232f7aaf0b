"""A scope: what follows from who one is, never who. It is part of every question; equal scopes share their answers.

It says which metrics one may ask, which rows of each table these are calculated from, and which columns are hidden. Rows are
those of the policies that name the metric: what one of them gives no other takes away. A table that none of them names
gives no row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import sha256
from typing import Any

import orjson

from assay.catalog.dictionary import table_of
from assay.catalog.metric import Metric
from assay.catalog.row_filter import Condition
from assay.work.principal import Principal

Rows = tuple[Condition, ...] | None
"""Those for which one of the conditions holds; all of them where it is None."""
_MOST_KNOWN = 2_000


@dataclass(frozen=True)
class Grant:
    """What one policy gives one person. `rows`: by qualified table; None where it gives all rows of all tables."""

    metrics: tuple[str, ...]
    rows: Mapping[str, Rows] | None

    def names(self, metric_id: str) -> bool:
        return any(fnmatchcase(metric_id, pattern) for pattern in self.metrics)

    def of(self, table: str) -> Rows:
        return None if self.rows is None else self.rows.get(table, ())

    def described(self) -> list[Any]:
        rows = self.rows and {table: _described(rows) for table, rows in self.rows.items()}
        return [list(self.metrics), "all" if rows is None else rows]


@dataclass(frozen=True)
class Access:
    """What a scope means for one metric: of each table that its rows are taken from and that is not seen whole, the rows."""

    rows: Mapping[str, tuple[Condition, ...]]

    @cached_property
    def tables(self) -> frozenset[str]:
        """Those that the conditions look at."""
        return frozenset(
            table_of(table) for rows in self.rows.values() for each in rows for table, _ in each.formula.columns
        )

    @cached_property
    def shape(self) -> tuple[object, ...]:
        """All of it that decides the text of a statement: the values are parameters."""
        return tuple((table, *((each.text, each.counts) for each in rows)) for table, rows in self.rows.items())


WHOLE = Access({})
"""Every row of every table."""


@dataclass(frozen=True, eq=False)
class Scope:
    """`policy`: the number of the revision that it follows from; 0 where none was ever in force."""

    policy: int
    grants: tuple[Grant, ...] | None
    """None: every metric and every row."""
    hidden: frozenset[tuple[str, str]] = frozenset()
    """(qualified table, column)"""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Of the attributes that conditions look at."""
    minimum: int = 0
    """What fewer rows than this give is not shown; 0: everything is."""
    only: tuple[str, ...] | None = None
    """Patterns of metrics, of a key that is limited to them; whatever else is given."""
    _known: dict[tuple[str, str], Access] = field(default_factory=dict[tuple[str, str], Access])
    _limits: dict[tuple[str, ...], "Scope"] = field(default_factory=dict[tuple[str, ...], "Scope"])
    """What keys are left of it, by their patterns."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scope) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @cached_property
    def key(self) -> str:
        """Equal for equal scopes, and for no others."""
        grants = None if self.grants is None else [each.described() for each in self.grants]
        values = {name: list(each) for name, each in self.values.items()}
        parts = [self.policy, grants, sorted(self.hidden), values, self.minimum, self.only]
        return sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]

    @property
    def is_whole(self) -> bool:
        """Whether it holds every row and every column of every metric, whatever there will be, and each of them alone."""
        return (
            not self.hidden
            and not self.minimum
            and self.only is None
            and (self.grants is None or any(each.rows is None and "*" in each.metrics for each in self.grants))
        )

    def may_ask(self, metric_id: str) -> bool:
        if self.only is not None and not any(fnmatchcase(metric_id, pattern) for pattern in self.only):
            return False
        return self.grants is None or any(each.names(metric_id) for each in self.grants)

    def askable(self, metrics: Mapping[str, Metric]) -> dict[str, Metric]:
        """Those that may be asked, by their ids."""
        return {metric_id: each for metric_id, each in metrics.items() if self.may_ask(metric_id)}

    def limited(self, who: Principal) -> "Scope":
        """What is left of it for a key that is limited to some metrics."""
        if who.metrics is None:
            return self
        if who.metrics not in self._limits:
            if len(self._limits) >= _MOST_KNOWN:
                self._limits.clear()
            self._limits[who.metrics] = replace(self, only=who.metrics, _known={}, _limits={})
        return self._limits[who.metrics]

    def hides(self, table: str, column: str) -> bool:
        """Of a table it hides the column in every role."""
        return (table_of(table), column) in self.hidden

    def shows(self, columns: Iterable[tuple[str, str]]) -> bool:
        """Whether none of these columns, by source and name, is hidden."""
        return not any(self.hides(*each) for each in columns)

    def access(self, metric: Metric) -> Access:
        if self.grants is None:
            return WHOLE
        key = metric.metric_id, metric.version
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[key] = self._access(metric, self.grants)
        return found

    def _access(self, metric: Metric, grants: tuple[Grant, ...]) -> Access:
        naming = [each for each in grants if each.names(metric.served_as)]
        found: dict[str, tuple[Condition, ...]] = {}
        for table in sorted(metric.needed_columns):
            given = [each.of(table) for each in naming]
            if None not in given:
                found[table] = tuple(dict.fromkeys(each for rows in given for each in rows or ()))
        return Access(found) if found else WHOLE

    def described(self, metrics: tuple[Metric, ...]) -> dict[str, Any] | None:
        """As far as an answer over these metrics depends on it, as receipts have it; None without any policy."""
        if self.policy == 0 and self.grants is None:
            return None
        accesses = {metric.metric_id: self.access(metric) for metric in metrics}
        looked_at = {
            name for access in accesses.values() for rows in access.rows.values() for each in rows for name, _ in each.counts
        }
        tables = {table for metric in metrics for table in metric.needed_columns}
        return {
            "policy": self.policy,
            "rows": {
                name: {table: _described(rows) for table, rows in access.rows.items()} for name, access in accesses.items()
            },
            "values": {name: list(self.values[name]) for name in sorted(looked_at)},
            "hidden": sorted(f"{table}.{column}" for table, column in self.hidden if table in tables),
            **({"minimum_group": self.minimum} if self.minimum else {}),
        }


def _described(rows: Rows) -> list[str] | str:
    return "all" if rows is None else sorted(each.text for each in rows)


EVERYTHING = Scope(0, None)
"""What Assay's own work asks over: comparisons, and the check of what was written. No answer of it is anybody's."""
