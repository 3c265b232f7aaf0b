"""What `alerts/*.yaml` may say: channels, and alerts that tell them when a question's answer is as they say."""

import re
from collections.abc import Container
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Annotated, Any, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from assay.catalog.windows import Compare, read_within
from assay.compiler.asked import Asked, AskedMetrics

_PLAIN = r"[a-z][a-z0-9_]{0,62}"
_EVERY = re.compile(r"every (?:([1-9][0-9]{0,3}) )?(minute|hour|day)s?")
_BAR = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,15})?%?")
_BETWEEN = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")
_ADDRESS = re.compile(r"[^\s@<>,;:\"\\()\[\]]{1,64}@[^\s@<>,;:\"\\()\[\]]{1,250}")
MOVES = "when the data moves"
Kind = Literal["above", "below", "outside", "missing", "stale", "parity", "undelivered"]
_KINDS: tuple[Kind, ...] = get_args(Kind)
Medium = Literal["mail", "webhook", "slack", "teams"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _as_text(given: object) -> object:
    return str(given) if isinstance(given, int | float) and not isinstance(given, bool) else given


def _is_bar(text: str) -> str:
    if _BAR.fullmatch(text) is None:
        raise ValueError(f"{text!r} is not a number; write for instance 500, or of a change -10%")
    return text


def _is_length(text: str) -> str:
    read_within(text)
    return text


Bar = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | int | float), Field(max_length=50)]
Length = Annotated[str, Field(max_length=20, description="such as 30 minutes or 6 hours")]
Id = Annotated[str, Field(pattern=rf"^{_PLAIN}$", description="small letters, digits and _")]


def expect_zone(name: str) -> str:
    """Raises ValueError."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"there is no zone {name!r}; write for instance America/Chicago") from None
    return name


def expect_address(text: str) -> str:
    """Raises ValueError."""
    if _ADDRESS.fullmatch(text) is None:
        raise ValueError(f"{text[:80]!r} is not an address; write for instance finance@example.com")
    return text


class Usual(_Strict):
    usual: float = Field(ge=1, le=100, description="how many times the usual distance from the median, such as 3")

    @property
    def times(self) -> Fraction:
        return Fraction(str(self.usual))


class When(_Strict):
    """One condition: of a value or its change, of what is usual, of rows that lack or are old, of parity, or of messages."""

    above: Bar | None = None
    below: Bar | None = None
    change: Compare | Literal["target"] | None = Field(
        default=None,
        description="above and below are then of the change against it; of target: of where it comes to at its pace, or of "
        "what it came to, against its target",
    )
    outside: Usual | None = None
    missing: Literal[True] | None = None
    stale: Length | None = Field(default=None, description="the newest row is older than this")
    parity: Literal["differs", "stale"] | None = Field(
        default=None, description="the engine that serves it was compared and differs, or something has moved since"
    )
    undelivered: Length | None = Field(
        default=None, description="a message has waited longer than this, or was given up within a day"
    )

    @model_validator(mode="after")
    def _is_one_condition(self) -> Self:
        given = [name for name in _KINDS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("says one of above, below, outside, missing, stale, parity and undelivered")
        if (length := self.stale or self.undelivered) is not None:
            _is_length(length)
        if (bar := self.above or self.below) is not None:
            _is_bar(bar)
            if bar.endswith("%") and self.change is None:
                raise ValueError(
                    f"{bar} is a share of a change; write change: previous_period beside it, or target, or a plain number"
                )
        elif self.change is not None:
            raise ValueError("change goes with above or below, such as below: -10%")
        return self

    @property
    def kind(self) -> Kind:
        return next(name for name in _KINDS if getattr(self, name) is not None)

    @property
    def bar(self) -> Fraction:
        """Of `above` and `below`; a share as a part of 1."""
        text = self.above or self.below or ""
        return Fraction(text.removesuffix("%")) / (100 if self.is_share else 1)

    @property
    def is_share(self) -> bool:
        return (self.above or self.below or "").endswith("%")


class Quiet(_Strict):
    between: Annotated[str, Field(description="such as 22:00-07:00, on the wall clock")]
    zone: str | None = Field(default=None, description="such as America/Chicago; left out, the workspace's")

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if _BETWEEN.fullmatch(self.between) is None:
            raise ValueError(f"between is {self.between!r}; write for instance 22:00-07:00")
        if self.zone is not None:
            expect_zone(self.zone)
        return self

    def holds(self, moment: datetime, zone: ZoneInfo) -> bool:
        """On the wall clock, which an hour that comes twice or never does not confuse."""
        found = _BETWEEN.fullmatch(self.between)
        assert found
        start, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
        wall = moment.astimezone(ZoneInfo(self.zone) if self.zone else zone).time()
        return start <= wall < end if start <= end else wall >= start or wall < end


class Escalate(_Strict):
    after: Length
    tell: tuple[Id, ...] = Field(min_length=1, max_length=20)

    @field_validator("after")
    @classmethod
    def _is_a_length(cls, text: str) -> str:
        return _is_length(text)


class ChannelEntry(_Strict):
    """Where messages go. Its address is in the environment: ASSAY_CHANNEL_ and its name in capitals; of mail, in `to`."""

    name: Id
    kind: Medium
    to: tuple[str, ...] = Field(default=(), max_length=50, description="addresses, of mail alone")

    @field_validator("name")
    @classmethod
    def _is_no_other_name(cls, name: str) -> str:
        if name == "me" or name.endswith("_secret"):
            raise ValueError(f"{name!r} means something else; give it another name")
        return name

    @model_validator(mode="after")
    def _has_addresses(self) -> Self:
        if (self.kind == "mail") != bool(self.to):
            raise ValueError("mail needs addresses in to" if self.kind == "mail" else "to belongs to mail")
        for each in self.to:
            expect_address(each)
        return self


class AlertForm(_Strict):
    """A question, when to speak, and whom to tell; without a name. Without a question it is of Assay itself."""

    label: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\r\n]+$")] | None = None
    question: AskedMetrics | None = Field(
        default=None, description="left out of undelivered, and of parity where it is of every metric"
    )
    when: When
    for_: str = Field(default="1 check", alias="for", description="such as 2 checks: so many in a row before it speaks")
    check: str = Field(default="every 5 minutes", description=f"every 5 minutes, every 2 hours, or {MOVES}")
    tell: tuple[Id, ...] = Field(min_length=1, max_length=20, description="names of channels")
    escalate: Escalate | None = Field(default=None, description="who is told where nobody has acknowledged it after so long")
    quiet: Quiet | None = Field(default=None, description="when nobody is told; what still holds is told afterwards")

    @field_validator("for_")
    @classmethod
    def _counts_checks(cls, text: str) -> str:
        if re.fullmatch(r"1 check|([2-9]|[1-9][0-9]) checks", text) is None:
            raise ValueError(f"for is {text!r}; write for instance 2 checks")
        return text

    @field_validator("check")
    @classmethod
    def _is_a_time(cls, text: str) -> str:
        if text != MOVES and _EVERY.fullmatch(text) is None:
            raise ValueError(f"check is {text!r}; write for instance every 5 minutes, or {MOVES}")
        return text

    @model_validator(mode="after")
    def _asks_what_can_be_watched(self) -> Self:
        asked, kind = self.question, self.when.kind
        if kind in ("missing", "stale", "parity", "undelivered") and self.check == MOVES:
            raise ValueError(f"{kind} begins while no data move: write check: every 5 minutes")
        if asked is None:
            if kind not in ("parity", "undelivered"):
                raise ValueError(f"{kind} is of a figure: write question: {{metrics: [...]}}")
            return self
        if kind == "undelivered":
            raise ValueError("undelivered is of messages: leave out question")
        if len(asked.metrics) != 1:
            raise ValueError("an alert is of one metric; write an alert for each")
        for name in ("compare", "order", "limit", "having", "others", "targets"):
            if getattr(asked, name):
                raise ValueError(f"leave out {name}: an alert looks at all groups, and compares by when.change")
        if asked.whose:
            raise ValueError("leave out whose: write a metric with that condition, and watch it")
        if self.when.change and asked.grain:
            raise ValueError("a change is of a figure, not of a series: leave out grain")
        if kind == "outside" and (asked.grain not in ("hour", "day") or asked.window is not None):
            raise ValueError("outside goes by buckets: write grain: day or grain: hour, and no window")
        if kind in ("missing", "stale", "parity") and asked.dimensions:
            raise ValueError(f"{kind} is of the whole: leave out dimensions")
        if kind in ("stale", "parity") and asked.grain:
            raise ValueError(f"{kind} is of a figure: leave out grain")
        return self

    @property
    def metric_id(self) -> str | None:
        """None of one that is of Assay itself."""
        return self.question.metrics[0] if self.question else None

    def is_of(self, metrics: Container[str]) -> bool:
        """Whether its metric is one of these, or it is of Assay itself."""
        return self.metric_id is None or self.metric_id in metrics

    @property
    def has_groups(self) -> bool:
        """Of Assay itself they are metrics, or channels."""
        return self.question is None or bool(self.question.dimensions)

    @property
    def times(self) -> int:
        """How many checks in a row."""
        return int(self.for_.split()[0])

    @property
    def every(self) -> timedelta | None:
        """None: when the data moves."""
        found = _EVERY.fullmatch(self.check)
        return timedelta(**{f"{found[2]}s": int(found[1] or 1)}) if found else None

    @property
    def escalation(self) -> timedelta:
        return read_within(self.escalate.after) if self.escalate else timedelta(0)

    @property
    def channels(self) -> tuple[str, ...]:
        """All that may hear of it, each once."""
        return tuple(dict.fromkeys((*self.tell, *(self.escalate.tell if self.escalate else ()))))

    @property
    def figure(self) -> AskedMetrics:
        """The question, of one that is not of Assay itself."""
        assert self.question is not None
        return self.question

    @property
    def asked(self) -> Asked:
        """The question without its metric, as the corridor takes it."""
        return Asked.model_construct(**{name: getattr(self.figure, name) for name in Asked.model_fields})

    def named(self, alert_id: str) -> "AlertEntry":
        return AlertEntry(id=alert_id, **{name: getattr(self, name) for name in AlertForm.model_fields})

    def mark(self) -> dict[str, Any]:
        """What decides whether it speaks: where this is another, what was counted before counts no more.

        What is left out is not in it, so that a new word of the language is no other alert.
        """
        return self.model_dump(mode="json", include={"question", "when", "for_"}, exclude_defaults=True)


class AlertEntry(AlertForm):
    """An alert, as it stands in a file."""

    id: Id


class AlertsFile(_Strict):
    channels: tuple[ChannelEntry, ...] = Field(default=(), max_length=200)
    alerts: tuple[AlertEntry, ...] = Field(default=(), max_length=500)
