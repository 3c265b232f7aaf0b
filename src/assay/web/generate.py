"""SQL on demand over HTTP: written by the compiler or a model for a metric of the catalog, and the log of all that."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from assay.answers.generated import Desk
from assay.errors import NotAllowed, NotFound
from assay.store.generations import StoredGeneration, find_generation, list_generations
from assay.web.guard import encoded
from assay.web.room import Room
from assay.web.schemas import GenerateIn, GenerateOut, GenerationOut, GenerationsOut
from assay.web.wiring import Run, Sees
from assay.widgets.check import asked_of
from assay.work.instants import instant

router = Room("sql", "/v1/widgets/sql")


async def _desk(request: Request, running: Run) -> Desk:
    return Desk(running.corridor, request.app.state.generator, running.database)


@router.post("/generate", responses={200: {"model": GenerateOut}}, response_class=Response)
async def generate_sql(
    given: GenerateIn, running: Run, desk: Annotated[Desk, Depends(_desk)], sees: Sees
) -> Response:  # fmt: skip
    """Write SQL for a question; run it unless `dry_run`. A model's statement is held against the compiler's answer."""
    if given.generator == "llm" and not sees.is_whole:
        raise NotAllowed("A model writes SQL over whole tables, of which you do not see every row.",
                         mend="generator: compiler")  # fmt: skip
    corridor = running.corridor
    question = await corridor.question((given.metric_id,), asked_of(given), corridor.catalog, sees)
    body = await desk.write(question, given.generator, given.dialect, dry_run=given.dry_run)
    return Response(encoded(body), media_type="application/json")


@router.get("/generations")
async def generations(
    running: Run,
    metric_id: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> GenerationsOut:
    """Newest first."""
    return GenerationsOut(generations=[_out(each) for each in await list_generations(running.database, metric_id, limit)])


@router.get("/generations/{generation_id}")
async def generation(generation_id: str, running: Run) -> GenerationOut:
    found = await find_generation(running.database, generation_id)
    if found is None:
        raise NotFound(f"There is no generation {generation_id!r}.")
    return _out(found)


def _out(stored: StoredGeneration) -> GenerationOut:
    values = {name: getattr(stored, name) for name in StoredGeneration.__slots__}
    return GenerationOut.model_validate({**values, "created_at": instant(stored.created_at)})
