"""The same plan gives the same rows, byte for byte, on PostgreSQL and on DuckDB."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import asyncpg
import duckdb
import pytest
from tests.conftest import ANCHOR

from assay.catalog import ddl
from assay.catalog.dictionary import Column, Table
from assay.catalog.workspace import Workspace
from assay.demo.seed import Plan, seed_duckdb, seed_postgres


def _as_text(column: Column, engine: str) -> str:
    name = f'"{column.name}"'
    if column.type.kind == "timestamp":
        micros = {"postgres": f"CAST(EXTRACT(EPOCH FROM {name}) * 1000000 AS BIGINT)", "duckdb": f"EPOCH_US({name})"}
        name = micros[engine]
    return f"COALESCE(CAST({name} AS VARCHAR), '~')"


def _checksum(table: Table, engine: str) -> str:
    """Count and two sums over the digests of the rows: the same for the same rows in any order."""
    row = " || '|' || ".join(_as_text(column, engine) for column in table.columns.values())
    digits = {
        "postgres": "CAST(CAST(('x' || SUBSTR(MD5(r), {0}, 8)) AS BIT(32)) AS BIGINT)",
        "duckdb": "CAST('0x' || SUBSTR(MD5(r), {0}, 8) AS BIGINT)",
    }[engine]
    sums = ", ".join(f"CAST(SUM({digits.format(start)}) AS VARCHAR)" for start in (1, 9))
    return f"SELECT COUNT(*), {sums} FROM (SELECT {row} AS r FROM {table.qualified}) AS t"


async def _differing(connection: asyncpg.Connection, lake: Path, tables: list[Table]) -> list[str]:
    with duckdb.connect(str(lake), read_only=True) as file:
        differing: list[str] = []
        for table in tables:
            postgres = await connection.fetchrow(_checksum(table, "postgres"))
            count = file.execute(_checksum(table, "duckdb")).fetchone()
            assert postgres is not None
            assert count is not None
            assert count[0] > 0, table.name
            if tuple(postgres) != count:
                differing.append(f"{table.name}: {tuple(postgres)} != {count}")
        return differing


@pytest.mark.exhaustive
async def test_the_filled_engines_hold_the_same_rows(database_url: str, lake: Path, workspace: Workspace) -> None:
    connection = await asyncpg.connect(database_url)
    tables = [table for table in workspace.dictionary.tables.values() if table.lies_in("lakehouse")]
    assert len(tables) == 12
    assert await _differing(connection, lake, tables) == []
    await connection.close()


@pytest.mark.exhaustive
async def test_another_moment_and_zone_fill_them_alike_and_in_full(
    database_url: str, tmp_path: Path, workspace: Workspace
) -> None:
    plan = Plan(workspace.dictionary, datetime(2026, 4, 1, 4, 0, 1, tzinfo=UTC), "America/New_York", 40_000)
    connection = await asyncpg.connect(database_url)
    told: list[tuple[str, int, int]] = []
    await seed_postgres(connection, plan, "postgres", lambda *step: told.append(step))
    lake = tmp_path / "lakehouse.duckdb"
    seed_duckdb(lake, plan, "postgres", lambda *_: None)  # all tables, the operational ones too
    assert await _differing(connection, lake, list(workspace.dictionary.tables.values())) == []
    done = [step[1] for step in told]
    assert done == sorted(done)
    assert told[-1] == ("done", told[0][2], told[0][2])
    await connection.close()


async def test_the_figures_hold_in_postgres(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    month = ANCHOR.replace(day=1, hour=0, minute=0, second=0)
    now = ANCHOR + timedelta(minutes=1)
    assert await connection.fetchval(
        "SELECT SUM(cost_avoided_usd) FROM l3_asurion.ev_claim WHERE claim_status <> 'denied'"
        " AND claim_open_ts >= $1 AND claim_open_ts < $2",
        month, now,
    ) == Decimal("1410000.00")  # fmt: skip
    alive = "SELECT COUNT(*) FROM l3_asurion.{} WHERE {} < $1 AND ({} IS NULL OR {} >= $1)"
    issues = alive.format("ev_issue_session", "opened_ts", "closed_ts", "closed_ts")
    claims = alive.format("ev_claim", "work_started_ts", "work_ended_ts", "work_ended_ts")
    assert await connection.fetchval(issues, now) == 1286
    assert await connection.fetchval(claims, now) == 642
    since = now - timedelta(days=30)
    assert await connection.fetchval(
        "SELECT AVG(csat_score) FROM l3_asurion.ev_survey_response WHERE responded_ts >= $1 AND responded_ts < $2",
        since,
        now,
    ) == Decimal("4.6")
    taken = "SELECT COUNT(*) FROM l3_asurion.ops_recommendation WHERE decided_ts >= $1 AND decided_ts < $2 AND status = $3"
    assert await connection.fetchval(taken, since, now, "approved") == 120
    assert await connection.fetchval(taken, since, now, "dismissed") == 18
    await connection.close()


async def test_every_declared_index_is_there(database_url: str, workspace: Workspace) -> None:
    connection = await asyncpg.connect(database_url)
    found = {row[0] for row in await connection.fetch("SELECT indexname FROM pg_indexes WHERE schemaname = 'l3_asurion'")}
    for table in workspace.dictionary.tables.values():
        for name, _ in ddl.create_indexes(table, workspace.dictionary):
            assert name in found
    await connection.close()


TEN_DAYS_AGO = "CAST($1 AS TIMESTAMPTZ) - INTERVAL '10 days'"
ON_THE_FRONT_PAGE = {
    "claim_open_ts": f"ev_claim WHERE claim_open_ts >= {TEN_DAYS_AGO} AND claim_open_ts < $1",
    "work_ended_ts": "ev_claim WHERE work_started_ts < $1 AND (work_ended_ts IS NULL OR work_ended_ts >= $1)",
    "closed_ts": "ev_issue_session WHERE opened_ts < $1 AND (closed_ts IS NULL OR closed_ts >= $1)",
    "responded_ts": f"ev_survey_response WHERE responded_ts >= {TEN_DAYS_AGO}",
    "customer_id": "ev_claim WHERE customer_id = 'cust_demo_001' AND claim_open_ts < $1",
}


@pytest.mark.parametrize("column", ON_THE_FRONT_PAGE)
async def test_questions_of_the_front_page_go_by_an_index(database_url: str, column: str) -> None:
    connection = await asyncpg.connect(database_url)
    plan = await connection.fetch(f"EXPLAIN SELECT COUNT(*) FROM l3_asurion.{ON_THE_FRONT_PAGE[column]}", ANCHOR)
    await connection.close()
    assert any(column in row[0] and "Index" in row[0] for row in plan), plan


@pytest.mark.exhaustive
async def test_a_seeding_that_fails_leaves_the_old_rows(database_url: str, workspace: Workspace) -> None:
    connection = await asyncpg.connect(database_url)
    before = await connection.fetchval("SELECT COUNT(*) FROM l3_asurion.ev_claim")

    def stop(label: str, done: int, of: int) -> None:
        if label == "fill ev_device":
            raise RuntimeError("stopped")

    plan = Plan(workspace.dictionary, ANCHOR, "UTC", 40_000)
    with pytest.raises(RuntimeError, match="stopped"):
        await seed_postgres(connection, plan, "postgres", stop)
    assert await connection.fetchval("SELECT COUNT(*) FROM l3_asurion.ev_claim") == before
    await connection.close()


@pytest.mark.exhaustive
async def test_a_caller_may_hold_the_transaction(database_url: str, workspace: Workspace) -> None:
    connection = await asyncpg.connect(database_url)
    plan = Plan(workspace.dictionary, ANCHOR, "UTC", 40_000)
    async with connection.transaction():
        await seed_postgres(connection, plan, "postgres", lambda *_: None)
        await connection.execute("COMMENT ON TABLE l3_asurion.ev_claim IS 'seeded'")
    comment = "SELECT OBJ_DESCRIPTION('l3_asurion.ev_claim'::REGCLASS)"
    assert await connection.fetchval(comment) == "seeded"
    await connection.close()
