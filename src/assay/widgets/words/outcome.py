"""What a reading comes to: a spec, questions, or a refusal with its reason; and which words became what."""

from dataclasses import dataclass, field
from typing import Any, Literal

from assay.catalog.buckets import Grain
from assay.catalog.windows import Compare
from assay.compiler.question import Asked, AskedBounds, AskedFilter, AskedHaving, AskedOrder, AskedWhose
from assay.widgets.widget import DrawnKind

Kind = Literal["metric", "dimension", "value", "window", "word", "order", "filter"]
Code = Literal[
    "empty", "too_long", "language", "instructions", "sql", "change", "pii", "no_metric", "window", "not_possible",
    "too_many_rounds",
]  # fmt: skip
Stacking = Literal["stacked", "shares"]
"""Parts on top of one another; as shares of what they come to together."""
MAX_ROUNDS = 3
MAX_CHARACTERS_SENTENCE = "The request is {:,} characters long; at most {:,} are read."
LEAVE_OUT = "leave_out"
"""The choice by which a person, and nobody else, drops a word."""


@dataclass(frozen=True, slots=True)
class FilterSpec:
    dimension: str
    op: str
    values: tuple[str | int | float | bool, ...]


@dataclass(frozen=True, slots=True)
class OrderSpec:
    by: str
    descending: bool


@dataclass(frozen=True, slots=True)
class DaysSpec:
    """Bounds given by days, or by wall times of the workspace; `end` is exclusive."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Spec:
    """A question with a way to draw it, as on the wire. `window` None: each metric's own."""

    kind: DrawnKind
    metrics: tuple[str, ...]
    dimensions: tuple[str, ...] = ()
    filters: tuple[FilterSpec, ...] = ()
    window: str | DaysSpec | None = None
    grain: Grain | None = None
    compare: Compare | None = None
    limit: int | None = None
    order: tuple[OrderSpec, ...] = ()
    any_of: tuple[tuple[FilterSpec, ...], ...] = ()
    """Groups of filters, of which one at least holds: no words make them, and none may lose them."""
    stacking: Stacking | None = None
    segments: tuple[str, ...] = ()
    """Conditions of the catalog that are switched on: none may be lost either."""
    having: tuple[AskedHaving, ...] = ()
    """Conditions on the values of groups: nor these."""
    whose: tuple[AskedWhose, ...] = ()
    """Conditions on what other metrics are for somebody: nor these."""
    parameters: tuple[tuple[str, str | int | float | bool], ...] = ()
    """By name; no words say them, and none may lose them."""
    others: bool = False
    """Whether the groups beyond the limit are one row together."""

    def body(self) -> dict[str, Any]:
        window = self.window
        return {
            "kind": self.kind,
            "metrics": list(self.metrics),
            "dimensions": list(self.dimensions),
            "filters": [_written(each) for each in self.filters],
            **({"any_of": [[_written(each) for each in group] for group in self.any_of]} if self.any_of else {}),
            **({"segments": list(self.segments)} if self.segments else {}),
            **({"parameters": dict(self.parameters)} if self.parameters else {}),
            **({"having": [each.model_dump(mode="json") for each in self.having]} if self.having else {}),
            **({"whose": [each.model_dump(mode="json", exclude_none=True) for each in self.whose]} if self.whose else {}),
            "window": {"start": window.start, "end": window.end} if isinstance(window, DaysSpec) else window,
            "grain": self.grain,
            "compare": self.compare,
            "limit": self.limit,
            "order": [{"by": each.by, "descending": each.descending} for each in self.order],
            **({"others": True} if self.others else {}),
            **({"stacking": self.stacking} if self.stacking else {}),
        }

    def asked(self) -> Asked:
        """The question alone. Raises pydantic's ValidationError for what no question can hold."""
        window = self.window
        return Asked(
            dimensions=self.dimensions,
            filters=tuple(AskedFilter.model_validate(_written(each)) for each in self.filters),
            any_of=tuple(tuple(AskedFilter.model_validate(_written(each)) for each in group) for group in self.any_of),
            segments=self.segments,
            having=self.having,
            whose=self.whose,
            parameters=dict(self.parameters),
            window=AskedBounds(start=window.start, end=window.end) if isinstance(window, DaysSpec) else window,
            grain=self.grain, compare=self.compare, limit=self.limit, others=self.others,
            order=tuple(AskedOrder(by=each.by, descending=each.descending) for each in self.order),
        )  # fmt: skip


def _written(each: FilterSpec) -> dict[str, Any]:
    return {"dimension": each.dimension, "op": each.op, "values": list(each.values)}


def _read_filters(body: list[dict[str, Any]] | None) -> tuple[FilterSpec, ...]:
    return tuple(FilterSpec(e["dimension"], e["op"], tuple(e.get("values") or ())) for e in body or ())


def read_spec(body: dict[str, Any]) -> Spec:
    """The spec of its wire form, which must have been checked already."""
    window = body.get("window")
    return Spec(
        body["kind"], tuple(body["metrics"]), tuple(body.get("dimensions") or ()),
        _read_filters(body.get("filters")),
        DaysSpec(window["start"], window["end"]) if isinstance(window, dict) else window,
        body.get("grain"), body.get("compare"), body.get("limit"),
        tuple(OrderSpec(e["by"], e.get("descending", True)) for e in body.get("order") or ()),
        tuple(_read_filters(group) for group in body.get("any_of") or ()), body.get("stacking"),
        tuple(body.get("segments") or ()), tuple(AskedHaving.model_validate(each) for each in body.get("having") or ()),
        tuple(AskedWhose.model_validate(each) for each in body.get("whose") or ()),
        tuple(sorted((body.get("parameters") or {}).items())), bool(body.get("others")),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the person. `ask_id` is the same for the same words, so that an answer can be kept and resumed."""

    ask_id: str
    kind: Kind
    text: str
    words: str
    choices: tuple[Choice, ...]

    def body(self) -> dict[str, Any]:
        choices = [{"label": each.label, "value": each.value} for each in self.choices]
        return {"id": self.ask_id, "kind": self.kind, "text": self.text, "words": self.words, "choices": choices}


@dataclass
class Built:
    """A spec while it is made, with what has to be asked before it holds."""

    spec: Spec
    asks: list[Ask] = field(default_factory=list)
    refusal: tuple[str, str] | None = None
    """(code, reason)"""


@dataclass(frozen=True, slots=True)
class Accounted:
    words: str
    became: str
    """metric, dimension, filter, window, grain, compare, order, limit, kind, joining, definition, question or nothing"""
    means: str
    mended: str | None = None
    """What a misspelling was read as."""

    def body(self) -> dict[str, Any]:
        return {"words": self.words, "as": self.became, "means": self.means, "mended": self.mended}


@dataclass(frozen=True)
class Reading:
    outcome: Literal["spec", "questions", "refusal"]
    words: str
    spec: Spec | None = None
    questions: tuple[Ask, ...] = ()
    code: Code | None = None
    reason: str | None = None
    nearest: tuple[str, ...] = ()
    """For `no_metric`: the ids of the metrics that come closest."""
    language: str | None = None
    accounted: tuple[Accounted, ...] = ()
    base: Spec | None = None
    """The spec that an edit was read upon."""
    answers: dict[str, str] = field(default_factory=dict)
    rounds: int = 0
    sentence: str | None = None
    """The spec said back in plain words."""
    explains: bool = False
    """Whether it was asked why the figure changed: the spec says which change."""
    note: str | None = None
    """Why the spec, whole as it is, cannot be answered just now."""

    def body(self) -> dict[str, Any]:
        return {
            "outcome": self.outcome,
            "spec": self.spec.body() if self.spec else None,
            "questions": [each.body() for each in self.questions],
            "reason": self.reason,
            "code": self.code,
            "nearest": list(self.nearest),
            "sentence": self.sentence,
            "explains": self.explains,
            "note": self.note,
            "language": self.language,
            "reader": "words",
            "rounds": self.rounds,
            "accounted": [each.body() for each in self.accounted],
        }


def refused(words: str, code: Code, reason: str, **more: Any) -> Reading:
    return Reading("refusal", words, code=code, reason=reason, **more)


def asking(words: str, questions: tuple[Ask, ...], **more: Any) -> Reading:
    return Reading("questions", words, questions=questions, **more)
