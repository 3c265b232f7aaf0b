"""The application, built and wired in one place."""

import logging
from collections.abc import Mapping
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, Response
from fastapi.routing import APIRoute
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp

import assay
from assay.alerts.channels import Post
from assay.catalog.faults import Fault, Place, faults_of
from assay.compiler.generator import Generator
from assay.errors import (
    AssayError,
    BadQuestion,
    BadRequest,
    MethodNotAllowed,
    NotFound,
)
from assay.gate import Judge
from assay.live.running import Running
from assay.loop.rationale import Wording
from assay.people.access_tokens import AccessTokens
from assay.people.door import NOBODY_VOUCHES, Door
from assay.people.factor import Factors
from assay.people.oidc import Client
from assay.people.passwords import Passwords
from assay.people.providers import Identity
from assay.people.proxied import Proxied
from assay.people.sign_in import SignIn
from assay.settings import Settings
from assay.setup.surveys import Surveys
from assay.web import (
    access,
    agents,
    annotations,
    audit,
    catalog,
    clarify,
    colours,
    dashboards,
    data,
    drafts,
    explain,
    generate,
    keys,
    links,
    loop,
    me,
    oidc,
    people,
    proposals,
    receipts,
    reports,
    routing,
    rows,
    saved,
    session,
    signing,
    stream,
    surveys,
    synonyms,
    watches,
    widgets,
)
from assay.web.compressed import Compressed
from assay.web.entry import Entry
from assay.web.formats import Formats
from assay.web.guard import AGENTS_PATH, Guard, encoded
from assay.web.hot import HotAnswers
from assay.web.needs import note_refusal
from assay.web.openapi import describe
from assay.web.page import page
from assay.web.prometheus import Watched
from assay.web.room import Room
from assay.web.schemas import ReadyCheck, ReadyOut
from assay.web.wiring import Run
from assay.widgets.clarifier import Clarifier
from assay.widgets.second_reader import SecondReader
from assay.widgets.words.values import LivingReader

_log = logging.getLogger(__name__)
_own = Room("operation")
_ROOMS: tuple[Room, ...] = (
    catalog.router,
    data.router,
    routing.router,
    receipts.router,
    dashboards.router,
    generate.router,
    stream.router,
    loop.router,
    clarify.router,
    widgets.router,
    saved.router,
    explain.router,
    rows.router,
    drafts.router,
    session.router,
    keys.router,
    links.router,
    people.router,
    me.router,
    oidc.router,
    colours.router,
    annotations.router,
    audit.router,
    signing.router,
    access.router,
    proposals.router,
    synonyms.router,
    watches.router,
    surveys.router,
    reports.router,
    _own,
)
_UNREADABLE = "There was an error parsing the body"
"""What FastAPI makes of all that a JSON parser raises besides a fault of syntax."""
_MENDS: dict[Place, str] = {
    (): "GET /openapi.json says what it holds",
    ("header", "if-match"): "send the version that you read, such as If-Match: 3",
}


def create_app(settings: Settings, running: Running, identity: Identity = NOBODY_VOUCHES) -> ASGIApp:
    """Entry -> guard -> formats -> hot answers -> routers. The guard comes early: nothing is answered to strangers."""
    api = create_api()
    hot = HotAnswers(running)
    straight = data.Straight(api, running, hot, on_error=_on_assay_error, on_accident=_on_accident)
    hot.app = Compressed(straight)
    api.state.running, api.state.hot, api.state.settings = running, hot, settings
    api.state.door = door = Door(
        running.database, settings.token, running.ring.mac, lambda: running.around.epoch.copy,
        asks_for_sign_in=settings.asks_for_sign_in, identity=identity,
    )  # fmt: skip
    api.state.proxied = proxied = Proxied(identity.proxy, running.database, door)
    api.state.clients = {
        name: Client(f"oidc:{name}", each, f"{settings.public_url}/v1/oidc/{name}/callback")
        for name, each in identity.oidc.items()
    }
    api.state.sign_in = SignIn(running.database, door, Passwords(), Factors(running.ring.macs))
    running.access_moved.append(door.moved)
    running.checks.known_as, running.checks.base_url = door.known_as, settings.public_url or settings.address
    running.rounds.known_as, running.rounds.base_url = door.known_as, running.checks.base_url
    running.outbox.post = Post(settings.channels, settings.smtp, settings.mail_from)
    api.state.watched = Watched(running, hot)
    api.state.judge = judge = Judge()
    running.closing.append(judge.close)
    api.state.generator = Generator.of(settings, judge)
    api.state.surveys = Surveys(running, settings)
    api.state.words = words = LivingReader(running.corridor)
    api.state.clarifier = Clarifier(running.database, words, running.corridor, SecondReader.of(settings))
    running.loop.wording = Wording.of(settings)
    running.warming.append(api.state.clarifier.prepare)
    tokens = AccessTokens(api.state.clients, f"{settings.public_url}{AGENTS_PATH}", running.database, door)
    api.router.routes[:0] = agents.routes(hot, tokens, settings)
    formats = Formats(hot, running.corridor.workers, running.noting.exported)
    guard = Guard(formats, settings, door, proxied, running.noting, tokens)
    return Entry(guard, settings, running.corridor.tracing, running.hub)


def create_api() -> FastAPI:
    """The routers alone; OpenAPI is made from them."""
    api = FastAPI(
        title="Assay", version=assay.__version__, docs_url=None, redoc_url=None,
        description="A live metrics dashboard whose every number can be checked.",
    )  # fmt: skip
    for each in _ROOMS:
        api.router.routes.extend(each.routes)
    api.add_exception_handler(AssayError, _on_assay_error)
    api.add_exception_handler(RequestValidationError, _on_bad_request)
    api.add_exception_handler(HTTPException, _on_http_error)
    api.add_exception_handler(Exception, _on_accident)
    api.openapi = lambda: describe(api)
    api.add_route("/{path:path}", page, methods=["GET", "HEAD"], include_in_schema=False)
    return api


@_own.get("/health")
async def health() -> dict[str, bool]:
    """The process is up."""
    return {"ok": True}


@_own.get("/ready", responses={503: {"model": ReadyOut}})
async def ready(request: Request, running: Run, response: Response) -> ReadyOut:
    """200 where the store, the disk, the watcher of files and every backend are well and pages find room, else 503.

    Kafka is told of too, but pages are served without it.
    """
    is_known = request.scope["assay.who"] is not None
    looks = await running.condition.all(running.catalog.backends, may_cost=is_known) | {"pages": running.pages()}
    ok = all(each.health.ok for each in looks.values())
    response.status_code = 200 if ok else 503
    response.headers["cache-control"] = "no-store"
    if not is_known:
        return ReadyOut(ok=ok, checks=[])
    checks = [
        ReadyCheck(name=name, ok=each.health.ok, detail=each.health.detail, age_seconds=round(each.age_seconds, 1))
        for name, each in looks.items()
    ]
    kafka = running.kafka
    if kafka is not None:
        checks.append(ReadyCheck(name="kafka", ok=kafka.trouble is None, detail=kafka.described(), age_seconds=0))
    return ReadyOut(ok=ok, checks=checks)


@_own.get("/metrics", response_class=PlainTextResponse)
async def watched(request: Request) -> Response:
    """Figures of this process, as Prometheus reads them."""
    return await request.app.state.watched.scraped(request)


@_own.api_route(
    "/v1/{rest:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"], include_in_schema=False
)
async def unknown(rest: str, request: Request) -> Response:
    allowed: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, APIRoute) and route.matches(request.scope)[0] == Match.PARTIAL:
            allowed |= route.methods or set()
    if allowed:
        raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})
    raise NotFound(f"There is nothing at /v1/{rest}.", mend="GET /openapi.json lists what there is")


async def _on_assay_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AssayError)
    note_refusal(request, error)
    return _problem(error)


async def _on_bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        position = first["loc"][-1] if isinstance(first["loc"][-1], int) else None
        return _problem(BadRequest(f"The body is no JSON: {first['ctx']['error']}.", position=position), status=422)
    fault = _first_fault(error, request)
    mend = fault.mend or _MENDS.get(fault.place)
    return _problem(BadQuestion(fault.told_of("the body"), mend=mend, field=".".join(map(str, fault.place)) or None))


def _first_fault(error: RequestValidationError, request: Request) -> Fault:
    """A body's own names are told without the word *body* before them; with `form` known, what it takes is told too."""
    errors = error.errors()
    if errors[0]["loc"][0] != "body":
        return faults_of(errors)[0]
    field = getattr(request.scope.get("route"), "body_field", None)
    inside = [{**each, "loc": each["loc"][1:]} for each in errors if each["loc"][0] == "body"]
    return faults_of(cast("list[ErrorDetails]", inside), field.field_info.annotation if field else None)[0]


async def _on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return _problem(MethodNotAllowed(mend="use " + (error.headers or {}).get("Allow", "GET")), error.headers)
    if error.detail == _UNREADABLE:
        return _problem(BadRequest("The body is nested too deeply, or holds a number with too many digits.",
                                   mend="send it flatter, and long numbers as text"))  # fmt: skip
    return _problem(BadRequest(f"{error.detail.rstrip('.')}."), error.headers, status=error.status_code)


async def _on_accident(_: Request, error: Exception) -> Response:
    _log.error("an accident", exc_info=error)
    return _problem(AssayError("Something went wrong inside Assay; the log says what."))


def _problem(error: AssayError, headers: Mapping[str, str] | None = None, **changes: Any) -> Response:
    body = {**error.problem(), **changes}
    return Response(
        encoded(body), body["status"], {**(headers or {}), **error.headers()}, media_type="application/problem+json"
    )
