"""A SQL warehouse on this machine: a real socket that speaks the Databricks Statement Execution API, DuckDB behind it.

    async with Warehouse(lake) as warehouse:            # lake: a DuckDB file to copy, or None for an empty one
        warehouse.environment                           # DATABRICKS_HOST, DATABRICKS_HTTP_PATH, DATABRICKS_TOKEN
        warehouse.fault("busy", status=429, retry_after=1)

    python -m tests.warehouse --lake PATH               # prints the environment to set, serves until it is stopped

It fails as the service does when it is told to, by `fault` or by POST /__control with the same as JSON.
"""

import argparse
import asyncio
import base64
import contextlib
import itertools
import json
import shutil
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import parse_qs

from tests.warehouse_engine import Engine, Failed, Table

Step = Literal["submit", "poll", "chunk", "cancel", "login", "warehouse"]
WAREHOUSE_ID = "0123456789abcdef"
CLIENT = ("assay-client", "secret-of-the-client")
JSON = {"content-type": "application/json"}
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Fault:
    """Something to go wrong at a step; `kind` says what.

    busy (status, retry_after), cut (half an answer, then the line is dead), hang (no answer), page (HTML), elsewhere
    (a redirect), missing (404), short (a chunk with fewer rows than promised), deaf (a cancel that is not heard),
    failed (code, message, sqlstate), canceled (by somebody else), closed.
    """

    kind: str
    step: Step
    times: int
    text: str
    """Only statements that hold this fail."""
    detail: dict[str, Any]


@dataclass
class Running:
    """A statement on its way: its state, and its result once there is one."""

    statement_id: str
    sql: str
    body: dict[str, Any]
    state: str = "PENDING"
    table: Table = field(default_factory=lambda: Table([], []))
    error: tuple[str, str, str] | None = None
    work: "asyncio.Task[None] | None" = None

    @property
    def has_ended(self) -> bool:
        return self.state not in ("PENDING", "RUNNING")


class Cut(Exception):
    """The connection is closed after the bytes given."""

    def __init__(self, sent: bytes = b"") -> None:
        super().__init__()
        self.sent = sent


class Warehouse:
    def __init__(self, lake: Path | None = None, *, chunk_rows: int = 10_000, port: int = 0) -> None:
        self.host = ""
        self.chunk_rows = chunk_rows
        self.tokens = {"dapi-of-the-tests"}
        self.token_seconds = 3600
        self.counts: Counter[str] = Counter()
        """How often each step was taken: submit, poll, chunk, cancel, login, warehouse."""
        self.bodies: list[dict[str, Any]] = []
        """What was submitted."""
        self.state = "RUNNING"
        """Of the warehouse. STOPPED and STARTING keep statements PENDING until `start` is called."""
        self.start_seconds: float | None = None
        """How long a stopped warehouse takes to start by itself, once a statement has come; None for never."""
        self.holding = False
        """Keeps statements RUNNING for as long as it is set."""
        self.statements: dict[str, Running] = {}
        self._faults: list[Fault] = []
        self._started = asyncio.Event()
        self._released = asyncio.Event()
        self._numbers = itertools.count(1)
        self._port = port
        self._folder = Path(tempfile.mkdtemp(prefix="warehouse-"))
        self.engine = Engine(self._folder, lake)
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def environment(self) -> dict[str, str]:
        return {**self._address, "DATABRICKS_TOKEN": "dapi-of-the-tests"}

    @property
    def client_environment(self) -> dict[str, str]:
        """The same by client id and secret."""
        return {**self._address, "DATABRICKS_CLIENT_ID": CLIENT[0], "DATABRICKS_CLIENT_SECRET": CLIENT[1]}

    @property
    def _address(self) -> dict[str, str]:
        return {"DATABRICKS_HOST": self.host, "DATABRICKS_HTTP_PATH": f"/sql/1.0/warehouses/{WAREHOUSE_ID}"}

    # -- what a test may do -------------------------------------------------------------------------

    def fault(self, kind: str, on: Step = "submit", times: int = 1, text: str = "", **detail: Any) -> None:
        self._faults.append(Fault(kind, on, times, text, detail))

    def stop(self) -> None:
        self.state = "STOPPED"
        self._started.clear()

    def start(self) -> None:
        self.state = "RUNNING"
        self._started.set()

    def hold(self, holds: bool = True) -> None:
        self.holding = holds
        self._released.clear() if holds else self._released.set()

    def change(self, sql: str, *tables: str) -> None:
        """DuckDB's SQL on the warehouse's own copy; each of `tables` gets a new version."""
        self.engine.change(sql, *tables)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What DuckDB's SQL gives on the warehouse's own copy."""
        return self.engine.rows(sql)

    def ran(self, beginning: str = "") -> list[str]:
        """The statements submitted that begin so."""
        return [body["statement"] for body in self.bodies if body["statement"].startswith(beginning)]

    # -- the socket ---------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._started.set()
        self._released.set()
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self.host = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        work = [each.work for each in self.statements.values() if each.work] + list(self._connections)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await self._server.wait_closed()
        self.engine.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        except Cut as cut:
            writer.write(cut.sent)
            with contextlib.suppress(ConnectionError):
                await writer.drain()
        finally:
            self._connections.discard(task)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; False when the other side has gone."""
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        status, more, content = await self._answer(method, target.partition("?")[0], headers, body)
        told = "".join(f"{name}: {value}\r\n" for name, value in {**more, "content-length": str(len(content))}.items())
        writer.write(f"HTTP/1.1 {status} X\r\n{told}\r\n".encode() + content)
        await writer.drain()
        return True

    async def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        match method, path.strip("/").split("/"):
            case "POST", ["__control"]:
                return self._control(json.loads(body))
            case "GET", ["oidc", ".well-known", "oauth-authorization-server"]:
                return _json(200, {"token_endpoint": f"{self.host}/oidc/v1/token"})
            case "POST", ["oidc", "v1", "token"]:
                return await self._guarded("login", lambda: self._login(headers, body))
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _problem(401, "UNAUTHENTICATED", "Credential was not sent or was of an unsupported type for this API.")
        match method, path.strip("/").split("/"):
            case "POST", ["api", "2.0", "sql", "statements"]:
                return await self._guarded("submit", lambda: self._submit(json.loads(body)))
            case _, ["api", "2.0", "sql", "statements", name, *_] if name not in self.statements:
                return _problem(404, "RESOURCE_DOES_NOT_EXIST", "The statement does not exist.")
            case "GET", ["api", "2.0", "sql", "statements", name]:
                return await self._guarded("poll", lambda: self._poll(name))
            case "GET", ["api", "2.0", "sql", "statements", name, "result", "chunks", index]:
                return await self._guarded("chunk", lambda: self._chunk_alone(name, int(index)))
            case "POST", ["api", "2.0", "sql", "statements", name, "cancel"]:
                return await self._guarded("cancel", lambda: self._cancel(name))
            case "GET", ["api", "2.0", "sql", "warehouses", name] if name == WAREHOUSE_ID:
                return await self._guarded("warehouse", lambda: _json(200, {"id": name, "state": self.state}))
            case _:
                return _problem(404, "ENDPOINT_NOT_FOUND", f"No API found for '{method} {path}'.")

    async def _guarded(self, step: Step, answer: Any) -> Answer:
        """The answer, or what a fault makes of it. A fault after the answer has done its work: cut and hang."""
        self.counts[step] += 1
        fault = self._take(step, "busy", "page", "elsewhere", "missing", "cut", "hang", "forbidden")
        match fault.kind if fault else None:
            case None:
                return answer()
            case "busy":
                assert fault is not None
                after = fault.detail.get("retry_after")
                told = {} if after is None else {"retry-after": str(after)}
                return fault.detail.get("status", 429), {**JSON, **told}, b'{"error_code": "REQUEST_LIMIT_EXCEEDED"}'
            case "page":
                return 200, {"content-type": "text/html"}, b"<html>Sign in</html>"
            case "elsewhere":
                return 302, {"location": "https://login.example.com/"}, b""
            case "missing":
                return _problem(404, "RESOURCE_DOES_NOT_EXIST", "The thing does not exist.")
            case "forbidden":
                return _problem(403, "PERMISSION_DENIED", "You do not have permission to use the SQL warehouse.")
        _, _, content = answer()
        if fault and fault.kind == "hang":
            await asyncio.Event().wait()
        raise Cut(f"HTTP/1.1 200 X\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content[: len(content) // 2])

    def _take(self, step: Step, *kinds: str, sql: str = "") -> Fault | None:
        for fault in self._faults:
            if fault.step == step and fault.kind in kinds and fault.text in sql:
                fault.times -= 1
                if fault.times <= 0:
                    self._faults.remove(fault)
                return fault
        return None

    def _control(self, asked: dict[str, Any]) -> Answer:
        """{"fault": kind, "on": step, ...}, {"change": sql, "tables": []}, or {"do": "stop"|"start"|"hold"|"release"}.

        With "stop" may come "start_seconds".
        """
        if "fault" in asked:
            self.fault(asked.pop("fault"), **asked)
        elif "change" in asked:
            self.change(asked["change"], *asked.get("tables", []))
        else:
            self.start_seconds = asked.get("start_seconds", self.start_seconds)
            {"stop": self.stop, "start": self.start, "hold": self.hold, "release": lambda: self.hold(False)}[asked["do"]]()
        return _json(200, {"counts": self.counts})

    # -- logins -------------------------------------------------------------------------------------

    def _login(self, headers: Mapping[str, str], body: bytes) -> Answer:
        basic = base64.b64encode(":".join(CLIENT).encode()).decode()
        if headers.get("authorization") != f"Basic {basic}":
            return _json(401, {"error": "invalid_client", "error_description": headers.get("authorization")})
        if parse_qs(body.decode()).get("grant_type") != ["client_credentials"]:
            return _json(400, {"error": "unsupported_grant_type"})
        token = f"oauth-{next(self._numbers)}"
        self.tokens.add(token)
        return _json(200, {"access_token": token, "token_type": "Bearer", "expires_in": self.token_seconds})

    def expire(self) -> None:
        """No token that was given out is good any more."""
        self.tokens.clear()

    # -- statements ---------------------------------------------------------------------------------

    def _submit(self, body: dict[str, Any]) -> Answer:
        if body.get("warehouse_id") != WAREHOUSE_ID:
            return _problem(404, "RESOURCE_DOES_NOT_EXIST", "The warehouse does not exist.")
        if body.get("wait_timeout") != "0s" or (body.get("disposition"), body.get("format")) != ("INLINE", "JSON_ARRAY"):
            return _problem(400, "INVALID_PARAMETER_VALUE", "This warehouse answers inline, in JSON, without waiting.")
        self.bodies.append(body)
        statement = Running(str(uuid.uuid4()), body["statement"], body)
        self.statements[statement.statement_id] = statement
        statement.work = asyncio.create_task(self._work(statement))
        return _json(200, {"statement_id": statement.statement_id, "status": {"state": "PENDING"}})

    async def _work(self, statement: Running) -> None:
        try:
            if self.state == "STOPPED":
                self.state = "STARTING"
                if self.start_seconds is not None:
                    asyncio.get_running_loop().call_later(self.start_seconds, self.start)
            await self._started.wait()
            statement.state = "RUNNING"
            await self._released.wait()
            fault = self._take("submit", "failed", "canceled", "closed", sql=statement.sql)
            if fault and fault.kind == "failed":
                told = fault.detail
                statement.error = told.get("code", "BAD_REQUEST"), told.get("message", ""), told.get("sqlstate", "")
            elif not fault:
                statement.table = await self.engine.run(statement.sql, statement.body.get("parameters", []))
            statement.state = fault.kind.upper() if fault else "SUCCEEDED"
        except Failed as error:
            statement.error = "BAD_REQUEST", error.message, error.sqlstate
            statement.state = "FAILED"
        except asyncio.CancelledError:
            statement.state = "CANCELED"

    def _poll(self, name: str) -> Answer:
        statement = self.statements[name]
        status: dict[str, Any] = {"state": statement.state}
        if statement.error:
            code, message, sqlstate = statement.error
            status |= {"error": {"error_code": code, "message": message}, **({"sql_state": sqlstate} if sqlstate else {})}
        told: dict[str, Any] = {"statement_id": name, "status": status}
        if statement.state == "SUCCEEDED":
            told |= {"manifest": self._manifest(statement), "result": self._chunk(statement, 0)}
        return _json(200, told)

    def _rows(self, statement: Running) -> list[list[str | None]]:
        return statement.table.rows[: statement.body.get("row_limit")]

    def _manifest(self, statement: Running) -> dict[str, Any]:
        rows, columns = self._rows(statement), statement.table.columns
        sizes = [len(rows[start : start + self.chunk_rows]) for start in range(0, len(rows), self.chunk_rows)]
        return {
            "format": "JSON_ARRAY",
            "schema": {
                "column_count": len(columns),
                "columns": [
                    {"name": name, "type_text": kind, "type_name": kind.partition("(")[0], "position": place}
                    for place, (name, kind) in enumerate(columns)
                ],
            },
            "total_chunk_count": len(sizes),
            "chunks": [
                {"chunk_index": index, "row_offset": index * self.chunk_rows, "row_count": size}
                for index, size in enumerate(sizes)
            ],
            "total_row_count": len(rows),
            "truncated": len(rows) < len(statement.table.rows),
        }

    def _chunk(self, statement: Running, index: int) -> dict[str, Any]:
        start = index * self.chunk_rows
        rows = self._rows(statement)[start : start + self.chunk_rows]
        if not rows:
            return {}
        if self._take("chunk", "short"):
            rows = rows[:-1]
        return {"chunk_index": index, "row_offset": start, "row_count": len(rows), "data_array": rows}

    def _chunk_alone(self, name: str, index: int) -> Answer:
        return _json(200, self._chunk(self.statements[name], index))

    def _cancel(self, name: str) -> Answer:
        statement = self.statements[name]
        if statement.work and not statement.has_ended and not self._take("cancel", "deaf"):
            statement.work.cancel()
        return _json(200, {})


def _json(status: int, body: Mapping[str, Any]) -> Answer:
    return status, JSON, json.dumps(body).encode()


def _problem(status: int, code: str, message: str) -> Answer:
    return _json(status, {"error_code": code, "message": message})


async def _serve(lake: Path | None, port: int) -> None:
    async with Warehouse(lake, port=port) as warehouse:
        print(json.dumps(warehouse.environment), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    given = argparse.ArgumentParser(prog="tests.warehouse", description="A SQL warehouse on this machine.")
    given.add_argument("--lake", type=Path, help="the DuckDB file whose tables it has; none for an empty one")
    given.add_argument("--port", type=int, default=0)
    chosen = given.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(chosen.lake, chosen.port))
    sys.exit(0)
