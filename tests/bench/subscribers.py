"""Many pages listening to one process: how soon a change reaches the last of them, and what each costs in memory.

python -m tests.bench.subscribers [--many 1000] [--times 5]
"""

import argparse
import asyncio
import resource
import statistics
import sys
import time
from pathlib import Path

import httpx

from tests.bench.__main__ import Row
from tests.bench.pixel import Loop, demo_server

BAR_SECONDS = 1.0
_OPENING = 50
"""Streams that are opened at a time."""
_PATIENCE_SECONDS = 60


class Subscriber:
    """One stream on a socket of its own; remembers when it heard of the closed loop last."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.heard_at = 0.0
        self.greeted = asyncio.Event()

    @classmethod
    async def open(cls, url: str) -> "Subscriber":
        host = url.removeprefix("http://")
        reader, writer = await asyncio.open_connection(*host.split(":"))
        writer.write(f"GET /v1/stream HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n\r\n".encode())
        return cls(reader, writer)

    async def listen(self) -> None:
        while chunk := await self._reader.read(65_536):
            if b'"kind":"hello"' in chunk:
                self.greeted.set()
            if b'"kind":"loop"' in chunk:
                self.heard_at = time.monotonic()

    def close(self) -> None:
        self._writer.close()


def resident_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def server_of(url: str) -> int:
    """The process that listens at the address, found among those of this machine."""
    wanted = f":{int(url.rsplit(':', 1)[1]):04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    inode = next(line[9] for line in lines if line[1].endswith(wanted) and line[3] == "0A")
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            if any(each.readlink().name == f"socket:[{inode}]" for each in folder.iterdir()):
                return int(folder.parent.name)
        except OSError:
            continue
    raise LookupError(f"nobody listens at {url}")


async def measure(url: str, many: int, times: int) -> tuple[list[float], float]:
    """Seconds until the last has heard, of each repetition, and kB of memory a subscriber."""
    server = server_of(url)
    loop = Loop(url)
    await asyncio.to_thread(httpx.get, f"{url}/v1/workspace")
    before = resident_kb(server)
    subscribers: list[Subscriber] = []
    while len(subscribers) < many:
        opened = [Subscriber.open(url) for _ in range(min(_OPENING, many - len(subscribers)))]
        subscribers += await asyncio.gather(*opened)
    tasks = [asyncio.create_task(each.listen()) for each in subscribers]
    async with asyncio.timeout(_PATIENCE_SECONDS):
        await asyncio.gather(*(each.greeted.wait() for each in subscribers))
    kilobytes = (resident_kb(server) - before) / many
    spent: list[float] = []
    for _ in range(times):
        for each in subscribers:
            each.heard_at = 0.0
        begun = time.monotonic()
        await asyncio.to_thread(loop.send_event)
        until = begun + _PATIENCE_SECONDS
        while not all(each.heard_at for each in subscribers):
            assert time.monotonic() < until, "a subscriber heard nothing"
            await asyncio.sleep(0.01)
        spent.append(max(each.heard_at for each in subscribers) - begun)
        await asyncio.to_thread(loop.reset)
        await asyncio.sleep(0.5)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for each in subscribers:
        each.close()
    return spent, kilobytes


def subscribers(url: str, many: int = 1_000, times: int = 5) -> Row:
    """The row of `make bench`. Counted from sending the event: taking it is in the figure."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < many + 200:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, many + 1_000), hard))
    spent, kilobytes = asyncio.run(measure(url, many, times))
    middle, worst = statistics.median(spent), max(spent)
    measured = f"p50 {middle:.2f} s, worst {worst:.2f} s; {kilobytes:.0f} kB a subscriber"
    return f"a change reaches the last of {many:,} subscribers", f"<= {BAR_SECONDS:g} s", measured, worst <= BAR_SECONDS


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.bench.subscribers", description=__doc__)
    parser.add_argument("--many", type=int, default=1_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--url", help="a running server of this machine with the demo's data")
    given = parser.parse_args()
    if given.url:
        row = subscribers(given.url, given.many, given.times)
    else:
        with demo_server() as url:
            row = subscribers(url, given.many, given.times)
    what, bar, measured, met = row
    print(f"{what}: {measured}\n  wanted {bar}: {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
