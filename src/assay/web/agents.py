"""`/mcp`: the tools for agents over HTTP, stateless; each of them asks this server as whoever sent it.

Behind the guard, so who asks is known; before the routes, so what they may do and see each tool's own question finds out.
"""

import asyncio
from contextvars import ContextVar
from typing import Any

import httpx
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from assay.errors import BackendTimeout, NotFound
from assay.people.access_tokens import AccessTokens
from assay.settings import Settings
from assay.web.guard import AGENTS_PATH, METADATA_PATH
from assay.web.hot import MAX_BODY, until_left
from assay.work.request import begin_anew

_SECONDS = 120.0
"""Of one call, whose tool may ask several questions."""
_OF_THE_ASKER = ("assay.who", "assay.asks", "assay.claim", "client", "scheme")
_asking: ContextVar[Scope] = ContextVar("asking")


class Agents:
    """ASGI, at one path."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """`app`: what answers the tools' questions, behind the guard."""
        self._app = app
        self._public_url = settings.public_url
        self._made: Any = None
        self._making = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            # There is nothing to listen to: no session, and nothing is told that was not asked for.
            raise HTTPException(405, headers={"Allow": "POST"})
        made = self._made or await self._make()
        body = await Request(scope, receive).body()
        _asking.set(scope)

        async def speak(scope: Scope, receive: Receive, send: Send) -> None:
            # A manager of one request: nothing of it is left when the request ends, and all of it is the asker's.
            made.streamable_http_app(stateless_http=True, json_response=True, max_request_body_size=MAX_BODY,
                                     transport_security=self._unsecured)  # fmt: skip
            manager = made.session_manager
            async with manager.run():
                await manager.handle_request(scope, receive, send)

        try:
            async with asyncio.timeout(_SECONDS):
                await until_left(speak, scope, body, receive, send)
        except TimeoutError as error:
            raise BackendTimeout(f"The tool did not end within {_SECONDS:g} s.", mend="ask for less at once") from error

    async def _make(self) -> Any:
        """Once, when the first agent comes: the library costs a second and 25 MB. Raises NotFound where it is not there."""
        async with self._making:
            if self._made is None:
                try:
                    self._made = await asyncio.to_thread(self._tools)
                except ModuleNotFoundError as error:
                    if error.name != "mcp":
                        raise
                    raise NotFound("The tools for agents need the package mcp, which is not installed here.",
                                   mend="pip install 'assay[mcp]' where the server runs") from error  # fmt: skip
        return self._made

    def _tools(self) -> Any:
        from mcp.server.transport_security import TransportSecuritySettings

        from assay.mcp.server import Server
        from assay.mcp.tools import tools

        # The guard has looked at Host and Origin already, for every path alike.
        self._unsecured = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        transport = httpx.ASGITransport(self._asked, raise_app_exceptions=False)
        http = httpx.AsyncClient(transport=transport, base_url="http://this-server", timeout=_SECONDS)
        return tools(Server(http, self._url))

    async def _asked(self, scope: Scope, receive: Receive, send: Send) -> None:
        outer = _asking.get()
        begin_anew()
        await self._app({**scope, **{name: outer[name] for name in _OF_THE_ASKER if name in outer}}, receive, send)

    def _url(self) -> str:
        """Under which whoever asks knows this server."""
        outer = _asking.get()
        host = next((value.decode("latin-1") for name, value in outer["headers"] if name == b"host"), "")
        return self._public_url or f"{outer['scheme']}://{host}"


def routes(app: ASGIApp, tokens: AccessTokens, settings: Settings) -> list[Route]:
    """The door, and where an agent finds out who gives tokens for it (RFC 9728)."""

    async def metadata(_: Request) -> Response:
        if tokens.metadata is None:
            raise NotFound("No provider of identity gives tokens for this server.", mend="ask with a key: assay keys create")
        # Public, and read by agents that run in a browser too.
        return JSONResponse(tokens.metadata, headers={"access-control-allow-origin": "*"})

    return [Route(AGENTS_PATH, Agents(app, settings)), Route(METADATA_PATH, metadata)]
