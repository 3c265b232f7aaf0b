"""Policies: who sees which rows and columns of which metrics, and what follows from them for somebody."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import NamedTuple

from assay.catalog.binder import Binder
from assay.catalog.formula import BadFormula
from assay.catalog.row_filter import Condition, read_row_filter
from assay.catalog.workspace import Workspace
from assay.people.scope import Grant, Rows, Scope
from assay.work.principal import Principal

EVERYBODY = "*"
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
_MOST_FORMULAS = 10_000
_MOST_SCOPES, _MOST_PEOPLE = 2_000, 20_000


class Case(NamedTuple):
    file: str
    line: int
    who: Principal
    metric_id: str
    sees: str | dict[str, str]


@dataclass(frozen=True)
class Policy:
    members: tuple[str, ...]
    metrics: tuple[str, ...]
    rows: Mapping[str, str | None] | None
    """By qualified table the condition, None where all rows are seen; None altogether: all rows of all tables."""
    hidden: tuple[tuple[str, str], ...]
    file: str
    line: int

    def is_for(self, who: Principal) -> bool:
        return any(is_member(who, each) for each in self.members)


@dataclass(frozen=True, eq=False)
class Policies:
    """Those of one workspace, as they are in force under one number."""

    workspace: Workspace
    policies: tuple[Policy, ...]
    sources: Mapping[str, str]
    """Of each attribute, the claim that it is taken from."""
    cases: tuple[Case, ...] = ()
    minimum: int = 0
    """Figures of fewer rows are shown to nobody."""
    number: int = 0
    _conditions: dict[tuple[object, ...], Condition | None] = field(default_factory=dict)
    _scopes: dict[str, Scope] = field(default_factory=dict[str, Scope])
    """By what they are: people who see the same share one."""
    _people: dict[Principal, Scope] = field(default_factory=dict[Principal, Scope])

    @cached_property
    def _binder(self) -> Binder:
        return Binder(self.workspace.dictionary)

    def numbered(self, number: int) -> "Policies":
        return replace(self, number=number, _scopes={}, _people={})

    def scope_of(self, who: Principal) -> Scope:
        found = self._people.get(who)
        if found is None:
            fresh = self._scope_of(who)
            for kept, most in ((self._people, _MOST_PEOPLE), (self._scopes, _MOST_SCOPES)):
                if len(kept) >= most:
                    kept.clear()
            found = self._people[who] = self._scopes.setdefault(fresh.key, fresh)
        return found

    def _scope_of(self, who: Principal) -> Scope:
        mine = self.of(who)
        attributes = self.attributes(who)
        grants = [Grant(each.metrics, self._rows(each, attributes)) for each in mine if each.metrics]
        given = [row for each in grants for rows in (each.rows or {}).values() for row in rows or ()]
        values = {name: attributes[name] for name in sorted({name for row in given for name, _ in row.counts})}
        hidden = frozenset(column for each in mine for column in each.hidden)
        return Scope(self.number, tuple(grants), hidden, values, self.minimum)

    def of(self, who: Principal) -> list[Policy]:
        return [each for each in self.policies if each.is_for(who)]

    def attributes(self, who: Principal) -> dict[str, tuple[str, ...]]:
        return {name: tuple(sorted(set(who.claims.get(claim, ())))) for name, claim in self.sources.items()}

    def _rows(self, policy: Policy, attributes: Mapping[str, tuple[str, ...]]) -> Mapping[str, Rows] | None:
        if policy.rows is None:
            return None
        found: dict[str, Rows] = {}
        for table, text in policy.rows.items():
            if text is None:
                found[table] = None
            elif (condition := self.condition(table, text, attributes)) is not None:
                found[table] = (condition,)
        return found

    def condition_of(self, table: str, text: str) -> Condition:
        """For nobody in particular."""
        known = self._condition(table, text, {})
        assert known
        return known

    def condition(self, table: str, text: str, attributes: Mapping[str, tuple[str, ...]]) -> Condition | None:
        """None where it holds for no row: somebody lacks an attribute, or has several where one is compared."""
        known = self.condition_of(table, text)
        counts = {name: len(attributes[name]) for name, _ in known.counts}
        if not all(counts.values()):
            return None
        if any(not _WHOLE_NUMBER.fullmatch(value) for name in known.numbers for value in attributes[name]):
            return None
        return self._condition(table, text, counts)

    def _condition(self, table: str, text: str, counts: Mapping[str, int]) -> Condition | None:
        key = (table, text, *sorted(counts.items()))
        if key not in self._conditions:
            if len(self._conditions) >= _MOST_FORMULAS:
                self._conditions.clear()
            try:
                found = read_row_filter(text, self._binder, self.workspace.dictionary.tables[table], counts)
            except BadFormula:
                found = None
            self._conditions[key] = found
        return self._conditions[key]


def is_member(who: Principal, member: str) -> bool:
    if member == EVERYBODY:
        return True
    if member.startswith("role:"):
        return member.removeprefix("role:") in (who.roles if who.seen_as is None else who.seen_as)
    if "@" in member:
        address = (who.email or "").lower()
        return address.count("@") == 1 and fnmatchcase(address, member.lower())
    return member in who.groups
