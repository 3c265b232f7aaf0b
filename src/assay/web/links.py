"""Links to one figure, for what can only fetch an address: a spreadsheet, a notebook, another dashboard.

A link asks one question, as its maker would ask it just now: in their scope, and as long as they may come in. It opens
nothing else, ends by itself, and is in one answer only, that of its making.
"""

import secrets
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assay.compiler.asked import AskedMetrics
from assay.errors import NotFound
from assay.people.roles import expect, may
from assay.store.access import StoredKey, add_key
from assay.store.access import list_links as stored_links
from assay.store.access import revoke_link as revoke
from assay.web.room import Room
from assay.web.schemas import AnswerOut, Moment
from assay.web.wiring import Me, Opens, Run, Sees, Set
from assay.widgets.check import asked_of
from assay.work.principal import Principal
from assay.work.request import current_request

router = Room("answers", "/v1")
_SHOWN = 16
"""Letters by which a link is told from others: six of its 43 random ones."""


class FigureLinkIn(BaseModel):
    """`question`: its windows stay as they are said: `month_to_date` is that of the day on which the link is fetched."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    question: AskedMetrics
    expires_days: int = Field(default=30, ge=1, le=365)


class FigureLinkOut(BaseModel):
    """`prefix`: how its secret begins."""

    link_id: str
    name: str
    prefix: str
    question: AskedMetrics
    state: Literal["holds", "expired", "revoked"]
    created_by: str
    created_at: Moment
    expires_at: Moment
    last_used_at: Moment | None
    revoked_at: Moment | None
    revoked_by: str | None


class FigureLinkCreated(FigureLinkOut):
    """`address` is shown this once: the server keeps a hash of its secret. It gives CSV; other endings and none at all
    (JSON) give what they give elsewhere."""

    address: str


class FigureLinksOut(BaseModel):
    links: list[FigureLinkOut]


@router.post("/links", status_code=201)
async def create_link(given: FigureLinkIn, running: Run, settings: Set, me: Me, sees: Sees) -> FigureLinkCreated:
    """The question is asked first: one that cannot be answered makes no link."""
    await running.corridor.ask(given.question.metrics, asked_of(given.question), sees)
    secret, question = f"assaylink_{secrets.token_urlsafe(32)}", given.question.model_dump_json(exclude_defaults=True)
    stored = await add_key(
        running.database, f"link-{secrets.token_hex(6)}", given.name, secret, secret[:_SHOWN], ["viewer"], me,
        timedelta(days=given.expires_days), None, ["see"], question,
    )  # fmt: skip
    address = f"{settings.public_url or settings.address}/v1/figure.csv?link={secret}"
    return FigureLinkCreated(**_told(stored).model_dump(), address=address)


@router.get("/links")
async def list_links(running: Run, me: Me) -> FigureLinksOut:
    """One's own, newest first, those that hold no more too; all there are to whoever manages keys."""
    found = await stored_links(running.database, _whose(me))
    return FigureLinksOut(links=[_told(each) for each in found])


@router.delete("/links/{link_id}", status_code=204)
async def revoke_link(link_id: str, running: Run, me: Me) -> None:
    """It gives nothing any more: one's own, or anybody's to whoever manages keys."""
    if await revoke(running.database, link_id, me.name, _whose(me)) is None:
        raise NotFound(f"There is no link {link_id!r} of yours.", mend="assay links list shows their ids")


@router.get("/figure", responses={200: {"model": AnswerOut}}, response_class=Response)
async def figure(request: Request, running: Run, door: Opens, link: Annotated[str, Query(max_length=100)]) -> Response:
    """What a link asks, answered as its maker would be answered just now: with `.csv`, `.arrow`, `.parquet` or `.xlsx`
    behind the path, or by `Accept`, as a file with the receipt in its headers. Who is signed in plays no part.
    """
    found = await door.link(link)
    if found is None:
        raise NotFound("This link gives nothing: it has ended or was taken back, or whoever made it has left.",
                       mend="ask whoever gave it to you for another")  # fmt: skip
    who, written = found
    asking = current_request()
    asking.who = request.scope["assay.who"] = who
    asking.asker = f"{asking.address}/{who.id}"
    expect(who, "see")
    question = AskedMetrics.model_validate_json(written)
    told = await running.corridor.ask(question.metrics, asked_of(question), await running.access.scope(who))
    headers = {"cache-control": "private, no-cache", "referrer-policy": "no-referrer"}
    return Response(told.bytes, media_type="application/json", headers=headers)


def _whose(me: Principal) -> str | None:
    """Whose links are seen; None for everybody's."""
    return None if may(me, "manage") else me.person_behind or me.id


def _told(stored: StoredKey) -> FigureLinkOut:
    assert stored.question is not None
    return FigureLinkOut.model_validate({
        **stored._asdict(), "link_id": stored.key_id, "state": stored.state,
        "question": AskedMetrics.model_validate_json(stored.question),
    })  # fmt: skip
