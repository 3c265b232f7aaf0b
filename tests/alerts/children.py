"""Several processes on one database, each of which a test kills as it likes and starts again."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from assay.store.database import with_user
from tests.alerts.stand import SECRET, Stand
from tests.conftest import ANCHOR

_CHILD = Path(__file__).with_name("child.py")


class Child:
    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, str(_CHILD), *self._arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        assert self.process.stdout
        assert (await self.process.stdout.readline()).strip() == b"ready"

    async def kill(self) -> None:
        assert self.process
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def children(
    stand: Stand, folder: Path, count: int, *, hook: str = "", smtp: str = "", speed: int = 100
) -> AsyncIterator[list[Child]]:
    """`speed`: how many times as fast as the wall's their clock runs, which begins at ANCHOR."""
    url, begun = stand.house.url, str(time.time())
    reader = with_user(url, "assay_reader", "reader-of-the-tests")
    found: list[Child] = []
    for number in range(count):
        home = folder / f"home{number}"
        home.mkdir()
        found.append(
            Child(url, reader, str(stand.house.root), str(home), hook, SECRET, smtp, begun, ANCHOR.isoformat(), str(speed))
        )
    try:
        await asyncio.gather(*(each.start() for each in found))
        yield found
    finally:
        await asyncio.gather(*(each.kill() for each in found if each.process))
