"""Bodies as they travel, for OpenAPI and for the TypeScript types made from it. No output field has a default."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticKnownError

from assay.catalog.findings import Finding
from assay.compiler.question import Asked, AskedMetrics, Operator
from assay.engine import installed
from assay.errors import FreeTextRejected
from assay.live.hub import ProblemNote
from assay.work.instants import instant

Cell = str | int | float | bool | None


def _known_dialect(name: str) -> str:
    if name not in installed():
        *others, last = [repr(each) for each in installed()]
        raise PydanticKnownError("literal_error", {"expected": f"{', '.join(others)} or {last}"})
    return name


def _list_dialects(schema: dict[str, Any]) -> None:
    schema["description"] = f"An engine that is installed: {', '.join(installed())}."


Dialect = Annotated[str, AfterValidator(_known_dialect), Field(json_schema_extra=_list_dialects)]


def _told_moment(moment: Any) -> Any:
    return instant(moment) if isinstance(moment, datetime) else moment


Moment = Annotated[str, BeforeValidator(_told_moment)]


class Problem(BaseModel):
    """RFC 9457 problem details."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    kind: str
    detail: str
    mend: str | None


VerdictName = Literal["equal", "within_tolerance", "differs", "not_comparable"]


class ColumnOut(BaseModel):
    name: str
    type: Literal["integer", "decimal", "double", "string", "boolean", "date", "timestamp"]
    unit: str | None
    role: Literal["time", "dimension", "others", "value", "previous"]
    metric_id: str | None
    empty: Literal["zero", "unknown"] | None = None
    """Of a value: what an absent cell, or a group without rows, means."""


class FilterOut(BaseModel):
    dimension: str
    op: Operator
    values: list[Cell]


class WindowOut(BaseModel):
    """Half-open: `start` is inside, `end` is not."""

    name: str | None
    start: str
    end: str
    timezone: str


class PreviousOut(BaseModel):
    start: str
    end: str


class OrderOut(BaseModel):
    by: str
    descending: bool


class SegmentAsked(BaseModel):
    """`filter`: what it keeps, once for each way in which the tables that are asked mean it."""

    name: str
    filter: list[str]


class HavingOut(BaseModel):
    """What a value of a group had to be."""

    by: str
    op: Literal["eq", "ne", "gt", "gte", "lt", "lte"]
    value: str | int | float


class WhoseWindowOut(BaseModel):
    name: str | None
    start: str
    end: str


class WhoseOut(BaseModel):
    """What a metric had to be for those whose rows count.

    `by`: the dimension in that metric; `version`: that of its definition; `window`: in which it was read, none where it
    has no time.
    """

    dimension: str
    metric: str
    by: str
    op: Literal["eq", "ne", "gt", "gte", "lt", "lte"]
    value: str | float
    version: str
    window: WhoseWindowOut | None


class ScopeOut(BaseModel):
    """What whoever asked sees, as far as the answer depends on it; never who it was.

    `rows`: by metric and table the conditions of which one holds; a table that is not there is seen whole.
    """

    policy: int
    rows: dict[str, dict[str, list[str]]]
    values: dict[str, list[str]]
    hidden: list[str]
    minimum_group: int | None = None
    """Figures of fewer rows are not shown; there only where the policies say so."""


class PeriodOut(BaseModel):
    """A bucket of a grain of the workspace's own calendar: `time` as in the rows, its first day."""

    time: str
    label: str


class TargetAsked(BaseModel):
    """What a metric is meant to come to in a period. `where`: the values of dimensions whose rows it is of.

    `source`: the file and the line where it is written; `note`: where it comes from, as is written there.
    """

    metric: str
    grain: str
    starts: str
    where: dict[str, Cell]
    value: str
    note: str | None
    source: str


class TargetsAsked(BaseModel):
    """`why`: where there are none, the reason."""

    known: list[TargetAsked]
    why: str | None


class TargetOut(TargetAsked):
    """A target, and how far the value has come to it. `time`: the bucket, of a series. `reached`: the value as in its row.

    `share`: value by target, rounded to four decimals; null where one has no value or the target is 0. `pace`: where a
    figure so far comes to by the end if the rest goes as it went; null unless it adds up over time and a tenth is over.
    """

    time: str | None
    period: str
    ends: str
    """The last day of its period."""
    is_over: bool
    reached: Cell
    share: str | None
    pace: str | None


class QuestionOut(BaseModel):
    metrics: list[str]
    dimensions: list[str]
    filters: list[FilterOut]
    any_of: list[list[FilterOut]] | None = Field(default=None, exclude_if=lambda groups: groups is None)
    """Groups of conditions, of which one at least holds altogether; left out where there are none."""
    segments: list[SegmentAsked] | None = Field(default=None, exclude_if=lambda segments: segments is None)
    """Conditions of the catalog that are switched on; left out where there are none."""
    having: list[HavingOut] | None = Field(default=None, exclude_if=lambda having: having is None)
    """Conditions on groups; left out where there are none."""
    whose: list[WhoseOut] | None = Field(default=None, exclude_if=lambda whose: whose is None)
    """Conditions on what other metrics are for somebody; left out where there are none."""
    parameters: dict[str, Cell] | None = Field(default=None, exclude_if=lambda parameters: parameters is None)
    """Values of the metrics' parameters that are not their defaults; left out where there are none."""
    window: WindowOut | None
    previous: PreviousOut | None
    as_of: str
    grain: str | None
    periods: list[PeriodOut] | None = Field(default=None, exclude_if=lambda periods: periods is None)
    """What the buckets of a grain of the workspace's own are called; left out for the common grains."""
    compare: Literal["previous_period", "previous_year"] | None
    order: list[OrderOut]
    limit: int | None
    others: bool | None = Field(default=None, exclude_if=lambda others: others is None)
    """Whether the groups beyond the limit are one row together; left out where they are not."""
    targets: TargetsAsked | None = Field(default=None, exclude_if=lambda targets: targets is None)
    """Left out where they were not asked for."""
    scope: ScopeOut | None = Field(default=None, exclude_if=lambda scope: scope is None)
    """Left out where there was never a policy."""


class ParityOut(BaseModel):
    standing: Literal["unproven", "proven", "proven_for_others", "stale", "accepted", "differs"]
    """`proven_for_others`: the route was shown to be equal, and this question was not among what was compared."""
    reason: str | None
    certificate_id: str | None
    backend: str | None


class DifferenceOut(BaseModel):
    """`key` tells the row; where `column` is null a whole row is missing on one side."""

    key: list[Cell]
    column: str | None
    compiler: Cell | list[Cell]
    model: Cell | list[Cell]


class StandingOut(BaseModel):
    """How a model's rows stood to the compiler's for the same question, at the data version named."""

    standing: Literal["equal_here", "differs", "not_comparable"]
    reason: str
    data_version: str | None
    differences: list[DifferenceOut]


class AuthorOut(BaseModel):
    """Who wrote the SQL and what that took. `standing` is null until the statement was run."""

    generator: Literal["compiler", "llm"]
    model: str | None
    requests: int
    input_tokens: int
    output_tokens: int
    latency_ms: float
    cost_usd: float | None
    rounds: int
    prompt_hash: str | None
    standing: StandingOut | None


class ProvenanceOut(BaseModel):
    backend: str
    driver: str
    generator: str
    sql: str
    params: dict[str, Cell]
    definition: str
    owner: str
    source_tables: list[str]
    definition_version: str
    dictionary_version: str
    meaning_version: int
    route_epoch: int
    data_version: str
    data_version_kind: Literal["counter", "file", "table_version", "statistics", "time_bucket"]
    as_of: str
    cached: bool
    stale: bool
    stale_reason: str | None
    synthetic: bool
    elapsed_ms: float
    timings: dict[str, float]
    checks: list[str]
    rows_returned: int
    truncated: bool
    value_digest: str
    parity: ParityOut
    receipt_id: str
    author: AuthorOut | None = None
    """There only where a model wrote the SQL."""


class PartialOut(BaseModel):
    """A bucket of a series that is not there as a whole: the window cuts it, or it is not over yet (so far)."""

    time: str
    reason: Literal["cut", "so_far"]


class FoldedOut(BaseModel):
    """What fewer rows than `minimum` give is shown by no figure: its value is null.

    `group`: the dimensions' cells under which groups stand that are not shown by their names; null where there are none.
    `receipt_id`: of what they give together, where that is given.
    """

    minimum: int
    group: list[str | None] | None
    sentence: str
    receipt_id: str | None


class AnswerOut(BaseModel):
    """Decimals are strings, dates ISO text, integers and doubles numbers; but integers beyond 2^53 are strings, and so are
    the doubles NaN, Infinity and -Infinity."""

    answer_id: str
    metric_id: str
    metrics: list[str]
    columns: list[ColumnOut]
    rows: list[list[Cell]]
    question: QuestionOut
    partial: list[PartialOut]
    dense: bool
    """Whether buckets without rows are filled in; where not, `empty` of a column says what an absent one means."""
    folded: FoldedOut | None = None
    """There only where something is not shown because too few rows are behind it."""
    targets: list[TargetOut] | None = None
    """There only where targets were asked for."""
    provenance: ProvenanceOut


class KeyedQuestion(AskedMetrics):
    key: str = Field(max_length=200)


class QuestionsIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    questions: tuple[KeyedQuestion, ...] = Field(min_length=1, max_length=64)


class KeyedAnswer(BaseModel):
    """Exactly one of the two is there."""

    key: str
    answer: AnswerOut | None
    problem: Problem | None


class AnswersOut(BaseModel):
    answers: list[KeyedAnswer]


class BackendOut(BaseModel):
    name: str
    driver: str
    state: Literal["ready", "down", "not_configured"]
    detail: str | None
    missing: list[str]
    data_version_kind: Literal["counter", "file", "table_version", "statistics", "time_bucket"] | None


class DashboardLine(BaseModel):
    """`origin`: a file of the workspace, or the screen; what was made there can be deleted there."""

    dashboard_id: str
    label: str
    origin: Literal["file", "screen"]


class DashboardsOut(BaseModel):
    dashboards: list[DashboardLine]


class WorkspaceOut(BaseModel):
    name: str
    label: str
    timezone: str
    grains: list[str]
    """What time is divided into: the common grains, and those of the workspace's own calendar."""
    synthetic: bool
    version: str
    catalog_version: str
    route_epoch: int
    server_time: str
    backends: list[BackendOut]
    access: str
    """Which policies are in force, in a sentence."""
    problems: list[ProblemNote]
    dashboards: list[DashboardLine]


class DimensionOut(BaseModel):
    name: str
    label: str
    type: str
    table: str


class HierarchyOut(BaseModel):
    """Dimensions of the metric of which each divides the one before it: a chart of one goes on to the next."""

    name: str
    label: str
    levels: list[str] = Field(description="names of dimensions, the widest first; two or more")


class SegmentOut(BaseModel):
    name: str
    label: str
    definition: str | None
    filter: str


class ParameterOut(BaseModel):
    """A value that a question may say."""

    name: str
    label: str
    type: Literal["string", "integer", "decimal", "double", "boolean", "date"]
    default: Cell


class CohortOut(BaseModel):
    """How a metric with a retention is drawn as cohorts: the grain of its buckets, and the dimension of those since."""

    grain: str
    dimension: str
    size: str | None = Field(description="the metric that counts the members of the same cohorts, where there is one")


class MetricOut(BaseModel):
    metric_id: str
    label: str
    definition: str
    kind: Literal["simple", "ratio", "derived"]
    entity: str | None
    source_tables: list[str]
    formula: str
    filter: str | None
    time: str | None
    window: str | None
    dimensions: list[DimensionOut]
    hierarchies: list[HierarchyOut] | None = Field(default=None, exclude_if=lambda found: found is None)
    """Left out where its table says none."""
    segments: list[SegmentOut]
    parameters: list[ParameterOut] | None = Field(default=None, exclude_if=lambda parameters: parameters is None)
    """Left out where there are none."""
    funnel: list[str] | None = Field(default=None, exclude_if=lambda steps: steps is None)
    """The longest funnel that begins with it or goes through it, from its first step on; left out where there is none."""
    cohort: CohortOut | None = Field(default=None, exclude_if=lambda told: told is None)
    """Left out where it has no retention."""
    unit: str
    has_targets: bool
    """Whether a target is written for it that whoever asks may hear of."""
    adds_up: bool
    """Whether the values of groups may be added to that of all of them."""
    direction: Literal["up_is_good", "down_is_good", "neutral"]
    owner: str
    refresh_seconds: int
    synonyms: list[str]
    definition_version: str
    backend: str | None
    driver: str | None
    last_validated_at: str | None
    file: str
    line: int
    held: str | None = Field(description="why its last good definition serves, where what the file says cannot be taken")
    synthetic: bool


class MetricsOut(BaseModel):
    metrics: list[MetricOut]


class PendingOut(BaseModel):
    """A change that has not taken effect. `waiting`: for a second person; all others are edits of the routing file."""

    backend: str
    state: Literal["refused", "comparing", "waiting"]
    reason: str
    mend: str | None
    line: int | None
    certificate_id: str | None


class ChoiceOut(BaseModel):
    backend: str
    driver: str
    ok: bool
    reason: str | None


class LatencyOut(BaseModel):
    """The metric's total on a backend, as it was compared last."""

    backend: str
    engine_ms: float
    at: str


class ShadowOut(BaseModel):
    """The backend that is asked in the background; `clean` of the last `wanted` comparisons were clean in a row."""

    backend: str
    wanted: int


class RouteOut(BaseModel):
    metric_id: str
    label: str
    backend: str | None
    driver: str | None
    epoch: int
    line: int | None
    parity: ParityOut
    compared_at: str | None
    """Of the certificate that `parity` names."""
    previous: str | None
    """The backend that a rollback leads to."""
    shadow: ShadowOut | None
    latencies: list[LatencyOut]
    pending: PendingOut | None
    choices: list[ChoiceOut]


class RoutesOut(BaseModel):
    epoch: int
    file: str
    routes: list[RouteOut]
    problems: list[ProblemNote]


class _Changing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    accept_difference: str | None = Field(default=None, min_length=3, max_length=500,
                                          description="flip although the two differ, with this reason")  # fmt: skip
    by: str = Field(default="somebody at the API", min_length=1, max_length=80, description="who asks for it")


class RouteIn(_Changing):
    backend: str = Field(max_length=60)


class RoutesIn(_Changing):
    """Several metrics at once: each is judged alone, and all that pass move in one step."""

    routes: dict[str, str] = Field(min_length=1, max_length=200)


class RollbackIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: str = Field(default="somebody at the API", min_length=1, max_length=80)


class CompareIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to: str = Field(max_length=60, description="the backend to compare with the one that serves")
    question: Asked | None = Field(default=None, description="compare this very question alone")


class GapOut(BaseModel):
    """A group whose value is another on the other side; `missing_on` names the side that lacks it."""

    model_config = ConfigDict(populate_by_name=True)

    key: list[str | bool | None]
    from_: str | bool | None = Field(alias="from")
    to: str | bool | None
    difference: str | None
    missing_on: str | None


class GrainOut(BaseModel):
    """`gap` is the sum of all differences of the grain, to - from."""

    grain: str
    verdict: VerdictName
    rows: int
    differing: int
    gap: str
    reason: str | None
    largest: list[GapOut]


class ExplainedOut(BaseModel):
    """The few groups that hold `share` of the gap."""

    grain: str
    groups: list[GapOut]
    share: float


class SideOut(BaseModel):
    """What is bound of one side; null where it could not be asked."""

    backend: str
    driver: str | None
    sql_hash: str | None
    schema_: str | None = Field(alias="schema")
    data_version: str | None
    data_version_kind: str | None
    engine_ms: float | None

    model_config = ConfigDict(populate_by_name=True)


class BehindOut(BaseModel):
    backend: str
    seconds: float
    newest: str


class ToleranceOut(BaseModel):
    relative: float
    absolute: float


class AcceptedOut(BaseModel):
    reason: str
    by: str
    at: str


class GroupingOut(BaseModel):
    """`cells`: the aggregates themselves were the same to the last digit, so that they settle what is made of them."""

    keys: list[str]
    verdict: VerdictName
    rows: int
    cells: bool


class ComparedWindowOut(BaseModel):
    """What was compared of one window. A question that ends from `end` to `until` is the same: nothing lies between."""

    start: str | None
    end: str | None
    until: str | None
    grain: str | None
    groupings: list[GroupingOut]


class ComparisonOut(BaseModel):
    """A comparison of two backends, kept as a certificate whose id is the hash of all that it binds."""

    model_config = ConfigDict(populate_by_name=True)

    certificate_id: str
    metric_id: str
    label: str
    from_: str = Field(alias="from")
    to: str
    verdict: VerdictName
    reason: str
    definition_version: str
    meaning_version: int = 1
    """Certificates that were made before there was a version do not have it."""
    formula: str
    question: QuestionOut
    tolerance: ToleranceOut
    sides: list[SideOut]
    behind: BehindOut | None
    grains: list[GrainOut]
    question_key: str | None = None
    """There where one very question was compared."""
    windows: list[ComparedWindowOut] = []
    """What it settles, the metric's own window first; empty where the two differ."""
    explained_by: ExplainedOut | None
    elapsed_ms: float
    created_at: str
    accepted: AcceptedOut | None


class ChangeOut(BaseModel):
    """A change of a route. `kind`: first, proven, accepted or rolled_back."""

    from_backend: str | None
    to_backend: str
    epoch: int
    kind: str
    changed_by: str
    reason: str | None
    certificate_id: str | None
    changed_at: str


class ShadowLineOut(BaseModel):
    backend: str
    shadow: str
    verdict: VerdictName
    reason: str
    here_ms: float | None
    there_ms: float | None
    compared_at: str


class RouteStory(BaseModel):
    """A route with its past: comparisons, changes and what its shadow said, newest first."""

    route: RouteOut
    comparisons: list[ComparisonOut]
    changes: list[ChangeOut]
    shadows: list[ShadowLineOut]


class OutcomeOut(BaseModel):
    """What became of one metric of a change. `proposal_id`: what waits for a second person now."""

    metric_id: str
    backend: str
    flipped: bool
    reason: str
    mend: str | None
    certificate_id: str | None
    proposal_id: str | None


class OutcomesOut(BaseModel):
    epoch: int
    outcomes: list[OutcomeOut]


class ReceiptLine(BaseModel):
    receipt_id: str
    answer_id: str
    metric_id: str
    label: str
    backend: str
    driver: str
    value: Cell
    unit: str | None
    rows_returned: int
    created_at: str
    definition_version: str
    data_version: str
    route_epoch: int
    sql: str
    signature_valid: bool


class ReceiptsOut(BaseModel):
    receipts: list[ReceiptLine]
    next: str | None


class RouteStamp(BaseModel):
    backend: str
    driver: str
    epoch: int


class ReceiptOut(BaseModel):
    receipt_id: str
    answer_id: str
    metric_id: str
    metrics: list[str]
    label: str
    definition_text: str
    owner: str
    definition: list[dict[str, Any]]
    definition_version: str
    dictionary_version: str
    meaning_version: int = 1
    """Receipts that were written before there was a version do not have it."""
    asked_by: str | None = None
    """Whom it was calculated for, where the workspace puts that on receipts; others may have been given it since."""
    question: QuestionOut
    route: RouteStamp
    data_version: str
    data_version_kind: str
    source_tables: list[str]
    sql: str
    params: dict[str, Cell]
    generator: str
    checks: list[str]
    value_digest: str
    columns: list[ColumnOut]
    rows: list[list[Cell]]
    dense: bool = False
    folded: FoldedOut | None = None
    targets: list[TargetOut] | None = None
    rows_returned: int
    truncated: bool
    timings: dict[str, float]
    elapsed_ms: float
    as_of: str
    synthetic: bool
    parity: ParityOut
    author: AuthorOut | None = None
    """There only where a model wrote the SQL."""
    created_at: str
    signature: str
    signature_valid: bool


class MovedOut(BaseModel):
    """One of the four inputs, or the compiler, that is not what it was. `from` and `to` are texts to read."""

    model_config = ConfigDict(populate_by_name=True)

    part: Literal["definition", "compiler", "question", "route", "data"]
    from_: str = Field(alias="from")
    to: str


class RowsOut(BaseModel):
    rows: list[list[Cell]]


class ReplayNow(BaseModel):
    rows: list[list[Cell]]
    answer_id: str
    receipt_id: str
    backend: str
    sql: str


class ReplayOut(BaseModel):
    receipt_id: str
    moved: list[MovedOut]
    same_value: bool
    then: RowsOut
    now: ReplayNow
    sentence: str


class DictionaryColumn(BaseModel):
    name: str
    type: str
    role: str
    pii: str | None
    description: str
    references: str | None


class DictionaryTable(BaseModel):
    schema_: str = Field(alias="schema")
    table: str
    description: str
    grain: str
    primary_key: list[str]
    backends: list[str]
    columns: list[DictionaryColumn]


class DictionaryJoin(BaseModel):
    join_id: str
    from_table: str
    from_columns: list[str]
    to_table: str
    to_columns: list[str]
    cardinality: str


class DictionaryKpi(BaseModel):
    kpi_id: str
    name: str
    definition: str
    formula_sql: str
    base_table: str
    unit: str


class DictionaryOut(BaseModel):
    version: str
    schemas: list[str]
    tables: list[DictionaryTable]
    joins: list[DictionaryJoin]
    kpis: list[DictionaryKpi]


class CheckIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    dialect: Dialect
    sql: str = Field(max_length=200_000)


class ViolationOut(BaseModel):
    code: str
    message: str
    line: int | None
    column: int | None


class VerdictOut(BaseModel):
    ok: bool
    sql: str
    violations: list[ViolationOut]


class FindingOut(BaseModel):
    file: str
    line: int | None
    message: str
    mend: str | None
    follows: list[str] = Field(description="what was found only because of this")

    @classmethod
    def of(cls, found: Finding) -> Self:
        return cls(file=found.file, line=found.line, message=found.message, mend=found.mend, follows=found.follows_told)


class ValidationOut(BaseModel):
    """`checked` names what was looked at: `structure`, and each backend that answered."""

    ok: bool
    checked: list[str]
    skipped: list[str]
    findings: list[FindingOut]


class ReadyCheck(BaseModel):
    name: str
    ok: bool
    detail: str
    age_seconds: float


class ReadyOut(BaseModel):
    """`checks` are for who is signed in; a stranger is told whether it is ready, and no more."""

    ok: bool
    checks: list[ReadyCheck]


class GenerateIn(Asked):
    """A question of one metric. There is no field for free text: what is not in the catalog is not written as SQL."""

    metric_id: str = Field(max_length=200)
    generator: Literal["compiler", "llm"] = "compiler"
    dialect: Dialect | None = Field(default=None, description="Only for a dry run; the route's own otherwise.")
    dry_run: bool = False

    @model_validator(mode="before")
    @classmethod
    def _no_free_text(cls, given: Any) -> Any:
        named = given.get("metric_id") if isinstance(given, dict) else None
        if not isinstance(named, str) or not named.strip():
            raise FreeTextRejected("No metric is named.", mend="send metric_id; GET /v1/metrics lists them")
        for name, value in given.items():
            if name not in cls.model_fields and isinstance(value, str):
                raise FreeTextRejected(
                    f"{name!r} holds free text.", mend="ask by metric_id, dimensions, filters and window", field=name
                )
        return given


class GenerateOut(BaseModel):
    """`answer` is null in a dry run; `generation_id` is null where nothing was logged, as in the CLI without a server."""

    generation_id: str | None
    metric_id: str
    generator: Literal["compiler", "llm"]
    dialect: Dialect
    dry_run: bool
    sql: str
    params: dict[str, Cell]
    verdict: VerdictOut
    checks: list[str]
    explanation: str
    author: AuthorOut
    answer: AnswerOut | None


class RoundOut(BaseModel):
    """One try of the author: the text as it came, and what was found wrong with it."""

    sql: str
    violations: list[ViolationOut]


class GenerationOut(BaseModel):
    """One line of the log. `problem` is what the asker was told where there was no answer."""

    generation_id: str
    created_at: str
    metric_id: str
    generator: Literal["compiler", "llm"]
    dialect: str
    dry_run: bool
    outcome: Literal["accepted", "safety_violation", "llm_unavailable", "failed"]
    model: str | None
    prompt_hash: str | None
    sql: str | None
    explanation: str
    requests: int
    input_tokens: int
    output_tokens: int
    latency_ms: float
    cost_usd: float | None
    receipt_id: str | None
    question: QuestionOut
    verdict: VerdictOut
    rounds: list[RoundOut]
    standing: StandingOut | None
    problem: Problem | None


class GenerationsOut(BaseModel):
    generations: list[GenerationOut]
