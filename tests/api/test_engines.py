"""The engines behind their protocol: a file that is replaced, a pool that heals, a statement that is cancelled."""

import asyncio
import contextlib
import os
import pickle
import resource
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import duckdb
import pytest
from tests.api.steps import database_away
from tests.conftest import cloned_database, collected, eventually, open_house

from assay.answers.making import check_groups
from assay.backends.protocol import DataVersion, Rows
from assay.catalog.workspace import Workspace
from assay.engine import Dialect
from assay.engines.duckdb import apart
from assay.engines.duckdb.driver import DuckDBBackend
from assay.engines.postgres.driver import PostgresBackend
from assay.errors import AssayError, BackendTimeout, BackendUnavailable, StatementFailed
from assay.gate import Policy, SafeSql, judge
from assay.gate.verdict import SEAL
from assay.store.database import Database, with_user

COUNT = "SELECT COUNT(*) AS value FROM l3_asurion.ev_claim AS c LIMIT 1"
TABLES = ("l3_asurion.ev_claim",)
READABLE = {TABLES[0]: ("claim_id", "region", "cost_avoided_usd")}


def judged(workspace: Workspace, sql: str, dialect: Dialect) -> SafeSql:
    verdict = judge(sql, dialect, Policy.from_dictionary(workspace.dictionary))
    assert verdict.safe is not None, verdict.violations
    return verdict.safe


def endless(text: str = "SELECT SUM(a.range + b.range) FROM range(10000000) AS a, range(10000000) AS b") -> SafeSql:
    """What the gate would never pass: hours of work that no luck makes short."""
    return SafeSql(text, "duckdb", frozenset(), frozenset(), (), 1, (), seal=SEAL)


@pytest.fixture
def read_here() -> Iterator[None]:
    """Reading in the test's own process; the address space that a reader allows itself is too small for a Chromium."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    yield
    if apart._Last.opened is not None:
        apart._Last.opened.connection.close()
        apart._Last.opened = None
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.fixture
async def duck(tmp_path: Path, lake: Path) -> AsyncIterator[DuckDBBackend]:
    shutil.copyfile(lake, tmp_path / "lake.duckdb")
    backend = DuckDBBackend("lakehouse", tmp_path / "lake.duckdb")
    yield backend
    await backend.close()


@pytest.fixture
async def postgres(database_url: str) -> AsyncIterator[PostgresBackend]:
    backend = PostgresBackend("postgres", database_url, counted=True, statement_timeout_seconds=20)
    yield backend
    await backend.close()


def replace(file: Path, *, claims: int) -> None:
    """A new file renamed over the old one, with so many claims."""
    fresh = file.with_suffix(".fresh")
    shutil.copyfile(file, fresh)
    with duckdb.connect(str(fresh)) as connection:
        kept = f"SELECT rowid FROM l3_asurion.ev_claim LIMIT {claims}"
        connection.execute(f"DELETE FROM l3_asurion.ev_claim WHERE rowid NOT IN ({kept})")
    os.replace(fresh, file)


async def count(backend: DuckDBBackend | PostgresBackend, workspace: Workspace) -> tuple[int, str]:
    rows = await backend.run(judged(workspace, COUNT, backend.dialect), {}, TABLES, 20)
    return rows.rows[0][0], rows.data_version.text


# -- DuckDB ---------------------------------------------------------------------------------------


async def test_a_replaced_file_is_what_the_next_statement_reads(
    duck: DuckDBBackend, workspace: Workspace, tmp_path: Path
) -> None:
    """A path that is open already gives its old file again, unless it is opened by another name."""
    before = await count(duck, workspace)
    seen = {before[1]}
    for claims in (11, 7, 5):
        await asyncio.to_thread(replace, tmp_path / "lake.duckdb", claims=claims)
        await duck.look()
        assert duck.known_version(TABLES) is None, "what lies there now was not read yet"
        assert (await duck.data_version(TABLES)).text not in seen
        found, version = await count(duck, workspace)
        assert found == claims
        assert version == duck.known_version(TABLES).text  # pyright: ignore[reportOptionalMemberAccess]
        seen.add(version)
    assert sorted(os.listdir(tmp_path)) == ["lake.duckdb"]


@pytest.mark.exhaustive
async def test_a_file_replaced_under_running_statements_gives_each_one_file_or_the_other_whole(
    duck: DuckDBBackend, workspace: Workspace, tmp_path: Path
) -> None:
    all_claims, first = await count(duck, workspace)
    found: list[tuple[int, str]] = []

    async def ask_on() -> None:
        for _ in range(40):
            found.append(await count(duck, workspace))

    asking = [asyncio.ensure_future(ask_on()) for _ in range(4)]
    await eventually(lambda: asyncio.sleep(0, len(found) > 10))
    await asyncio.to_thread(replace, tmp_path / "lake.duckdb", claims=9)
    await asyncio.gather(*asking)
    second = (await duck.data_version(TABLES)).text
    assert set(found) <= {(all_claims, first), (9, second)}
    assert await count(duck, workspace) == (9, second)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write into a folder that is read-only")
async def test_a_file_in_a_folder_that_cannot_be_written_is_read_too(
    duck: DuckDBBackend, workspace: Workspace, tmp_path: Path
) -> None:
    os.chmod(tmp_path, 0o500)
    assert (await count(duck, workspace))[0] > 0
    os.chmod(tmp_path, 0o700)
    replace(tmp_path / "lake.duckdb", claims=3)
    os.chmod(tmp_path, 0o500)
    assert (await count(duck, workspace))[0] == 3
    os.chmod(tmp_path, 0o700)


@pytest.mark.usefixtures("read_here")
def test_where_no_second_name_can_be_made_the_new_file_is_read_all_the_same(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "no links here")

    file = tmp_path / "lake.duckdb"
    shutil.copyfile(lake, file)
    monkeypatch.setattr("assay.engines.duckdb.apart.os.link", refuse)
    for claims in (6, 4):
        replace(file, claims=claims)
        _, _, batches = apart.read("lakehouse", str(file), COUNT, {}, 1_000)
        assert pickle.loads(batches[0])[0][0] == claims


async def test_a_duckdb_statement_that_takes_too_long_is_cancelled_and_its_process_is_ended(
    duck: DuckDBBackend, workspace: Workspace
) -> None:
    late = await asyncio.gather(*(duck.run(endless(), {}, TABLES, 0.05) for _ in range(12)), return_exceptions=True)
    assert {type(each) for each in late} == {BackendTimeout}
    await eventually(lambda: asyncio.sleep(0, not duck.running))
    assert (await count(duck, workspace))[0] > 0


async def test_whoever_leaves_takes_the_duckdb_statement_along(duck: DuckDBBackend) -> None:
    task = asyncio.ensure_future(duck.run(endless(), {}, TABLES, 60))
    await eventually(lambda: asyncio.sleep(0, bool(duck.running)))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await eventually(lambda: asyncio.sleep(0, not duck.running))


LONG = "repeat('0123456789abcdef', 40000)"


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    "text",
    [
        # What DuckDB does not interrupt: one value of one row.
        f"SELECT damerau_levenshtein({LONG}, {LONG} || range::VARCHAR) FROM range(3)",
        "SELECT length(" + "replace(" * 9 + "'aaaaaaaaaa'" + ", 'a', 'aaaaaaaaaa')" * 9 + ")",
        "SELECT " + " || ".join(f"rpad('', 20000000, '{number % 10}')" for number in range(200)),
        f"SELECT list_sort(string_split(repeat({LONG}, 100), ''))",
    ],
    ids=["damerau_levenshtein", "nested replace", "rpad", "list_sort"],
)
async def test_what_the_engine_does_not_interrupt_ends_with_its_process_and_its_memory(
    duck: DuckDBBackend, workspace: Workspace, text: str
) -> None:
    before = await count(duck, workspace)
    neighbour = asyncio.ensure_future(count(duck, workspace))
    with pytest.raises((BackendTimeout, StatementFailed)):
        await duck.run(endless(text), {}, TABLES, 1.5)
    assert await neighbour == before
    assert await count(duck, workspace) == before
    assert not duck.running


async def test_a_result_is_counted_while_it_comes(duck: DuckDBBackend, workspace: Workspace) -> None:
    """64 MB are the bound; this one would be 1.2 GB."""
    with pytest.raises(StatementFailed, match="larger than 64,000,000 bytes"):
        await duck.run(endless("SELECT repeat('x', 100000) || range::VARCHAR FROM range(12000)"), {}, TABLES, 60)
    assert (await count(duck, workspace))[0] > 0


async def test_a_file_that_was_cut_off_or_is_no_file_is_said_to_be_unreadable(duck: DuckDBBackend, tmp_path: Path) -> None:
    assert (await duck.health()).ok
    file = tmp_path / "lake.duckdb"
    whole = file.read_bytes()
    file.unlink()
    file.write_bytes(whole[: len(whole) * 2 // 3])
    found = await duck.health()
    assert not found.ok, found
    file.unlink()
    os.mkfifo(file)
    found = await duck.health()
    assert (found.ok, "is not a file" in found.detail) == (False, True)


async def test_closing_does_not_wait_for_a_statement_to_end_by_itself(lake: Path) -> None:
    backend = DuckDBBackend("lakehouse", lake)
    asking = asyncio.ensure_future(backend.run(endless(), {}, TABLES, 600))
    await eventually(lambda: asyncio.sleep(0, bool(backend.running)))
    async with asyncio.timeout(120):
        await backend.close()
    with pytest.raises(AssayError):
        await asking


async def test_a_closed_backend_is_a_reason(lake: Path, workspace: Workspace) -> None:
    backend = DuckDBBackend("lakehouse", lake)
    await backend.close()
    with pytest.raises(BackendUnavailable, match="was closed"):
        await count(backend, workspace)
    with pytest.raises(BackendUnavailable):
        await backend.describe("l3_asurion.ev_claim")


@pytest.mark.parametrize("content", [b"", b"no database", b"\x00" * 100_000])
async def test_no_damage_of_the_file_lets_a_driver_error_out(tmp_path: Path, workspace: Workspace, content: bytes) -> None:
    file = tmp_path / "lake.duckdb"
    file.write_bytes(content)
    backend = DuckDBBackend("lakehouse", file)
    for act in (
        lambda: count(backend, workspace), lambda: backend.describe("a.b"), lambda: backend.data_version(TABLES)
    ):  # fmt: skip
        with contextlib.suppress(AssayError):
            await act()
    found = await backend.health()
    assert (found.ok, str(tmp_path) in found.detail) == (False, False)
    await backend.close()


# -- Postgres -------------------------------------------------------------------------------------


async def test_the_pool_heals_itself_when_the_server_was_away(
    postgres: PostgresBackend, workspace: Workspace, database_url: str
) -> None:
    before = await count(postgres, workspace)
    await asyncio.gather(*(count(postgres, workspace) for _ in range(8)))
    async with database_away(database_url):
        for asking in (count(postgres, workspace), postgres.describe(TABLES[0]), postgres.data_version(TABLES)):
            with pytest.raises(BackendUnavailable):
                await asking
        assert (await postgres.health()).ok is False
    found = await asyncio.gather(*(count(postgres, workspace) for _ in range(8)))
    assert set(found) == {before}


async def test_a_backend_that_never_was_there_is_a_reason(workspace: Workspace) -> None:
    for url in (
        "postgresql://a:secret@127.0.0.1:1/x", "postgresql://nowhere.invalid/x", "mysql://a:secret@b/c",
        "postgresql://a:secret/@127.0.0.1:1/y",
    ):  # fmt: skip
        backend = PostgresBackend("postgres", url, counted=False)
        with pytest.raises(BackendUnavailable):
            await count(backend, workspace)
        found = await backend.health()
        assert (found.ok, "secret" in found.detail) == (False, False)
        await backend.close()


async def test_a_value_that_cannot_be_sent_is_a_failed_statement_and_nobody_is_away(
    postgres: PostgresBackend, workspace: Workspace
) -> None:
    text = "SELECT COUNT(*) AS value FROM l3_asurion.ev_claim AS c WHERE c.claim_open_ts < $1 LIMIT 1"
    with pytest.raises(StatementFailed):
        await postgres.run(judged(workspace, text, "postgres"), {"p1": "no moment"}, TABLES, 5)


async def waiting_statements(url: str) -> int:
    connection = await asyncpg.connect(url)
    found = await connection.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
        " AND application_name = 'assay:postgres'"
    )
    await connection.close()
    return found


@pytest.mark.cases(1)
@pytest.mark.parametrize("by", ["statement_timeout", "deadline", "leaving"])
async def test_a_postgres_statement_is_cancelled_on_the_server(workspace: Workspace, database_url: str, by: str) -> None:
    seconds = {"statement_timeout": 0.3, "deadline": 30, "leaving": 30}[by]
    backend = PostgresBackend("postgres", database_url, counted=True, statement_timeout_seconds=seconds)
    await count(backend, workspace)
    holder = await asyncpg.connect(database_url)
    transaction = holder.transaction()
    await transaction.start()
    await holder.execute("LOCK TABLE l3_asurion.ev_claim IN ACCESS EXCLUSIVE MODE")
    asking = asyncio.ensure_future(
        backend.run(judged(workspace, COUNT, "postgres"), {}, TABLES, 0.3 if by == "deadline" else 20)
    )
    if by == "leaving":
        assert await eventually(lambda: waiting_statements(database_url)) == 1
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    else:
        with pytest.raises(BackendTimeout, match="was cancelled"):
            await asking

    async def none_left() -> bool:
        return await waiting_statements(database_url) == 0

    await eventually(none_left)
    await transaction.rollback()
    await holder.close()
    assert (await count(backend, workspace))[0] > 0
    await backend.close()


@pytest.mark.exhaustive
async def test_a_column_that_changes_its_type_is_a_reason_once_and_then_works(
    postgres: PostgresBackend, workspace: Workspace, database_url: str
) -> None:
    statement = judged(workspace, "SELECT MAX(c.claim_status) AS value FROM l3_asurion.ev_claim AS c LIMIT 1", "postgres")
    await postgres.run(statement, {}, TABLES, 20)
    connection = await asyncpg.connect(database_url)
    await connection.execute("ALTER TABLE l3_asurion.ev_claim ALTER claim_status TYPE varchar(99)")
    await connection.execute("ALTER TABLE l3_asurion.ev_claim DROP COLUMN issue_type CASCADE")
    try:
        await postgres.run(statement, {}, TABLES, 20)
    except StatementFailed:
        pass
    assert (await postgres.run(statement, {}, TABLES, 20)).rows
    gone = judged(workspace, "SELECT MAX(c.issue_type) AS value FROM l3_asurion.ev_claim AS c LIMIT 1", "postgres")
    with pytest.raises(StatementFailed, match="issue_type"):
        await postgres.run(gone, {}, TABLES, 20)
    await connection.close()


async def test_statistics_tell_of_every_change_a_counter_would(database_url: str) -> None:
    """Where Assay may keep no counter: new rows, a truncated table and a table made anew are all new versions."""
    backend = PostgresBackend("elsewhere", database_url, counted=False)
    table = "l3_asurion.ev_survey_response"
    connection = await asyncpg.connect(database_url)
    seen = {(await backend.data_version([table])).text}
    for change in (
        f"DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} LIMIT 1)",
        f"TRUNCATE {table}",
        f"CREATE TABLE l3_asurion.again AS SELECT * FROM {table}; DROP TABLE {table} CASCADE;"
        " ALTER TABLE l3_asurion.again RENAME TO ev_survey_response",
    ):
        await connection.execute(change)
        await connection.execute("SELECT pg_stat_force_next_flush()")

        async def moved() -> str | None:
            text = (await backend.data_version([table])).text
            return text if text not in seen else None

        seen.add(await eventually(moved))
    version = await backend.data_version([table])
    assert version.kind == "statistics"
    await connection.execute(f"CREATE VIEW l3_asurion.seen AS SELECT * FROM {table}")
    view = await backend.data_version(["l3_asurion.seen"])
    assert (view.kind, "~" in view.text) == ("time_bucket", True)
    await connection.close()
    await backend.close()


async def test_counts_that_begin_again_are_never_taken_for_the_data_of_before(database_url: str) -> None:
    """Reset statistics come by the same count once more: one row inserted and sixteen updated, where 17 were inserted."""
    backend, table = PostgresBackend("elsewhere", database_url, counted=False), "l3_asurion.tie"
    connection = await asyncpg.connect(database_url)
    await connection.execute(f"CREATE TABLE {table} (id bigint PRIMARY KEY)")
    await connection.execute(f"INSERT INTO {table} SELECT * FROM generate_series(1, 17)")

    async def counted() -> str | None:
        await connection.execute("SELECT pg_stat_force_next_flush()")
        text = (await backend.data_version([table])).text
        return text if "/17/" in text else None

    before = await eventually(counted)
    await connection.execute("SELECT pg_stat_reset()")
    await connection.execute(f"INSERT INTO {table} VALUES (18)")
    await connection.execute(f"UPDATE {table} SET id = id WHERE id < 17")
    after = await eventually(counted)
    assert before != after
    await connection.close()
    await backend.close()


@pytest.mark.exhaustive
@pytest.mark.parametrize("hears", [True, False])
async def test_a_changed_table_costs_no_answer_and_no_comparison(
    database_url: str, workspace: Workspace, hears: bool
) -> None:
    """The plan that a connection keeps is of the columns before: the statement is asked once more, on a fresh one."""
    backend = PostgresBackend("postgres", database_url, counted=True)
    backend.hears_moves(hears)
    connection = await asyncpg.connect(database_url)
    newest = judged(workspace, "SELECT MAX(c.claim_status) AS value FROM l3_asurion.ev_claim AS c LIMIT 1", "postgres")
    types = ("character varying(40)", "text", "character varying(50)", "text")
    for in_snapshot, kind in zip((False, True, True, False), types, strict=True):
        assert (await backend.run(newest, {}, TABLES, 20)).rows
        assert (await backend.run(newest, {}, TABLES, 20)).rows
        await connection.execute(f"ALTER TABLE l3_asurion.ev_claim ALTER COLUMN claim_status TYPE {kind}")
        if in_snapshot:
            async with backend.snapshot(TABLES) as snapshot:
                assert (await snapshot.run(newest, {}, TABLES, 20)).rows
        else:
            assert (await backend.run(newest, {}, TABLES, 20)).rows
    await connection.close()
    await backend.close()


async def test_a_snapshot_sees_one_state_of_the_data(database_url: str, workspace: Workspace) -> None:
    backend = PostgresBackend("postgres", database_url, counted=True)
    connection = await asyncpg.connect(database_url)
    how_many = judged(workspace, COUNT, "postgres")
    async with backend.snapshot(TABLES) as snapshot:
        before = await snapshot.run(how_many, {}, TABLES, 20)
        await connection.execute(
            "DELETE FROM l3_asurion.ev_claim WHERE ctid IN (SELECT ctid FROM l3_asurion.ev_claim LIMIT 3)"
        )
        again = await snapshot.run(how_many, {}, TABLES, 20)
    after = await backend.run(how_many, {}, TABLES, 20)
    assert (again.rows, again.data_version) == (before.rows, snapshot.version)
    assert after.rows[0][0] == before.rows[0][0] - 3
    assert after.data_version.text != snapshot.version.text
    await connection.close()
    await backend.close()


def test_values_are_taken_by_their_names() -> None:
    version = DataVersion("1", "counter", datetime.now(UTC))
    assert Rows(("value", "region"), [(1, "West")], version).by_name(["region", "value"]) == [("West", 1)]
    assert Rows((), [], version).by_name(["region", "value"]) == []
    long = "previous_" + "m" * 60
    assert Rows((long[:63],), [(1,)], version).by_name([long]) == [(1,)]
    for columns in (("region", "valeu"), ("region",), ("region", "value", "more"), ("region", "region")):
        with pytest.raises(StatementFailed, match="where region, value were asked for"):
            Rows(columns, [tuple(columns)], version).by_name(["region", "value"])


def test_a_group_has_one_value() -> None:
    for rows, keys, said in (
        ([["West", 1], ["East", 2], ["West", 2]], 1, "for the group West"),
        ([[None, 1], [None, 1]], 1, "for the group without a value"),
        ([["2026-11-02", "", 1], ["2026-11-02", "", 1]], 2, "for the group 2026-11-02, "),
        ([["NaN", 1], ["NaN", 2]], 1, "for the group NaN"),
        ([], 0, "0 rows where one total"),
        ([[1], [1]], 0, "2 rows where one total"),
    ):
        with pytest.raises(StatementFailed, match=said):
            check_groups(rows, keys)
    check_groups([["", 1], [None, 1], ["(none)", 1], ["a", 1], ["a ", 1], ["A", 1], [1, 1], [True, 1], ["1", 1]], 1)
    check_groups([[None]], 0)


@pytest.mark.exhaustive
async def test_a_view_is_never_taken_for_a_table_that_stands_still(database_url: str) -> None:
    database = Database(database_url)
    connection = await asyncpg.connect(database_url)
    await connection.execute("CREATE VIEW l3_asurion.seen AS SELECT * FROM l3_asurion.ev_claim")
    await database.watch_tables(["l3_asurion.seen", "l3_asurion.nowhere"])
    backend = PostgresBackend("postgres", database_url, counted=True)
    backend.hears_moves(True)
    assert (await backend.data_version(["l3_asurion.seen"])).kind == "time_bucket"
    assert backend.known_version(["l3_asurion.seen"]) is None
    await connection.close()
    await backend.close()
    await database.close()


async def test_the_reader_may_read_its_tables_and_nothing_else(database_url: str) -> None:
    database = Database(database_url)
    reader = await asyncpg.connect(await database.grant_reader(READABLE, "reader-of-this-test", is_ours=True))
    assert await reader.fetchval(f"SELECT count(*) FROM {TABLES[0]}") > 0
    assert await reader.fetchval("SELECT count(*) FROM assay.table_version") > 0
    assert await reader.fetchval("SHOW temp_file_limit") == "2GB"
    await reader.execute("SET default_transaction_read_only = off")
    for forbidden in (
        "SET temp_file_limit = -1",
        "SELECT * FROM assay.receipt", "SELECT * FROM assay.setting", f"DELETE FROM {TABLES[0]}",
        f"SELECT shipping_street FROM {TABLES[0]}", f"SELECT * FROM {TABLES[0]}", f"SELECT t FROM {TABLES[0]} AS t",
        "SELECT * FROM l3_asurion.ev_device", "CREATE TABLE x (a int)", "CREATE TABLE public.x (a int)",
        "CREATE TEMP TABLE x (a int)", f"UPDATE {TABLES[0]} SET region = 'x'",
        "UPDATE assay.table_version SET version = 0", "SELECT pg_read_file('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'id'",
    ):  # fmt: skip
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.InvalidSchemaNameError)):
            await reader.execute(forbidden)
    await reader.close()
    await database.fetch("SELECT pg_notify('nobody', '')")
    admin = await asyncpg.connect(database_url)
    oid = await admin.fetchval("SELECT oid FROM pg_database WHERE datname = current_database()")
    await admin.execute(f"DROP OWNED BY assay_reader_{oid}; DROP ROLE assay_reader_{oid}")
    await admin.close()
    await database.close()


@pytest.mark.exhaustive
async def test_a_database_of_somebody_else_s_keeps_what_everybody_may_do_in_it(database_url: str) -> None:
    admin = await asyncpg.connect(database_url)
    name = database_url.rpartition("/")[2]
    await admin.execute(f"GRANT TEMP ON DATABASE {name} TO PUBLIC; GRANT ALL ON SCHEMA public TO PUBLIC;"
                        f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC;"
                        "CREATE TABLE public.everybodys (a int); GRANT SELECT ON public.everybodys TO PUBLIC;"
                        "CREATE TABLE public.somebodys (a int)")  # fmt: skip
    rights = (
        f"SELECT datacl::text, (SELECT nspacl::text FROM pg_namespace WHERE nspname = 'public') FROM pg_database WHERE"
        f" datname = '{name}'"
    )
    before = await admin.fetchrow(rights)
    database = Database(database_url)
    reader_url = await database.grant_reader(READABLE, "reader-of-this-test")
    reader_name = urlsplit(reader_url).username
    after = await admin.fetchrow(rights)
    assert before is not None
    assert after is not None
    assert after[1] == before[1]
    # Of the database the reader has CONNECT, which everybody lacks here; of everybody's rights nothing is gone.
    assert set(str(before[0])[1:-1].split(",")) <= set(str(after[0])[1:-1].split(","))
    assert not await admin.fetchval("SELECT has_database_privilege('public', current_database(), 'CONNECT')")

    reader = await asyncpg.connect(reader_url)
    assert await reader.fetchval(f"SELECT count(*) FROM {TABLES[0]}") > 0
    await reader.execute("SET default_transaction_read_only = off")
    await reader.execute("CREATE TEMP TABLE mine (a int)")
    for forbidden in (
        "SELECT * FROM public.somebodys", "SELECT * FROM assay.receipt", f"DELETE FROM {TABLES[0]}",
        "SELECT * FROM l3_asurion.ev_device", "UPDATE assay.table_version SET version = 0", "DELETE FROM public.everybodys",
    ):  # fmt: skip
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.execute(forbidden)
    await reader.close()
    await admin.execute(f"DROP OWNED BY {reader_name}; DROP ROLE {reader_name}")
    await admin.close()
    await database.close()


@pytest.mark.exhaustive
async def test_an_assay_that_starts_on_another_database_of_the_server_locks_nobody_out(database_url: str) -> None:
    """Roles belong to the whole server; each database has a reader of its own, with a password of its own."""
    admin = await asyncpg.connect(database_url)
    await admin.execute("CREATE DATABASE beside_" + database_url[-8:])
    beside = Database(database_url.rpartition("/")[0] + "/beside_" + database_url[-8:])
    await beside.migrate()
    ours = Database(database_url)
    first, second = await asyncio.gather(ours.grant_reader(READABLE, "one"), beside.grant_reader({}, "two"))
    for url in (first, second):
        await (await asyncpg.connect(url)).close()
    await asyncio.gather(ours.close(), beside.close())
    for url in (first, second):
        name = url.partition("//")[2].partition(":")[0]
        owner = await asyncpg.connect(database_url if url is first else beside.url)
        await owner.execute(f"DROP OWNED BY {name}; DROP ROLE {name}")
        await owner.close()
    await admin.execute("DROP DATABASE beside_" + database_url[-8:])
    await admin.close()


async def test_no_task_is_left_behind_by_closing(database_url: str) -> None:
    before = asyncio.all_tasks()
    with collected():
        database = Database(database_url)
        listening = asyncio.ensure_future(database.listen(lambda *_: None, lambda _: None, ("assay_table",)))
        await database.fetch("SELECT 1")
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await database.close()

    async def same() -> bool:
        return asyncio.all_tasks() <= before

    await eventually(same)


@pytest.mark.exhaustive
async def test_an_ordinary_owner_is_enough_and_no_personal_column_is_read(
    workspace_copy: Path, lake: Path, tmp_path: Path
) -> None:
    """After set-up nothing needs a superuser: questions, changes, a table made anew, and the audit log's rules."""
    owner = f"owner_{tmp_path.name[-8:]}".replace("-", "_").lower()
    async with cloned_database() as url:
        admin = await asyncpg.connect(url)
        await admin.execute(f"CREATE ROLE {owner} LOGIN PASSWORD 'of-the-test'")
        try:
            await admin.execute(_OWN.replace("ITS_OWNER", owner))
            name = url.rpartition("/")[2]
            await admin.execute(f"GRANT CREATE, TEMP ON DATABASE {name} TO {owner}")
            async with open_house(with_user(url, owner, "of-the-test"), workspace_copy, lake, tmp_path / "home") as house:
                assert (await house.ask("cost_avoided_mtd"))["rows"]
                moved = await house.client.put("/v1/routes/csat", json={"backend": "lakehouse"})
                assert moved.status_code == 200, moved.text
                # A column that becomes personal is taken from the reader with the next look at the files.
                columns = workspace_copy / "data-dictionary" / "column_dictionary.csv"
                text = columns.read_text()
                line = next(each for each in text.splitlines() if each.startswith("l3_asurion,ev_claim,source_system,"))
                cells = line.split(",")
                cells[8] = "free_text"
                columns.write_text(text.replace(line, ",".join(cells)))

                async def is_taken() -> bool:
                    return not await admin.fetchval(
                        "SELECT has_column_privilege('assay_reader', 'l3_asurion.ev_claim', 'source_system', 'SELECT')"
                    )

                await eventually(is_taken)
                assert (await house.ask("cost_avoided_mtd"))["rows"]
                connection = await asyncpg.connect(house.running.database.url)
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute("DELETE FROM assay.audit")
                await connection.close()
                proof = (await house.client.get("/v1/audit/proof")).json()
                assert proof["ok"], proof
        finally:
            await admin.execute(f"REASSIGN OWNED BY {owner} TO assay; DROP OWNED BY {owner}; DROP ROLE {owner}")
            await admin.close()


_OWN = """
DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT format('%I.%I', n.nspname, c.relname) AS named, c.relkind
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('assay', 'l3_asurion') AND c.relkind IN ('r', 'S', 'v')
            AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i') AND c.relkind = 'S')
    LOOP EXECUTE format('ALTER %s %s OWNER TO ITS_OWNER',
        CASE each.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, each.named); END LOOP;
    FOR each IN SELECT oid::regprocedure AS named FROM pg_proc WHERE pronamespace = 'assay'::regnamespace
    LOOP EXECUTE format('ALTER FUNCTION %s OWNER TO ITS_OWNER', each.named); END LOOP;
    -- Of the database of the tests everybody else has lost them.
    FOR each IN SELECT oid::regprocedure AS named FROM pg_proc
        WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^pg_(try_)?advisory_'
    LOOP EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO ITS_OWNER', each.named); END LOOP;
    ALTER SCHEMA assay OWNER TO ITS_OWNER; ALTER SCHEMA l3_asurion OWNER TO ITS_OWNER;
    REVOKE UPDATE, DELETE, TRUNCATE ON assay.audit, assay.receipt_log, assay.receipt_node FROM ITS_OWNER;
END $$"""
"""What a database holds that an ordinary role has set up."""
