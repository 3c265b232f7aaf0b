"""The session over HTTP: who asks, signing in and signing out."""

from contextlib import suppress
from typing import get_args

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from assay.errors import SignInRequired, StoreUnavailable
from assay.people.attempts import Attempts
from assay.people.roles import ROLES, Need, may
from assay.store.access import SESSION_LASTS
from assay.store.audit import Deed, audit
from assay.store.database import Connection
from assay.web.guard import cookie_name
from assay.web.wiring import Opens, Run, Set
from assay.work.principal import Kind, Principal
from assay.work.request import current_request

router = APIRouter(prefix="/v1/session", tags=["people"])


class SessionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str = Field(max_length=400)


class WhoOut(BaseModel):
    """`needs`: what the roles allow, as `x-needs` of each endpoint names it."""

    id: str
    name: str
    kind: Kind
    roles: list[str]
    needs: list[str]


class SessionOut(BaseModel):
    """`who` is null where nobody has signed in; `asks_for_sign_in` is false on loopback, where everybody is one person."""

    who: WhoOut | None
    asks_for_sign_in: bool


def who_out(who: Principal) -> WhoOut:
    return WhoOut(
        id=who.id, name=who.name, kind=who.kind, roles=[role for role in ROLES if role in who.roles],
        needs=[need for need in get_args(Need) if may(who, need)],
    )  # fmt: skip


@router.get("")
async def who(request: Request, door: Opens, response: Response) -> SessionOut:
    """Who asks, and what they may do."""
    response.headers["cache-control"] = "no-store"
    found: Principal | None = request.scope["assay.who"]
    return SessionOut(who=found and who_out(found), asks_for_sign_in=door.asks_for_sign_in)


@router.post("", status_code=204)
async def sign_in(given: SessionIn, settings: Set, running: Run, door: Opens, request: Request) -> Response:
    """Exchange the token for a cookie that scripts cannot read."""
    if settings.token is None:
        return Response(status_code=204)
    attempts: Attempts = request.app.state.attempts
    address = current_request().address
    attempts.expect_room(address)
    if not door.is_token(given.token.encode(errors="replace")):
        attempts.note_failure(address)
        with suppress(StoreUnavailable):
            await _audit(running, Deed("sign_in.failed", "token"))
        raise SignInRequired("This is not the token.", mend="it is the value of ASSAY_TOKEN on the server")
    attempts.forget(address)
    name = cookie_name(request.url.scheme)
    # What the browser held before ends with this: nobody goes on with an id that another may know.
    await door.end_session(request.cookies.get(name, ""))
    response = Response(status_code=204)
    response.set_cookie(
        name, await door.begin_session(address), httponly=True, samesite="strict", secure=request.url.scheme == "https",
        max_age=round(SESSION_LASTS.total_seconds()), path="/",
    )  # fmt: skip
    return response


async def _audit(running: Run, deed: Deed) -> None:
    async def work(connection: Connection) -> None:
        await audit(connection, deed)

    await running.database.transact(work)


@router.delete("", status_code=204)
async def sign_out(door: Opens, request: Request) -> Response:
    """The session ends in every process, and every stream of it within a second."""
    name = cookie_name(request.url.scheme)
    await door.end_session(request.cookies.get(name, ""))
    response = Response(status_code=204)
    response.delete_cookie(name, path="/", secure=request.url.scheme == "https", httponly=True, samesite="strict")
    return response
