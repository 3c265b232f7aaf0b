"""The server that the benchmark speaks to: Assay as it is, and beside it what the ratios need.

`/__bytes` returns prepared bytes from memory on the same server; `/__forget` empties the caches.
"""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvloop
from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.types import ASGIApp, Receive, Scope, Send

from assay.answers.cache import AnswerCache
from assay.backends.registry import Surroundings
from assay.live.running import Running, start_running
from assay.settings import Settings
from assay.store.database import Database
from assay.web.app import create_app
from assay.web.guard import Guard


def beside(app: ASGIApp, running: Running, prepared: bytes) -> ASGIApp:
    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/__bytes":
            headers = [(b"content-type", b"application/json"), (b"content-length", str(len(prepared)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": prepared})
            return
        if scope["path"] == "/__forget":
            running.corridor._cache = AnswerCache()
            assert isinstance(app, Guard)
            app._app._entries.clear()  # type: ignore[attr-defined]
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await app(scope, receive, send)

    return serve


async def main(workspace: Path, home: Path, store_url: str, reader_url: str, port: int) -> None:
    settings = Settings(workspace, home, "127.0.0.1", port, store_url, None)
    around = Surroundings(store_url, reader_url, home)
    running = await start_running(workspace, Database(store_url), around, b"key-of-the-bench", lambda: datetime.now(UTC))
    tasks = [asyncio.ensure_future(each) for each in running.tasks()]
    prepared = Path(os.environ["BENCH_BYTES"]).read_bytes()
    app = beside(create_app(settings, running), running, prepared)
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGINL, log_enabled=False, websockets=False)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()
    for task in tasks:
        task.cancel()
    await running.close()


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5])))
