"""Assay on a socket for the browser tests and the benchmark: as it is, with a clock that a test may set.

    python -m tests.serve WORKSPACE HOME STORE_URL READER_URL PORT

`SERVE_NOW` starts the clock at another moment, `SERVE_TOKEN` asks for a sign-in. `SERVE_IDENTITY` is a file of who vouches
for people, `SERVE_AUDIT` notes each question, `SERVE_PUBLIC_URL` where browsers come back to, this server where it is empty.
`SERVE_LLM` names the model; `ASSAY_LLM` does not, as it may name a live
one. With `SERVE_BYTES`, `/__bytes` returns that file from memory on the same server, `/__forget` empties the caches,
and `/__waits` tells how long the event loop let others wait since it was asked last: what the benchmark needs.
"""

import asyncio
import json
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send

from assay.answers.cache import AnswerCache
from assay.backends.registry import Surroundings
from assay.cli.up import make_server
from assay.live.running import Running, start_running
from assay.people.door import NOBODY_VOUCHES
from assay.people.providers import read_identity
from assay.settings import Settings
from assay.signing.ring import Ring
from assay.store.database import Database
from assay.web.app import create_app
from tests.patience import be_patient


class Waits:
    """How much later than asked for the event loop woke a task that sleeps a millisecond at a time, in milliseconds."""

    def __init__(self) -> None:
        self.found: list[float] = []

    async def watch(self) -> None:
        while True:
            begun, found = time.perf_counter(), self.found  # whoever asks does not hear of the wait that asking makes
            await asyncio.sleep(0.001)
            found.append((time.perf_counter() - begun - 0.001) * 1e3)

    def told(self) -> bytes:
        found, self.found = self.found, []
        return json.dumps(found).encode()


def beside(app: ASGIApp, running: Running, prepared: bytes, waits: Waits) -> ASGIApp:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(prepared)).encode())]

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/__bytes":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": prepared})
        elif scope["path"] == "/__forget":
            running.corridor._cache = AnswerCache()
            # What the hot answers hold is of the generation before.
            running.routes.proofs.generation += 1
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        elif scope["path"] == "/__waits":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": waits.told()})
        else:
            await app(scope, receive, send)

    return serve


async def main(workspace: Path, home: Path, store_url: str, reader_url: str, port: int) -> None:
    token, llm = os.environ.get("SERVE_TOKEN"), os.environ.get("SERVE_LLM")
    identity, public = os.environ.get("SERVE_IDENTITY"), os.environ.get("SERVE_PUBLIC_URL")
    public_url = None if public is None else public or f"http://127.0.0.1:{port}"
    files = Path(os.environ["SERVE_FILES"]) if "SERVE_FILES" in os.environ else None
    settings = Settings(workspace, home, "127.0.0.1", port, store_url, token, llm=llm, public_url=public_url, files=files)
    around = Surroundings(store_url, reader_url, home)
    named = os.environ.get("SERVE_NOW")
    ahead = datetime.fromisoformat(named) - datetime.now(UTC) if named else timedelta()
    vouching = read_identity(Path(identity)) if identity else NOBODY_VOUCHES
    running = await start_running(
        workspace, Database(store_url), around, Ring(["key-of-the-tests"]), lambda: datetime.now(UTC) + ahead,
        providers=vouching.domains if identity else None,
    )  # fmt: skip
    running.noting.of_questions = "SERVE_AUDIT" in os.environ
    tasks = [asyncio.ensure_future(each) for each in running.tasks()]
    app = create_app(settings, running, vouching)
    if "SERVE_BYTES" in os.environ:
        waits = Waits()
        tasks.append(asyncio.ensure_future(waits.watch()))
        app = beside(app, running, await asyncio.to_thread(Path(os.environ["SERVE_BYTES"]).read_bytes), waits)
    server = make_server(app, settings)

    def stop() -> None:
        running.hub.close()
        server.stop()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    await server.serve()
    for task in tasks:
        task.cancel()
    await running.close()


if __name__ == "__main__":
    be_patient()
    uvloop.run(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5])))
