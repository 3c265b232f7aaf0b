"""Why a figure changed: the change taken apart by the metric's own definition, with questions that all take the corridor.

The whole and each division of it are asked at one version of the data; `answers/attribution.py` does the arithmetic. What
adds up is told by its groups, a sum also by volume, mix and rate, a rate by mix and rate. Of what does neither (different
customers, a percentile) groups are shown without parts, for they have none.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from assay.answers.answer import Answer, wire_value
from assay.answers.attribution import Effect, Key, Pair, Sides, Turned, effects, of_product, paradox, unevenness
from assay.answers.resolve import Told
from assay.catalog.amounts import decimal_of
from assay.catalog.census import ABOVE, BELOW, ROWS
from assay.catalog.metric import Metric
from assay.catalog.quotient import adds_up_over_groups, is_sum_of_rows, sides
from assay.catalog.value_type import ValueType
from assay.compiler.question import Asked
from assay.errors import AssayError, BackendUnavailable, BadQuestion, MovedMeanwhile, NotAllowed
from assay.people.scope import Scope

Kind = Literal["sum", "rate", "groups"]
"""What parts a change has: those of groups that add up, mix and rate, or none."""
StepKind = Literal["volume", "mix", "rate", "group", "others"]
Ask = Callable[[tuple[str, ...], Asked], Awaitable[Told]]

MOST_DIVISIONS = 12
_MOST_GROUPS = 20
_MOST_STEPS = 7
_AT_ONCE = 4
_TURNS = 3
_GROUPED = ("string", "boolean", "integer")
_CLOSE = Fraction(1, 10**9)
"""Of a sum of doubles the order of addition decides the last digits."""


@dataclass(frozen=True)
class Cell:
    """What an answer says of a group, or of the whole: as it travels, and exactly, where nothing is 0."""

    before: Any
    now: Any
    own: Pair
    sides: Sides | None
    """Of a rate what is divided and by what; of a sum itself and its rows."""

    @property
    def change(self) -> Fraction:
        return self.own[1] - self.own[0]

    @property
    def was_there(self) -> bool:
        return self._is_there(0)

    @property
    def is_there(self) -> bool:
        return self._is_there(1)

    def _is_there(self, period: int) -> bool:
        return bool(self.own[period] or (self.sides and self.sides.below[period]))


@dataclass(frozen=True)
class Group:
    """A group of a division. `amount`: its part of the change; `effect`: the same by mix and rate, of a rate."""

    key: Key
    cell: Cell
    amount: Fraction | None
    effect: Effect | None


@dataclass(frozen=True)
class Division:
    """The change by one dimension or two, all groups, the largest first. `left`: what is in no group's part."""

    dimensions: tuple[str, ...]
    receipt_id: str
    groups: tuple[Group, ...]
    left: Fraction
    unevenness: float
    paradox: Turned | None

    @property
    def shown(self) -> tuple[Group, ...]:
        return self.groups[:_MOST_GROUPS]

    @property
    def others(self) -> Fraction | None:
        """What all groups that are not shown did together; None where groups have no parts."""
        if any(each.amount is None for each in self.groups):
            return None
        return self.left + _sum(each.amount for each in self.groups[_MOST_GROUPS:] if each.amount is not None)


@dataclass(frozen=True)
class Step:
    """A row of the waterfall. `before` and `now` are what it is told by: rows, a group's rate, a group's value."""

    kind: StepKind
    key: Key
    before: Any
    now: Any
    amount: Fraction


@dataclass(frozen=True)
class Explanation:
    metric: Metric
    kind: Kind
    whole: Answer
    cell: Cell
    divisions: tuple[Division, ...] = ()
    """The one by which groups moved least evenly first; the pair last."""
    left_out: tuple[tuple[str, str], ...] = ()
    """Dimensions that are not among the divisions, each with the reason."""
    answers: tuple[Answer, ...] = ()

    @property
    def change(self) -> Fraction | None:
        return None if self.cell.before is None or self.cell.now is None else self.cell.change

    @property
    def places(self) -> int | None:
        """Digits behind the point of what it counts in; None where it counts in doubles."""
        found = next(each.type for each in self.whole.columns if each.metric_id == self.metric.metric_id)
        return {"integer": 0, "decimal": found.scale or 0}.get(found.kind)

    @property
    def by(self) -> tuple[str, ...]:
        """What the steps are divided by."""
        return self.divisions[0].dimensions if self.divisions and self.kind != "groups" else ()

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The waterfall: together exactly the change, also as it is written."""
        return tuple(_steps(self.kind, self.cell, self.divisions[0], self.places)) if self.by else ()


def written(amount: Fraction, places: int | None) -> str | float:
    """An amount as it travels: with so many digits, or as a double."""
    if places is None:
        return float(amount)
    return wire_value(decimal_of(amount), ValueType("decimal", places))


async def explain(metric: Metric, asked: Asked, by: Sequence[str], ask: Ask, scope: Scope) -> Explanation:
    """Take a metric's change apart, by the named dimensions or by all that it has.

    Raises as asking does, BadQuestion for what is no figure, BackendUnavailable where only older numbers are there, and
    MovedMeanwhile where the data do not stand still for so long.
    """
    if asked.dimensions or asked.grain or asked.having or asked.limit or asked.order or asked.whose:
        raise BadQuestion("the change of a figure is explained: it has no dimensions, grain, order, limit or whose",
                          mend="say in `by` what it shall be divided by", field="dimensions")  # fmt: skip
    if not metric.type.is_number:
        raise BadQuestion(f"{metric.metric_id} is a {metric.type.kind}, and only numbers have a change", field="metrics")
    # What stands beside the metric has no window of its own.
    asked = asked.model_copy(update={"compare": asked.compare or "previous_period", "window": asked.window or metric.window})
    kind = _kind_of(metric)
    names = _asked_for(metric, kind)
    divided, left_out = _divisions_of(metric, asked, by, scope)
    for _ in range(_TURNS):
        whole = await _told(ask, names, asked, ())
        found, refused = await _divided(ask, names, asked, [(each,) for each in divided])
        if all(_is_of_one_moment(each, whole) for each in found.values()):
            break
    else:
        raise MovedMeanwhile("The data moved while the change was taken apart.", mend="ask again")
    (cell,) = _cells(whole, metric).values()
    if cell.before is None or cell.now is None or (kind == "rate" and cell.sides and not all(cell.sides.below)):
        kind = "groups"
    known = Explanation(metric, kind, whole, cell, left_out=(*left_out, *refused), answers=(whole,))
    for dimensions, answer in found.items():
        known = _with_division(known, dimensions, answer)
    known = replace(known, divisions=tuple(sorted(known.divisions, key=lambda each: -each.unevenness)))
    if kind == "groups" or len(known.divisions) < 2:
        return known
    # The two that tell most are looked at together too.
    (first,), (second,) = (each.dimensions for each in known.divisions[:2])
    both, refused = await _divided(ask, names, asked, [(first, second)])
    known = replace(known, left_out=(*known.left_out, *refused))
    for dimensions, answer in both.items():
        if _is_of_one_moment(answer, whole):
            known = _with_division(known, dimensions, answer)
    return known


def _kind_of(metric: Metric) -> Kind:
    if adds_up_over_groups(metric):
        return "sum"
    return "rate" if sides(metric) else "groups"


def _asked_for(metric: Metric, kind: Kind) -> tuple[str, ...]:
    """With what stands beside it in the same statement: the rows of a sum, the two sides of a rate."""
    own = metric.metric_id
    if kind == "rate":
        return own, f"{own}:{ABOVE}", f"{own}:{BELOW}"
    return (own, f"{own}:{ROWS}") if is_sum_of_rows(metric) and metric.of is None else (own,)


def _divisions_of(
    metric: Metric, asked: Asked, by: Sequence[str], scope: Scope
) -> tuple[list[str], list[tuple[str, str]]]:  # fmt: skip
    if by:
        return list(dict.fromkeys(by))[:MOST_DIVISIONS], []
    told = {each.dimension for each in asked.filters if each.op in ("eq", "is_null")}
    found, left_out = list[str](), list[tuple[str, str]]()
    for name, dimension in metric.dimensions.items():
        if name in told or not scope.shows(dimension.columns):
            continue
        if dimension.type.kind not in _GROUPED:
            left_out.append((name, f"it is a {dimension.type.kind}: its values are no groups"))
        elif len(found) == MOST_DIVISIONS:
            left_out.append((name, f"{MOST_DIVISIONS} dimensions are looked at where none is named"))
        else:
            found.append(name)
    return found, left_out


async def _told(ask: Ask, names: tuple[str, ...], asked: Asked, dimensions: tuple[str, ...]) -> Answer:
    told = await ask(names, asked.model_copy(update={"dimensions": dimensions}))
    if told.stale_reason is not None:
        raise BackendUnavailable(
            f"A change is explained by numbers of now, and there are older ones only: {told.stale_reason}"
        )
    return told.answer


async def _divided(
    ask: Ask, names: tuple[str, ...], asked: Asked, divisions: Iterable[tuple[str, ...]]
) -> tuple[dict[tuple[str, ...], Answer], list[tuple[str, str]]]:
    """The answers by each division, a few at a time; one that is refused leaves the others as they are."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(division: tuple[str, ...]) -> Answer | AssayError:
        async with places:
            try:
                return await _told(ask, names, asked, division)
            except (BadQuestion, NotAllowed) as error:
                return error

    divisions = list(divisions)
    found = dict(zip(divisions, await asyncio.gather(*map(one, divisions)), strict=True))
    refused = [(" × ".join(each), told.detail) for each, told in found.items() if isinstance(told, AssayError)]
    return {each: told for each, told in found.items() if isinstance(told, Answer)}, refused


def _is_of_one_moment(one: Answer, other: Answer) -> bool:
    """Whether both look at the same engine, at the same time, at the same versions of the tables that both read."""
    own, its = one.provenance, other.provenance
    if (own.backend, one.question["as_of"]) != (its.backend, other.question["as_of"]):
        return False
    known, told = _versions(own.data_version), _versions(its.data_version)
    shared = known.keys() & told.keys()
    return bool(shared) and all(known[name] == told[name] for name in shared)


def _versions(text: str) -> dict[str, str]:
    """Of each table; a file has one version, which is all of the text."""
    return {table: version for table, _, version in (each.rpartition(":") for each in text.split(" "))}


def _cells(answer: Answer, metric: Metric) -> dict[Key, Cell]:
    places = {(each.metric_id, each.role): at for at, each in enumerate(answer.columns)}
    keys = [at for at, each in enumerate(answer.columns) if each.role == "dimension"]
    above, below, rows = (f"{metric.metric_id}:{each}" for each in (ABOVE, BELOW, ROWS))

    def told(row: Sequence[Any], name: str) -> tuple[Any, Any]:
        return row[places[name, "previous"]], row[places[name, "value"]]

    def pair(row: Sequence[Any], name: str) -> Pair:
        before, now = told(row, name)
        return Fraction(before or 0), Fraction(now or 0)

    found: dict[Key, Cell] = {}
    for row in answer.rows:
        own, sides = pair(row, metric.metric_id), None
        if (below, "value") in places:
            sides = Sides(pair(row, above), pair(row, below))
        elif (rows, "value") in places:
            sides = Sides(own, pair(row, rows))
        found[tuple(row[at] for at in keys)] = Cell(*told(row, metric.metric_id), own, sides)
    return found


def _sum(amounts: Iterable[Fraction]) -> Fraction:
    return sum(amounts, Fraction(0))


def _left(change: Fraction, parts: Iterable[Fraction], places: int | None, size: Fraction) -> Fraction:
    """What the parts leave of a change; nothing where doubles of this size were only added in another order."""
    left = change - _sum(parts)
    return Fraction(0) if places is None and abs(left) <= _CLOSE * size else left


def _with_division(known: Explanation, dimensions: tuple[str, ...], answer: Answer) -> Explanation:
    """The explanation with one more division, or with the reason why it has none."""
    known = replace(known, answers=(*known.answers, answer))
    reason, division = None, None
    if answer.provenance.truncated:
        reason = f"it has more than {len(answer.rows):,} groups"
    else:
        division = _division(known, dimensions, answer)
        # Of folded groups no figure is shown: what they did is in no group's part.
        if known.kind != "groups" and division.left and not answer.folded:
            reason = "its groups do not add up to the whole"
    if reason is not None or division is None:
        return replace(known, left_out=(*known.left_out, (" × ".join(dimensions), reason or "")))
    return replace(known, divisions=(*known.divisions, division))


def _division(known: Explanation, dimensions: tuple[str, ...], answer: Answer) -> Division:
    whole, cells = known.cell, _cells(answer, known.metric)
    receipt_id = answer.provenance.receipt_id
    amounts: dict[Key, Fraction] = {}
    parts: dict[Key, Effect] = {}
    uneven, turned, change, places = 0.0, None, whole.change, known.places
    match known.kind, whole.sides:
        case "sum", _:
            amounts = {key: each.change for key, each in cells.items()}
            uneven = unevenness(amounts, {key: each.own[0] for key, each in cells.items()})
        case "rate", Sides() as both:
            sides = {key: each.sides for key, each in cells.items() if each.sides}
            parts = effects(both, sides)
            amounts = {key: each.whole for key, each in parts.items()}
            before, now = both.below
            uneven = unevenness(amounts, {key: each.below[0] / before + each.below[1] / now for key, each in sides.items()})
            turned = paradox(both, sides.values())
            # The rate that was told may be rounded, and its sides sums of doubles.
            change, places = both.above[1] / now - both.above[0] / before, None
        case _:
            pass
    left = _left(change, amounts.values(), places, max(map(abs, whole.own))) if amounts else Fraction(0)
    groups = [Group(key, cell, amounts.get(key), parts.get(key)) for key, cell in cells.items()]
    groups.sort(key=lambda each: -abs(each.cell.change if each.amount is None else each.amount))
    return Division(dimensions, receipt_id, tuple(groups), left, uneven, turned)


def _steps(kind: Kind, whole: Cell, division: Division, places: int | None) -> list[Step]:
    cells = {each.key: each.cell for each in division.groups}
    if whole.sides is None or not all(whole.sides.below):
        moved = {key: each.change for key, each in cells.items()}
        named = [Step("group", key, cells[key].before, cells[key].now, moved[key]) for key in _largest(moved)]
    else:
        named = _mixed(kind, whole.sides, cells)
    size = max((abs(each.amount) for each in named), default=Fraction(0))
    rest = _left(whole.change, (each.amount for each in named), places, size)
    steps = [*named, Step("others", (), None, None, rest)] if rest else named
    rounded = [replace(each, amount=_rounded(each.amount, places)) for each in steps]
    # Cents that are left by rounding go where they are least looked for.
    left = _rounded(whole.change, places) - _sum(each.amount for each in rounded)
    if left:
        at = next((at for at, each in enumerate(rounded) if each.kind == "mix"), len(rounded) - 1)
        rounded[at] = replace(rounded[at], amount=rounded[at].amount + left)
    return rounded


def _mixed(kind: Kind, whole: Sides, cells: Mapping[Key, Cell]) -> list[Step]:
    sides = {key: each.sides for key, each in cells.items() if each.sides}
    parts, scale, found = effects(whole, sides), Fraction(1), list[Step]()
    if kind == "sum":
        rates = whole.above[0] / whole.below[0], whole.above[1] / whole.below[1]
        volume, _ = of_product(whole.below, rates)
        scale = (whole.below[0] + whole.below[1]) / 2
        found.append(Step("volume", (), _count(whole.below[0]), _count(whole.below[1]), volume))
    found.append(Step("mix", (), None, None, scale * _sum(each.mix for each in parts.values())))
    rated = {key: each.rate * scale for key, each in parts.items() if each.rate}
    for key in _largest(rated):
        before, now = sides[key].rate(0), sides[key].rate(1)
        found.append(Step("rate", key, before and float(before), now and float(now), rated[key]))
    return found


def _count(rows: Fraction) -> int | float:
    return int(rows) if rows.denominator == 1 else float(rows)


def _largest(amounts: Mapping[Key, Fraction]) -> list[Key]:
    """Those that have a row of their own: one that would be the only other is no other."""
    ordered = sorted((key for key, amount in amounts.items() if amount), key=lambda key: -abs(amounts[key]))
    return ordered if len(ordered) == _MOST_STEPS + 1 else ordered[:_MOST_STEPS]


def _rounded(amount: Fraction, places: int | None) -> Fraction:
    return amount if places is None else Fraction(str(written(amount, places)))
