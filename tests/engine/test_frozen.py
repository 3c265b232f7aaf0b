"""A server that says nothing, and one that is only slow: who waits is told of the first, and waits for the second."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.conftest import eventually
from tests.patience import as_elsewhere

from assay.engines.postgres.driver import PostgresBackend
from assay.errors import BackendUnavailable, StoreUnavailable
from assay.gate import SafeSql
from assay.gate.verdict import SEAL
from assay.store.database import Database
from assay.store.embedded import EmbeddedPostgres


def sealed(text: str) -> SafeSql:
    return SafeSql(text, "postgres", frozenset(), frozenset(), (), 1, (), seal=SEAL)


@pytest.fixture(scope="module", autouse=True)
def impatience() -> Iterator[None]:
    with as_elsewhere():
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """A server of this file's own: it is frozen."""
    with tempfile.TemporaryDirectory(prefix="assay-frozen-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        postgres = EmbeddedPostgres(home)
        postgres.start()
        try:
            yield postgres
        finally:
            postgres.stop()


@contextmanager
def frozen(server: EmbeddedPostgres) -> Iterator[None]:
    """The server and every process of it hold still; connections stay open and are taken."""
    pids = [server.pid, *_children(server.pid)]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):  # a backend whose client is gone may have ended
                os.kill(pid, signal.SIGCONT)


def _children(parent: int | None) -> list[int]:
    assert parent is not None
    return [int(each) for each in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


@pytest.fixture
async def backend(server: EmbeddedPostgres) -> AsyncIterator[PostgresBackend]:
    backend = PostgresBackend("postgres", server.url, counted=False, statement_timeout_seconds=600)
    yield backend
    await backend.close()


async def ask(backend: PostgresBackend, text: str = "SELECT 1") -> object:
    return (await backend.run(sealed(text), {}, (), 600)).rows[0][0]


@pytest.mark.exhaustive
async def test_a_frozen_server_is_an_honest_answer_long_before_the_statements_own_time(
    server: EmbeddedPostgres, backend: PostgresBackend
) -> None:
    """Ten minutes are the statement's time here: an answer within the test's own is not that time-out."""
    assert await ask(backend) == 1
    with frozen(server):
        told = await asyncio.gather(*(ask(backend) for _ in range(10)), return_exceptions=True)
        assert {type(each) for each in told} == {BackendUnavailable}
        assert "says nothing" in str(told[0])
        with pytest.raises(BackendUnavailable):  # at once: it is known
            await ask(backend)
        with pytest.raises(BackendUnavailable):
            await backend.data_version(("assay.nothing",))
        assert not (await backend.health()).ok

    async def answers() -> bool:
        try:
            return await ask(backend) == 1
        except BackendUnavailable:
            return False

    assert await eventually(answers)


@pytest.mark.exhaustive
async def test_a_server_that_is_frozen_before_it_was_ever_asked_is_one_too(server: EmbeddedPostgres) -> None:
    backend = PostgresBackend("postgres", server.url, counted=False)
    with frozen(server):
        told = await asyncio.gather(*(ask(backend) for _ in range(4)), return_exceptions=True)
    assert {type(each) for each in told} == {BackendUnavailable}
    await backend.close()


@pytest.mark.exhaustive
async def test_a_statement_that_takes_its_time_is_waited_for(backend: PostgresBackend) -> None:
    assert await ask(backend, "SELECT 7 FROM pg_sleep(4)") == 7


async def test_slow_statements_never_stand_before_versions_and_health(backend: PostgresBackend) -> None:
    slow = [asyncio.ensure_future(ask(backend, "SELECT 1 FROM pg_sleep(60)")) for _ in range(20)]
    await asyncio.sleep(0)
    assert (await backend.health()).ok
    assert await backend.describe("assay.nothing") is None
    assert not any(each.done() for each in slow)
    for each in slow:
        each.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


async def test_a_frozen_store_is_said_to_be_away(server: EmbeddedPostgres) -> None:
    store = Database(server.url)
    assert (await store.fetch("SELECT 1"))[0][0] == 1
    with frozen(server), pytest.raises(StoreUnavailable, match="says nothing"):
        await store.fetch("SELECT 1")
    await store.close()
