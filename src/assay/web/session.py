"""The session over HTTP: who asks, signing in and signing out, and links with which a password is chosen."""

from datetime import timedelta
from typing import Annotated, Literal, get_args

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from assay.errors import BadQuestion, NotAllowed, PolicyUnknown, StoreUnavailable
from assay.live.running import Running
from assay.people.proxied import Claim
from assay.people.roles import ROLES, Need, may
from assay.people.tokens import ProviderFailed
from assay.store.access import SESSION_LASTS
from assay.store.people import find_credentials, has_people
from assay.web.guard import cookie_name
from assay.web.room import Room
from assay.web.wiring import Clients, Opens, Run, Set, Signs
from assay.work.instants import instant
from assay.work.principal import Kind, Principal
from assay.work.request import current_request

router = Room("people", "/v1")
Password = Annotated[str, Field(max_length=400)]


class SessionIn(BaseModel):
    """The token, or an email address and its password; with a second factor its code, or a recovery code."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, Field(max_length=400)] | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    password: Password | None = None
    code: Annotated[str, Field(max_length=40)] | None = None


class LinkIn(BaseModel):
    """`token`: what stands behind the # of the link."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(max_length=100)


class LinkUsed(LinkIn):
    password: Password


class LinkOut(BaseModel):
    """`kind`: whether it lets somebody in for the first time, or gives them a new password."""

    email: str
    roles: list[str]
    kind: Literal["join", "reset"]
    ends_at: str


class WhoOut(BaseModel):
    """`needs`: what the roles allow, as `x-needs` of each endpoint names it.

    `has_password`: one that can be changed here; `has_factor`: signing in takes a code as well.
    """

    id: str
    name: str
    kind: Kind
    roles: list[str]
    needs: list[str]
    has_password: bool
    has_factor: bool


class ProviderOut(BaseModel):
    """Of OpenID Connect; `label`: what it is called on the page."""

    name: str
    label: str


class SessionOut(BaseModel):
    """`who` is null where nobody has signed in; `asks_for_sign_in` is false on loopback, where everybody is one person.

    `ways`: in which one can sign in, and `providers` of identity; told to whoever has not. `sees`: another text when whoever
    asks sees something else; null where it cannot be told just now.
    """

    who: WhoOut | None
    sees: str | None
    asks_for_sign_in: bool
    ways: list[Literal["password", "token"]]
    providers: list[ProviderOut]


class LeftOut(BaseModel):
    """`go_to`: where the browser signs out of its provider of identity too; null where it needs not."""

    go_to: str | None


async def _who_out(who: Principal, running: Running) -> WhoOut:
    own = await find_credentials(running.database, who.id) if who.kind == "person" else None
    return WhoOut(
        id=who.id, name=who.name, kind=who.kind, roles=[role for role in ROLES if role in who.roles],
        needs=[need for need in get_args(Need) if may(who, need)], has_password=own is not None,
        has_factor=own is not None and own.factor is not None,
    )  # fmt: skip


@router.get("/session")
async def who(request: Request, door: Opens, running: Run, clients: Clients, response: Response) -> SessionOut:
    """Who asks, and what they may do."""
    response.headers["cache-control"] = "no-store"
    found: Principal | None = request.scope["assay.who"]
    ways: list[Literal["password", "token"]] = []
    providers: list[ProviderOut] = []
    if found is None:
        ways = [*(["password"] if await has_people(running.database) else []), *(["token"] if door.has_token else [])]
        providers = [ProviderOut(name=name, label=each.provider.label or name) for name, each in clients.items()]
    return SessionOut(
        who=found and await _who_out(found, running), sees=await _sees(found, running),
        asks_for_sign_in=door.asks_for_sign_in, ways=ways, providers=providers,
    )  # fmt: skip


async def _sees(who: Principal | None, running: Running) -> str | None:
    if who is None:
        return None
    try:
        return (await running.access.scope(who)).key
    except (NotAllowed, PolicyUnknown, StoreUnavailable):
        return None


@router.post("/session", status_code=204)
async def sign_in(given: SessionIn, door: Opens, ways: Signs, request: Request) -> Response:
    """Exchange the token, or an email address and its password, for a cookie that scripts cannot read."""
    address = current_request().address
    if given.token is not None and given.email is None and given.password is None and given.code is None:
        if not door.asks_for_sign_in:
            return Response(status_code=204)
        session = await ways.by_token(given.token, address)
    elif given.email is not None and given.password is not None and given.token is None:
        session = await ways.by_password(given.email, given.password, given.code, address)
    else:
        raise BadQuestion(
            "Signing in takes the token, or an email address and its password.", mend="send the one or the other"
        )
    return await begun(session, door, request)


@router.delete("/session")
async def sign_out(door: Opens, clients: Clients, settings: Set, request: Request, response: Response) -> LeftOut:
    """The session ends in every process, and every stream of it within a second."""
    claim: Claim | None = request.scope["assay.claim"]
    if claim is not None:
        return LeftOut(go_to=request.app.state.proxied.sign_out(claim))
    name = cookie_name(request.url.scheme)
    ended = await door.end_session(request.cookies.get(name, ""))
    response.delete_cookie(name, path="/", secure=request.url.scheme == "https", httponly=True, samesite="strict")
    client = clients.get(ended.provider.removeprefix("oidc:")) if ended else None
    if client is None or ended is None:
        return LeftOut(go_to=None)
    try:
        return LeftOut(go_to=await client.leave(ended.token, f"{settings.public_url}/"))
    except ProviderFailed:  # gone from here all the same
        return LeftOut(go_to=None)


@router.post("/link")
async def read_link(given: LinkIn, ways: Signs, response: Response) -> LinkOut:
    """For whom a link of `assay people invite` or `assay people reset` is, and until when."""
    response.headers["cache-control"] = "no-store"
    found = await ways.link(given.token)
    return LinkOut(email=found.email, roles=found.roles, kind=found.kind, ends_at=instant(found.ends_at))


@router.post("/link/password", status_code=204)
async def use_link(given: LinkUsed, door: Opens, ways: Signs, request: Request) -> Response:
    """Choose a password with a link, once, and be signed in by it."""
    return await begun(await ways.by_link(given.token, given.password, current_request().address), door, request)


async def begun(session: str, door: Opens, request: Request) -> Response:
    """What the browser held before ends with this: nobody goes on with an id that another may know."""
    name = cookie_name(request.url.scheme)
    await door.end_session(request.cookies.get(name, ""))
    response = Response(status_code=204)
    give_session(response, session, request, SESSION_LASTS)
    return response


def give_session(response: Response, session: str, request: Request, lasts: timedelta) -> None:
    response.set_cookie(
        cookie_name(request.url.scheme), session, httponly=True, samesite="strict", secure=request.url.scheme == "https",
        max_age=round(lasts.total_seconds()), path="/",
    )  # fmt: skip
