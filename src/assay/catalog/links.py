"""Keys and joins that nobody declared, as far as names, types and a sample tell; a survey proves them in the rows."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from assay.catalog.found import Found, FoundColumn, FoundTable
from assay.catalog.guesses import dictionary_type, disguise, guess_measure
from assay.catalog.personal import personal_kind
from assay.catalog.types import ColumnType, parse_type
from assay.catalog.vocabulary import KEYS, meant, own_words, singular, thing

_KEY_KINDS = ("integer", "bigint", "string")
_ENOUGH_BY_NAME, _ENOUGH_BY_VALUES = 0.75, 0.95
"""So many of the different values have to stand among the keys: dead links are met in the wild, other numbers are not."""
_MOST_BY_VALUES = 40
_LONGEST_CODE = 12


@dataclass(frozen=True)
class Candidate:
    """A column that may point at the key of another table; `enough`: the share of its values that have to stand there."""

    child: FoundTable
    column: str
    parent: FoundTable
    key: str
    evidence: str
    enough: float


def shared_names(found: Found) -> frozenset[str]:
    """What columns of several tables are called: one of them may list what the others speak of."""
    counted = Counter(column.name for table in found.tables for column in table.columns)
    return frozenset(name for name, number in counted.items() if number > 1)


def keys_of(table: FoundTable, driver: str, shared: frozenset[str]) -> list[str]:
    """Columns that may tell the rows apart, of a table that declares no key, the likeliest first."""
    if table.primary_key or table.unique or table.kind == "view" or table.sampled < 2:
        return []
    own = own_words(table.name)

    def worth(column: FoundColumn) -> tuple[bool, bool, int]:
        said = meant(column.name)
        is_own = set(said[:-1]) <= own and said[-1:] != [] and said[-1] in KEYS
        return not is_own, said[-1:] == [] or said[-1] not in KEYS, table.columns.index(column)

    fitting = [column for column in table.columns if _may_be_key(column, table, driver, shared)]
    return [each.name for each in sorted(fitting, key=worth)]


def _may_be_key(column: FoundColumn, table: FoundTable, driver: str, shared: frozenset[str]) -> bool:
    if not column.is_readable or column.distinct != table.sampled or column.filled != 1:
        return False
    kind = _type(column, driver).kind
    if kind not in _KEY_KINDS or personal_kind(column.name, table.name, "string") or disguise(column, kind):
        return False
    return bool(KEYS.intersection(meant(column.name)[-1:])) or _is_told_by_place(column, table, kind, shared)


def _is_told_by_place(column: FoundColumn, table: FoundTable, kind: str, shared: frozenset[str]) -> bool:
    """The first column may be a key that is not called so; amounts of a few rows differ by chance."""
    if column is not table.columns[0] or guess_measure(column, kind) is not None:
        return False
    said = meant(column.name)
    # `carrier` of a list of airlines, which flights have too.
    is_named = column.name in shared or (said != [] and own_words(table.name).issuperset(said))
    return table.sampled >= _ENOUGH_ROWS or is_named


_ENOUGH_ROWS = 20


@dataclass(frozen=True)
class _Key:
    """A key of one column, with what its names tell worked out once."""

    table: FoundTable
    name: str
    family: str
    of: list[str]
    """The words of its name."""
    stem: list[str]
    """Those without `id`, `code` and their like at the end; none where there is nothing else."""
    own: set[str]
    said: list[str]
    """The words that its table is called by, each in the singular."""
    lengths: tuple[int, int] | None
    """Of the shortest and the longest of its texts, where it has any."""


def _keys(found: Found) -> list[_Key]:
    keyed = [(table, table.primary_key[0]) for table in found.tables if len(table.primary_key) == 1 and table.kind != "view"]
    keyed += [(table, key[0]) for table in found.tables for key in table.unique if len(key) == 1 and table.kind != "view"]
    return [_key(table, name, found.driver) for table, name in keyed]


def _key(table: FoundTable, name: str, driver: str) -> _Key:
    column = next(each for each in table.columns if each.name == name)
    type_, of = _type(column, driver), meant(name)
    lengths = [len(each) for each in column.values] if type_.kind == "string" else []
    return _Key(
        table, name, type_.family, of, [] if of[-1:] and of[-1] in KEYS and len(of) == 1 else _stem(of),
        own_words(table.name), [singular(word) for word in thing(table.name)],
        (min(lengths), max(lengths)) if lengths else None,
    )  # fmt: skip


def _stem(said: list[str]) -> list[str]:
    return said[:-1] if said and said[-1] in KEYS and len(said) > 1 else said


def links_of(found: Found) -> Iterator[Candidate]:
    """Where a column may lead that no foreign key has: by its name first, then codes by their values."""
    declared = {(link.child, name) for link in found.links for name in link.columns}
    keys = _keys(found)
    by_name, by_thing = dict[tuple[str, ...], list[int]](), dict[str, list[int]]()
    for at, key in enumerate(keys):
        if key.stem:
            by_name.setdefault(tuple(key.of), []).append(at)
        if key.said:
            by_thing.setdefault(key.said[-1], []).append(at)
    # With declared keys all over, what is not declared is so on purpose; then only names count.
    coded = [] if found.links else [key for key in keys if key.lengths]
    by_values = list[Candidate]()
    for child in found.tables:
        if child.kind == "view":
            continue
        for column in child.columns:
            if not column.is_readable or ((child.schema, child.name), column.name) in declared or column.filled == 0:
                continue
            said = meant(column.name)
            stem = _stem(said)
            met = by_name.get(tuple(said), []) + (by_thing.get(singular(stem[-1]), []) if stem != said else [])
            named = list(_by_name(child, column, said, stem, [keys[at] for at in sorted(set(met))], found.driver))
            yield from sorted(named, key=lambda each: each.parent.schema != child.schema)[:2]
            if not named and coded and len(by_values) < _MOST_BY_VALUES:
                by_values += _by_values(child, column, coded, found.driver)
    yield from by_values[:_MOST_BY_VALUES]


def _by_name(
    child: FoundTable, column: FoundColumn, said: list[str], stem: list[str], keys: list[_Key], driver: str
) -> Iterator[Candidate]:
    if not keys:
        return
    type_ = _type(column, driver)
    if not _is_key_like(column, type_.kind):
        return
    for key in keys:
        if key.table is child or key.family != type_.family:
            continue
        # A key of its own points at nobody by its own name; `customer_id` of a table of details may.
        if child.primary_key == (column.name,) and not key.own.issuperset(said[:-1] or ["?"]):
            continue
        if key.stem and said == key.of:
            why = f"{column.name} is called as the key of {key.table.qualified}"
        elif stem != said and singular(stem[-1]) in key.own and _ends_as(stem, key) and not (set(key.stem) - key.own):
            why = f"{column.name} is called after {key.table.qualified}"
        else:
            continue
        yield Candidate(child, column.name, key.table, key.name, why, _ENOUGH_BY_NAME)


def _ends_as(stem: list[str], key: _Key) -> bool:
    """`home_team` leads to teams, `order` to orders, and not to order lines."""
    return [singular(word) for word in stem][-len(key.said) :] == key.said


def _by_values(child: FoundTable, column: FoundColumn, keys: list[_Key], driver: str) -> Iterator[Candidate]:
    """`keys` are texts, and some are known."""
    if child.primary_key == (column.name,) or not column.values or (column.distinct or 0) < 3:
        return
    shortest, longest = min(map(len, column.values)), max(map(len, column.values))
    if longest > _LONGEST_CODE or _type(column, driver).kind != "string":
        return
    if personal_kind(column.name, child.name, "string") or disguise(column, "string"):
        return
    for key in keys:
        if key.table is not child and key.lengths and key.lengths[0] <= shortest and longest <= key.lengths[1]:
            why = f"the values of {column.name} are keys of {key.table.qualified}"
            yield Candidate(child, column.name, key.table, key.name, why, _ENOUGH_BY_VALUES)


def _is_key_like(column: FoundColumn, kind: str) -> bool:
    return kind in _KEY_KINDS or (
        kind in ("decimal", "double") and disguise(column, "double") is None
        and bool(column.values) and all("." not in each or each.endswith(".0") for each in column.values)
    )  # fmt: skip


def _type(column: FoundColumn, driver: str) -> ColumnType:
    return parse_type(dictionary_type(column, driver, is_key=True))


def told(candidate: Candidate, values: int, met: int, *, is_cut: bool) -> str:
    share = "all of its" if values == met else f"{met:,} of its {values:,} different"
    looked = " in the first rows" if is_cut else ""
    return f"{candidate.evidence}, and {share} values{looked} stand there"


def is_enough(candidate: Candidate, values: int, met: int) -> bool:
    return values > 0 and met >= candidate.enough * values
