"""The answer: rows with their provenance, and the bytes they travel as."""

import hashlib
import math
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property
from itertools import chain
from sys import getsizeof
from typing import Any

import orjson

from assay.catalog.buckets import hour_name
from assay.catalog.formula import ValueType
from assay.catalog.moments import beyond
from assay.compiler.statement import AnswerColumn
from assay.compiler.values import is_beyond_double, not_finite
from assay.errors import StatementFailed
from assay.routing.certificate import Standing

# Sums of decimal(38) columns have more digits than the 28 that Python keeps of itself.
_WIDE = Context(prec=100)
_BESIDE_BYTES = 4_000
"""Of an answer without rows: the question, the provenance with its SQL, and their objects."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an answer came from. Fields as on the wire, without what differs between two readings of it."""

    backend: str
    driver: str
    generator: str
    sql: str
    params: dict[str, Any]
    definition: str
    owner: str
    source_tables: tuple[str, ...]
    definition_version: str
    dictionary_version: str
    meaning_version: int
    route_epoch: int
    data_version: str
    data_version_kind: str
    as_of: str
    synthetic: bool
    elapsed_ms: float
    timings: dict[str, float]
    checks: tuple[str, ...]
    rows_returned: int
    truncated: bool
    value_digest: str
    parity: Standing
    receipt_id: str


@dataclass(frozen=True, slots=True)
class Folded:
    """That some of an answer is shown by no figure, for too few rows are behind it.

    `group`: the dimensions' cells under which folded groups stand; None where each stands under its own. `rest_of`: the
    groups that are shown, where the folded ones can be asked for as all others; `receipt_id`: of that question.
    """

    minimum: int
    group: tuple[str | None, ...] | None
    sentence: str
    rest_of: tuple[str | None, ...] | None = None
    receipt_id: str | None = None

    def body(self) -> dict[str, Any]:
        group = None if self.group is None else list(self.group)
        return {"minimum": self.minimum, "group": group, "sentence": self.sentence, "receipt_id": self.receipt_id}


@dataclass(frozen=True)
class Answer:
    """Never without provenance: there is no other way to make one."""

    answer_id: str
    metric_ids: tuple[str, ...]
    columns: tuple[AnswerColumn, ...]
    rows: list[list[Any]]
    question: dict[str, Any]
    partial: list[dict[str, str]]
    """The buckets that the window cuts, or that are not over: `time` as in the rows, and the `reason`."""
    dense: bool
    """Whether buckets without rows are filled in; else an absent one is what its column's `empty` says."""
    provenance: Provenance
    folded: Folded | None = field(default=None, kw_only=True)
    """What of it is shown by no figure, where the asker's policies have a minimum."""
    targets: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]], kw_only=True)
    """How far its values have come to their targets, where these were asked for."""

    def body(self, *, cached: bool, stale_reason: str | None = None) -> dict[str, Any]:
        known = self.provenance
        fields = {name: getattr(known, name) for name in Provenance.__slots__ if name != "parity"}
        parity = {name: getattr(known.parity, name) for name in Standing.__slots__}
        reading = {"cached": cached, "stale": stale_reason is not None, "stale_reason": stale_reason}
        return {
            "answer_id": self.answer_id,
            "metric_id": self.metric_ids[0],
            "metrics": list(self.metric_ids),
            "columns": [wire_column(column) for column in self.columns],
            "rows": self.rows,
            "question": self.question,
            "partial": self.partial,
            "dense": self.dense,
            **({"folded": self.folded.body()} if self.folded else {}),
            **({"targets": self.targets} if "targets" in self.question else {}),
            "provenance": {**fields, "source_tables": list(known.source_tables), "checks": list(known.checks), **reading,
                           "parity": parity},
        }  # fmt: skip

    def with_rest(self, values: list[Any], receipt_id: str) -> "Answer":
        """The same answer, now that it is known what the folded groups give together."""
        assert self.folded and self.folded.group is not None
        name = list(self.folded.group)
        rows = [[*name, *values] if row[: len(name)] == name else row for row in self.rows]
        known = replace(self.provenance, value_digest=digest(self.columns, rows))
        return replace(self, rows=rows, provenance=known, folded=replace(self.folded, receipt_id=receipt_id))

    def restated(self, standing: Standing) -> "Answer":
        """The same answer, now that its route stands otherwise."""
        return replace(self, provenance=replace(self.provenance, parity=standing))

    def rechecked(self, checks: tuple[str, ...]) -> "Answer":
        """The same answer, with what is known now of the keys that it relies on."""
        if self.provenance.checks == checks:
            return self
        return replace(self, provenance=replace(self.provenance, checks=checks))

    @cached_property
    def fresh_bytes(self) -> bytes:
        return _kept(self.body(cached=False))

    @cached_property
    def cached_bytes(self) -> bytes:
        return _kept(self.body(cached=True))

    @cached_property
    def held_bytes(self) -> int:
        """Memory that it takes while it is kept, at least: its rows as objects, and both forms in which it travels."""
        cells = sum(map(getsizeof, chain.from_iterable(self.rows)))
        return getsizeof(self.rows) + sum(map(getsizeof, self.rows)) + cells + 2 * len(self.fresh_bytes) + _BESIDE_BYTES

    def stale_bytes(self, reason: str) -> bytes:
        return orjson.dumps(self.body(cached=True, stale_reason=reason))


def _kept(body: dict[str, Any]) -> bytes:
    """orjson leaves the room in which it wrote, 16 kB at least: what is kept for long takes no more than it needs."""
    return bytes(memoryview(orjson.dumps(body)))


def wire_column(column: AnswerColumn) -> dict[str, Any]:
    return {"name": column.name, "type": column.type.kind, "unit": column.unit, "role": column.role,
            "metric_id": column.metric_id, "empty": column.empty}  # fmt: skip


def wire_cell(value: Any, column: AnswerColumn) -> Any:
    """A value of a column as it travels: an hour by its wall time and offset, all others by their type."""
    if column.zone is None or not isinstance(value, datetime):
        return wire_value(value, column.type)
    return hour_name(value if value.tzinfo else value.replace(tzinfo=UTC), column.zone)


def wire_number(value: Any) -> Fraction | None:
    """A value as it travels, exactly; None where it is no number, or not a finite one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return Fraction(found) if found.is_finite() else None


def wire_value(value: Any, value_type: ValueType) -> Any:
    """A value as it travels: decimals as strings of their scale, times as ISO text, whatever driver it came from."""
    if value is None:
        return None
    match value_type.kind:
        case "integer":
            if isinstance(value, (float, Decimal)) and not math.isfinite(value):
                return not_finite(value)
            number = int(value)
            return str(number) if is_beyond_double(number) else number
        case "decimal":
            number, quantum = Decimal(value), Decimal(1).scaleb(-(value_type.scale or 0))
            return (
                format(number.quantize(quantum, ROUND_HALF_EVEN, _WIDE), "f") if number.is_finite() else not_finite(number)
            )
        case "double":
            # -0.0 and 0.0 are one number to a reader; NaN and infinity are none that JSON could carry as numbers.
            number = float(value)
            return number + 0.0 if math.isfinite(number) else not_finite(number)
        case "boolean":
            return bool(value)
        case "date" | "timestamp" if isinstance(value, str):
            # A moment that Python's calendar does not hold. What is none is no value of the column's type.
            found = beyond(value)
            if found is None:
                raise StatementFailed(f"the engine gave {value[:40]!r} for a {value_type.kind}")
            return str(found)
        case "date":
            return (value.date() if isinstance(value, datetime) else value).isoformat()
        case "timestamp":
            return _instant(value)
        case _:
            return str(value)


def _instant(value: datetime | date) -> str:
    text = value.isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def digest(columns: tuple[AnswerColumn, ...], rows: list[list[Any]]) -> str:
    """Of the values as they travel."""
    return hashlib.sha256(orjson.dumps([[column.name for column in columns], rows])).hexdigest()[:32]
