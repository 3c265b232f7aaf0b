"""Bodies of the closed loop as they travel. No output field has a default."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Json = dict[str, Any]
State = Literal["open", "approved", "dismissed", "superseded"]
Outcome = Literal["recorded", "alerted", "recommended", "joined", "unmatched", "no_action", "refused"]


class EventIn(BaseModel):
    """One event. `assay schema events` prints the JSON Schema of each type's payload."""

    model_config = ConfigDict(extra="forbid")

    event_id: str = Field(min_length=1, max_length=120)
    """Chosen by the sender; the same id is the same event, however often it is sent."""
    type: str
    source: str = Field(min_length=1, max_length=80)
    occurred_at: str
    payload: Json


class EventOutcome(BaseModel):
    """`is_known`: the event had been taken before, and this is what became of it then."""

    event_id: str | None
    outcome: Outcome
    detail: str | None
    recommendation_id: str | None
    is_known: bool
    problem: Json | None


class EventsOut(BaseModel):
    """In the order of the events sent."""

    taken: int
    known: int
    refused: int
    outcomes: list[EventOutcome]


class ReasonOut(BaseModel):
    code: str
    text: str
    weight: str


class RecommendationOut(BaseModel):
    recommendation_id: str
    state: State
    revision: int
    action: str
    label: str
    cost_usd: str
    saving_usd: str
    score: str
    reasons: list[ReasonOut]
    rationale: str
    author: Literal["rules", "model"]
    """Who put the reasons into words; the rules decide, always."""
    author_note: str | None
    """Why a model's words were not used."""
    model: str | None
    event_id: str
    event_type: str
    customer_id: str | None
    device_id: str | None
    claim_id: str | None
    session_id: str | None
    center_id: str | None
    product: str | None
    issue: str | None
    place: str | None
    state_code: str | None
    created_at: str
    decided_at: str | None
    decided_by: str | None
    dismiss_reason: str | None
    undo_until: str | None
    """Until when the decision can be undone; none where there is nothing to undo."""


class RecommendationsOut(BaseModel):
    recommendations: list[RecommendationOut]


class FileStamp(BaseModel):
    file: str
    version: str


class RecommendationReceipt(BaseModel):
    receipt_id: str
    document: Json
    """What was signed."""
    signature: str
    signature_valid: bool


class RecommendationDetail(RecommendationOut):
    context: Json
    scores: dict[str, str | None]
    """Of every action; none where a rule blocked it."""
    held: list[str]
    """The reasons of all rules that held, whichever action they speak for."""
    rules: FileStamp
    bindings: FileStamp
    event: Json
    receipt: RecommendationReceipt


class ApproveIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: str = Field(default="operator", min_length=1, max_length=60)


class DismissIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=3, max_length=200)
    by: str = Field(default="operator", min_length=1, max_length=60)


class SignalOut(BaseModel):
    alert_id: str
    alert_type: str
    severity: str
    status: str
    title: str
    customer_id: str | None
    device_id: str | None
    session_id: str | None
    center_id: str | None
    event_id: str | None
    raised_ts: str
    cleared_ts: str | None
    recommendation_id: str | None
    """What its event led to."""


class SignalsOut(BaseModel):
    alerts: list[SignalOut]


class CustomerOut(BaseModel):
    """No personal data: the dictionary marks it, and the gate lets none through."""

    customer_id: str
    segment: str | None
    loyalty_tier: str | None
    preferred_channel: str | None
    preferred_language: str | None
    state_code: str | None
    region: str | None
    enrolled_ts: str | None


class DeviceOut(BaseModel):
    device_id: str
    product_name: str | None
    category: str | None
    device_status: str | None
    condition_grade: str | None
    battery_health_pct: int | None
    last_seen_ts: str | None
    is_primary: bool | None
    coverage_id: str | None
    coverage_status: str | None
    plan_name: str | None


class TimelineLine(BaseModel):
    at: str
    kind: str
    title: str
    reference: str
    status: str


class CustomerView(BaseModel):
    customer: CustomerOut
    devices: list[DeviceOut]
    timeline: list[TimelineLine]


class ResetOut(BaseModel):
    events: int
    """How many were forgotten."""
