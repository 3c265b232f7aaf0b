"""Lists that are bound as one text, and read as rows: `frames3` is the list of days that is bound as parameter 3,
`periods4` one of periods, no two of which have a day in common; `values5` is that of a filter's values bound as parameter 5.

What is compiled here may name them; the gate itself writes what they are, as the engine spells it. To text from outside
there are none: its tables are those of the dictionary.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from assay.engine import Dialect, engine_of
from assay.gate.scopes import Lineage, Source
from assay.gate.stacks import Slice

_PLACES = {"time": 1, "begins": 12, "ends": 23}
_BY_YEAR = {**_PLACES, "year": 34}
"""Where each of its days stands in an item."""
_PERIODS = "periods"


@dataclass(frozen=True, slots=True)
class BoundList:
    """`parameter`: the number under which it is bound. `holds`: the type of its values; None where it is one of days."""

    parameter: int
    holds: str | None = None
    is_apart: bool = False
    """Of one of days: whether no two of its buckets have a day in common."""
    has_years: bool = False
    """Of one that is apart: whether its buckets are cut where years begin, and say the first day of theirs."""
    further: int = 0
    """Of one that is not: by how many further grains its buckets are divided, and say the first days of theirs."""

    @property
    def places(self) -> dict[str, int]:
        further = {further_name(number): 23 + 11 * number for number in range(1, self.further + 1)}
        return _BY_YEAR if self.has_years else {**_PLACES, **further}

    @property
    def key(self) -> frozenset[str]:
        """What tells its items apart."""
        if self.has_years:
            return frozenset({"begins"})
        return frozenset({"time", *map(further_name, range(1, self.further + 1))})

    @property
    def name(self) -> str:
        if self.holds is not None:
            return values_name(self.parameter)
        return periods_name(self.parameter) if self.is_apart else list_name(self.parameter)


def further_name(number: int) -> str:
    return f"further{number}"


def list_name(parameter: int) -> str:
    return f"frames{parameter}"


def periods_name(parameter: int) -> str:
    return f"{_PERIODS}{parameter}"


def is_periods_name(name: str) -> bool:
    return name.removeprefix(_PERIODS).isdecimal() and name.startswith(_PERIODS)


def values_name(parameter: int) -> str:
    return f"values{parameter}"


def list_source(name: str, bound: BoundList) -> Source:
    """The buckets of one of days, each once; or values, which nothing can be joined to."""
    if bound.holds is not None:
        return Source(
            name, {"value": Lineage(is_bound=True)}, {"value": "value"}, (), scans=0, slices=(Slice({}),), is_list=True
        )
    day = Lineage(is_calendar=True)
    places = bound.places
    return Source(name, dict.fromkeys(places, day), dict(zip(places, places, strict=True)), (bound.key,), scans=0,
                  slices=(Slice({}),), is_list=True, is_apart=bound.is_apart)  # fmt: skip


def with_lists(sql: str, dialect: Dialect, lists: Sequence[BoundList]) -> str:
    """The judged text behind its lists."""
    if not lists:
        return sql
    written = ", ".join(f"{each.name} AS ({_written(each, dialect)})" for each in lists)
    return f"WITH {written}, {sql.removeprefix('WITH ')}" if sql.startswith("WITH ") else f"WITH {written} {sql}"


def _written(bound: BoundList, dialect: Dialect) -> str:
    engine = engine_of(dialect)
    text = engine.spelling.placeholder(bound.parameter)
    if bound.holds is not None:
        assert engine.spelling.items
        items = exp.select(exp.alias_(engine.spelling.items(text), "item")).subquery("items")
        own = "duckdb" if bound.holds == "int128" else None  # whose word it is
        value = exp.alias_(exp.cast(exp.column("item"), bound.holds, dialect=own), "value")
        return exp.select(value).from_(items).sql(dialect=engine.reading.sqlglot)
    assert engine.spelling.unnested
    # Of no bucket at all there is no row.
    text = exp.Nullif(this=text, expression=exp.Literal.string(""))
    items = exp.select(exp.alias_(engine.spelling.unnested(text), "item")).subquery("items")
    days = [
        exp.alias_(exp.cast(exp.Anonymous(this="SUBSTRING", expressions=[
            exp.column("item"), exp.Literal.number(place), exp.Literal.number(10)]), "date"), name)
        for name, place in bound.places.items()
    ]  # fmt: skip
    return exp.select(*days).from_(items).sql(dialect=engine.reading.sqlglot)


def list_fault(select: exp.Expr | None, on: exp.Expr | None, joined: Source) -> str | None:
    """Why a list may not be joined there: a row counts in each bucket in whose frame it lies, and so by bucket alone.

    Of buckets that have no day in common it lies in one at most, if it is joined by its day.
    """
    if joined.is_apart:
        return None if _is_inside(on, joined.name) else "a list of periods is joined by the day that lies in them"
    group = select.args.get("group") if isinstance(select, exp.Select) else None
    if (
        not isinstance(select, exp.Select)
        or group is None
        or any(value for part, value in group.args.items() if part != "expressions")
    ):
        return "a list of days may be joined only where rows are grouped by its time"
    grouped = {item.this for item in group.expressions if isinstance(item, exp.Literal)}
    by = {
        column.name for place, item in enumerate(select.expressions, 1)
        if str(place) in grouped and isinstance(column := item.unalias(), exp.Column) and column.table == joined.name
    }  # fmt: skip
    return None if joined.is_unique_on(frozenset(by)) else "the rows are not grouped by the time of the list of days"


def _is_inside(on: exp.Expr | None, name: str) -> bool:
    """Whether it is `name.begins <= day AND name.ends > day`, of one day that the list says nothing of; perhaps behind
    `name.year = first day of its year`, which can but narrow it.
    """
    match on:
        case exp.And(this=exp.And(this=exp.EQ(this=exp.Column(), expression=year) as same) as first, expression=last):
            if (same.this.table, same.this.name) != (name, "year") or _tells(year, name):
                return False
            on = exp.And(this=first.expression, expression=last)
        case _:
            pass
    if not isinstance(on, exp.And) or not isinstance(on.this, exp.LTE) or not isinstance(on.expression, exp.GT):
        return False
    sides = [(each.this, each.expression) for each in (on.this, on.expression)]
    named = [(column.table, column.name) for column, _ in sides if isinstance(column, exp.Column)]
    days = [day for _, day in sides]
    is_of_list = any(_tells(day, name) for day in days)
    return named == [(name, "begins"), (name, "ends")] and days[0] == days[1] and not is_of_list


def _tells(day: exp.Expr, name: str) -> bool:
    """Whether it reads the list."""
    return any(column.table in ("", name) for column in day.find_all(exp.Column))
