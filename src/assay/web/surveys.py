"""A workspace begun from the page over HTTP: connections that were named, a survey step by step, what is chosen of it."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from assay.errors import NotAllowed
from assay.setup.connections import Connection, Kind
from assay.setup.surveys import Survey, Surveys
from assay.web.drafts import DraftAnswer, marked
from assay.web.events import Events, streamed, written
from assay.web.guard import encoded
from assay.web.room import Room
from assay.web.schemas import Problem
from assay.web.wiring import Me, Sees
from assay.work.principal import Principal

router = Room("drafts", "/v1/surveys")


async def _surveys(request: Request) -> Surveys:
    return request.app.state.surveys


Known = Annotated[Surveys, Depends(_surveys)]
Name = Annotated[str, Field(max_length=200)]


class ConnectionOut(BaseModel):
    """`said`: what it is. `problem`: why it cannot be read now. No address and no password is told."""

    connection_id: str
    kind: Kind
    label: str
    said: str
    problem: str | None
    mend: str | None


class ConnectionsOut(BaseModel):
    connections: list[ConnectionOut]


class SurveyIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    connection_id: Name


class OfferedMetric(BaseModel):
    """`reason`: why it was drafted as it was, where names do not say it themselves. `formula`: as the definition has it."""

    metric_id: str
    label: str
    definition: str
    entity: str
    formula: str
    window: str | None
    unit: str
    dimensions: list[str]
    reason: str | None


class LeftOutOut(BaseModel):
    what: str
    reason: str


class SurveyOut(BaseModel):
    """What would be added: `metrics` and `guessed` with the weightiest first. `problem`: why nothing can be taken now.

    `personal`: columns that were marked as personal data, which no metric shows.
    """

    survey_id: str
    connection_id: str
    backend: str
    tables: int
    columns: int
    joins: int
    metrics: list[OfferedMetric]
    guessed: list[str]
    left_out: list[LeftOutOut]
    personal: list[str]
    problem: str | None


class SurveyLine(BaseModel):
    """How far it is."""

    event: Literal["line"] = "line"
    text: str


class SurveyDone(BaseModel):
    event: Literal["survey"] = "survey"
    survey: SurveyOut


class SurveyError(BaseModel):
    event: Literal["error"] = "error"
    problem: Problem


SurveyEvent = Annotated[SurveyLine | SurveyDone | SurveyError, Field(discriminator="event")]
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {"model": SurveyEvent, "description": "each event's data is one such message"}
}


class ChosenMetric(BaseModel):
    model_config = ConfigDict(extra="forbid")

    metric_id: Name
    label: Name


class TakeIn(BaseModel):
    """The metrics that are wanted, and what each is called. Those that are not named are not written."""

    model_config = ConfigDict(extra="forbid")

    metrics: list[ChosenMetric] = Field(min_length=1, max_length=100)


class TakenOut(BaseModel):
    """`files`: what was written. `dashboard_id`: the first page; null where what was chosen makes none."""

    metrics: list[str]
    files: list[str]
    dashboard_id: str | None


@router.get("/connections")
async def survey_connections(surveys: Known) -> ConnectionsOut:
    """What may be read: backends of assay.yaml, variables of ASSAY_CONNECTIONS, files in the folder ASSAY_FILES."""
    return ConnectionsOut(connections=[_connection(each) for each in await surveys.connections()])


@router.post("", responses=_EVENTS, response_class=Events)
async def survey_database(given: SurveyIn, surveys: Known, me: Me) -> Events:
    """Read a connection, told line by line; it is only read, and ends where nobody listens any more."""
    _expect_person(me)
    return streamed(written(_told(surveys, given, me)))


@router.get("/{survey_id}")
async def survey(survey_id: Name, surveys: Known) -> SurveyOut:
    """What the survey offers, as long as nobody has taken it."""
    return SurveyOut(**_survey(await surveys.find(survey_id)))


@router.post("/{survey_id}/metrics/{metric_id}/data", response_model=DraftAnswer)
async def survey_data(survey_id: Name, metric_id: Name, surveys: Known, sees: Sees) -> Response:
    """What an offered metric answers, by the ordinary corridor and with a receipt; its provenance says `draft`."""
    told = await surveys.ask(survey_id, metric_id, sees)
    return Response(encoded(marked(told)), media_type="application/json", headers={"cache-control": "private, no-cache"})


@router.post("/{survey_id}/take")
async def take_survey(survey_id: Name, given: TakeIn, surveys: Known, me: Me) -> TakenOut:
    """Write what was chosen into the workspace, all or nothing, with the tables and a first page. For people."""
    _expect_person(me)
    added = await surveys.take(survey_id, {each.metric_id: each.label.strip() for each in given.metrics})
    return TakenOut(metrics=added.metric_ids, files=sorted(added.files), dashboard_id=added.dashboard_id)


def _expect_person(me: Principal) -> None:
    if me.kind == "key":
        raise NotAllowed("A key takes no database into the workspace: only a person may.", mend="sign in, on the page")


def _connection(each: Connection) -> ConnectionOut:
    return ConnectionOut(**{name: getattr(each, name) for name in ConnectionOut.model_fields})


def _survey(survey: Survey) -> dict[str, Any]:
    offer = survey.offer
    named = {name: getattr(offer, name) for name in ("backend", "tables", "columns", "joins", "guessed", "personal")}
    return {
        **named, "survey_id": survey.survey_id, "connection_id": offer.connection, "problem": survey.problem,
        "left_out": [{"what": each.what, "reason": each.reason} for each in offer.left_out],
        "metrics": [
            {
                **{name: each[name] for name in ("label", "definition", "entity", "unit")}, "metric_id": each["id"],
                "formula": _formula(each), "reason": offer.reasons.get(each["id"]),
                "window": each.get("window"),
                "dimensions": [_split(split) for split in each["dimensions"]],
            }
            for each in offer.entries
        ],
    }  # fmt: skip


def _formula(entry: dict[str, Any]) -> str:
    if "measure" in entry:
        return entry["measure"]
    parts = [each if isinstance(each, str) else each.get("measure", "") for each in
             (entry.get("numerator", ""), entry.get("denominator", ""))]  # fmt: skip
    return " / ".join(filter(None, parts)) or str(entry.get("expression", ""))


def _split(split: str | dict[str, str]) -> str:
    return split if isinstance(split, str) else split.get("label") or split["name"]


async def _told(surveys: Surveys, given: SurveyIn, me: Principal) -> AsyncGenerator[dict[str, Any], None]:
    async with aclosing(surveys.read(given.connection_id, me)) as lines:
        async for each in lines:
            yield {"event": "line", "text": each} if isinstance(each, str) else {"event": "survey", "survey": _survey(each)}
