"""Several processes on one database, each of which a test kills as it likes and starts again."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from assay.store.database import with_user
from tests.alerts.stand import SECRET, Stand
from tests.conftest import ANCHOR

_CHILD = Path(__file__).with_name("child.py")


class Child:
    """One process at a time; `pid`: of the one that lives."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self._parent: asyncio.subprocess.Process | None = None
        self.pid = 0

    async def start(self, step: str = "") -> None:
        """`step`: at which it kills itself, as child.py names them."""
        if self._parent is None:
            self._parent = await asyncio.create_subprocess_exec(
                sys.executable, str(_CHILD), *self._arguments, start_new_session=True,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
        assert self._parent.stdin
        self._parent.stdin.write(f"{step}\n".encode())
        self.pid = int(await self._told("ready"))

    async def death(self) -> None:
        """Until it has killed itself."""
        assert await self._told("ended") == str(int(signal.SIGKILL))

    async def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        await self.death()

    async def end(self) -> None:
        """With whatever lives of it."""
        if self._parent is not None and self._parent.returncode is None:
            os.killpg(self._parent.pid, signal.SIGKILL)
            await self._parent.wait()

    async def _told(self, word: str) -> str:
        assert self._parent
        assert self._parent.stdout
        said, _, rest = (await self._parent.stdout.readline()).decode().strip().partition(" ")
        assert said == word, f"{said} {rest}"
        return rest


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
        await asyncio.gather(*(each.end() for each in found))
