"""Keys and joins that nobody declared, as far as names, types and a sample tell; a survey proves them in the rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from assay.catalog.found import Found, FoundColumn, FoundTable
from assay.catalog.guesses import dictionary_type, disguise
from assay.catalog.personal import personal_kind
from assay.catalog.types import parse_type
from assay.catalog.vocabulary import meant, singular, thing

_KEY_WORDS = frozenset("id key code no number nr num uuid guid sku isbn ean iso iata icao ticker nummer numero".split())
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


def keys_of(table: FoundTable, driver: str) -> list[str]:
    """Columns that may tell the rows apart, of a table that declares no key, the likeliest first."""
    if table.primary_key or table.unique or table.kind == "view" or table.sampled < 2:
        return []
    own = _own_words(table)

    def worth(column: FoundColumn) -> tuple[bool, bool, int]:
        said = meant(column.name)
        is_own = set(said[:-1]) <= own and said[-1:] != [] and said[-1] in _KEY_WORDS
        return not is_own, said[-1:] == [] or said[-1] not in _KEY_WORDS, table.columns.index(column)

    fitting = [
        column for column in table.columns
        if column.is_readable and column.distinct == table.sampled and column.filled == 1
        and _family(column, driver) in ("number", "string") and not personal_kind(column.name, table.name, "string")
        and not disguise(column, _kind(column, driver)) and (_kind(column, driver) not in ("double", "decimal"))
        and (column is table.columns[0] or (meant(column.name)[-1:] and meant(column.name)[-1] in _KEY_WORDS))
    ]  # fmt: skip
    return [each.name for each in sorted(fitting, key=worth)]


def links_of(found: Found) -> Iterator[Candidate]:
    """Where a column may lead that no foreign key has: by its name first, then codes by their values."""
    declared = {(link.child, name) for link in found.links for name in link.columns}
    # With declared keys all over, what is not declared is so on purpose; then only names count.
    keyed = [(table, table.primary_key[0]) for table in found.tables if len(table.primary_key) == 1 and table.kind != "view"]
    keyed += [(table, key[0]) for table in found.tables for key in table.unique if len(key) == 1 and table.kind != "view"]
    by_values = list[Candidate]()
    for child in found.tables:
        if child.kind == "view":
            continue
        for column in child.columns:
            if not column.is_readable or ((child.schema, child.name), column.name) in declared or column.filled == 0:
                continue
            named = [each for parent, key in keyed if (each := _by_name(child, column, parent, key, found.driver))]
            yield from sorted(named, key=lambda each: each.parent.schema != child.schema)[:2]
            if not named and not found.links:
                by_values += [
                    each for parent, key in keyed if (each := _by_values(child, column, parent, key, found.driver))
                ]
    yield from by_values[:_MOST_BY_VALUES]


def _by_name(child: FoundTable, column: FoundColumn, parent: FoundTable, key: str, driver: str) -> Candidate | None:
    other = next(each for each in parent.columns if each.name == key)
    if parent is child or _family(column, driver) != _family(other, driver) or not _is_key_like(column, driver):
        return None
    # A key of its own points at nobody by its own name; `customer_id` of a table of details may.
    if child.primary_key == (column.name,) and not _own_words(parent).issuperset(meant(column.name)[:-1] or ["?"]):
        return None
    said, of, own = meant(column.name), meant(key), _own_words(parent)
    stem = said[:-1] if said and said[-1] in _KEY_WORDS and len(said) > 1 else said
    key_stem = (
        of[:-1] if of[-1:] and of[-1] in _KEY_WORDS and len(of) > 1 else [] if of[-1:] and of[-1] in _KEY_WORDS else of
    )
    if key_stem and said == of:
        why = f"{column.name} is called as the key of {parent.qualified}"
    elif stem != said and stem and singular(stem[-1]) in own and _ends_as(stem, parent) and not (set(key_stem) - own):
        why = f"{column.name} is called after {parent.qualified}"
    else:
        return None
    return Candidate(child, column.name, parent, key, why, _ENOUGH_BY_NAME)


def _ends_as(stem: list[str], parent: FoundTable) -> bool:
    """`home_team` leads to teams, `order` to orders, and not to order lines."""
    said = [singular(word) for word in thing(parent.name)]
    return [singular(word) for word in stem][-len(said) :] == said


def _by_values(child: FoundTable, column: FoundColumn, parent: FoundTable, key: str, driver: str) -> Candidate | None:
    other = next(each for each in parent.columns if each.name == key)
    if parent is child or child.primary_key == (column.name,) or not column.values or not other.values:
        return None
    if _kind(column, driver) != "string" or _kind(other, driver) != "string" or (column.distinct or 0) < 3:
        return None
    if personal_kind(column.name, child.name, "string") or disguise(column, "string"):
        return None
    lengths, others = [len(each) for each in column.values], [len(each) for each in other.values]
    if max(lengths) > _LONGEST_CODE or min(lengths) < min(others) or max(lengths) > max(others):
        return None
    why = f"the values of {column.name} are keys of {parent.qualified}"
    return Candidate(child, column.name, parent, key, why, _ENOUGH_BY_VALUES)


def _is_key_like(column: FoundColumn, driver: str) -> bool:
    return _kind(column, driver) in ("integer", "bigint", "string") or (
        _kind(column, driver) in ("decimal", "double") and disguise(column, "double") is None
        and bool(column.values) and all("." not in each or each.endswith(".0") for each in column.values)
    )  # fmt: skip


def _own_words(table: FoundTable) -> set[str]:
    return {form for word in thing(table.name) for form in (word, singular(word))}


def _kind(column: FoundColumn, driver: str) -> str:
    return parse_type(dictionary_type(column, driver, is_key=True)).kind


def _family(column: FoundColumn, driver: str) -> str:
    return parse_type(dictionary_type(column, driver, is_key=True)).family


def told(candidate: Candidate, values: int, met: int, *, is_cut: bool) -> str:
    share = "all of its" if values == met else f"{met:,} of its {values:,} different"
    looked = " in the first rows" if is_cut else ""
    return f"{candidate.evidence}, and {share} values{looked} stand there"


def is_enough(candidate: Candidate, values: int, met: int) -> bool:
    return values > 0 and met >= candidate.enough * values
