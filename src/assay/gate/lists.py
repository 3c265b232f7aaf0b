"""Lists of days that are bound as one text, and read as rows: `frames3` is the list that is bound as parameter 3.

What is compiled here may name them; the gate itself writes what they are, as the engine spells it. To text from outside
there are none: its tables are those of the dictionary.
"""

from collections.abc import Sequence

from sqlglot import exp

from assay.engine import Dialect, engine_of
from assay.gate.scopes import Lineage, Source
from assay.gate.stacks import Slice

_PLACES = {"time": 1, "begins": 12, "ends": 23}
"""Where each of its days stands in an item."""


def list_name(parameter: int) -> str:
    return f"frames{parameter}"


def list_source(name: str) -> Source:
    """Its buckets, each once."""
    day = Lineage(is_calendar=True)
    return Source(name, dict.fromkeys(_PLACES, day), dict(zip(_PLACES, _PLACES, strict=True)), (frozenset({"time"}),),
                  scans=0, slices=(Slice({}),), is_list=True)  # fmt: skip


def with_lists(sql: str, dialect: Dialect, lists: Sequence[int]) -> str:
    """The judged text behind its lists."""
    if not lists:
        return sql
    written = ", ".join(f"{list_name(number)} AS ({_written(number, dialect)})" for number in lists)
    return f"WITH {written}, {sql.removeprefix('WITH ')}" if sql.startswith("WITH ") else f"WITH {written} {sql}"


def _written(number: int, dialect: Dialect) -> str:
    engine = engine_of(dialect)
    assert engine.spelling.unnested
    # Of no bucket at all there is no row.
    text = exp.Nullif(this=engine.spelling.placeholder(number), expression=exp.Literal.string(""))
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
