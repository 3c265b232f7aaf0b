"""By what the rows of a table are divided in a first workspace: its own columns and those that joins lead to, best first."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from assay.catalog.binder import Binder
from assay.catalog.dictionary import Column, Join, Table
from assay.catalog.entry import RESERVED, label_of
from assay.catalog.found import FoundColumn, FoundTable
from assay.catalog.guesses import MAX_DISTINCT, disguise
from assay.catalog.spelling import slug, unused
from assay.catalog.vocabulary import FIRMS, GROUPS, KEYS, NAMES, PEOPLE, READ, meant, one, own_words, said_as, tells, thing

MAX_DIMENSIONS = 10
LEAST_FILLED = 0.75
"""What fewer rows have is offered as a dimension, and on no first page."""
_MOST_NAMES = 5_000
_HOPS = 4
_MOST_WAYS = 3


@dataclass(frozen=True)
class Split:
    """`entry`: as a metric's `dimensions` say it; `values`: how many there are, where that is known."""

    name: str
    label: str
    entry: str | dict[str, str]
    worth: float
    values: int | None
    filled: float
    """The share of the rows that have a value, as far as that was looked at: the others are a group of their own."""

    @property
    def is_short(self) -> bool:
        """Whether it has so few values that a chart of bars shows them all."""
        return self.values is None or self.values <= 25


@dataclass(frozen=True)
class _Found:
    owner: Table
    column: Column
    facts: FoundColumn
    worth: float
    is_name: bool
    path: tuple[Join, ...]
    is_by: bool
    """Whether the way has to be named."""
    filled: float

    @property
    def place(self) -> float:
        """What things are called is asked for before what they are like: airports, even ninety, before time zones."""
        return self.worth + (6 if self.is_name else 0)


def splits_of(
    table: Table,
    found: Mapping[str, FoundTable],
    binder: Binder,
    english: bool,
    whole: str | None,
) -> list[Split]:
    """`whole`: what the rows are parts of."""
    listed = sorted(_listed(table, found, binder), key=lambda each: -each.place)[:MAX_DIMENSIONS]
    # The gate refuses an alias that is also the name of a personal column.
    reached = {table.qualified: table, **{each.owner.qualified: each.owner for each in listed}}
    personal = {each.name.lower() for owner in reached.values() for each in owner.columns.values() if each.pii}
    taken, splits = {*RESERVED, *personal}, list[Split]()
    for each in sorted(listed, key=lambda each: -each.worth):
        label, place = _label(each, table, english, binder, each.owner.qualified == whole), each.column.name
        name = unused(slug(label, "column"), taken)
        if each.owner is table and name == place and label == said_as(place) == label_of(name):
            entry: str | dict[str, str] = name
        else:
            way = ".".join(join.join_id for join in each.path) if each.is_by else each.owner.qualified
            column = place if each.owner is table else f"{way}.{place}"
            entry = {"name": name, "column": column, "label": label[:80]}
        splits.append(Split(name, label, entry, each.worth, each.facts.distinct, each.filled))
    return splits


def _listed(table: Table, found: Mapping[str, FoundTable], binder: Binder) -> Iterator[_Found]:
    for owner, path, is_by in _reached(table, binder):
        facts = {each.name: each for each in found[owner.qualified].columns}
        sampled, rows = found[owner.qualified].sampled, found[owner.qualified].rows or 0
        named = _name_column(owner, facts) if path else None
        led = _led(found, path)
        # Of 1,400 airports flights may begin at three.
        met = _met(found, path)
        rows = min(rows, met) if met is not None else rows
        for column in owner.columns.values():
            if path and (column.type.kind == "boolean" or met == 1):
                continue
            if column.pii is not None or column.type.kind not in ("string", "boolean") or "." in column.name:
                continue
            its = facts[column.name]
            filled = led * (1 if its.filled is None else its.filled)
            if its.values and all(each[:1] + each[-1:] in _LISTS for each in its.values):
                continue
            if column.name == named and 0 < rows <= _MOST_NAMES and its.filled != 0:
                worth = _worth_of_name(rows, len(path))
                yield _Found(owner, column, replace(its, distinct=rows), worth, True, path, is_by, filled)
            elif column.role == "dimension":
                # Of eight employees three have customers: what the others are called says nothing of these.
                few = met is not None and 2 * met < (found[owner.qualified].rows or 0)
                yield _Found(
                    owner, column, its, _worth(its, column, sampled, len(path)) - 4 * few, False, path, is_by, filled
                )
            elif not path and _is_code_in_words(its, column):
                yield _Found(owner, column, its, 8, False, path, is_by, filled)
            elif not path and _may_be_listed(its, column, sampled):
                yield _Found(owner, column, its, 2, False, path, is_by, filled)


def _met(found: Mapping[str, FoundTable], path: tuple[Join, ...]) -> int | None:
    """How many rows of a parent the sampled rows lead to, where that was counted."""
    met: list[int] = []
    for join in path:
        facts = found[join.from_table]
        if len(join.from_columns) == 1 and facts.sampled:
            met += [
                each.distinct for each in facts.columns if each.name == join.from_columns[0] and each.distinct is not None
            ]
    return min(met, default=None)


def _led(found: Mapping[str, FoundTable], path: tuple[Join, ...]) -> float:
    """The share of the sampled rows that have what leads along the path."""
    share = 1.0
    for join in path:
        filled = [each.filled for each in found[join.from_table].columns if each.name in join.from_columns]
        share *= min((each for each in filled if each is not None), default=1)
    return share


def _is_code_in_words(facts: FoundColumn, column: Column) -> bool:
    """What points at another table and is said by itself: `origin`, with JFK and LAX in it; not `country_code`."""
    if column.role != "foreign_key" or tells(meant(column.name)[-1:], READ | KEYS) or disguise(facts, column.type.kind):
        return False
    return facts.distinct is not None and facts.distinct <= _MOST_CODES and 0 < _mean_length(facts) <= 12


_MOST_CODES = 300
_LISTS = ("{}", "[]")
"""As texts that hold several values begin and end: by these taken together nobody divides."""


def _may_be_listed(facts: FoundColumn, column: Column, sampled: int) -> bool:
    """Names that come again and again, of which there are more than bars can show: products, stations."""
    if column.role != "attribute" or facts.distinct is None or disguise(facts, column.type.kind):
        return False
    if tells(meant(column.name)[-1:], READ - {"description"}):
        return False
    is_named = tells(meant(column.name)[-1:], NAMES | GROUPS) and meant(column.name)[-1] != "description"
    most = min(sampled / 4, 1_000) if is_named else min(sampled / 20, 300)
    return MAX_DISTINCT < facts.distinct <= most and 0 < _mean_length(facts) <= 30


def _reached(table: Table, binder: Binder) -> Iterator[tuple[Table, tuple[Join, ...], bool]]:
    yield table, (), False
    seen, level = {table.qualified}, [table.qualified]
    for _ in range(_HOPS):
        following = list[str]()
        for at in level:
            for join in binder.dictionary.joins_from.get(at, []):
                if join.to_table in seen:
                    continue
                seen.add(join.to_table)
                following.append(join.to_table)
                ways, is_by = binder.ways.shortest(table.qualified, join.to_table)
                for way in ways if len(ways) <= _MOST_WAYS else ():
                    yield binder.dictionary.tables[join.to_table], way, is_by
        level = following


def _name_column(owner: Table, facts: Mapping[str, FoundColumn]) -> str | None:
    """What the things of a table are called: `company_name`, `name`, `title`, `category_name`, `country` of countries.

    A firm is no person, also where it is a customer.
    """
    firms = [
        column.name for column in owner.columns.values()
        if column.pii is None and column.type.kind == "string" and tells(_without_name(meant(column.name) or [""]), FIRMS)
        and len(_without_name(meant(column.name))) == 1 and _is_filled(facts[column.name])
        and _mean_length(facts[column.name]) <= 40
    ]  # fmt: skip
    if len(firms) == 1:
        return firms[0]
    if tells(thing(owner.name)[-1:], PEOPLE):
        return None
    own = own_words(owner.name)

    def worth(column: Column) -> tuple[bool, int]:
        said = meant(column.name)
        return said[-1] == "description", len(said)

    named = [
        column for column in owner.columns.values()
        if column.pii is None and column.type.kind == "string" and column.role != "foreign_key" and meant(column.name)
        and own.issuperset(_without_name(meant(column.name)))
        and _mean_length(facts[column.name]) <= 40
    ]  # fmt: skip
    if named:
        return min(named, key=worth).name
    # `description` of a store may be called as it likes, `company_name` too.
    loose = [each.name for each in owner.columns.values()
             if each.pii is None and each.type.kind == "string" and meant(each.name)[-1:] in (["name"],
             ["title"])]  # fmt: skip
    return loose[0] if len(loose) == 1 and _mean_length(facts[loose[0]]) <= 40 else None


def _is_filled(facts: FoundColumn) -> bool:
    """Of customers some may have a company: then it is the name of none."""
    return facts.filled is None or facts.filled > 0.9


def _without_name(said: list[str]) -> list[str]:
    return said[:-1] if said[-1] in NAMES else said


def _mean_length(facts: FoundColumn) -> float:
    return sum(map(len, facts.values)) / len(facts.values) if facts.values else 0


_WORTH_OF_NAMES = ((1, -8), (2, 10), (12, 16), (25, 14), (60, 11), (300, 7))
"""(Up to so many names, what they are worth): two say little, and hundreds are not seen at once."""


def _worth_of_name(rows: int, hops: int) -> float:
    return next((worth for most, worth in _WORTH_OF_NAMES if rows <= most), 4) - hops


def _worth(facts: FoundColumn, column: Column, sampled: int, hops: int) -> float:
    worth = 10.0 - 2 * hops
    if tells(meant(column.name)[-2:], GROUPS) or facts.is_enum:
        worth += 3
    if meant(column.name)[-1:] in (["city"], ["state"]):
        worth -= 1
    if column.type.kind == "boolean":
        worth -= 5
    if facts.distinct is not None and sampled:
        worth += 3 if 3 <= facts.distinct <= 12 else 2 if 12 < facts.distinct <= 25 else 0 if facts.distinct <= 2 else -1
    if facts.filled is not None and facts.filled < 0.5:
        worth -= 6
    if facts.values:
        most = Counter(facts.values).most_common(1)[0][1] / len(facts.values)
        worth -= 5 if most > 0.95 else 0
        worth -= 2 if all(len(each) <= 3 for each in facts.values) else 0
    return worth


def _label(each: _Found, table: Table, english: bool, binder: Binder, is_part: bool) -> str:
    own = said_as(each.column.name)
    if each.owner is table:
        return own
    owner = one(each.owner.name, english)
    if said := [word for join in each.path for word in _role(join, binder)] or _start(each.path, binder):
        said = said[:-1] if said[-1] == owner.lower().split()[-1] else said
        owner = said_as("_".join(said)) + f" {owner.lower()}" if said else owner
    if each.is_name:
        return owner
    if is_part and len(each.path) == 1:
        return own
    said, of = own.lower().split(), owner.lower().split()
    return own if said[: len(of)] == of else f"{owner} {own.lower()}"


def _role(join: Join, binder: Binder) -> list[str]:
    """What tells a join from others to the same table, in the words of its columns: `home` of `home_team_id`."""
    others = [each for each in binder.dictionary.joins_from[join.from_table] if each.to_table == join.to_table]
    shared = set[str]().union(*(each.from_columns for each in others if each != join))
    own = [name for name in join.from_columns if name not in shared]
    said = meant(" ".join(own)) if len(others) > 1 else []
    return [word for word in said if word not in ("id", "code", "key", "number")]


def _start(path: tuple[Join, ...], binder: Binder) -> list[str]:
    """`customer` of the city of a customer, where the city of a store is as near."""
    ways, _ = binder.ways.shortest(path[0].from_table, path[-1].to_table)
    return meant(one(binder.dictionary.tables[path[0].to_table].name, True)) if len(ways) > 1 else []


def splits_by_worth(splits: list[Split]) -> list[Split]:
    """The splits that bars can show, the one that says most first."""
    return [each for each in splits if each.is_short and each.worth > 6 and each.filled >= LEAST_FILLED]
