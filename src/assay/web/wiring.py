"""What routers are given: the running state and the hot answers of their application.

The functions are async because FastAPI would send plain ones to a thread, at every request.
"""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request

from assay.live.running import Running
from assay.people.door import Door
from assay.people.oidc import Client
from assay.people.scope import Scope
from assay.people.sign_in import SignIn
from assay.settings import Settings
from assay.web.hot import HotAnswers
from assay.work.pool import Workers
from assay.work.principal import Principal


async def _running(request: Request) -> Running:
    return request.app.state.running


async def _hot(request: Request) -> HotAnswers:
    return request.app.state.hot


async def _workers(request: Request) -> Workers:
    return request.app.state.running.corridor.workers


async def _settings(request: Request) -> Settings:
    return request.app.state.settings


async def _door(request: Request) -> Door:
    return request.app.state.door


async def _sign_in(request: Request) -> SignIn:
    return request.app.state.sign_in


async def _clients(request: Request) -> Mapping[str, Client]:
    return request.app.state.clients


async def _me(request: Request) -> Principal:
    return request.scope["assay.who"]


async def _scope(request: Request) -> Scope:
    return await request.app.state.running.access.scope(request.scope["assay.who"])


Run = Annotated[Running, Depends(_running)]
Hot = Annotated[HotAnswers, Depends(_hot)]
Apart = Annotated[Workers, Depends(_workers)]
Set = Annotated[Settings, Depends(_settings)]
Opens = Annotated[Door, Depends(_door)]
Signs = Annotated[SignIn, Depends(_sign_in)]
Clients = Annotated[Mapping[str, Client], Depends(_clients)]
"""Of OpenID Connect, by the name of the provider."""
Me = Annotated[Principal, Depends(_me)]
"""Who asks; a dependency of endpoints that want somebody signed in."""
Sees = Annotated[Scope, Depends(_scope)]
"""What is seen by whoever asks."""
