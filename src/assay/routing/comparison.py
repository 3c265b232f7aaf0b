"""What a comparison of two backends found: values only."""

from dataclasses import dataclass
from typing import Any

from assay.backends.protocol import Backend
from assay.catalog.amounts import signed_amount
from assay.catalog.metric import Metric
from assay.routing.parity import PASSED, GrainResult, Verdict
from assay.routing.settling import Window

THIS_QUESTION = "this question"
"""The name of the one grain of a comparison that is of a very question."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: a backend, and what is known of it once it was asked."""

    backend: Backend
    sql_hash: str
    schema: str
    """Fingerprint of the columns that the metric needs, as the engine describes them."""
    data_version: str
    data_version_kind: str
    engine_ms: float
    """Of the metric's total."""

    @property
    def name(self) -> str:
        return self.backend.name


@dataclass(frozen=True, slots=True)
class Behind:
    """One side holds no rows that are as new as the other's, and up to its newest one the two agree."""

    backend: str
    seconds: float
    newest: str


@dataclass(frozen=True, slots=True)
class Comparison:
    metric: Metric
    question: dict[str, Any]
    timezone: str
    here: Side | None
    there: Side | None
    names: tuple[str, str]
    verdict: Verdict
    """Of the metric's own window."""
    grains: tuple[GrainResult, ...]
    windows: tuple[Window, ...]
    """What was compared of each window, the metric's own first."""
    reason: str
    behind: Behind | None
    elapsed_ms: float
    question_key: str | None = None
    """There where one very question was compared."""

    @property
    def passed(self) -> bool:
        return self.verdict in PASSED

    @property
    def milliseconds(self) -> tuple[float | None, float | None]:
        """What the question's own statement took on each side."""
        return self.here and self.here.engine_ms, self.there and self.there.engine_ms


def reason_of(verdict: Verdict, grains: list[GrainResult], names: tuple[str, str], behind: Behind | None, unit: str) -> str:
    here, there = names
    where = "for this question" if _is_one_question(grains) else f"at {len(grains)} grain{'s' if len(grains) > 1 else ''}"
    match verdict:
        case "equal":
            return f"{here} and {there} give the same {where}"
        case "within_tolerance":
            return f"{here} and {there} agree within the tolerance {where}"
        case "differs":
            wrong = [each for each in grains if each.verdict == "differs"]
            first = wrong[0]
            amount = f" by {signed_amount(first.net, unit)}" if first.grain == "total" and first.net else ""
            if _is_one_question(grains):
                return f"{there} differs from {here} for this question, in {first.differing} of {first.rows} groups"
            return f"{there} differs from {here}{amount}, at {len(wrong)} of {len(grains)} grains"
        case _:
            if behind:
                ahead = here if behind.backend == there else there
                return f"{behind.backend} is {_span(behind.seconds)} behind {ahead}; up to its newest row the two agree"
            unread = next((each for each in grains if each.reason), None)
            return f"{unread.grain}: {unread.reason}" if unread else "the two could not be compared"


def _is_one_question(grains: list[GrainResult]) -> bool:
    return [each.grain for each in grains] == [THIS_QUESTION]


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds" if seconds >= 2 else f"{seconds * 1000:.0f} ms"
