"""The bodies of alerts over HTTP."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assay.alerts.entry import Medium
from assay.store.alerts import MessageKind, MessageState
from assay.web.schemas import Cell

LONGEST_MUTE = timedelta(days=90)


class FiredOut(BaseModel):
    """A group for which the condition holds, or held until just now. `told_at`: null where nobody was told of it yet."""

    group: list[Cell]
    fired_at: str
    told_at: str | None
    value: Cell
    before: Cell
    sentence: str
    receipt_id: str | None


class ListenerOut(BaseModel):
    """What one listener is found to be due. `is_seen`: whether whoever asks sees what it sees; else nothing is told."""

    listener: str
    is_seen: bool
    checked_at: str | None
    groups: int
    value: Cell
    receipt_id: str | None
    unknown: str | None
    fired: list[FiredOut]


class MutedOut(BaseModel):
    until: str
    by: str
    reason: str


class AcknowledgedOut(BaseModel):
    at: str
    by: str


class WatchOut(BaseModel):
    """`state`: of what whoever asks may see. `definition`: as a file has it.

    `metric_id`: null of one that is of Assay itself. `made_by`: of one that was made on the page; else its file and line.
    """

    alert_id: str
    label: str
    condition: str
    metric_id: str | None
    unit: str
    definition: dict[str, Any]
    state: Literal["fired", "calm", "unknown", "unseen"]
    next_at: str | None
    muted: MutedOut | None
    acknowledged: AcknowledgedOut | None
    listeners: list[ListenerOut]
    file: str | None
    line: int | None
    made_by: str | None
    may_drop: bool


class ChannelOut(BaseModel):
    """`why_not`: what is missing before anything can be sent there."""

    name: str
    kind: Medium
    why_not: str | None


class WatchesOut(BaseModel):
    """`me`: the address that mail of one's own goes to; null where there is none."""

    alerts: list[WatchOut]
    channels: list[ChannelOut]
    me: str | None


class WatchMessageOut(BaseModel):
    message_id: str
    alert_id: str
    listener: str
    kind: MessageKind
    title: str
    sentences: list[str]
    receipt_ids: list[str]
    made_at: str
    state: MessageState
    attempts: int
    next_at: str | None
    ended_at: str | None
    trouble: str | None


class WatchMessagesOut(BaseModel):
    messages: list[WatchMessageOut]


class PointOut(BaseModel):
    at: str
    value: Cell
    before: Cell
    holding: int
    spoke: bool
    unknown: str | None


class PastOut(BaseModel):
    """`text`: how often it would have spoken, in a sentence. `bar`: the number that values are held against, if any."""

    text: str
    spoke: int
    days: int
    bar: float | None
    unit: str
    points: list[PointOut]


class MuteIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    hours: float = Field(gt=0, le=LONGEST_MUTE / timedelta(hours=1))
    reason: Annotated[str, StringConstraints(min_length=3, max_length=500, strip_whitespace=True)]


class TestedOut(BaseModel):
    message_id: str
