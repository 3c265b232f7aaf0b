"""Questions over HTTP: one metric, or a whole dashboard in one round trip."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.background import BackgroundTask
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.responses import StreamingResponse
from starlette.types import ASGIApp, ExceptionHandler, Receive, Send
from starlette.types import Scope as AsgiScope

from assay.answers.resolve import Told
from assay.compiler.question import Asked
from assay.errors import AssayError
from assay.live.running import Running
from assay.people.scope import Scope
from assay.web.guard import encoded
from assay.web.hot import SEES, HotAnswers, again, etag_of
from assay.web.needs import check_need
from assay.web.room import Room
from assay.web.schemas import AnswerOut, AnswersOut, KeyedQuestion, QuestionsIn
from assay.web.wiring import Hot, Run, Sees
from assay.widgets.check import asked_of

router = Room("answers", "/v1")
_LINES = "application/x-ndjson"
_STRAIGHT_BYTES = 16_000
"""What is larger is held against its form in a worker first, see `check_form`."""
_ASKED = "assay.asked"


class Straight:
    """ASGI: both routes without the framework's own reading, which costs a good part of what the answer itself does.

    What cannot be read at once takes the framework's way, which says what is wrong with it.
    """

    def __init__(
        self, app: ASGIApp, running: Running, hot: HotAnswers, *, on_error: ExceptionHandler, on_accident: ExceptionHandler
    ) -> None:  # fmt: skip
        self._app = app
        self._running, self._hot = running, hot
        # What a route's dependencies would see to, `_answer` does.
        guarded = ExceptionMiddleware(self._answer, handlers={AssayError: on_error})
        self._straight = ServerErrorMiddleware(guarded, handler=on_accident)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].endswith("/data"):
            await self._app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        asked = read_asked(scope["path"], body)
        if asked is None:
            await self._app(scope, again(body, receive), send)
        else:
            # As the framework's router does it: whoever names the request's span reads it there.
            scope["route"] = _ROUTES[many_data if isinstance(asked, QuestionsIn) else metric_data]
            scope["app"] = self._app
            await self._straight({**scope, _ASKED: asked}, again(body, receive), send)

    async def _answer(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        asked, request = scope[_ASKED], Request(scope, receive)
        await check_need(request)
        sees = await self._running.access.scope(scope["assay.who"])
        if isinstance(asked, QuestionsIn):
            response = await many_data(asked, request, self._running, self._hot, sees)
        else:
            response = await metric_data(scope["path"].split("/")[3], request, self._running, self._hot, sees, asked)
        await response(scope, receive, send)


def read_asked(path: str, body: bytes) -> Asked | QuestionsIn | None:
    """What a body asks on one of the two routes; None where it is not read here."""
    parts = path.split("/")
    if len(body) > _STRAIGHT_BYTES or parts[1] != "v1":
        return None
    try:
        if len(parts) == 3:
            return QuestionsIn.model_validate(json.loads(body))
        if len(parts) != 5 or parts[2] != "metrics" or not parts[3]:
            return None
        written = json.loads(body) if body else None
        return Asked() if written is None else Asked.model_validate(written)
    except (ValidationError, ValueError, RecursionError):
        return None


@router.post("/metrics/{metric_id}/data", responses={200: {"model": AnswerOut}}, response_class=Response)
async def metric_data(
    metric_id: str, request: Request, running: Run, hot: Hot, sees: Sees, asked: Asked | None = None
) -> Response:  # fmt: skip
    """Answer one metric; an empty body asks for its total over its own window.

    By `Accept`, or with `.csv`, `.arrow`, `.parquet` or `.xlsx` behind the path, as a file with the receipt in its headers.
    """
    asked_in = hot.state()
    told = await running.corridor.ask((metric_id,), asked or Asked(), sees)
    body, path, etag = await request.body(), request.scope["path"], etag_of([told])
    headers = {"etag": etag, "cache-control": "private, no-cache", SEES: sees.key}

    async def remember() -> None:
        if told.stale_reason is None:
            hot.remember((path, body, sees.key), told.answer.cached_bytes, [told], asked_in, etag)

    if told.stale_reason is None and request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers, background=BackgroundTask(remember))
    return Response(told.bytes, media_type="application/json", headers=headers, background=BackgroundTask(remember))


@router.post("/data", responses={200: {"model": AnswersOut}}, response_class=Response)
async def many_data(questions: QuestionsIn, request: Request, running: Run, hot: Hot, sees: Sees) -> Response:
    """Answer many questions at once; one that fails does not fail the others.

    With `Accept: application/x-ndjson` each answer is a line, sent as soon as it is there: one slow engine holds nobody up.
    As a file, as for one metric: a single question, or a workbook with a sheet for each.
    """
    asked_in, body, path = hot.state(), await request.body(), request.scope["path"]
    keys = [encoded(each.key) for each in questions.questions]

    async def remember(told: list[Told | AssayError]) -> None:
        whole = [each for each in told if isinstance(each, Told)]
        if len(whole) == len(told) and all(each.stale_reason is None for each in whole):
            cached = _joined(keys, [each.answer.cached_bytes for each in whole])
            hot.remember((path, body, sees.key), cached, whole, asked_in, etag_of(whole))

    headers = {"cache-control": "private, no-cache", SEES: sees.key}
    if _LINES in request.headers.get("accept", ""):
        lines = _lines(running, questions.questions, keys, sees, remember)
        return StreamingResponse(lines, media_type=_LINES, headers=headers)
    told = await asyncio.gather(*(_one(running, each, sees) for each in questions.questions))
    whole = _joined(keys, [each.bytes if isinstance(each, Told) else each for each in told])
    # It is remembered once it is sent: nobody waits for that.
    return Response(whole, media_type="application/json", headers=headers, background=BackgroundTask(remember, told))


async def _lines(
    running: Run, questions: Sequence[KeyedQuestion], keys: list[bytes], sees: Scope,
    remember: Callable[[list[Told | AssayError]], Awaitable[None]],
) -> AsyncIterator[bytes]:  # fmt: skip
    """Answers in the order in which they come. Where the reader leaves, what is still asked is given up."""
    asked = {asyncio.create_task(_one(running, each, sees)): key for each, key in zip(questions, keys, strict=True)}
    waiting = set(asked)
    try:
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                told = each.result()
                yield _keyed(asked[each], told.bytes if isinstance(told, Told) else told) + b"\n"
        await remember([each.result() for each in asked])
    finally:
        for each in waiting:
            each.cancel()


async def _one(running: Run, each: KeyedQuestion, sees: Scope) -> Told | AssayError:
    try:
        return await running.corridor.ask(each.metrics, asked_of(each), sees)
    except AssayError as error:
        running.noting.refused("many_data", error)
        return error


def _joined(keys: list[bytes], parts: "list[bytes | AssayError] | list[bytes]") -> bytes:
    """The answers' own bytes, set side by side: nothing is encoded twice."""
    return b'{"answers":[' + b",".join(map(_keyed, keys, parts)) + b"]}"


def _keyed(key: bytes, part: bytes | AssayError) -> bytes:
    if isinstance(part, AssayError):
        return b'{"key":' + key + b',"answer":null,"problem":' + encoded(part.problem()) + b"}"
    return b'{"key":' + key + b',"answer":' + part + b',"problem":null}'


_ROUTES = {each.endpoint: each for each in router.routes if isinstance(each, APIRoute)}
