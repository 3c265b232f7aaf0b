"""Signing in through a provider of identity: there, back again, and what the provider itself ends."""

import re
import secrets
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import parse_qs

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse

from assay.errors import BadRequest, NotFound, TooManyAttempts
from assay.people.door import Door, new_session
from assay.people.guesses import network
from assay.people.oidc import Client
from assay.people.sign_in import WITHIN
from assay.people.tokens import NotProved, ProviderFailed
from assay.store.access import ByProvider, digest
from assay.store.audit import Deed
from assay.store.people import note_attempt
from assay.store.vouched import BEGUN_LASTS, Begun, end_vouched, keep_begun, sign_in_vouched, take_begun
from assay.web.guard import cookie_name
from assay.web.page import is_place
from assay.web.room import Room
from assay.web.session import give_session
from assay.web.wiring import Clients, Opens, Run
from assay.work.principal import Principal, new_person_id
from assay.work.request import current_request

router = Room("people", "/v1/oidc")
_COOKIE = "assay_begun"
_MOST_BEGUN = 300
_MOST_BYTES = 60_000
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_OWN_PLACE = re.compile(r"/([A-Za-z0-9][^\s\\?#]*)?(\?[^\s\\#]*)?")
"""A path of this page and what it is asked: never `//` or `/\\`, with which addresses of other hosts begin."""
Why = Literal["again", "refused", "no-role", "disabled", "away", "failed"]
"""What the page says in words of its own."""


class ToProvider(BaseModel):
    """`to`: the place of the page to come back to."""

    model_config = ConfigDict(extra="forbid")

    to: str = Field(default="/", max_length=2_000)


class ProviderAt(BaseModel):
    """Where the browser goes to sign in."""

    go_to: str


@router.post("/{provider}")
async def begin_oidc(
    provider: str, given: ToProvider, request: Request, response: Response, running: Run, clients: Clients
) -> ProviderAt:
    """Begin to sign in with a provider of identity; it sends the browser back to `/callback`."""
    client = _known(provider, clients)
    tried = await note_attempt(running.database, f"begun from {network(current_request().address)}", WITHIN)
    if tried.times > _MOST_BEGUN:
        raise TooManyAttempts(retry_after_seconds=max(1, round(tried.left_seconds)))
    start, secret = await client.begin(), secrets.token_urlsafe(32)
    # On the way back the browser comes from another site, and does not bring along the session that it holds.
    held = request.cookies.get(cookie_name(request.url.scheme), "")
    begun = Begun(start.state, start.nonce, start.verifier, _own_place(given.to), digest(held))
    await keep_begun(running.database, secret, client.name, begun)
    response.set_cookie(
        _begun_name(request), secret, httponly=True, samesite="lax", secure=request.url.scheme == "https",
        max_age=round(BEGUN_LASTS.total_seconds()), path=_path(provider),
    )  # fmt: skip
    return ProviderAt(go_to=start.address)


@router.get("/{provider}/callback", status_code=303, response_class=RedirectResponse)
async def finish_oidc(
    provider: str, request: Request, running: Run, door: Opens, clients: Clients,
    state: Annotated[str, Query(max_length=200)] = "", code: Annotated[str, Query(max_length=4_000)] = "",
    iss: Annotated[str | None, Query(max_length=500)] = None, error: Annotated[str, Query(max_length=200)] = "",
) -> Response:  # fmt: skip
    """Where the provider sends the browser back to. What went wrong is told on the page, in words of its own."""
    client = _known(provider, clients)
    secret = request.cookies.get(_begun_name(request), "")
    begun = await take_begun(running.database, secret, client.name) if _SECRET.fullmatch(secret) else None
    if begun is None or not secrets.compare_digest(begun.state.encode(), state.encode(errors="replace")):
        return _back(request, provider, "again")
    if error or not code:
        await _failed(door, client, "refused by the provider")
        return _back(request, provider, "refused")
    try:
        proved = await client.finish(code, iss, begun.nonce, begun.verifier)
    except (NotProved, ProviderFailed) as failure:
        await _failed(door, client, failure.detail)
        return _back(request, provider, "away" if isinstance(failure, ProviderFailed) else "failed")
    vouched, person_id = proved.vouched, new_person_id()
    who = door.identity.known(person_id, vouched)
    if not who.roles:
        await _failed(door, client, "no role", who)
        return _back(request, provider, "no-role")
    session, lasts = new_session(), timedelta(hours=client.provider.session_hours)
    by = ByProvider(proved.session, proved.token, lasts)
    begins = await sign_in_vouched(
        running.database, person_id, who, vouched, session, door.copy, current_request().address, by, begun.replaces
    )
    if not begins:
        await _failed(door, client, "disabled", who)
        return _back(request, provider, "disabled")
    response = _back(request, provider, None, begun.back_to)
    give_session(response, session, request, lasts)
    return response


@router.post("/{provider}/logout")
async def end_oidc(provider: str, request: Request, running: Run, clients: Clients) -> Response:
    """Back-channel logout: the provider itself ends one of its sessions, or all of a person."""
    client = _known(provider, clients)
    body = await request.body()
    try:
        tokens = parse_qs(body.decode("ascii"), max_num_fields=10).get("logout_token", []) if len(body) < _MOST_BYTES else []
    except ValueError:
        tokens = []
    if len(tokens) != 1:
        raise BadRequest("There is no logout token.", mend="send it as logout_token=...")
    try:
        ended = await client.ended(tokens[0])
    except NotProved as error:
        raise BadRequest(error.detail) from error
    if not await end_vouched(running.database, client.name, ended.subject, ended.session, ended.once):
        raise BadRequest("This logout token was heard before.")
    return Response(status_code=200, headers={"cache-control": "no-store"})


def _known(provider: str, clients: Clients) -> Client:
    found = clients.get(provider)
    if found is None:
        raise NotFound("There is no such provider of identity.", mend="GET /v1/session names those there are")
    return found


async def _failed(door: Door, client: Client, why: str, who: Principal | None = None) -> None:
    after = {"why": why, **({"name": who.name} if who else {})}
    await door.say(Deed("sign_in.failed", client.name, after=after, who=None))


def _own_place(to: str) -> str:
    """Nobody is sent on to an address that a link has brought along."""
    return to if _OWN_PLACE.fullmatch(to) and is_place(to.partition("?")[0]) else "/"


def _begun_name(request: Request) -> str:
    return f"__Secure-{_COOKIE}" if request.url.scheme == "https" else _COOKIE


def _path(provider: str) -> str:
    return f"/v1/oidc/{provider}"


def _back(request: Request, provider: str, why: Why | None, to: str = "/") -> Response:
    response = RedirectResponse(to if why is None else f"/#sign-in={why}", 303, {"cache-control": "no-store"})
    response.delete_cookie(
        _begun_name(request), path=_path(provider), secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )
    return response
