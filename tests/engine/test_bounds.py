"""Behind the gate: what the engines themselves refuse, with the gate out of the way."""

import asyncio
import os
import resource
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import duckdb
import pytest
from tests.conftest import cloned_database, eventually

from assay.backends.protocol import BESIDE
from assay.engines.duckdb.driver import DuckDBBackend
from assay.engines.postgres.driver import PostgresBackend
from assay.errors import BackendTimeout, StatementFailed
from assay.gate.verdict import SEAL, SafeSql
from assay.store.database import with_user


def unjudged(text: str, dialect: str) -> SafeSql:
    """A statement that no gate has seen: only a test that holds the gate's own seal can make one."""
    return SafeSql(text, dialect, frozenset(), frozenset(), (), 1, (), seal=SEAL)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
async def database_url() -> AsyncIterator[str]:
    """One for all: nothing here can change it, as each test says."""
    async with cloned_database() as url:
        yield url


@pytest.fixture
async def postgres(database_url: str) -> AsyncIterator[PostgresBackend]:
    reader = with_user(database_url, "assay_reader", "reader-of-the-tests")
    backend = PostgresBackend("postgres", reader, counted=True, statement_timeout_seconds=1)
    yield backend
    await backend.close()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO l3_asurion.ref_state SELECT * FROM l3_asurion.ref_state",
        "UPDATE l3_asurion.ev_claim SET cost_avoided_usd = 0",
        "DELETE FROM l3_asurion.ev_claim",
        "DROP TABLE l3_asurion.ev_claim",
        "TRUNCATE l3_asurion.ev_claim",
        "CREATE TABLE l3_asurion.mine (a int)",
        "CREATE TEMP TABLE mine (a int)",
        "CREATE TABLE public.mine (a int)",
        "SELECT * FROM assay.receipt",
        "SELECT rolpassword FROM pg_authid",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY l3_asurion.ev_claim TO PROGRAM 'cat'",
        "SELECT lo_import('/etc/passwd')",
        "SET ROLE assay",
        "WITH gone AS (DELETE FROM l3_asurion.ev_claim RETURNING 1) SELECT count(*) FROM gone",
        "SELECT 1; DELETE FROM l3_asurion.ev_claim",
    ],
)
async def test_the_reader_can_do_no_harm_on_postgres(postgres: PostgresBackend, database_url: str, statement: str) -> None:
    with pytest.raises(StatementFailed):
        await postgres.run(unjudged(statement, "postgres"), {}, (), 10)
    owner = await asyncpg.connect(database_url)
    assert await owner.fetchval("SELECT count(*) FROM l3_asurion.ev_claim") > 50_000
    await owner.close()


async def test_the_reader_can_do_no_harm_even_where_it_undoes_its_own_settings(database_url: str) -> None:
    reader = await asyncpg.connect(with_user(database_url, "assay_reader", "reader-of-the-tests"))
    await reader.execute("SET default_transaction_read_only = off; SET statement_timeout = 0")
    for statement in (
        "DELETE FROM l3_asurion.ev_claim",
        "CREATE TEMP TABLE mine (a int)",
        "CREATE TABLE public.mine (a int)",
        "SELECT pg_advisory_lock(1095979849)",
        "SELECT pg_try_advisory_xact_lock_shared(1, 2)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(statement)
    await reader.close()


async def test_a_slow_statement_is_cancelled_on_postgres(postgres: PostgresBackend, database_url: str) -> None:
    with pytest.raises(BackendTimeout):
        await postgres.run(unjudged("SELECT pg_sleep(30)", "postgres"), {}, (), 0.3)
    owner = await asyncpg.connect(database_url)
    running = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE usename = 'assay_reader' AND query LIKE '%pg_sleep%' AND state = 'active' AND datname = current_database()"
    )
    for _ in range(200):
        if await owner.fetchval(running) == 0:
            break
    assert await owner.fetchval(running) == 0
    await owner.close()


async def test_the_servers_own_timeout_stands_behind_ours(postgres: PostgresBackend) -> None:
    with pytest.raises(BackendTimeout):
        await postgres.run(unjudged("SELECT pg_sleep(30)", "postgres"), {}, (), 20)


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("SELECT repeat('x', 300000000) AS a", id="one value", marks=pytest.mark.exhaustive),
        pytest.param("SELECT repeat('x', 1000000) AS a FROM generate_series(1, 300)", id="many rows"),
    ],
)
async def test_a_result_is_bounded_in_bytes_while_it_arrives_from_postgres(database_url: str, statement: str) -> None:
    backend = PostgresBackend("postgres", database_url, counted=False)
    large, small = unjudged(statement, "postgres"), unjudged("SELECT repeat('x', 40000000) AS a", "postgres")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(StatementFailed, match="larger than 64 MB"):
        await backend.run(large, {}, (), 60)
    compared = backend.snapshot(())
    snapshot = await compared.__aenter__()
    for _ in range(2):  # each result has the room to itself
        assert len((await snapshot.run(small, {}, (), 60)).rows[0][0]) == 40_000_000
    with pytest.raises(StatementFailed, match="larger than 64 MB") as failed:
        await snapshot.run(large, {}, (), 60)
    with pytest.raises(StatementFailed, match="larger than 64 MB"):
        await compared.__aexit__(failed.type, failed.value, failed.tb)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # kB
    assert (await backend.run(unjudged("SELECT 1 AS a", "postgres"), {}, (), 60)).rows == [(1,)]
    await backend.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM l3_asurion.ev_claim",
        "CREATE TABLE l3_asurion.mine (a int)",
        "DROP TABLE l3_asurion.ev_claim",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "COPY l3_asurion.ev_claim TO '/tmp/claims.csv'",
        "ATTACH '/tmp/other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET memory_limit = '100GB'",
        "SET enable_external_access = true",
        "SET threads = 64",
        "SET lock_configuration = false",
    ],
)
async def test_duckdb_is_read_only_locked_and_closed_to_the_outside(lake: Path, statement: str) -> None:
    backend = DuckDBBackend("lakehouse", lake)
    try:
        with pytest.raises(StatementFailed):
            await backend.run(unjudged(statement, "duckdb"), {}, (), 10)
    finally:
        await backend.close()


async def test_a_slow_statement_is_interrupted_on_duckdb(lake: Path) -> None:
    backend = DuckDBBackend("lakehouse", lake)
    slow = "SELECT count(*) FROM range(10000000000) AS a(x) WHERE x % 7 = 3"
    try:
        with pytest.raises(BackendTimeout):
            await backend.run(unjudged(slow, "duckdb"), {}, (), 0.3)
        assert (await backend.health()).ok
    finally:
        await backend.close()


@pytest.mark.exhaustive
async def test_slow_statements_never_stand_before_columns_and_health_on_duckdb(lake: Path) -> None:
    backend = DuckDBBackend("lakehouse", lake)
    text = "SELECT count(*) FROM range(10000000000) AS a(x) WHERE x % 7 = 3"
    slow = [asyncio.ensure_future(backend.run(unjudged(text, "duckdb"), {}, (), 600)) for _ in range(20)]

    async def are_all_taken() -> bool:
        return backend.running == backend.places + BESIDE

    await eventually(are_all_taken)
    assert (await backend.health()).ok
    assert await backend.describe("l3_asurion.ref_state")
    assert not any(each.done() for each in slow)
    for each in slow:
        each.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    await backend.close()


async def test_what_an_ended_process_left_beside_the_file_is_cleared_away(tmp_path: Path) -> None:
    """A process that is ended while it opens the file has no time to take its other name of it back."""
    file = tmp_path / "lake[1].duckdb"
    duckdb.connect(file).close()
    backend = DuckDBBackend("lakehouse", file)
    slow = "SELECT count(*) FROM range(10000000000) AS a(x) WHERE x % 7 = 3"
    assert (await backend.health()).ok
    late, others = backend._workers._idle[-1].pid, tmp_path / f".assay-1-1.{file.name}"
    (tmp_path / f".assay-{late}-1.{file.name}").hardlink_to(file)
    others.hardlink_to(file)
    with pytest.raises(BackendTimeout):
        await backend.run(unjudged(slow, "duckdb"), {}, (), 0.3)
    await backend.close()
    assert sorted(os.listdir(tmp_path)) == sorted([file.name, others.name])


async def test_duckdb_has_a_bound_on_memory_and_threads(lake: Path) -> None:
    backend = DuckDBBackend("lakehouse", lake)
    asked = "SELECT current_setting('memory_limit'), current_setting('threads'), current_setting('enable_external_access')"
    try:
        rows = (await backend.run(unjudged(asked, "duckdb"), {}, (), 10)).rows
        assert rows == [("953.6 MiB", 2, False)]
    finally:
        await backend.close()


def test_a_safe_statement_cannot_be_made_without_the_gate() -> None:
    with pytest.raises(TypeError):
        SafeSql("SELECT 1", "duckdb", frozenset(), frozenset(), (), 1, ())
