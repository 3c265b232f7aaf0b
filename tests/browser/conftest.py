"""A served Assay and a page of a real Chromium."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from assay.demo.system import free_port
from assay.store.database import with_user
from tests.browser.chromium import launch
from tests.conftest import ANCHOR, DEMO

_PATIENCE = 180_000
"""In milliseconds; what is waited for comes at once where the machine has nothing else to do."""
expect.set_options(timeout=_PATIENCE)
ROOT = Path(__file__).parents[2]
TOKEN = "a-token-of-the-tests"
BEARER = {"authorization": f"Bearer {TOKEN}"}
LOOKS = pytest.mark.parametrize(("theme", "width"), [
    ("light", 375),
    *(pytest.param(*each, marks=pytest.mark.exhaustive) for each in (("dark", 1440), ("dark", 375), ("light", 1440))),
])  # fmt: skip
"""The narrow page in light; each other look in `make test-all`."""


AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page) -> list[str]:
    """What axe finds of what stands: a colour on its way to another is nobody's to read, and begins at any moment."""
    page.emulate_media(reduced_motion="reduce")
    page.add_script_tag(path=AXE)
    return page.evaluate(
        "axe.run({resultTypes: ['violations']})"
        ".then(done => done.violations.map(each => each.id + ': ' + each.nodes.map(node => node.target).join(' ')))"
    )


def overflow(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@dataclass
class Served:
    """A running server: its address, its files, its database."""

    url: str
    workspace: Path
    home: Path
    database_url: str
    command: list[str]
    environment: dict[str, str]
    process: "subprocess.Popen[Any]"

    @property
    def pid(self) -> int:
        return self.process.pid

    def start_again(self, **environment: str) -> None:
        """At the same address, once it has ended."""
        self.process = subprocess.Popen(self.command, cwd=ROOT, env={**self.environment, **environment})
        self.until_up()

    def until_up(self) -> None:
        until(lambda: httpx.get(f"{self.url}/health", timeout=10).is_success, httpx.TransportError, seconds=300)

    @property
    def routing(self) -> Path:
        return self.workspace / "config" / "metric_routing.yaml"

    def route(self, metric_id: str, backend: str) -> None:
        """Edit the one line, as a person would."""
        lines = self.routing.read_text().splitlines()
        edited = [
            f"  {metric_id}: {{backend: {backend}}}" if line.lstrip().startswith(f"{metric_id}:") else line for line in lines
        ]
        self.routing.write_text("\n".join(edited) + "\n")


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all who have none of their own; tests put back what they change."""
    with serve(tmp_path_factory, {}) as running:
        yield running


@contextmanager
def serve(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Iterator[Served]:
    """A server with its own files and its own clone of the filled database; `environment` is added to its own."""
    workspace = Path(shutil.copytree(DEMO, tmp_path_factory.mktemp("served") / "workspace"))
    name = f"browser_{uuid.uuid4().hex[:12]}"
    _admin(f"CREATE DATABASE {name} TEMPLATE template_demo STRATEGY FILE_COPY")
    around = {**os.environ, "SERVE_NOW": ANCHOR.isoformat(), **environment}
    try:
        with _started(tmp_path_factory, workspace, f"{os.environ['ASSAY_TEST_URL']}/{name}", around) as running:
            yield running
    finally:
        _admin(f"DROP DATABASE {name} WITH (FORCE)")


def one_more(served: Served, tmp_path_factory: pytest.TempPathFactory) -> AbstractContextManager[Served]:
    """Another process on the same database and files, at an address of its own; browsers are sent back to the first."""
    around = {**served.environment, "SERVE_PUBLIC_URL": served.url}
    return _started(tmp_path_factory, served.workspace, served.database_url, around)


@contextmanager
def _started(
    tmp_path_factory: pytest.TempPathFactory, workspace: Path, url: str, environment: dict[str, str]
) -> Iterator[Served]:
    """A process with a home and an address of its own, until it is ended."""
    home = tmp_path_factory.mktemp("home")
    os.link(os.environ["ASSAY_TEST_LAKE"], home / "lakehouse.duckdb")
    port = free_port()
    command = [sys.executable, "-m", "tests.serve", str(workspace), str(home), url,
               with_user(url, "assay_reader", "reader-of-the-tests"), str(port)]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    running = Served(f"http://127.0.0.1:{port}", workspace, home, url, command, environment, process)
    try:
        running.until_up()
        yield running
    finally:
        end(running.process)


def end(process: "subprocess.Popen[Any]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(120)
    except subprocess.TimeoutExpired:
        process.kill()


def until(holds: Callable[[], bool], *passing: type[Exception], seconds: float = 120) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if holds():
                return
        except passing:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"it did not come true within {seconds} s")


def _admin(sql: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(f"{os.environ['ASSAY_TEST_URL']}/assay")
        try:
            for _ in range(1_200):
                try:
                    await connection.execute(sql)
                    return
                except asyncpg.ObjectInUseError:  # another worker is cloning the template just now
                    await asyncio.sleep(0.1)
        finally:
            await connection.close()

    # Playwright holds the event loop of this thread.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(run())).result()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # For this folder only: while Playwright is there, no other test of this process can run an event loop.
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page of some size and theme; whatever it says on the console as an error fails the test."""
    opened: list[Page] = []
    complaints: list[str] = []

    def make(width: int = 1440, height: int = 900, **context: Any) -> Page:
        page = browser.new_context(viewport={"width": width, "height": height}, **context).new_page()
        page.set_default_timeout(_PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        opened.append(page)
        return page

    yield make
    for page in opened:
        page.context.close()
    # The network's own lines are expected where a test takes something away.
    expected = ("Failed to load resource", "net::", "occurred when fetching the script")
    assert [line for line in complaints if not any(each in line for each in expected)] == []
