"""The plan: which tables, joins, parts and parameters a question needs, before any SQL is written.

A *leg* is what one pass over one table can answer: the parts of all metrics that share the entity
and the column that says when a row counts. A question over two tables has two legs, aggregated
apart and then put together, so that no join between them can count a row twice.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlglot import exp

from assay.catalog.dictionary import Column, Join, Table
from assay.catalog.metric import Metric, Part, operand_tree
from assay.catalog.windows import to_wall
from assay.compiler.question import Question, Value

Source = tuple[object, ...]
"""Where a parameter's value comes from: ("literal", v), ("filter", i, j), ("start" | "end" | ..., column kind)."""


@dataclass
class Parameters:
    """Numbers the placeholders in order of first use; the same source is the same parameter."""

    sources: list[Source] = field(default_factory=list)

    def index(self, source: Source) -> int:
        # A list, not a dict: True == 1 and 1 == 1.0 would meet in one key.
        for number, known in enumerate(self.sources, 1):
            if known == source and [type(part) for part in known] == [type(part) for part in source]:
                return number
        self.sources.append(source)
        return len(self.sources)


@dataclass
class Leg:
    entity: Table
    time: Column | None
    alive: tuple[Column, Column] | None
    parts: list[tuple[str, Part]] = field(default_factory=list)
    """(name of its column, part)"""
    aliases: dict[str, str] = field(default_factory=dict)
    joins: list[Join] = field(default_factory=list)

    def need(self, path: tuple[Join, ...]) -> None:
        for join in path:
            if join not in self.joins:
                self.joins.append(join)
                self._name(join.to_table)

    def _name(self, table: str) -> None:
        words = table.rpartition(".")[2].lower().split("_")
        letter = next((word[0] for word in (words[1:] if len(words[0]) <= 3 else words) if word[:1].isalpha()), "t")
        name, number = letter, 2
        while name in self.aliases.values():
            name, number = f"{letter}{number}", number + 1
        self.aliases[table] = name

    @property
    def tables(self) -> list[str]:
        return list(self.aliases)


@dataclass(frozen=True)
class Plan:
    question: Question
    legs: tuple[Leg, ...]
    values: tuple[tuple[Metric, exp.Expr], ...]
    """Each metric with its arithmetic over the parts' column names."""


def make_plan(question: Question) -> Plan:
    legs: dict[tuple[str, str], Leg] = {}
    names: dict[int, str] = {}
    values: list[tuple[Metric, exp.Expr]] = []
    for metric in question.metrics:
        own = [_place(part, legs, names) for part in metric.parts]
        tree = operand_tree(metric).transform(
            lambda node, own=own: exp.column(own[int(node.name[1:])]) if isinstance(node, exp.Column) else node
        )
        values.append((metric, tree))
    for leg in legs.values():
        for _, part in leg.parts:
            for path in part.paths.values():
                leg.need(path)
        for dimension in (*question.dimensions, *(each.dimension for each in question.filters)):
            # Legs of other tables reach the dimension by their own joins: names agree, paths may not.
            leg.need(_own(question, dimension.name, leg).path)
    return Plan(question, tuple(legs.values()), tuple(values))


def _place(part: Part, legs: dict[tuple[str, str], Leg], names: dict[int, str]) -> str:
    when = part.time.name if part.time else ",".join(column.name for column in part.alive) if part.alive else ""
    key = (part.entity.qualified, when)
    if key not in legs:
        legs[key] = Leg(part.entity, part.time, part.alive)
        legs[key]._name(part.entity.qualified)  # pyright: ignore[reportPrivateUsage]
    leg = legs[key]
    for name, known in leg.parts:
        if known.measure.text == part.measure.text and _text(known) == _text(part):
            return name
    name = f"m{sum(len(each.parts) for each in legs.values()) + 1}"
    leg.parts.append((name, part))
    return name


def _text(part: Part) -> str | None:
    return part.filter.text if part.filter else None


def _own(question: Question, name: str, leg: Leg):
    for metric in question.metrics:
        if metric.parts[0].entity is leg.entity:
            return metric.dimensions[name]
    raise AssertionError("every leg belongs to a metric")


def parameter_value(source: Source, question: Question) -> Value:
    """The value to bind, from the question at hand."""
    match source:
        case ("literal", value):
            return value  # pyright: ignore[reportReturnType]
        case ("filter", int(index), int(position)):
            value = question.filters[index].values[position]
            kind = question.filters[index].dimension.column.type.kind
            return as_column(value, kind, question.timezone) if isinstance(value, datetime) else value
        case (str(edge), str(kind)):
            return as_column(_edge(edge, question), kind, question.timezone)
        case _:
            raise AssertionError(source)


def _edge(edge: str, question: Question) -> datetime:
    if edge == "as_of":
        return question.as_of
    if edge == "previous_as_of":
        assert question.previous
        return question.previous.end if question.bounds is None else question.as_of - (
            question.bounds.end - question.previous.end
        )  # fmt: skip
    bounds = question.bounds if edge in ("start", "end") else question.previous
    assert bounds
    return bounds.start if edge.endswith("start") else bounds.end


def as_column(moment: datetime, kind: str, timezone: str) -> Value:
    """An instant as the column holds time: an instant, a wall time, or the first day not before it."""
    if kind == "timestamp":
        return moment
    wall = to_wall(moment, ZoneInfo(timezone))
    if kind == "timestamp_ntz":
        return wall
    day = wall.date()
    return day if wall.time() == datetime.min.time() else day + timedelta(days=1)
