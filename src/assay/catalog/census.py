"""Questions without a metric: how many rows there are, and the first and the last of their times.

`orders:rows` are the rows that count in the metric `orders`, whenever; `public.order:rows` all rows of a table.
`csat:above` and `csat:below` are the two sides of a metric that divides, see `catalog/quotient.py`. All are asked, judged,
seen and kept like metrics: divided by the dimensions, by the route and under the policies of the metric that they are of.
Of a table that is the first metric that counts each of its rows and that whoever asks may ask.
`orders:share` and `orders:rank` are the metric's own values, beside those of the other groups of an answer.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from assay.catalog.dictionary import Dictionary
from assay.catalog.formula import DOUBLE, INTEGER, BadFormula, Formula, either, read_measure
from assay.catalog.metric import Metric, Part, Shown, TimeColumn
from assay.catalog.quotient import sides, type_of
from assay.catalog.types import ColumnType
from assay.catalog.windows import ALL

ROWS, FIRST, LAST = "rows", "first", "last"
ABOVE, BELOW = "above", "below"
_TOLD = {ROWS: "How many rows there are", FIRST: "The first time", LAST: "The last time"}
_SIDES = {ABOVE: "What is divided", BELOW: "What it is divided by"}
_BESIDE: dict[Shown, tuple[str, str]] = {
    "share": ("share of the total", "The part that a group has in what all groups give together."),
    "rank": ("rank", "The place of a group among all, 1 for the largest; those that are alike have one place."),
}


@dataclass(frozen=True)
class Census:
    """Of one workspace."""

    metrics: Mapping[str, Metric]
    dictionary: Dictionary
    _known: dict[tuple[str, str], Metric] = field(default_factory=dict[tuple[str, str], Metric])

    def find(self, name: str, may_ask: Callable[[str], bool], dimensions: Collection[str]) -> Metric | None:
        """What such a name means to somebody who asks for these dimensions; None where it is no such name.

        Raises BadFormula where nothing can be asked by it.
        """
        of, colon, what = name.rpartition(":")
        if not colon or what not in (*_TOLD, *_SIDES, *_BESIDE):
            return None
        metric = self.metrics.get(of)
        if metric is None and what in _TOLD and of in self.dictionary.tables:
            metric = self._over_all_of(of, may_ask, dimensions)
        if metric is None:
            return None
        key = (name, metric.metric_id)
        if key not in self._known:
            self._known[key] = _follows(metric, of, what)
        return self._known[key]

    def _over_all_of(self, table: str, may_ask: Callable[[str], bool], dimensions: Collection[str]) -> Metric:
        """The first metric that counts every row of a table; one that may be asked and has all dimensions before others."""
        found = [each for each in self.metrics.values() if _whole_part(each, table)]
        if not found:
            raise BadFormula(f"No metric counts all rows of {table}: ask for those of a metric, such as orders:rows.")
        return min(found, key=lambda each: (not may_ask(each.metric_id), not each.dimensions.keys() >= set(dimensions)))


def _follows(metric: Metric, of: str, what: str) -> Metric:
    """What follows from a metric, or from the table of whose rows it counts each."""
    if what in ("share", "rank"):
        return _beside_others(metric, what)
    if what in _SIDES:
        return _side_of(metric, what)
    return _of_metric(metric, what) if metric.metric_id == of else _of_table(metric, of, what)


def _beside_others(metric: Metric, shown: Shown) -> Metric:
    """The metric's values as they stand beside those of the other groups. Raises BadFormula where they do not."""
    name = metric.metric_id
    if not metric.type.is_number:
        raise BadFormula(f"{name} is no number, and has no {shown}.")
    if shown == "share" and not _has_total(metric):
        raise BadFormula(f"{name} is no count and no sum: its total is not made of parts, and a group has no share of it.")
    label, told = _BESIDE[shown]
    return replace(
        metric, metric_id=f"{name}:{shown}", label=f"{metric.label}, {label}", definition=f"{told} {metric.definition}",
        type=DOUBLE if shown == "share" else INTEGER, formula=f"{shown} of {metric.formula}",
        unit="ratio" if shown == "share" else "count", direction="neutral", synonyms=(),
        version=_version(metric, shown, told), of=name, shown=shown,
    )  # fmt: skip


def _has_total(metric: Metric) -> bool:
    """Whether it is made of counts and sums by nothing but addition."""
    if metric.kind == "ratio":
        return False
    measures = [part.measure.tree for part in metric.parts]
    return all(map(_is_added, [*measures, *([metric.expression] if metric.expression is not None else [])]))


def _is_added(node: exp.Expr) -> bool:
    match node:
        case exp.Sum() | exp.Count() | exp.Column():
            return True
        case exp.Paren() | exp.Neg() | exp.Filter():
            return _is_added(node.this)
        case exp.Add() | exp.Sub():
            return _is_added(node.this) and _is_added(node.expression)
        case _:
            return False


def _side_of(metric: Metric, what: str) -> Metric:
    found = sides(metric)
    if found is None:
        raise BadFormula(f"{metric.metric_id} is no quotient of two that add up, so it has no {what}.")
    side = found[0 if what == ABOVE else 1]
    parts, arithmetic = side
    is_one = isinstance(arithmetic, exp.Column)
    told = f"{_SIDES[what]} in {metric.label}."
    return replace(
        metric, metric_id=f"{metric.metric_id}:{what}", label=f"{metric.label}: {what}", definition=told,
        kind="simple" if is_one else "derived", parts=parts, expression=None if is_one else arithmetic, type=type_of(side),
        formula=told, filter_text=_filters(parts), unit="count" if type_of(side).kind == "integer" else metric.unit,
        direction="neutral", synonyms=(), version=_version(metric, what, told), of=metric.metric_id,
    )  # fmt: skip


def _whole_part(metric: Metric, table: str) -> Part | None:
    return next((each for each in metric.parts if each.entity.qualified == table and each.filter is None), None)


def _of_metric(metric: Metric, what: str) -> Metric:
    """Over the rows of any of its parts: of each table once."""
    parts: dict[str, Part] = {}
    for part in map(_bare, metric.parts):
        known = parts.get(part.entity.qualified)
        parts[part.entity.qualified] = _joined(known, part) if known else part
    return _made(metric, tuple(parts.values()), what, metric.metric_id, f"that count in {metric.label}")


def _of_table(metric: Metric, table: str, what: str) -> Metric:
    part = _whole_part(metric, table)
    assert part
    bare = _bare(part)
    return _made(metric, (replace(bare, time=None) if what == ROWS else bare,), what, table, f"of {table}")


def _bare(part: Part) -> Part:
    """The part without what its measure wants beside its rows."""
    return replace(
        part,
        measure=read_measure("COUNT(*)", _no_column),
        alive=None,
        empty="zero",
        shift=(),
        frame=None,
        keep=None,
        per=None,
        conversion=None,
        dimensions={name: each for name, each in part.dimensions.items() if not each.is_since},
    )


def _joined(one: Part, other: Part) -> Part:
    """Rows of either. Where they go by different times, by none."""
    condition = either(one.filter, other.filter) if one.filter and other.filter else None
    is_alike = one.time is not None and other.time is not None and one.time.text == other.time.text
    return replace(one, filter=condition, time=one.time if is_alike else None, paths={**one.paths, **other.paths})


def _made(metric: Metric, parts: tuple[Part, ...], what: str, of: str, whose: str) -> Metric:
    first, *others = parts
    expression = _sum_of(len(parts)) if others and what == ROWS else None
    if what != ROWS:
        time = first.time
        if others or time is None:
            why = "counts rows of several tables" if others else "has no time of its own"
            raise BadFormula(f"{of} {why}, so there is no {what} of its times.")
        first = replace(first, measure=_edge(time, what), paths={**first.paths, time.table: time.joins})
        whose = f"({time.written}) of the rows {whose}"
    parts = (first, *others)
    told = f"{_TOLD[what]} {whose}, whenever they are."
    return replace(
        metric, metric_id=f"{of}:{what}", label=f"{metric.label if of == metric.metric_id else of}: {what}", definition=told,
        kind="simple" if expression is None else "derived", parts=parts, expression=expression,
        dimensions={name: each for name, each in metric.dimensions.items() if name in first.dimensions},
        window=ALL if any(part.time for part in parts) else None,
        type=first.measure.type if expression is None else DOUBLE, formula=told,
        filter_text=_filters(parts), unit="rows" if what == ROWS else "time", direction="neutral", synonyms=(),
        version=_version(metric, what, told), of=metric.metric_id,
    )  # fmt: skip


def _filters(parts: Iterable[Part]) -> str | None:
    return " / ".join(part.filter.text for part in parts if part.filter) or None


def _version(metric: Metric, what: str, told: str) -> str:
    return hashlib.sha256(f"{metric.metric_id} {metric.version} {what} {told}".encode()).hexdigest()[:16]


def _edge(time: TimeColumn, what: str) -> Formula:
    return read_measure("MIN(t)" if what == FIRST else "MAX(t)", lambda *_: (time.table, time.name, time.type))


def _no_column(name: str, _: str | None) -> tuple[str, str, ColumnType]:
    raise AssertionError(name)


def _sum_of(parts: int) -> exp.Expr:
    tree: exp.Expr = exp.column("p0")
    for number in range(1, parts):
        tree = exp.Add(this=tree, expression=exp.column(f"p{number}"))
    return tree
