"""The Databricks Statement Execution API: a statement is sent once, watched to its end, read whole, and cancelled
when nobody waits for it any more.

Sent with `wait_timeout` 0, so that its id is known at once and a cancel can be sent from the first moment on.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from assay.backends.protocol import MAX_RESULT_BYTES
from assay.engines.databricks.http import BUSY, Pace, Reply, Workspace, short
from assay.errors import AssayError, BackendUnavailable, StatementFailed

_log = logging.getLogger(__name__)
_STATEMENTS = "/api/2.0/sql/statements"
_GOES_ON = frozenset(("PENDING", "RUNNING"))
_AWAY = frozenset((
    "TEMPORARILY_UNAVAILABLE", "SERVICE_UNDER_MAINTENANCE", "WORKSPACE_TEMPORARILY_UNAVAILABLE", "RESOURCE_EXHAUSTED",
    "DEADLINE_EXCEEDED", "UNAUTHENTICATED", "INTERNAL_ERROR",
))  # fmt: skip
_ONLY_WHEN_NOT_HEARD = frozenset((429,))
_POLLS_BEFORE_ASKING_WHY = 3
_CANCELS = 3
_POLLS_FOR_A_CANCEL = 6


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named value as it travels: its text, and the SQL type it is read in."""

    name: str
    value: str | None
    type: str


@dataclass(frozen=True, slots=True)
class Result:
    """Names and SQL types of the columns, and the rows as text."""

    columns: tuple[tuple[str, str], ...]
    rows: list[list[str | None]]


class Statements:
    """Runs statements on one warehouse."""

    def __init__(
        self, name: str, workspace: Workspace, warehouse_id: str, pace: Pace, *,
        catalog: str | None = None, schema: str | None = None, tags: Mapping[str, str],
    ) -> None:  # fmt: skip
        self._name = name
        self._workspace = workspace
        self._warehouse_id = warehouse_id
        self._pace = pace
        self._always = {
            "warehouse_id": warehouse_id, "disposition": "INLINE", "format": "JSON_ARRAY", "wait_timeout": "0s",
            "on_wait_timeout": "CONTINUE", **({"catalog": catalog} if catalog else {}),
            **({"schema": schema} if schema else {}),
        }  # fmt: skip
        self._tags = dict(tags)
        self._starting: dict[str, datetime] = {}
        """Statements that wait for the warehouse to start, with the moment they were sent."""
        self._running: set[asyncio.Task[Reply]] = set()
        """What sent the statements that are waited for."""
        self._ending: set[asyncio.Task[None]] = set()
        """Cancels under way, for statements that nobody waits for."""

    @property
    def starting_since(self) -> datetime | None:
        return min(self._starting.values(), default=None)

    async def execute(
        self, text: str, parameters: Iterable[Parameter] = (), *,
        row_limit: int | None = None, tags: Mapping[str, str] | None = None, reads: bool = True,
    ) -> Result:  # fmt: skip
        """The whole result. Leaving (a deadline of the caller's, a reader who went away) cancels the statement.

        `reads`: running it twice would do no harm. Raises BackendUnavailable and StatementFailed.
        """
        body: dict[str, Any] = {
            **self._always,
            "statement": text,
            "parameters": [{"name": each.name, "value": each.value, "type": each.type} for each in parameters],
            "query_tags": [{"key": key, "value": value} for key, value in {**self._tags, **(tags or {})}.items()],
        }
        if row_limit is not None:
            body["row_limit"] = row_limit
        repeat = BUSY if reads else _ONLY_WHEN_NOT_HEARD
        sending = asyncio.create_task(self._workspace.call("POST", _STATEMENTS, body, repeat=repeat))
        self._running.add(sending)
        try:
            # Shielded: whoever leaves while it is being sent still has to learn its id, to cancel it.
            ended = await self._watch(await asyncio.shield(sending))
        except (asyncio.CancelledError, AssayError):
            if not (sending.done() and (sending.cancelled() or sending.exception())):
                self._cancel_later(sending)
            raise
        finally:
            self._running.discard(sending)
        if _state(ended) != "SUCCEEDED":
            raise self._failure(ended)
        try:
            return await self._read(ended)
        except (ValueError, TypeError, AttributeError) as error:
            raise self._no_workspace() from error

    async def _watch(self, reply: Reply) -> Reply:
        """Poll until the statement has ended, well or not."""
        sent, statement_id = datetime.now(UTC), self._id(reply)
        for number, pause in enumerate(self._pace.polls()):
            state = _state(reply)
            if state != "PENDING":
                self._starting.pop(statement_id, None)
            elif number == _POLLS_BEFORE_ASKING_WHY and await self._is_starting():
                self._starting[statement_id] = sent
            if state not in _GOES_ON:
                break
            await asyncio.sleep(pause)
            reply = await self._workspace.call("GET", f"{_STATEMENTS}/{statement_id}")
        return reply

    async def _is_starting(self) -> bool:
        """Whether a statement waits for the warehouse and not for its turn. Unknown counts as starting."""
        try:
            return await self.warehouse_state() != "RUNNING"
        except AssayError:
            return True

    async def warehouse_state(self) -> str:
        """RUNNING, STARTING, STOPPING, STOPPED, DELETING or DELETED. Asking does not start it."""
        reply = await self._workspace.call("GET", f"/api/2.0/sql/warehouses/{self._warehouse_id}")
        return str(reply.body.get("state"))

    def _failure(self, reply: Reply) -> AssayError:
        status, state = reply.body.get("status"), _state(reply)
        if state == "CANCELED":
            return StatementFailed(f"{self._name}: the statement was cancelled on the warehouse.")
        if state != "FAILED" or not isinstance(status, dict):
            return BackendUnavailable(f"{self._name}: the statement's result is gone ({state}).")
        error = status.get("error")
        error = error if isinstance(error, dict) else {}
        code = str(error.get("error_code") or "")
        message = short(str(error.get("message") or code or "without a reason"))
        if code in _AWAY:
            return BackendUnavailable(f"{self._name} does not answer: {message}")
        sqlstate = status.get("sql_state")
        shown = f" (SQLSTATE {sqlstate})" if sqlstate and str(sqlstate) not in message else ""
        return StatementFailed(f"{self._name} refused the statement: {message}{shown}", sqlstate=sqlstate)

    async def _read(self, reply: Reply) -> Result:
        """Every chunk, in order and counted: a result that lacks a row is no result."""
        manifest, statement_id = reply.body.get("manifest") or {}, self._id(reply)
        if manifest.get("truncated"):
            raise StatementFailed(f"{self._name} cut the result short.", mend="ask for fewer rows or columns")
        columns = tuple(_column(each) for each in (manifest.get("schema") or {}).get("columns") or ())
        rows: list[list[str | None]] = []
        chunk, read = reply.body.get("result") or {}, reply.size
        for index in range(max(1, int(manifest.get("total_chunk_count") or 0))):
            if index:
                path = f"{_STATEMENTS}/{statement_id}/result/chunks/{index}"
                further = await self._workspace.call("GET", path, room=MAX_RESULT_BYTES - read)
                chunk, read = further.body, read + further.size
            if int(chunk.get("chunk_index") or 0) != index or int(chunk.get("row_offset") or 0) != len(rows):
                raise self._incomplete(len(rows), manifest)
            rows += chunk.get("data_array") or []
        if len(rows) != int(manifest.get("total_row_count") or 0) or any(len(row) != len(columns) for row in rows):
            raise self._incomplete(len(rows), manifest)
        return Result(columns, rows)

    def _incomplete(self, found: int, manifest: Mapping[str, Any]) -> BackendUnavailable:
        promised = int(manifest.get("total_row_count") or 0)
        return BackendUnavailable(f"{self._name}: the result arrived incomplete, {found:,} rows of {promised:,}.")

    def _id(self, reply: Reply) -> str:
        statement_id = reply.body.get("statement_id")
        if not isinstance(statement_id, str) or not statement_id.replace("-", "").isalnum():
            raise self._no_workspace()
        return statement_id

    def _no_workspace(self) -> BackendUnavailable:
        message = f"{self._name} answers, but not as a Databricks workspace does."
        return BackendUnavailable(message, mend="look at the backend's host")

    def _cancel_later(self, sending: "asyncio.Task[Reply]") -> None:
        """Without holding up the one who leaves."""
        task = asyncio.create_task(self._cancel(sending))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _cancel(self, sending: "asyncio.Task[Reply]") -> None:
        """A cancel may get lost without a word: it is repeated until the statement is seen to have ended."""
        statement_id = ""
        try:
            async with asyncio.timeout(self._pace.cancel):
                statement_id = self._id(await sending)
                path = f"{_STATEMENTS}/{statement_id}"
                for _ in range(_CANCELS):
                    await self._workspace.call("POST", f"{path}/cancel")
                    for _, pause in zip(range(_POLLS_FOR_A_CANCEL), self._pace.polls(), strict=False):
                        if _state(await self._workspace.call("GET", path)) not in _GOES_ON:
                            return
                        await asyncio.sleep(pause)
                _log.warning("%s does not end a statement that was cancelled", self._name)
        except (AssayError, TimeoutError) as error:
            _log.info("%s: a statement that nobody waits for may run on: %s", self._name, error)
        finally:
            self._starting.pop(statement_id, None)

    async def close(self) -> None:
        """Whatever runs is cancelled on the warehouse; that has two seconds to get through."""
        for sending in self._running:
            self._cancel_later(sending)
        if self._ending:
            await asyncio.wait(self._ending, timeout=2)
        for task in tuple(self._ending):
            task.cancel()
        await asyncio.gather(*self._ending, return_exceptions=True)
        await self._workspace.close()


def _state(reply: Reply) -> str:
    status = reply.body.get("status")
    return str(status.get("state")) if isinstance(status, dict) else "no state"


def _column(described: Mapping[str, Any]) -> tuple[str, str]:
    return str(described.get("name")), str(described.get("type_text") or described.get("type_name"))
