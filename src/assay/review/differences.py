"""A metric as it was and as it is defined now, asked on the same data at the usual grains and held against each other.

The rows are compared by what compares two engines. Where an engine holds one state of its data for several statements,
both definitions are asked in it; elsewhere once more where the data moved meanwhile.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import combinations

from assay.backends.protocol import Backend, NotConfigured, Runs, Snapshots
from assay.catalog.metric import Metric
from assay.compiler.question import MAX_LIMIT, Asked, Question, resolve_question
from assay.errors import AssayError
from assay.people.scope import EVERYTHING
from assay.routing.comparer import TIMEOUT_SECONDS
from assay.routing.grains import MAX_PAIR_GROUPS, single_grains, time_grain
from assay.routing.parity import Gap, GrainResult, compare_rows, worst
from assay.routing.serving import Catalog

BEFORE, AFTER = "before", "after"
INFINITE = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class Difference:
    """`reason`: why it is not comparable; None where it was compared. `total`: both totals, where they are numbers."""

    backend: str | None
    grains: tuple[GrainResult, ...]
    reason: str | None
    windows: tuple[str | None, str | None] = (None, None)
    total: tuple[Decimal | None, Decimal | None] | None = None
    since: str | None = None
    """The first time bucket that differs."""

    @property
    def verdict(self) -> str:
        return "not_comparable" if self.reason or not self.grains else worst([each.verdict for each in self.grains])

    @property
    def largest(self) -> Decimal:
        """The largest relative change of any group at any grain; infinite where one came, went or was 0."""
        return max((relative(each) for grain in self.grains for each in grain.all_gaps), default=Decimal(0))


def relative(gap: Gap) -> Decimal:
    """How much of what it was a value changed by; infinite where that cannot be said."""
    was = Decimal(0) if gap.here is None else Decimal(str(gap.here))
    if gap.missing_on or gap.difference is None or not was or not was.is_finite() or not gap.difference.is_finite():
        return INFINITE
    return abs(gap.difference / was)


async def difference(
    before: Metric, after: Metric, old: Catalog, new: Catalog, route: str | None, now: datetime
) -> Difference:  # fmt: skip
    """Both on the backend that the metric is routed to now. What cannot be asked or compared says why."""
    if route is None:
        return Difference(None, (), "it has no route")
    backend, was = new.backends.get(route), old.backends.get(route)
    for each, when in ((backend, "now"), (was, "before")):
        if each is None:
            return Difference(route, (), f"there is no backend {route} {when}")
        if isinstance(each, NotConfigured):
            return Difference(route, (), f"{route} is not configured: {each.reason}")
    assert backend is not None
    assert not isinstance(backend, NotConfigured)
    if before.unit != after.unit:
        return Difference(route, (), f"its unit is {after.unit} now, and was {before.unit}")
    try:
        return await _Pair(before, after, old, new, backend, now).compared()
    except AssayError as error:
        return Difference(route, (), error.detail)


class _Pair:
    def __init__(
        self, before: Metric, after: Metric, old: Catalog, new: Catalog, backend: Backend, now: datetime
    ) -> None:  # fmt: skip
        self.metrics, self.catalogs, self.backend = (before, after), (old, new), backend
        self.totals = tuple(
            resolve_question((metric.metric_id,), Asked(), catalog.workspace, now, EVERYTHING)
            for metric, catalog in zip(self.metrics, self.catalogs, strict=True)
        )
        self.needed = {
            table: None
            for metric, total in zip(self.metrics, self.totals, strict=True)
            for table in metric.columns_for(total.segments)
        }

    async def compared(self) -> Difference:
        for catalog, metric in zip(self.catalogs, self.metrics, strict=True):
            await catalog.described.ready(self.backend, metric.bound_columns, anew=True)
        if isinstance(self.backend, Snapshots):
            async with self.backend.snapshot(self.needed) as snapshot:
                return await self._grains(snapshot)
        for _ in range(2):
            version = await self.backend.data_version(self.needed)
            found = await self._grains(self.backend)
            if (await self.backend.data_version(self.needed)).text == version.text:
                return found
        return Difference(self.backend.name, (), "the data moved while it was asked; ask again when they are still")

    async def _grains(self, runs: Runs) -> Difference:
        old, new = self.totals
        counts: dict[str, int] = {}
        found: list[GrainResult] = []
        total = None
        for name, before, after in self._singles():
            grain, rows = await self._grain(runs, name, before, after)
            found.append(grain)
            counts[name] = grain.rows
            total = total or rows
        for name, before, after in self._pairs(counts):
            found.append((await self._grain(runs, name, before, after))[0])
        timed = next((each for each in found if each.grain.startswith("time:") and " x " not in each.grain), None)
        since = min((str(each.key[0]) for each in timed.all_gaps), default=None) if timed else None
        return Difference(self.backend.name, tuple(found), None, (_window(old), _window(new)), total, since)

    def _singles(self) -> list[tuple[str, Question, Question]]:
        """Those that both definitions have: the total, time, and dimensions of the same type."""
        one, other = (dict(single_grains(*each)) for each in zip(self.metrics, self.totals, strict=True))
        grains = [time_grain(*each) for each in zip(self.metrics, self.totals, strict=True)]
        if all(grains) and grains[0] != grains[1]:
            # Windows of other lengths: by the coarser of their buckets, so that both have the same.
            coarser = max((each for each in grains if each), key=("hour", "day", "month").index)
            for each, total in ((one, self.totals[0]), (other, self.totals[1])):
                each[f"time:{coarser}"] = replace(total, grain=coarser, limit=MAX_LIMIT)
        kinds = [{name: each.type for name, each in metric.dimensions.items()} for metric in self.metrics]
        return [
            (name, one[name], other[name]) for name in other
            if name in one and kinds[0].get(name) == kinds[1].get(name)
        ]  # fmt: skip

    def _pairs(self, counts: dict[str, int]) -> list[tuple[str, Question, Question]]:
        """Of the dimensions that both have, those that make few groups together."""
        names = [name for name in counts if name in self.metrics[0].dimensions and name in self.metrics[1].dimensions]
        found: list[tuple[str, Question, Question]] = []
        for one, other in combinations(names, 2):
            if counts[one] * counts[other] <= MAX_PAIR_GROUPS:
                before, after = (
                    replace(total, dimensions=(metric.dimensions[one], metric.dimensions[other]), limit=MAX_LIMIT)
                    for metric, total in zip(self.metrics, self.totals, strict=True)
                )
                found.append((f"{one} x {other}", before, after))
        return found

    async def _grain(
        self, runs: Runs, name: str, before: Question, after: Question
    ) -> tuple[GrainResult, tuple[Decimal | None, Decimal | None] | None]:  # fmt: skip
        """With both totals, of the total's grain."""
        sides = []
        for catalog, question in zip(self.catalogs, (before, after), strict=True):
            statement = catalog.statement(question, self.backend)
            tags = {"for": "diff", "metric": question.metrics[0].metric_id}
            rows = await runs.run(statement.safe, statement.parameters(question), self.needed, TIMEOUT_SECONDS, tags)
            if len(rows.rows) > MAX_LIMIT:
                return GrainResult(name, "not_comparable", MAX_LIMIT, reason=f"more than {MAX_LIMIT:,} groups"), None
            sides.append((statement.columns, rows.by_name([each.name for each in statement.columns])))
        (_, here), (columns, there) = sides
        zone = self.catalogs[1].workspace.zone
        result = compare_rows(name, columns, here, there, {}, zone, (BEFORE, AFTER))
        values = (_number(here), _number(there)) if name == "total" else None
        return result, values


def _number(rows: list[tuple[object, ...]]) -> Decimal | None:
    value = rows[0][0] if rows else None
    return None if value is None or isinstance(value, str | bool) else Decimal(str(value))


def _window(question: Question) -> str | None:
    bounds = question.bounds
    return None if bounds is None else f"{bounds.start.isoformat()} to before {bounds.end.isoformat()}"
