"""What the dictionary allows, in the form in which the gate asks for it. Knows no SQL."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from assay.catalog.dictionary import Dictionary, Join, Table
from assay.engine import Dialect, engine_of
from assay.gate.verdict import Verdict

Origin = tuple[str, str]
"""A dictionary column: qualified table, column."""


Key = tuple[str, tuple[str, ...]]
"""A key of a dictionary table: qualified table, columns in alphabetical order."""


@dataclass(frozen=True, slots=True)
class KnownColumn:
    name: str
    origin: Origin
    is_personal: bool
    is_time: bool
    is_dimension: bool


@dataclass(frozen=True, slots=True)
class KnownTable:
    schema: str
    name: str
    qualified: str
    columns: dict[str, KnownColumn]
    """By folded name, in the dictionary's order."""
    unique: tuple[frozenset[str], ...]
    """Sets of folded column names that no two rows share."""


@dataclass(frozen=True, slots=True)
class Span:
    """A join to the row of a parent that held at a time. Its equalities alone are not approved."""

    pairs: frozenset[tuple[Origin, Origin]]
    """(column of the child, column of the parent)"""
    begins: Origin
    ends: Origin
    key: Key


@dataclass(frozen=True, slots=True)
class Names:
    """The dictionary's names, folded as one family of engines folds them."""

    fold: Callable[[str, bool], str]
    """(name, quoted) -> the name under which the engine looks it up."""
    tables: dict[tuple[str, str], KnownTable]
    bare: dict[str, list[KnownTable]]
    spans: tuple[Span, ...]


def _fold_bare(name: str, quoted: bool) -> str:
    return name if quoted else name.lower()


def _fold_all(name: str, quoted: bool) -> str:
    return name.lower()


class Policy:
    """Drawn from a dictionary once and then only read. Two policies are never equal: verdicts are kept by identity."""

    def __init__(self, tables: list[Table], joins: tuple[Join, ...], *, max_rows: int, default_rows: int) -> None:
        self.max_rows = max_rows
        self.default_rows = min(default_rows, max_rows)
        self.keys, self.composite_keys = _approved_keys(tables, joins)
        self.parents = _parents(joins)
        self.dimensions = frozenset(
            (table.qualified, column.name)
            for table in tables
            for column in table.columns.values()
            if column.role == "dimension"
        )
        self.seen: dict[tuple[str, Dialect, tuple[object, ...]], Verdict] = {}
        """By text, engine and what is bound as a list."""
        self.judged: Counter[bool] = Counter()
        """Verdicts given under this policy, by whether the text may run; the same text again counts again."""
        self.unique = _unique_keys(tables, joins)
        """Sets of columns that no two rows of a table share, as far as the dictionary says."""
        spans = _spans(tables, joins)
        self._exact = _names(tables, self.unique, spans, _fold_bare, lambda name: name)
        self._folded = _names(tables, self.unique, spans, _fold_all, str.lower)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "seen": {}, "judged": Counter()}

    @classmethod
    def from_dictionary(
        cls,
        dictionary: Dictionary,
        *,
        max_rows: int = 10_000,
        default_rows: int = 1_000,
        backend: str | None = None,
    ) -> "Policy":
        """The whole dictionary, or only the tables that lie in `backend`."""
        tables = [table for table in dictionary.tables.values() if backend is None or table.lies_in(backend)]
        return cls(tables, dictionary.joins, max_rows=max_rows, default_rows=default_rows)

    def counted(self, verdict: Verdict) -> Verdict:
        self.judged[verdict.ok] += 1
        return verdict

    def names(self, dialect: Dialect) -> Names:
        return self._exact if engine_of(dialect).reading.quoted_names_are_exact else self._folded

    def same_domain(self, left: Origin, right: Origin) -> bool:
        """Whether both columns hold values of one key: the same column, or children of one parent's key."""
        if left == right or (left, right) in self.keys:
            return True
        return not self.parents.get(left, frozenset()).isdisjoint(self.parents.get(right, frozenset()))

    def comparable(self, left: Origin, right: Origin) -> bool:
        """Whether a value of the one may be looked up among those of the other: of one key, or one dimension by name."""
        if self.same_domain(left, right):
            return True
        return left[1] == right[1] and left in self.dimensions and right in self.dimensions


def _approved_keys(
    tables: list[Table], joins: tuple[Join, ...]
) -> tuple[frozenset[tuple[Origin, Origin]], tuple[tuple[tuple[Origin, Origin], ...], ...]]:
    """Single-column joins in both directions, and the joins that need several columns at once."""
    known = {table.qualified for table in tables}
    single: set[tuple[Origin, Origin]] = set()
    composite: list[tuple[tuple[Origin, Origin], ...]] = []
    for join in joins:
        if join.from_table not in known or join.to_table not in known or join.valid:
            continue
        pairs = _pairs(join)
        if len(pairs) == 1:
            single.update((pairs[0], (pairs[0][1], pairs[0][0])))
        else:
            composite += [pairs, tuple((parent, child) for child, parent in pairs)]
    return frozenset(single), tuple(composite)


def _spans(tables: list[Table], joins: tuple[Join, ...]) -> tuple[Span, ...]:
    known, found = {table.qualified for table in tables}, list[Span]()
    for join in joins:
        if join.valid and join.span_key and {join.from_table, join.to_table} <= known:
            begins, ends = ((join.to_table, name) for name in join.valid)
            found.append(Span(frozenset(_pairs(join)), begins, ends, join.span_key))
    return tuple(found)


def _pairs(join: Join) -> tuple[tuple[Origin, Origin], ...]:
    """(column of the child, column of the parent)"""
    return tuple(
        ((join.from_table, child), (join.to_table, parent))
        for child, parent in zip(join.from_columns, join.to_columns, strict=True)
    )


def _parents(joins: tuple[Join, ...]) -> dict[Origin, frozenset[Origin]]:
    """For each key column the parent columns whose values it holds; a parent holds its own."""
    found: dict[Origin, set[Origin]] = {}
    for join in joins:
        if len(join.from_columns) == 1:
            parent = (join.to_table, join.to_columns[0])
            found.setdefault(parent, set()).add(parent)
            found.setdefault((join.from_table, join.from_columns[0]), set()).add(parent)
    return {origin: frozenset(parents) for origin, parents in found.items()}


def _unique_keys(tables: list[Table], joins: tuple[Join, ...]) -> dict[str, set[frozenset[str]]]:
    found: dict[str, set[frozenset[str]]] = {}
    for table in tables:
        keys = found.setdefault(table.qualified, set())
        keys.update(frozenset(key) for key in (table.primary_key, table.business_key) if key)
    for join in joins:
        # Rows that hold one after the other begin at different times.
        found.setdefault(join.to_table, set()).add(frozenset((*join.to_columns, *(join.valid or ())[:1])))
        if join.cardinality == "one_to_one":
            found.setdefault(join.from_table, set()).add(frozenset(join.from_columns))
    return found


def _names(
    tables: list[Table],
    unique: dict[str, set[frozenset[str]]],
    spans: tuple[Span, ...],
    fold: Callable[[str, bool], str],
    key: Callable[[str], str],
) -> Names:
    known: dict[tuple[str, str], KnownTable] = {}
    bare: dict[str, list[KnownTable]] = {}
    for table in tables:
        columns = {
            key(column.name): KnownColumn(
                column.name, (table.qualified, column.name), column.pii is not None, column.type.is_time,
                column.role == "dimension",
            )
            for column in table.columns.values()
            # What a value of a type that only one engine has may hold, nobody here can judge.
            if column.type.kind != "other"
        }  # fmt: skip
        keys = tuple(frozenset(key(name) for name in names) for names in unique[table.qualified])
        one = KnownTable(table.schema, table.name, table.qualified, columns, keys)
        known[key(table.schema), key(table.name)] = one
        bare.setdefault(key(table.name), []).append(one)
    return Names(fold, known, bare, spans)
