"""One key of one table proved on one backend: by a constraint that the engine enforces, else by counting.

A key counts as the engine's join sees it: rows without a value in it meet nobody, values that the engine takes for equal
are equal. Where child and parent are of different types, or where the engine compares text by a collation that may be
the child's, the join itself is counted too. Nothing but numbers comes back, so keys of personal data may be counted.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from sqlglot import exp

from assay.backends.protocol import Backend
from assay.catalog.dictionary import Dictionary, Join
from assay.engine import engine_of
from assay.errors import SafetyViolation, StatementFailed
from assay.gate import Policy, judge
from assay.gate.names import identifier, table_as
from assay.gate.policy import Key
from assay.store.keys import Uniqueness

COUNT_SECONDS = 30.0
_INTEGERS = frozenset({"smallint", "integer", "bigint", "int", "tinyint", "hugeint"})
_TEXTS = frozenset({"text", "character varying", "varchar", "string"})


@runtime_checkable
class EnforcesKeys(Protocol):
    """A backend whose engine refuses a row that would break a key. Warehouses only note theirs; they are counted."""

    async def enforced_keys(self, table: str) -> list[frozenset[str]]:
        """Sets of columns that the engine keeps unique, as a join on these columns compares them."""
        ...


def span_of(key: Key, dictionary: Dictionary) -> Join | None:
    """The join to rows that hold for a while of which this tells the rows apart that hold at one time."""
    return next((join for join in dictionary.joins if join.span_key == key), None)


def name_of(key: Key) -> str:
    table, columns = key
    return f"{table}.{columns[0]}" if len(columns) == 1 else f"{table} ({', '.join(columns)})"


def told_key(key: Key, dictionary: Dictionary) -> str:
    """What is proved of a key, as a sentence says it: `... is unique`."""
    span = span_of(key, dictionary)
    return f"{name_of((key[0], span.to_columns))} at any time" if span else name_of(key)


def faults_of(key: Key, found: Uniqueness, dictionary: Dictionary) -> str:
    """What is wrong with one that is not unique."""
    span = span_of(key, dictionary)
    if span is None or span.valid is None:
        return repeats_of(found)
    begins, ends = span.valid
    rows = "1 row does" if found.duplicates == 1 else f"{found.duplicates:,} rows do"
    return f"{rows} not hold from {begins} until {ends} at the most, where the next row of the key begins"


def repeats_of(found: Uniqueness) -> str:
    """How often values of a key that is not unique stand there."""
    values = "1 value stands" if found.duplicates == 1 else f"{found.duplicates:,} values stand"
    return f"{values} on several rows, one of them on {found.most:,}"


def seen_in(found: Uniqueness) -> str:
    """Which join takes the values for equal, where the key alone does not: to be set behind *not unique*."""
    return f" as the join from {found.seen_by} compares them" if found.seen_by else ""


def counting_policy(dictionary: Dictionary, backend: str) -> Policy:
    """For counts of our own alone: they may look at personal columns, and give back nothing but numbers."""
    tables = [
        replace(table, columns={name: replace(column, pii=None) for name, column in table.columns.items()})
        for table in dictionary.tables.values() if table.lies_in(backend)
    ]  # fmt: skip
    # Whether rows that hold for a while follow one another is counted over all rows of a key.
    joins = tuple(replace(join, valid=None) for join in dictionary.joins)
    return Policy(tables, joins, max_rows=1, default_rows=1)


async def prove_key(backend: Backend, key: Key, dictionary: Dictionary, policy: Policy) -> Uniqueness:
    """Raises BackendUnavailable, BackendTimeout, StatementFailed or SafetyViolation where it cannot be proved."""
    (table, columns), span = key, span_of(key, dictionary)
    joins = await _seen_otherwise(backend, (table, tuple(sorted(span.to_columns))) if span else key, dictionary)
    tables = tuple(sorted({table, *(join.from_table for join in joins)}))
    version = await backend.data_version(tables)
    how, duplicates, most = "constraint", 0, 0
    # No constraint says of rows that hold for a while that they follow one another.
    enforced = await backend.enforced_keys(table) if isinstance(backend, EnforcesKeys) and not span else []
    if not any(each <= set(columns) for each in enforced):
        counted = _of_span(span) if span else _of_key(table, columns)
        how, (duplicates, most) = "count", await _count(backend, counted, policy)
    seen_by = None
    for join in joins:
        if duplicates:
            break
        how, (duplicates, most) = "count", await _count(backend, _of_join(join, span), policy)
        seen_by = join.from_table if duplicates else None
    return Uniqueness(how, duplicates, most, seen_by, tables, version.text, datetime.now(UTC))


def _of_span(span: Join) -> exp.Select:
    """How many rows do not end before the next one of their key begins."""
    keys = [exp.column(identifier(name), table="p") for name in span.to_columns]
    rows = exp.Select().from_(table_as(span.to_table, "p"), copy=False)
    rows = rows.where(*[exp.not_(exp.Is(this=name.copy(), expression=exp.null())) for name in keys], copy=False)
    return _not_one_by_one(rows, keys, span)


def _not_one_by_one(rows: exp.Select, keys: Sequence[exp.Expr], span: Join) -> exp.Select:
    """How many of these rows of a parent `p` keep them from holding one by one: where two of a key hold at one time, or one
    does not begin, ends before it begins, or ends after the next one begins.
    """
    assert span.valid
    begins, ends = (exp.column(identifier(name), table="p") for name in span.valid)
    order = exp.Order(expressions=[exp.Ordered(this=begins.copy(), nulls_first=False)])
    following = exp.Window(
        this=exp.Lead(this=begins.copy()), partition_by=[each.copy() for each in keys], order=order, over="OVER"
    )
    inner = rows.select(
        exp.alias_(begins, "begins"), exp.alias_(ends, "ends"), exp.alias_(following, "following"), copy=False
    )
    begins, ends, following = (exp.column(name, table="d") for name in ("begins", "ends", "following"))
    is_followed = exp.not_(exp.Is(this=following.copy(), expression=exp.null()))
    faults = exp.or_(
        exp.Is(this=begins.copy(), expression=exp.null()),
        exp.LT(this=ends.copy(), expression=begins.copy()),
        exp.LTE(this=following.copy(), expression=begins.copy()),
        exp.LT(this=following.copy(), expression=ends.copy()),
        exp.and_(is_followed, exp.Is(this=ends.copy(), expression=exp.null())),
    )
    outer = exp.select(_rows("keys"), _rows("most")).from_(inner.subquery("d"), copy=False)
    return outer.where(faults, copy=False).limit(1, copy=False)


async def _seen_otherwise(backend: Backend, key: Key, dictionary: Dictionary) -> list[Join]:
    """The joins to the key that may take values for equal which the key itself tells apart."""
    found: list[Join] = []
    here = [join for join in dictionary.joins if dictionary.tables[join.from_table].lies_in(backend.name)]
    leading = [join for join in here if (join.to_table, tuple(sorted(join.to_columns))) == key]
    names = list(dict.fromkeys([key[0], *(join.from_table for join in leading)]))
    described = dict(zip(names, await asyncio.gather(*map(backend.describe, names)), strict=True))
    parent = described[key[0]]
    for join in leading:
        child = described[join.from_table]
        if child is None or parent is None:
            continue  # such a join cannot be asked on this backend
        for left, right in zip(join.from_columns, join.to_columns, strict=True):
            one, other = _compared_as(child.get(left, "")), _compared_as(parent.get(right, ""))
            # Where a column's collation is not told with its type, the two may differ, and a join takes that of either side.
            if one != other or (one == "text" and not engine_of(backend.dialect).types.tells_collations):
                found.append(join)
                break
    return found


def _compared_as(engine_type: str) -> str:
    """Types of one name here compare alike, whatever their length."""
    name = engine_type.lower().partition("(")[0].strip()
    return "integer" if name in _INTEGERS else "text" if name in _TEXTS else name


async def _count(backend: Backend, tree: exp.Select, policy: Policy) -> tuple[int, int]:
    verdict = judge(tree.sql(engine_of(backend.dialect).reading.sqlglot), backend.dialect, policy)
    if verdict.safe is None:
        raise SafetyViolation(f"the statement that counts the key was refused: {verdict.violations[0].message}")
    found = await backend.run(verdict.safe, {}, verdict.safe.tables, COUNT_SECONDS, {"for": "key proof"})
    rows = found.by_name(["keys", "most"])
    if len(rows) != 1:
        raise StatementFailed("the engine gave no count of the key")
    return int(rows[0][0]), int(rows[0][1] or 0)


def _of_key(table: str, columns: Sequence[str]) -> exp.Select:
    names = [exp.column(identifier(name), table="t") for name in columns]
    inner = exp.select(_rows("n")).from_(table_as(table, "t"), copy=False)
    inner = inner.where(*[exp.not_(exp.Is(this=name.copy(), expression=exp.null())) for name in names], copy=False)
    return _repeated(inner, names)


def _of_join(join: Join, span: Join | None) -> exp.Select:
    """How many rows of the parent one value of the child meets; where these hold for a while, how many at one time."""
    values, names = _values_of(join)
    met = _met_by(join, values, names)
    return _not_one_by_one(met, names, span) if span else _repeated(met.select(_rows("n"), copy=False), names)


def _values_of(join: Join) -> tuple[exp.Select, list[exp.Expr]]:
    """The values of the child's key, each once, and as they are called where they are the rows `x`."""
    values = exp.Select(distinct=exp.Distinct()).from_(table_as(join.from_table, "c"), copy=False)
    for number, child in enumerate(join.from_columns):
        values = values.select(exp.alias_(exp.column(identifier(child), table="c"), f"k{number}"), copy=False)
    return values, [exp.column(f"k{number}", table="x") for number in range(len(join.from_columns))]


def _met_by(join: Join, values: exp.Select, names: Sequence[exp.Expr]) -> exp.Select:
    """The rows `p` of the parent beside the values that meet them."""
    on = exp.and_(*[
        exp.EQ(this=name.copy(), expression=exp.column(identifier(parent), table="p"))
        for name, parent in zip(names, join.to_columns, strict=True)
    ])  # fmt: skip
    return exp.Select().from_(values.subquery("x"), copy=False).join(table_as(join.to_table, "p"), on=on, copy=False)


def _repeated(inner: exp.Select, names: Sequence[exp.Expr]) -> exp.Select:
    """How many groups have several rows, and the largest of them."""
    inner = inner.group_by(*[name.copy() for name in names], copy=False)
    inner = inner.having(exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)), copy=False)
    largest = exp.alias_(exp.Max(this=exp.column("n", table="d")), "most")
    return exp.select(_rows("keys"), largest).from_(inner.subquery("d"), copy=False).limit(1, copy=False)


def _rows(name: str) -> exp.Expr:
    return exp.alias_(exp.Count(this=exp.Star()), name)
