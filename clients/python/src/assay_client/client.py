"""The clients, one that waits and one to be awaited: a question in, an answer out, and refusals as they were told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx

from assay_client.answer import Answer

Scalar = str | int | float | bool
Where = Mapping[str, Scalar | Sequence[Scalar] | None]
Names = str | Sequence[str]
_HERE = ("127.0.0.1", "localhost", "::1")
_SECONDS = 60.0


class Refused(Exception):
    """What the server said it would not, or could not, do. `mend`: what to do about it, where that is known."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.kind = str(problem.get("kind", "unknown"))
        self.detail = str(problem.get("detail", f"The server answered with status {status}."))
        self.mend: str | None = problem.get("mend")
        super().__init__(f"{self.detail} ({self.mend})" if self.mend else self.detail)


class Assay:
    """A server, as whoever the key belongs to."""

    def __init__(
        self, url: str = "http://127.0.0.1:8400", *, key: str | None = None, timeout: float = _SECONDS,
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        """Raises ValueError where a key would travel in the clear."""
        self.url = _checked(url, key)
        self._http = httpx.Client(base_url=self.url, headers=_headers(key), timeout=timeout, transport=transport)

    def query(
        self, metrics: Names, *, by: Names = (), where: Where | None = None, window: str | Sequence[str] | None = None,
        grain: str | None = None, compare: str | None = None, segments: Names = (),
        parameters: Mapping[str, Scalar] | None = None, limit: int | None = None, **more: Any,
    ) -> Answer:  # fmt: skip
        """Ask one metric, or several together.

        `by`: dimensions. `where`: by dimension a value, a list of values, or None for rows without one. `window`: a name, or
        start and end. `more`: whatever else a question has, such as `filters`, `any_of`, `having` or `order`, as in OpenAPI.
        Raises Refused, or httpx.TransportError where nobody answers.
        """
        asked = _asked(metrics, by, where, window, grain, compare, segments, parameters, limit, more)
        return _answer(self._body("POST", "/v1/data", asked), self.url)

    def metrics(self) -> list[dict[str, Any]]:
        """The catalog, as GET /v1/metrics tells it."""
        return self._body("GET", "/v1/metrics")["metrics"]

    def receipt(self, receipt_id: str) -> dict[str, Any]:
        """`signature_valid` of it says whether it is as it was signed."""
        return self._body("GET", f"/v1/receipts/{quote(receipt_id, safe='')}")

    def replay(self, receipt_id: str) -> dict[str, Any]:
        """Its question asked again: `same_value`, and in `moved` what has moved since."""
        return self._body("POST", f"/v1/receipts/{quote(receipt_id, safe='')}/replay")

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _body(self, method: str, path: str, asked: Any = None) -> Any:
        return _told(self._http.request(method, path, json=asked))


class AsyncAssay:
    """As Assay, to be awaited."""

    def __init__(
        self, url: str = "http://127.0.0.1:8400", *, key: str | None = None, timeout: float = _SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:  # fmt: skip
        """Raises ValueError where a key would travel in the clear."""
        self.url = _checked(url, key)
        self._http = httpx.AsyncClient(base_url=self.url, headers=_headers(key), timeout=timeout, transport=transport)

    async def query(
        self, metrics: Names, *, by: Names = (), where: Where | None = None, window: str | Sequence[str] | None = None,
        grain: str | None = None, compare: str | None = None, segments: Names = (),
        parameters: Mapping[str, Scalar] | None = None, limit: int | None = None, **more: Any,
    ) -> Answer:  # fmt: skip
        """As Assay.query."""
        asked = _asked(metrics, by, where, window, grain, compare, segments, parameters, limit, more)
        return _answer(await self._body("POST", "/v1/data", asked), self.url)

    async def metrics(self) -> list[dict[str, Any]]:
        """As Assay.metrics."""
        return (await self._body("GET", "/v1/metrics"))["metrics"]

    async def receipt(self, receipt_id: str) -> dict[str, Any]:
        """As Assay.receipt."""
        return await self._body("GET", f"/v1/receipts/{quote(receipt_id, safe='')}")

    async def replay(self, receipt_id: str) -> dict[str, Any]:
        """As Assay.replay."""
        return await self._body("POST", f"/v1/receipts/{quote(receipt_id, safe='')}/replay")

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _body(self, method: str, path: str, asked: Any = None) -> Any:
        return _told(await self._http.request(method, path, json=asked))


def _checked(url: str, key: str | None) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no address; write for instance https://assay.example.com")
    if parts.scheme == "http" and key is not None and parts.hostname not in _HERE:
        raise ValueError(f"{url!r} begins with http: the key would travel in the clear; write https")
    return url.rstrip("/")


def _headers(key: str | None) -> dict[str, str]:
    return {"accept": "application/json"} | ({"authorization": f"Bearer {key}"} if key is not None else {})


def _asked(
    metrics: Names, by: Names, where: Where | None, window: str | Sequence[str] | None,
    grain: str | None, compare: str | None, segments: Names, parameters: Mapping[str, Scalar] | None,
    limit: int | None, more: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """The body of `POST /v1/data`. What was not said is left out of it."""
    filters = [*(_filter(name, value) for name, value in (where or {}).items()), *more.get("filters", ())]
    said = {
        "dimensions": _listed(by), "filters": filters, "window": window if isinstance(window, str) else _bounds(window),
        "grain": grain, "compare": compare, "segments": _listed(segments), "parameters": dict(parameters or {}),
        "limit": limit, **{name: value for name, value in more.items() if name != "filters"},
    }  # fmt: skip
    question = {name: value for name, value in said.items() if value not in (None, [], {})}
    return {"questions": [{"key": "q", "metrics": _listed(metrics), **question}]}


def _listed(names: Names) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _bounds(window: Sequence[str] | None) -> dict[str, str] | None:
    if window is None:
        return None
    if len(window) != 2:
        raise ValueError(f"window is {window!r}; write a name, or start and end")
    return {"start": str(window[0]), "end": str(window[1])}


def _filter(name: str, value: Scalar | Sequence[Scalar] | None) -> dict[str, Any]:
    if value is None:
        return {"dimension": name, "op": "is_null", "values": []}
    if isinstance(value, str | int | float | bool):
        return {"dimension": name, "op": "eq", "values": [value]}
    return {"dimension": name, "op": "in", "values": list(value)}


def _told(response: httpx.Response) -> Any:
    """Raises Refused."""
    try:
        body = response.json()
    except ValueError as error:
        raise Refused(response.status_code, {"detail": f"What answers at {response.url.host} is not an Assay."}) from error
    if response.status_code >= 400:
        raise Refused(response.status_code, body if isinstance(body, dict) else {})
    return body


def _answer(body: Any, url: str) -> Answer:
    (told,) = body["answers"]
    if told["problem"] is not None:
        raise Refused(int(told["problem"]["status"]), told["problem"])
    return Answer.of(told["answer"], url)
