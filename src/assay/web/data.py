"""Questions over HTTP: one metric, or a whole dashboard in one round trip."""

import asyncio

from fastapi import APIRouter, Request, Response

from assay.answers.resolve import Told
from assay.compiler.question import Asked
from assay.errors import AssayError
from assay.web.guard import encoded
from assay.web.hot import etag_of
from assay.web.schemas import AnswerOut, AnswersOut, KeyedQuestion, QuestionsIn
from assay.web.wiring import Hot, Run

router = APIRouter(prefix="/v1", tags=["answers"])


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
    """Answer many questions at once; one that fails does not fail the others."""
    asked_in = hot.state()
    told = await asyncio.gather(*(_one(running, each) for each in questions.questions))
    keys = [encoded(each.key) for each in questions.questions]
    whole = [each for each in told if isinstance(each, Told)]
    if len(whole) == len(told) and all(each.stale_reason is None for each in whole):
        cached = _joined(keys, [each.answer.cached_bytes for each in whole])
        hot.remember(request.url.path, await request.body(), cached, whole, asked_in)
    parts = [each.bytes if isinstance(each, Told) else each for each in told]
    return Response(_joined(keys, parts), media_type="application/json", headers={"cache-control": "no-cache"})


async def _one(running: Run, each: KeyedQuestion) -> Told | AssayError:
    asked = Asked.model_construct(**{name: getattr(each, name) for name in Asked.model_fields})
    try:
        return await running.corridor.ask(each.metrics, asked)
    except AssayError as error:
        return error


def _joined(keys: list[bytes], parts: "list[bytes | AssayError] | list[bytes]") -> bytes:
    """The answers' own bytes, set side by side: nothing is encoded twice."""
    rows = [
        b'{"key":' + key + (b',"answer":null,"problem":' + encoded(part.problem()) if isinstance(part, AssayError)
                            else b',"answer":' + part + b',"problem":null') + b"}"
        for key, part in zip(keys, parts, strict=True)
    ]  # fmt: skip
    return b'{"answers":[' + b",".join(rows) + b"]}"
