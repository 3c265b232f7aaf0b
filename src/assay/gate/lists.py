"""Lists that are bound as one text, and read as rows: `frames3` is the list of days that is bound as parameter 3,
`values5` that of a filter's values bound as parameter 5.

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
"""Where each of its days stands in an item."""


@dataclass(frozen=True, slots=True)
class BoundList:
    """`parameter`: the number under which it is bound. `holds`: the type of its values; None where it is one of days."""

    parameter: int
    holds: str | None = None

    @property
    def name(self) -> str:
        return list_name(self.parameter) if self.holds is None else values_name(self.parameter)


def list_name(parameter: int) -> str:
    return f"frames{parameter}"


def values_name(parameter: int) -> str:
    return f"values{parameter}"


def list_source(name: str, bound: BoundList) -> Source:
    """The buckets of one of days, each once; or values, which nothing can be joined to."""
    if bound.holds is not None:
        return Source(
            name, {"value": Lineage(is_bound=True)}, {"value": "value"}, (), scans=0, slices=(Slice({}),), is_list=True
        )
    day = Lineage(is_calendar=True)
    return Source(name, dict.fromkeys(_PLACES, day), dict(zip(_PLACES, _PLACES, strict=True)), (frozenset({"time"}),),
                  scans=0, slices=(Slice({}),), is_list=True)  # fmt: skip


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
        for name, place in _PLACES.items()
    ]  # fmt: skip
    return exp.select(*days).from_(items).sql(dialect=engine.reading.sqlglot)


def list_fault(select: exp.Expr | None, joined: Source) -> str | None:
    """Why a list may not be joined there: a row counts in each bucket in whose frame it lies, and so by bucket alone."""
    group = select.args.get("group") if isinstance(select, exp.Select) else None
    if (
        not isinstance(select, exp.Select)
        or group is None
        or any(value for part, value in group.args.items() if part != "expressions")
    ):
        return "a list of days may be joined only where rows are grouped by its time"
    times = {
        str(place) for place, item in enumerate(select.expressions, 1)
        if isinstance(column := item.unalias(), exp.Column) and (column.table, column.name) == (joined.name, "time")
    }  # fmt: skip
    grouped = {item.this for item in group.expressions if isinstance(item, exp.Literal)}
    return None if times & grouped else "the rows are not grouped by the time of the list of days"
