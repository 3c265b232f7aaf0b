"""Questions over HTTP: one metric, or a whole dashboard in one round trip."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from assay.answers.resolve import Told
from assay.compiler.question import Asked
from assay.errors import AssayError
from assay.web.guard import encoded
from assay.web.hot import etag_of
from assay.web.schemas import AnswerOut, AnswersOut, KeyedQuestion, QuestionsIn
from assay.web.wiring import Hot, Run
from assay.widgets.check import asked_of

router = APIRouter(prefix="/v1", tags=["answers"])
_LINES = "application/x-ndjson"


@router.post("/metrics/{metric_id}/data", responses={200: {"model": AnswerOut}}, response_class=Response)
async def metric_data(metric_id: str, request: Request, running: Run, hot: Hot, asked: Asked | None = None) -> Response:
    """Answer one metric; an empty body asks for its total over its own window."""
    asked_in = hot.state()
    told = await running.corridor.ask((metric_id,), asked or Asked())
    body = await request.body()
    if told.stale_reason is None:
        hot.remember(request.url.path, body, told.answer.cached_bytes, [told], asked_in)
    etag = etag_of([told])
    if request.headers.get("if-none-match") == etag and told.stale_reason is None:
        return Response(status_code=304, headers={"etag": etag})
    return Response(told.bytes, media_type="application/json", headers={"etag": etag, "cache-control": "no-cache"})


@router.post("/data", responses={200: {"model": AnswersOut}}, response_class=Response)
async def many_data(questions: QuestionsIn, request: Request, running: Run, hot: Hot) -> Response:
    """Answer many questions at once; one that fails does not fail the others.

    With `Accept: application/x-ndjson` each answer is a line, sent as soon as it is there: one slow engine holds nobody up.
    """
    asked_in, body = hot.state(), await request.body()
    keys = [encoded(each.key) for each in questions.questions]

    def remember(told: list[Told | AssayError]) -> None:
        whole = [each for each in told if isinstance(each, Told)]
        if len(whole) == len(told) and all(each.stale_reason is None for each in whole):
            cached = _joined(keys, [each.answer.cached_bytes for each in whole])
            hot.remember(request.url.path, body, cached, whole, asked_in)

    headers = {"cache-control": "no-cache"}
    if _LINES in request.headers.get("accept", ""):
        lines = _lines(running, questions.questions, keys, remember)
        return StreamingResponse(lines, media_type=_LINES, headers=headers)
    told = await asyncio.gather(*(_one(running, each) for each in questions.questions))
    remember(told)
    parts = [each.bytes if isinstance(each, Told) else each for each in told]
    return Response(_joined(keys, parts), media_type="application/json", headers=headers)


async def _lines(
    running: Run, questions: Sequence[KeyedQuestion], keys: list[bytes], remember: Callable[[list[Told | AssayError]], None]
) -> AsyncIterator[bytes]:
    """Answers in the order in which they come. Where the reader leaves, what is still asked is given up."""
    asked = {asyncio.create_task(_one(running, each)): key for each, key in zip(questions, keys, strict=True)}
    waiting = set(asked)
    try:
        while waiting:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                told = each.result()
                yield _keyed(asked[each], told.bytes if isinstance(told, Told) else told) + b"\n"
        remember([each.result() for each in asked])
    finally:
        for each in waiting:
            each.cancel()


async def _one(running: Run, each: KeyedQuestion) -> Told | AssayError:
    try:
        return await running.corridor.ask(each.metrics, asked_of(each))
    except AssayError as error:
        return error


def _joined(keys: list[bytes], parts: "list[bytes | AssayError] | list[bytes]") -> bytes:
    """The answers' own bytes, set side by side: nothing is encoded twice."""
    return b'{"answers":[' + b",".join(map(_keyed, keys, parts)) + b"]}"


def _keyed(key: bytes, part: bytes | AssayError) -> bytes:
    if isinstance(part, AssayError):
        return b'{"key":' + key + b',"answer":null,"problem":' + encoded(part.problem()) + b"}"
    return b'{"key":' + key + b',"answer":' + part + b',"problem":null}'
