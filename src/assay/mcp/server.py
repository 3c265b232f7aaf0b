"""The running server, as the tools ask it: its bodies, and its refusals as sentences."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import orjson
from mcp.server.mcpserver.exceptions import ToolError


class Server:
    def __init__(self, http: httpx.AsyncClient, url: Callable[[], str] | None = None) -> None:
        """`http` knows the address and whose key it is; `url`: under which the page is known, where that is another."""
        self._address = str(http.base_url).rstrip("/")
        self._url = url
        self._http = http

    @property
    def url(self) -> str:
        return self._url() if self._url else self._address

    async def get(self, path: str) -> Any:
        return (await self._asked("GET", path)).json()

    async def post(self, path: str, body: Any = None) -> Any:
        return (await self._asked("POST", path, body)).json()

    async def events(self, path: str, body: Any) -> list[dict[str, Any]]:
        """The server-sent events of an answer that ends by itself."""
        told = await self._asked("POST", path, body)
        return [orjson.loads(line[6:]) for line in told.text.splitlines() if line.startswith("data: ")]

    async def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer of one question of one or many metrics."""
        told = (await self.post("/v1/data", {"questions": [{"key": "q", **question}]}))["answers"][0]
        if told["problem"] is not None:
            raise ToolError(sentence_of(told["problem"]))
        return told["answer"]

    def link(self, *parts: str) -> str:
        """Of the page."""
        return self.url + "".join(f"/{quote(part, safe='')}" for part in parts)

    async def _asked(self, method: str, path: str, body: Any = None) -> httpx.Response:
        try:
            response = await self._http.request(method, path, json=body)
        except httpx.TransportError as error:
            raise ToolError(f"No Assay answers at {self.url}. Start it with: assay up") from error
        if response.status_code >= 400:
            try:
                raise ToolError(sentence_of(response.json()))
            except ValueError as error:
                raise ToolError(f"What answers at {self.url} is not an Assay.") from error
        return response


def sentence_of(problem: dict[str, Any]) -> str:
    """What was refused, and the mend."""
    detail, mend = str(problem.get("detail", "The server refused.")), problem.get("mend")
    return f"{detail} ({mend})" if mend else detail


def at(*parts: str) -> str:
    """A path of the API; what a caller gives is one part of it, whatever it holds."""
    return "/v1" + "".join(f"/{quote(part, safe='')}" for part in parts)
