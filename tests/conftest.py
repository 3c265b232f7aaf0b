"""What all tests share: one PostgreSQL for the whole run, filled once, and a clone of it for whoever writes.

The server belongs to the process that was started first; workers get its address by environment.
"""

import asyncio
import contextlib
import gc
import logging
import os
import shutil
import signal
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from starlette.types import ASGIApp

from assay.backends.registry import Surroundings
from assay.catalog.workspace import Workspace, load_workspace
from assay.demo.seed import Plan, seed_duckdb, seed_postgres
from assay.live.running import Running, start_running
from assay.log import ACCESS
from assay.people.access_tokens import AccessTokens
from assay.people.door import Door
from assay.people.proxied import Proxied
from assay.settings import Settings
from assay.signing.ring import Ring
from assay.store.database import Database, with_user
from assay.store.embedded import EmbeddedPostgres
from assay.web.app import create_api, create_app
from assay.web.entry import Entry
from assay.web.guard import Guard
from tests.patience import be_patient

DEMO = Path(__file__).parents[1] / "demo"
ANCHOR = datetime(2026, 3, 17, 15, 42, 10, tzinfo=UTC)
"""The moment at which the tests' data is seen; figures and golden rows are of this moment."""
_CLAIMS = 60_000
"""The last two months of the demo's data as they are, with less of the time before: clones of it are made by the dozen."""
_URL, _LAKE = "ASSAY_TEST_URL", "ASSAY_TEST_LAKE"
_TEST_SECONDS = 900
"""On a machine that does twenty other things as well, too."""
_WITHOUT_ENGINES = ("unit", "gate", "property")
_LONGEST_FIRST = ("process", "browser", "truth", "engine", "api", "databricks", "llm")
_TOGETHER = ("process", "browser")
"""Folders whose files share what is costly to start: they run on one worker, one after the other."""
T = TypeVar("T")
_started: list[tuple[EmbeddedPostgres, Path]] = []


def _choose_examples() -> None:
    """Properties see the same examples in every run, however slow the machine: what looks for new ones is `make truth`."""
    try:
        import hypothesis
    except ImportError:  # the environments of some engines have none, and no properties either
        return
    hypothesis.settings.register_profile(
        "assay", derandomize=True, database=None, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("assay")


def _needs_engines(config: pytest.Config) -> bool:
    chosen = [Path(argument.split("::")[0]) for argument in config.args]
    return not all(any(part in _WITHOUT_ENGINES for part in path.parts) for path in chosen)


def pytest_configure(config: pytest.Config) -> None:
    _choose_examples()
    be_patient()
    is_worker = hasattr(config, "workerinput")
    if is_worker or config.option.collectonly or not _needs_engines(config) or _URL in os.environ:
        return
    home = Path(tempfile.mkdtemp(prefix="assay-tests-"))
    home.chmod(0o755)
    postgres = EmbeddedPostgres(home)
    _started.append((postgres, home))
    postgres.start()
    template, _ = postgres.url.rsplit("/", 1)
    os.environ[_URL], os.environ[_LAKE] = template, str(home / "lakehouse.duckdb")
    # The workers collect meanwhile, and wait before their first test.
    threading.Thread(target=_fill_all, args=(postgres.url, template + "/template_demo", home / "lakehouse.duckdb")).start()


def _fill_all(admin_url: str, template_url: str, lake: Path) -> None:
    trouble = ""
    try:
        asyncio.run(_fill(admin_url, template_url, lake))
    except BaseException as error:
        trouble = f"The tests' databases could not be filled: {error!r}"
        raise
    finally:
        said = lake.with_name("filling")
        said.write_text(trouble)
        said.rename(lake.with_name("filled"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    lake = os.environ.get(_LAKE)
    has_workers = not hasattr(session.config, "workerinput") and session.config.getoption("dist", "no") != "no"
    if lake is None or has_workers:
        return
    filled, until = Path(lake).with_name("filled"), time.monotonic() + _TEST_SECONDS
    while not filled.exists():
        if time.monotonic() > until:
            pytest.exit("The tests' databases were not filled in time.", 1)
        time.sleep(0.05)
    if trouble := filled.read_text():
        pytest.exit(trouble, 1)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs when: of a test with `cases(n)` the first n cases, the rest being exhaustive; folders of long files first,
    so that no worker begins one of them when the other has ended."""
    seen: Counter[str] = Counter()
    for item in items:
        mark = item.get_closest_marker("cases")
        if mark is None:
            continue
        test = item.nodeid.partition("[")[0]
        seen[test] += 1
        if seen[test] > mark.args[0]:
            item.add_marker(pytest.mark.exhaustive)
    place = {name: number for number, name in enumerate(_LONGEST_FIRST)}
    items.sort(key=lambda item: min((place[part] for part in item.path.parts if part in place), default=len(place)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        """A file at a time, and of the folders that run together all files at once."""

        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return next((folder for folder in _TOGETHER if file.startswith(f"tests/{folder}/")), file)

    return ByFile(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    for postgres, home in _started:
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


def _within_time(item: pytest.Item) -> Iterator[None]:
    """A test that waits for what never comes fails by name instead of holding up the run; so does its setup, and its end."""

    def too_long(*_: object) -> None:
        with contextlib.suppress(RuntimeError):  # where no loop runs, the trace of the error says where it waits
            for task in asyncio.all_tasks():
                task.print_stack()
        raise TimeoutError(f"{item.nodeid} took longer than {_TEST_SECONDS} s")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(_TEST_SECONDS)
    try:
        return (yield)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


pytest_runtest_setup = pytest.hookimpl(wrapper=True)(_within_time)
pytest_runtest_call = pytest.hookimpl(wrapper=True)(_within_time)
pytest_runtest_teardown = pytest.hookimpl(wrapper=True)(_within_time)


async def _fill(admin_url: str, template_url: str, lake: Path) -> None:
    admin = await asyncpg.connect(admin_url)
    # Clones are made by the dozen, and none has to last or to be kept tidy.
    for each in ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off"):
        await admin.execute(f"ALTER SYSTEM SET {each}")
    await admin.execute("SELECT pg_reload_conf()")
    await admin.execute("CREATE DATABASE template_demo")
    await admin.close()
    workspace = load_workspace(DEMO, {})
    plan = Plan(workspace.dictionary, ANCHOR, workspace.timezone, _CLAIMS)
    connection = await asyncpg.connect(template_url)
    await seed_postgres(connection, plan, "postgres", lambda *_: None)
    await connection.close()
    await asyncio.to_thread(seed_duckdb, lake, plan, "lakehouse", lambda *_: None)
    database = Database(template_url)
    await database.migrate()
    tables = {table.qualified: table.impersonal for table in workspace.dictionary.tables.values()}
    await database.watch_tables(tables)
    reader = await database.grant_reader(tables, "reader-of-the-tests", is_ours=True)
    # The role is named after its database; what it may read in the template it may read in every clone of it.
    await database.fetch(f"ALTER ROLE {urlsplit(reader).username} RENAME TO assay_reader")
    await database.fetch("ANALYZE")
    await database.close()


@dataclass
class House:
    """One running Assay of a test: its own database, its own copy of the workspace and of the lakehouse."""

    running: Running
    client: httpx.AsyncClient
    settings: Settings
    url: str
    clock: list[datetime]

    @property
    def root(self) -> Path:
        return self.settings.workspace

    async def ask(self, metric_id: str, **question: object) -> dict[str, object]:
        response = await self.client.post(f"/v1/metrics/{metric_id}/data", json=question)
        assert response.status_code == 200, response.text
        return response.json()

    def application(self, **parts: object) -> ASGIApp:
        """The routes with parts of a test's own, behind the entry and the guard that stand before all routes."""
        api, running = create_api(), self.running
        for name, part in {"running": running, **parts}.items():
            setattr(api.state, name, part)
        door = Door(running.database, None, running.ring.mac, lambda: running.around.epoch.copy)
        tokens = AccessTokens({}, "", running.database, door)
        guard = Guard(api, self.settings, door, Proxied({}, running.database, door), running.noting, tokens)
        return Entry(guard, self.settings, running.corridor.tracing, running.hub)


@pytest.fixture(autouse=True)
def logged_as_before() -> Iterator[None]:
    """A command that ran within a test has set up its own log: the next test is logged as if none had."""
    known = [logging.getLogger(name) for name in (None, "assay", ACCESS, "asyncpg")]
    levels, handlers = [each.level for each in known], [*known[0].handlers]
    yield
    for each, level in zip(known, levels, strict=True):
        each.setLevel(level)
    known[0].handlers[:] = handlers


@pytest.fixture(scope="session")
def workspace() -> Workspace:
    return load_workspace(DEMO, {})


@pytest.fixture(scope="session")
def lake() -> Path:
    """The filled lakehouse; read it only."""
    return Path(os.environ[_LAKE])


@asynccontextmanager
async def cloned_database() -> AsyncIterator[str]:
    """The URL of a clone of the filled database, dropped at the end."""
    name = f"clone_{uuid.uuid4().hex[:12]}"
    await _admin(f"CREATE DATABASE {name} TEMPLATE template_demo STRATEGY FILE_COPY")
    await _admin(f"REVOKE TEMP ON DATABASE {name} FROM PUBLIC")
    try:
        yield f"{os.environ[_URL]}/{name}"
    finally:
        await _admin(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def empty_database() -> AsyncIterator[str]:
    """The URL of a database without a table, dropped at the end."""
    name = f"empty_{uuid.uuid4().hex[:12]}"
    await _admin(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield f"{os.environ[_URL]}/{name}"
    finally:
        await _admin(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database_url() -> AsyncIterator[str]:
    async with cloned_database() as url:
        yield url


async def _admin(sql: str) -> None:
    connection = await asyncpg.connect(f"{os.environ[_URL]}/assay")
    try:
        for _ in range(1_200):
            try:
                await connection.execute(sql)
                return
            except asyncpg.ObjectInUseError:  # another worker is cloning the template just now
                await asyncio.sleep(0.1)
        raise TimeoutError(sql)
    finally:
        await connection.close()


@pytest.fixture
def workspace_copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO, tmp_path / "workspace"))


def _furnish(home: Path, lake: Path) -> None:
    home.mkdir()
    os.link(lake, home / "lakehouse.duckdb")


@contextmanager
def collected() -> Iterator[None]:
    """The garbage of what runs within is collected at its end; what is older, a million objects, is not looked through."""
    gc.freeze()
    try:
        yield
    finally:
        gc.collect()
        gc.unfreeze()


async def eventually(holds: Callable[[], Awaitable[T]], seconds: float = 120) -> T:
    """Ask until the answer is true, and return it. The last answer is in the failure."""
    until = asyncio.get_running_loop().time() + seconds
    while not (found := await holds()):
        assert asyncio.get_running_loop().time() < until, f"not within {seconds} s; last {found!r}"
        await asyncio.sleep(0.02)
    return found


@asynccontextmanager
async def open_house(database_url: str, workspace: Path, lake: Path, home: Path) -> AsyncIterator[House]:
    _furnish(home, lake)
    settings = Settings(workspace, home, "127.0.0.1", 8400, database_url, None)
    around = Surroundings(database_url, with_user(database_url, "assay_reader", "reader-of-the-tests"), home)
    clock = [ANCHOR]
    running = await start_running(workspace, Database(database_url), around, Ring(["key-of-the-tests"]), lambda: clock[0])
    tasks = [asyncio.ensure_future(each) for each in running.tasks()]
    transport = httpx.ASGITransport(create_app(settings, running))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400", timeout=30) as client:
        yield House(running, client, settings, database_url, clock)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await running.close()


@pytest.fixture
async def house(database_url: str, workspace_copy: Path, lake: Path, tmp_path: Path) -> AsyncIterator[House]:
    """A whole Assay without the socket: the application is called directly, everything behind it is real."""
    async with open_house(database_url, workspace_copy, lake, tmp_path / "home") as house:
        yield house


@pytest.fixture(scope="module")
async def shared_house(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One for all tests of a file that change nothing in it."""
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(DEMO, folder / "workspace")
    async with cloned_database() as url, open_house(url, folder / "workspace", lake, folder / "home") as house:
        yield house
