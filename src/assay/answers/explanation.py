"""Why a figure changed: the change taken apart by the metric's own definition, with questions that all take the corridor.

The whole and each division of it are asked at one version of the data; `answers/attribution.py` does the arithmetic. What
adds up is told by its groups, a sum also by volume, mix and rate, a rate by mix and rate. Of what does neither (different
customers, a percentile) groups are shown without parts, for they have none.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any, Literal

from assay.answers.answer import Answer
from assay.answers.attribution import Effect, Key, Pair, Sides, Turned, effects, of_product, paradox, unevenness
from assay.answers.resolve import Told
from assay.catalog.census import ABOVE, BELOW, ROWS
from assay.catalog.metric import Metric
from assay.catalog.quotient import adds_up_over_groups, sides
from assay.compiler.question import Asked
from assay.errors import AssayError, BackendUnavailable, BadQuestion, MovedMeanwhile, NotAllowed

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
_NOTHING = Fraction(0)
_WIDE = Context(prec=100)


@dataclass(frozen=True)
class Group:
    """A group of a division. `amount`: its part of the change; of that `mix` and `rate`, where the metric is a rate."""

    key: Key
    before: Any
    now: Any
    amount: Fraction | None = None
    effect: Effect | None = None
    is_new: bool = False
    is_gone: bool = False


@dataclass(frozen=True)
class Division:
    """The change by one dimension or two, the largest groups first; `others` is what the rest of them add."""

    dimensions: tuple[str, ...]
    receipt_id: str
    groups: tuple[Group, ...]
    others: Fraction | None
    groups_in_all: int
    unevenness: float | None
    paradox: Turned | None = None


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
    before: Any
    now: Any
    change: Fraction | None
    steps: tuple[Step, ...] = ()
    by: tuple[str, ...] = ()
    """What the steps are divided by."""
    divisions: tuple[Division, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    """Dimensions that are not among the divisions, each with the reason."""
    rows: Pair | None = None
    """Of a sum: how many rows it is of."""
    answers: tuple[Answer, ...] = field(default=())

    @property
    def places(self) -> int | None:
        """Digits behind the point of what it counts in; None where it counts in doubles."""
        found = next(each.type for each in self.whole.columns if each.metric_id == self.metric.metric_id)
        return {"integer": 0, "decimal": found.scale or 0}.get(found.kind)


def written(amount: Fraction, places: int | None) -> str | float:
    """An amount as it travels: with so many digits, or as a double."""
    if places is None:
        return float(amount)
    exact = _WIDE.divide(Decimal(amount.numerator), Decimal(amount.denominator))
    return format(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, _WIDE), "f")


async def explain(metric: Metric, asked: Asked, by: Sequence[str], ask: Ask) -> Explanation:
    """Take a metric's change apart, by the named dimensions or by all that it has.

    Raises as asking does, BadQuestion for what is no figure, BackendUnavailable where only older numbers are there, and
    MovedMeanwhile where the data do not stand still for so long.
    """
    if asked.dimensions or asked.grain or asked.having or asked.limit or asked.order:
        raise BadQuestion("the change of a figure is explained: it has no dimensions, grain, order or limit",
                          mend="say in `by` what it shall be divided by", field="dimensions")  # fmt: skip
    if not metric.type.is_number:
        raise BadQuestion(f"{metric.metric_id} is a {metric.type.kind}, and only numbers have a change", field="metrics")
    # What stands beside the metric has no window of its own.
    asked = asked.model_copy(update={"compare": asked.compare or "previous_period", "window": asked.window or metric.window})
    kind = _kind_of(metric)
    names = _asked_for(metric, kind)
    divided, left_out = _divisions_of(metric, asked, by)
    for _ in range(_TURNS):
        whole = await _told(ask, names, asked, ())
        found, refused = await _divided(ask, names, asked, [(each,) for each in divided])
        if all(_is_of_one_moment(each, whole) for each in found.values()):
            break
    else:
        raise MovedMeanwhile("The data moved while the change was taken apart.", mend="ask again")
    explained = _explained(metric, kind, whole, found, (*left_out, *refused))
    if len(explained.divisions) > 1 and explained.kind != "groups":
        explained = await _with_pair(explained, names, asked, ask)
    return explained


def _kind_of(metric: Metric) -> Kind:
    if adds_up_over_groups(metric):
        return "sum"
    return "rate" if sides(metric) else "groups"


def _asked_for(metric: Metric, kind: Kind) -> tuple[str, ...]:
    """With what stands beside it in the same statement: the rows of a sum, the two sides of a rate."""
    own = metric.metric_id
    if kind == "rate":
        return own, f"{own}:{ABOVE}", f"{own}:{BELOW}"
    (part, *others) = metric.parts
    is_plain = not others and metric.kind == "simple" and metric.of is None and not part.alive and not part.frame
    counts_values = kind == "sum" and is_plain and part.measure.text.upper().startswith("SUM(") and not part.shift
    return (own, f"{own}:{ROWS}") if counts_values else (own,)


def _divisions_of(metric: Metric, asked: Asked, by: Sequence[str]) -> tuple[list[str], list[tuple[str, str]]]:
    if by:
        return list(dict.fromkeys(by))[:MOST_DIVISIONS], []
    told = {each.dimension for each in asked.filters if each.op in ("eq", "is_null")}
    found, left_out = list[str](), list[tuple[str, str]]()
    for name, dimension in metric.dimensions.items():
        if name in told:
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


@dataclass(frozen=True)
class _Cell:
    """What an answer says of a group, or of the whole."""

    before: Any
    now: Any
    own: Pair
    sides: Sides | None

    @property
    def is_there(self) -> tuple[bool, bool]:
        below = self.sides.below if self.sides else self.own
        return bool(below[0] or self.own[0]), bool(below[1] or self.own[1])


def _cells(answer: Answer, metric: Metric) -> dict[Key, _Cell]:
    places = {(each.metric_id, each.role): at for at, each in enumerate(answer.columns)}
    keys = [at for at, each in enumerate(answer.columns) if each.role == "dimension"]
    above, below, rows = (f"{metric.metric_id}:{each}" for each in (ABOVE, BELOW, ROWS))

    def pair(row: Sequence[Any], name: str) -> Pair:
        return _exact(row[places[name, "previous"]]), _exact(row[places[name, "value"]])

    found: dict[Key, _Cell] = {}
    for row in answer.rows:
        own = pair(row, metric.metric_id)
        sides = None
        if (below, "value") in places:
            sides = Sides(pair(row, above), pair(row, below))
        elif (rows, "value") in places:
            sides = Sides(own, pair(row, rows))
        before, now = row[places[metric.metric_id, "previous"]], row[places[metric.metric_id, "value"]]
        found[tuple(row[at] for at in keys)] = _Cell(before, now, own, sides)
    return found


def _exact(value: Any) -> Fraction:
    """What a cell says, exactly; nothing is 0: there is nothing to add."""
    return Fraction(0) if value is None else Fraction(value)


def _explained(
    metric: Metric, kind: Kind, whole: Answer, found: Mapping[tuple[str, ...], Answer], left_out: Sequence[tuple[str, str]]
) -> Explanation:
    (cell,) = _cells(whole, metric).values()
    has_change = cell.before is not None and cell.now is not None
    if not has_change or (kind == "rate" and cell.sides and not all(cell.sides.below)):
        kind = "groups"
    known = Explanation(
        metric, kind, whole, cell.before, cell.now, cell.own[1] - cell.own[0] if has_change else None,
        rows=cell.sides.below if kind == "sum" and cell.sides else None, left_out=tuple(left_out), answers=(whole,),
    )  # fmt: skip
    for dimensions, answer in found.items():
        known = _with_division(known, cell, dimensions, answer)
    known = replace(known, divisions=tuple(sorted(known.divisions, key=lambda each: -(each.unevenness or 0.0))))
    if kind == "groups" or not known.divisions:
        return known
    first = known.divisions[0].dimensions
    steps = _steps(kind, cell, _cells(found[first], metric), known.places)
    return replace(known, steps=tuple(steps), by=first)


async def _with_pair(explained: Explanation, names: tuple[str, ...], asked: Asked, ask: Ask) -> Explanation:
    """The two dimensions that tell most are looked at together too."""
    (first,), (second,) = (each.dimensions for each in explained.divisions[:2])
    both, refused = await _divided(ask, names, asked, [(first, second)])
    explained = replace(explained, left_out=(*explained.left_out, *refused))
    for dimensions, answer in both.items():
        if _is_of_one_moment(answer, explained.whole):
            (cell,) = _cells(explained.whole, explained.metric).values()
            explained = _with_division(explained, cell, dimensions, answer)
    return explained


def _with_division(known: Explanation, whole: _Cell, dimensions: tuple[str, ...], answer: Answer) -> Explanation:
    """The explanation with one more division, or with the reason why it has none."""
    name = " × ".join(dimensions)
    known = replace(known, answers=(*known.answers, answer))
    if answer.provenance.truncated:
        return replace(known, left_out=(*known.left_out, (name, f"it has more than {len(answer.rows):,} groups")))
    cells = _cells(answer, known.metric)
    amounts, parts, weights = _amounts(known.kind, whole, cells)
    if known.kind != "groups" and known.change is not None:
        rest = known.change - sum(amounts.values())
        # Folded groups show no figure, and doubles are added in another order: what is left is said as others.
        is_near = known.places is None and abs(rest) <= _CLOSE * max(1, *map(abs, whole.own))
        if rest and not answer.folded and not is_near and known.kind == "sum":
            told = (name, "its groups do not add up to the whole")
            return replace(known, left_out=(*known.left_out, told))
    groups = [
        Group(key, cell.before, cell.now, amounts.get(key), parts.get(key), is_new=cell.is_there == (False, True),
              is_gone=cell.is_there == (True, False))
        for key, cell in cells.items()
    ]  # fmt: skip
    groups.sort(
        key=lambda each: -abs(cells[each.key].own[1] - cells[each.key].own[0] if each.amount is None else each.amount)
    )
    shown = tuple(groups[:_MOST_GROUPS])
    others = None
    if amounts and known.change is not None:
        exact = known.change if known.kind == "sum" else sum(amounts.values(), _NOTHING)
        others = exact - sum((each.amount or _NOTHING for each in shown), _NOTHING)
    is_rate = known.kind == "rate" and whole.sides is not None
    turned = paradox(whole.sides, [each.sides for each in cells.values() if each.sides]) if is_rate and whole.sides else None
    division = Division(
        dimensions, answer.provenance.receipt_id, shown, others, len(groups),
        unevenness(amounts, weights) if amounts else None, turned,
    )  # fmt: skip
    return replace(known, divisions=(*known.divisions, division))


def _own_change(cell: _Cell) -> Fraction:
    return cell.own[1] - cell.own[0]


def _amounts(
    kind: Kind, whole: _Cell, cells: Mapping[Key, _Cell]
) -> tuple[dict[Key, Fraction], dict[Key, Effect], dict[Key, Fraction]]:
    """Of each group: its part of the change, the same by mix and rate, and what it would have been had all moved evenly."""
    if kind == "sum":
        changes = {key: _own_change(each) for key, each in cells.items()}
        return changes, {}, {key: each.own[0] for key, each in cells.items()}
    if kind == "rate" and whole.sides:
        sides = {key: each.sides for key, each in cells.items() if each.sides}
        parts = effects(whole.sides, sides)
        before, now = whole.sides.below
        shares = {key: each.below[0] / before + each.below[1] / now for key, each in sides.items()}
        return {key: each.whole for key, each in parts.items()}, parts, shares
    return {}, {}, {}


def _steps(kind: Kind, whole: _Cell, cells: Mapping[Key, _Cell], places: int | None) -> list[Step]:
    """The waterfall: together exactly the change, also as it is written."""
    change = whole.own[1] - whole.own[0]
    if whole.sides is None or not all(whole.sides.below):
        moved = {key: _own_change(each) for key, each in cells.items()}
        named = [Step("group", key, cells[key].before, cells[key].now, moved[key]) for key in _largest(moved)]
    else:
        named = _mixed(kind, whole.sides, cells)
    rest = change - sum((each.amount for each in named), _NOTHING)
    if places is None and abs(rest) <= _CLOSE * max((abs(each.amount) for each in named), default=_NOTHING):
        rest = _NOTHING
    steps = [*named, Step("others", (), None, None, rest)] if rest else named
    rounded = [replace(each, amount=_rounded(each.amount, places)) for each in steps]
    # Cents that are left by rounding go where they are least looked for.
    left = _rounded(change, places) - sum((each.amount for each in rounded), _NOTHING)
    at = next((at for at, each in enumerate(rounded) if each.kind == "mix"), len(rounded) - 1)
    if left:
        rounded[at] = replace(rounded[at], amount=rounded[at].amount + left)
    return rounded


def _mixed(kind: Kind, whole: Sides, cells: Mapping[Key, _Cell]) -> list[Step]:
    sides = {key: each.sides for key, each in cells.items() if each.sides}
    parts, scale, found = effects(whole, sides), Fraction(1), list[Step]()
    if kind == "sum":
        rates = whole.above[0] / whole.below[0], whole.above[1] / whole.below[1]
        volume, _ = of_product(whole.below, rates)
        scale = (whole.below[0] + whole.below[1]) / 2
        found.append(Step("volume", (), _count(whole.below[0]), _count(whole.below[1]), volume))
    found.append(Step("mix", (), None, None, scale * sum((each.mix for each in parts.values()), _NOTHING)))
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
