"""The plan: which tables, joins, parts and parameters a question needs, before any SQL is written.

A *leg* is what one pass over one table can answer: the parts of all metrics that share the entity,
the column that says when a row counts, and the way to every dimension of the question. A question
over two tables has two legs, aggregated apart and then put together, so that no join between them
can count a row twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlglot import exp

from assay.catalog.buckets import Shift as Moved
from assay.catalog.cut_times import listed_by_year
from assay.catalog.dictionary import Column, Join, Table, table_of
from assay.catalog.entry import Empty
from assay.catalog.formula import Formula
from assay.catalog.frames import AnyFrame, AtStart, Frame
from assay.catalog.metric import Cohorts, Conversion, Dimension, Keep, Metric, Part, Segment, TimeColumn, operand_tree
from assay.catalog.moments import Beyond
from assay.catalog.parameters import Parameter
from assay.catalog.per import Per
from assay.catalog.types import HeldType
from assay.catalog.windows import Shift, shifted_moment
from assay.catalog.zones import day_start, edge_wall, first_day, to_utc
from assay.compiler.functions import looked_for
from assay.compiler.held import bound_of, placed
from assay.compiler.listed import listed_values
from assay.compiler.resolved import Framing, Period, Question
from assay.compiler.values import Value, as_column
from assay.errors import BadQuestion
from assay.people.scope import Access

Source = tuple[object, ...]
"""Where a parameter's value comes from: ("literal", value), ("wall", naive datetime of an instant column),
("filter", index, position, column kind, the type in which the engine holds it or None), an edge of the question with the
kind of the column it meets: ("start" | "end" | "as_of" | "previous_start" | "previous_end" | "previous_as_of", column kind),
("having", index) what the value of a group is compared with,
("looked for", index) the pattern of a filter on a part of a text, ("values", index, column kind, the type in which the
engine holds it or None) many values of a filter as one text,
("far", index, position) a day beyond the calendar as a text,
or where the clocks change: ("until", number of the shift, column kind), ("floor", number), ("turn", number),
("counted", number, column kind, shift, period): of an input that looks back, by how much later it counts.
Of an input that looks back, edges and ("until", number, column kind) end with its shift and, the latter, with the period. Of
what is framed, the start ends with shift and frame, as the end does of what is read at the start of a unit;
("until", number, column kind) with shift, frame and period, as ("frames",) does: the buckets with the days of their frames,
as one text, and behind it how much each of them tells of itself beside.
("periods",): the buckets of a calendar's own grain, as one text;
("all periods", grain, what is looked up in them): all of them, as one text.
("later", an edge, how much): so much behind it.
("whose", number): with what the condition of this number compares; ("whose", number, a source): of the question it asks.
("returning", cohorts, shift, period): the buckets in which cohorts are looked at, as one text; ("returning_end", column
kind, cohorts, shift, period): where the last of them ends.
Of the question: ("parameter", the parameter). Of whoever asks: ("user", attribute, position, column kind)."""


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
    time: TimeColumn | None
    alive: tuple[Column, Column] | None
    dimensions: dict[str, Dimension]
    """Those that the question names, as this entity reaches them."""
    access: Access
    """Which rows of its tables are there for whoever asks."""
    periods: tuple[Period, ...]
    """What its rows count in: all periods of the question, or one of them where all its rows lie so far back."""
    shift: Shift = ()
    """By how much its rows lie before the question's window."""
    frame: AnyFrame | None = None
    """Over which days its rows count at the end of a bucket or of the window."""
    keep: Keep | None = None
    """Which of its rows count in a bucket."""
    per: Per | None = None
    """What its parts are calculated over."""
    conversion: Conversion | None = None
    """What follows its rows."""
    segments: tuple[Segment, ...] = ()
    """Those that the question has switched on, as this entity means them."""
    whose: tuple[int, ...] = ()
    """The conditions of its parts on what metrics are for somebody, by their numbers."""
    parts: dict[str, Part] = field(default_factory=dict)
    """By the name of the column that holds the part's value."""
    of_each: dict[tuple[str, Empty], str] = field(default_factory=dict)
    """The column of what is calculated for each of something first, by its text and by what it is over no rows."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Source -> its short name in the statement: a table has one for each way that leads to it."""
    joins: list[Join] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._name(self.entity.qualified)
        for each in (*self.dimensions.values(), *self.segments, *((self.time,) if self.time else ())):
            self.reach(each.joins)

    def add(self, name: str, part: Part) -> None:
        self.parts[name] = part
        for text in part.per.values if part.per else ():
            self.of_each.setdefault((text, part.empty), f"_value{len(self.of_each) + 1}")
        for path in part.paths.values():
            self.reach(path)

    def reach(self, path: tuple[Join, ...]) -> None:
        for join in path:
            if join not in self.joins:
                self.joins.append(join)
                self._name(join.to_table)

    def _name(self, source: str) -> None:
        """An initial of the table's name, behind a prefix such as `ev_`: `c` for `ev_claim`, `c2` for the next one."""
        words = table_of(source).rpartition(".")[2].lower().split("_")
        letter = next((word[0] for word in (words[1:] if len(words[0]) <= 3 else words) if word[:1].isalpha()), "t")
        name, number = letter, 2
        while name in self.aliases.values():
            name, number = f"{letter}{number}", number + 1
        self.aliases[source] = name

    @property
    def framing(self) -> Framing | None:
        """By which the question knows what this pass reads, where its rows are framed: it has one period then."""
        return (self.shift, self.frame, self.periods[0]) if self.frame else None

    @property
    def averages(self) -> bool:
        """Whether its values are averages of what they are on days."""
        return self.frame is not None and self.frame.averages

    @property
    def filters(self) -> list[Formula]:
        """The different filters of the parts: a row that passes none of them counts nowhere.

        Empty where some part counts every row.
        """
        found: dict[str, Formula] = {}
        for part in self.parts.values():
            if part.filter is None:
                return []
            found.setdefault(part.filter.text, part.filter)
        return list(found.values())


@dataclass(frozen=True)
class Plan:
    question: Question
    legs: tuple[Leg, ...]
    values: dict[str, exp.Expr]
    """By metric id: its arithmetic over the names of its parts' columns."""

    @property
    def parts(self) -> dict[str, Part]:
        return {name: part for leg in self.legs for name, part in leg.parts.items()}


def expect_ends(question: Question) -> None:
    """Raises BadQuestion for one whose ends have to be looked up before it can be compiled."""
    if question.is_open:
        raise BadQuestion("where `all` begins and ends is told by the data, which are not asked here",
                          mend="give the window bounds", field="window")  # fmt: skip


def make_plan(question: Question) -> Plan:
    expect_ends(question)
    legs: dict[object, Leg] = {}
    values: dict[str, exp.Expr] = {}
    for metric in question.metrics:
        names = [_place(part, legs, question, question.scope.access(metric)) for part in metric.parts]
        values[metric.metric_id] = _over_columns(metric, names)
    return Plan(question, tuple(legs.values()), values)


def _over_columns(metric: Metric, names: list[str]) -> exp.Expr:
    """The metric's arithmetic over `p0`, `p1`, ..., each replaced by the column that holds the part."""
    return operand_tree(metric).transform(
        lambda node: exp.column(names[int(node.name[1:])]) if isinstance(node, exp.Column) else node
    )


def _place(part: Part, legs: dict[object, Leg], question: Question, access: Access) -> str:
    """Puts the part into the leg that can answer it, and gives the name of its column there.

    Metrics of which one may see different rows have no pass in common.

    One pass counts the rows of the window and of the window before. What looks back, is framed, kept, put together or
    followed has one for each of them: its windows may reach into each other, and a row of both would have two buckets.
    """
    cut = question.cut.dimensions if question.cut else ()
    looked_up = (*(each.whose.dimension for each in question.whose), *(each.dimension for each in part.whose))
    named = (*question.dimensions, *cut, *(each.dimension for each in question.every_filter), *looked_up)
    asked = dict.fromkeys(each.name for each in named)
    found: list[Leg] = []
    apart: list[tuple[Period, ...]] = (
        [(each,) for each in question.periods]
        if part.shift or part.frame or part.keep or part.per or part.conversion
        else [question.periods]
    )
    ways = (*(part.dimensions[name].text for name in asked), *(part.segments[name].text for name in question.segments))
    # What is kept is chosen among the rows that pass the filter, as what follows them is; who has no such row is none to
    # calculate over.
    chosen = part.keep, part.per, part.conversion
    kept = (*chosen, _filter_text(part)) if any(chosen) else None
    for periods in apart:
        whose = question.whose_of(part, access.shape)
        key = (part.entity.qualified, part.when, ways, part.shift, part.frame, kept, whose, periods, access.shape)
        if key not in legs:
            legs[key] = leg_of(part, asked, question, periods, access)
        found.append(legs[key])
    for name, known in found[0].parts.items():
        if _counts_the_same(known, part):
            return name
    taken = {*asked, *(name for each in legs.values() for name in each.parts)}
    number = 1
    while taken & {f"m{number}", f"m{number}_previous"}:
        number += 1
    for leg in found:
        leg.add(f"m{number}", part)
    return f"m{number}"


def leg_of(
    part: Part, names: Iterable[str], question: Question, periods: tuple[Period, ...], access: Access
) -> Leg:  # fmt: skip
    """The pass over the rows of a part, with these dimensions and the question's segments; it has no part yet."""
    looked_up = (*(each.whose.dimension for each in question.whose), *(each.dimension for each in part.whose))
    dimensions = {name: part.dimensions[name] for name in dict.fromkeys([*names, *(each.name for each in looked_up)])}
    segments = tuple(part.segments[name] for name in question.segments)
    return Leg(part.entity, part.time, part.alive, dimensions, access, periods, part.shift, part.frame, part.keep, part.per,
               part.conversion, segments, question.whose_of(part, access.shape))  # fmt: skip


def _counts_the_same(one: Part, other: Part) -> bool:
    return (one.measure.text, _filter_text(one), one.empty) == (other.measure.text, _filter_text(other), other.empty)


def _filter_text(part: Part) -> str | None:
    return part.filter.text if part.filter else None


def parameter_value(source: Source, question: Question) -> Value:
    """The value to bind, from the question at hand."""
    match source:
        case ("literal", value):
            return value  # pyright: ignore[reportReturnType]
        case ("wall", datetime() as wall):
            return to_utc(wall, ZoneInfo(question.timezone))
        case ("filter", int(index), int(position), str(kind), held):
            asked = question.every_filter[index]
            value = asked.values[position]
            if isinstance(held, HeldType):
                _, value = placed(value, held, asked.op)
            return as_column(value, kind, question.timezone) if isinstance(value, datetime) else value
        case ("having", int(index)):
            asked = question.having[index]
            return placed(asked.value, asked.type.meant, asked.op)[1]
        case ("whose", int(number)):
            those = question.every_whose[number]
            return placed(those.whose.value, those.type.meant, those.whose.op)[1]
        case ("whose", int(number), tuple() as inner):
            return parameter_value(inner, question.every_whose[number].question)  # pyright: ignore[reportUnknownArgumentType]
        case ("user", str(attribute), int(position), str(kind)):
            value = question.scope.values[attribute][position]
            return int(value) if kind == "bigint" else value
        case ("far", int(index), int(position)):
            value = question.every_filter[index].values[position]
            assert isinstance(value, Beyond)
            return value.signed
        case ("values", int(index), str(kind), compared):
            key = index, compared if isinstance(compared, HeldType) else None
            if key not in question.lists:
                question.lists[key] = listed_values(question.every_filter[index], kind, key[1], question.timezone)
            return question.lists[key]
        case ("looked for", int(index)):
            asked = question.every_filter[index]
            op = asked.op.removeprefix("not_")
            return looked_for(str(asked.values[0]), begins=op != "starts_with", ends=op != "ends_with")
        case ("bound", int(index), HeldType() as meant, str(side)):
            return bound_of(question.every_filter[index], meant, side)  # pyright: ignore[reportArgumentType]
        case ("until", int(number), str(kind), *of_input):
            return _until(question.moved(kind, tuple(of_input))[number], kind)  # pyright: ignore[reportArgumentType]
        case ("parameter", Parameter() as meant):
            return dict(question.parameters).get(meant.name, meant.default)
        case ("counted", int(number), str(kind), tuple() as shift, period):
            moved = question.counted[kind, shift, period]  # pyright: ignore[reportArgumentType]
            return _until(moved[number], kind)
        case ("turn", int(number)):
            turns_at = question.turns[number].until
            assert turns_at
            return turns_at
        case ("floor", int(number)):
            since = question.floors[number][0]
            assert since
            return since.replace(tzinfo=None)
        case ("later", tuple() as edge, timedelta() as by):
            value = parameter_value(edge, question)  # pyright: ignore[reportUnknownArgumentType]
            assert isinstance(value, date)
            return value + by
        case ("previous_end", "date"):
            return question.end_day((), "previous")
        case ("periods",):
            return question.periods_listed
        case ("all periods", str(name), _):
            return listed_by_year(question.calendar.periods[name])
        case ("returning", Cohorts() as cohorts, tuple() as shift, period):
            return question.returning[cohorts, shift, period].listed  # pyright: ignore[reportArgumentType]
        case ("returning_end", str(kind), Cohorts() as cohorts, tuple() as shift, period):
            end = question.returning[cohorts, shift, period].end  # pyright: ignore[reportArgumentType]
            return first_day(end, question.zone) if kind == "date" else as_column(end, kind, question.timezone)
        case ("frames", tuple() as shift, (Frame() | AtStart()) as frame, period, *_):
            return question.framed[shift, frame, period].listed  # pyright: ignore[reportArgumentType]
        case (str(edge), str(kind), tuple() as shift, (Frame() | AtStart()) as frame):
            found = question.framed[shift, frame, _period_of(edge)]  # pyright: ignore[reportUnknownArgumentType]
            day, instant = found.behind if edge.endswith("end") else (found.begins, None)
            assert day
            at = instant or day_start(day, question.zone)
            return day if kind == "date" else as_column(at, kind, question.timezone)
        case (str(edge), str(kind)):
            return as_column(_edge(edge, question), kind, question.timezone)
        case (str(edge), str(kind), tuple() as shift):
            return _shifted_edge(edge, kind, shift, question)  # pyright: ignore[reportUnknownArgumentType]
        case _:
            raise AssertionError(source)


def _edge(edge: str, question: Question) -> datetime:
    if edge == "as_of":
        return question.as_of
    if edge == "previous_as_of":
        assert question.previous
        if question.bounds is None:
            return question.previous.end
        # As far back on the wall clock as the end of the window is.
        zone = ZoneInfo(question.timezone)
        back = edge_wall(question.bounds.end, zone) - edge_wall(question.previous.end, zone)
        return to_utc(edge_wall(question.as_of, zone) - back, zone)
    bounds = question.bounds if edge in ("start", "end") else question.previous
    assert bounds
    return bounds.start if edge.endswith("start") else bounds.end


def _period_of(edge: str) -> Period:
    return "previous" if edge.startswith("previous_") else "current"


def _until(moved: Moved, kind: str) -> Value:
    assert moved.until
    return moved.until.date() if kind == "date" else moved.until


def _shifted_edge(edge: str, kind: str, shift: Shift, question: Question) -> Value:
    """An edge of an input that looks back."""
    zone = ZoneInfo(question.timezone)
    if edge.endswith("as_of"):
        return as_column(shifted_moment(_edge(edge, question), shift, zone), kind, question.timezone)
    period = _period_of(edge)
    if edge.endswith("end") and kind == "date":
        return question.end_day(shift, period)
    bounds = question.bounds_of(shift, period)
    return as_column(bounds.start if edge.endswith("start") else bounds.end, kind, question.timezone)
