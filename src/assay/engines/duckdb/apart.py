"""What a worker does for DuckDB: one read-only connection to one file, one statement at a time.

A statement that DuckDB does not interrupt, or that takes more memory than it may, ends with its process and takes
nobody else along. The file is opened anew where another lies in its place.
"""

import contextlib
import glob
import os
import pickle
import re
import stat
import time
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb

from assay.catalog.moments import Beyond, beyond
from assay.errors import BackendTimeout, BackendUnavailable, StatementFailed
from assay.work.files import FileIdentity, identity_of
from assay.work.worker import bound_memory

Config = dict[str, str | bool | int | float | list[str]]
NO_EXTENSIONS: Config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
CONFIG: Config = {
    "enable_external_access": "false",
    **NO_EXTENSIONS,
    "allow_community_extensions": "false",
    "memory_limit": "1GB",
    "threads": "2",
}
# The time zone belongs to an extension that is loaded with the connection; after it nothing may be changed.
THEN = "SET TimeZone = 'UTC'; SET lock_configuration = true"
_ADDRESS_SPACE_BYTES = 3 << 30
"""Some statements allocate past `memory_limit`: here the kernel says no."""
_AT_ONCE = 500
_ENDS = (date.max, date.min, datetime.max, datetime.min)
"""What the driver gives for the two infinities, and for these days themselves."""


@dataclass(slots=True)
class _Opened:
    path: str
    identity: FileIdentity
    connection: duckdb.DuckDBPyConnection


class _Last:
    opened: _Opened | None = None


def read(name: str, path: str, sql: str, values: dict[str, Any], most_bytes: int) -> tuple[FileIdentity, Any, list[bytes]]:
    """The file that was read, the names of the columns, and the rows: pickled in batches, and counted as they come.

    Raises BackendUnavailable, BackendTimeout, StatementFailed.
    """
    opened = _open(name, path)
    try:
        values = {key: _bound(value) for key, value in values.items()}
        columns, batches, unsure = _fetched(name, opened.connection, sql, values, most_bytes, frozenset())
        if unsure:
            # The driver gives the last day it knows for infinity too: the same rows of the same file again, with text there.
            quoted = {number: '"' + columns[number].replace('"', '""') + '"' for number in sorted(unsure)}
            casts = ", ".join(f"CAST({column} AS VARCHAR) AS {column}" for column in quoted.values())
            asked_again = f"SELECT * REPLACE ({casts}) FROM ({sql})"
            columns, batches, _ = _fetched(name, opened.connection, asked_again, values, most_bytes, unsure)
    except duckdb.Error as error:
        raise translated(name, error) from error
    except MemoryError as error:
        raise StatementFailed(f"{name}: the statement needs more memory than it may have.") from error
    return opened.identity, columns, batches


def _fetched(
    name: str,
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    values: dict[str, Any],
    most_bytes: int,
    texts: frozenset[int],
) -> tuple[tuple[str, ...], list[bytes], frozenset[int]]:
    """Columns, batches of rows, and the numbers of the columns that hold a day of which the driver does not say enough.

    `texts`: the numbers of columns whose days and moments were asked for as text.
    """
    result = connection.execute(sql, values)
    columns, batches, size, unsure = tuple(each[0] for each in result.description or ()), list[bytes](), 0, set[int]()
    while rows := result.fetchmany(_AT_ONCE):
        if texts:
            rows = [tuple(_moment(cell) if at in texts else cell for at, cell in enumerate(row)) for row in rows]
        else:
            unsure |= {at for at in range(len(columns)) if any(row[at] in _ENDS for row in rows)}
        batches.append(pickle.dumps(rows, protocol=pickle.HIGHEST_PROTOCOL))
        size += len(batches[-1])
        if size > most_bytes:
            raise StatementFailed(f"{name}: the result is larger than {most_bytes:,} bytes.")
    return columns, batches, frozenset(unsure)


def _bound(value: Any) -> Any:
    return value.replace(" BC", " (BC)") if isinstance(value, Beyond) else value


def _moment(text: str | None) -> date | str | None:
    if text is None:
        return None
    return beyond(text) or (date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text))


def columns_of(name: str, path: str, schema: str, table: str) -> dict[str, str]:
    """Names and types; empty where there is no such table."""
    try:
        return dict(_open(name, path).connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = $schema AND table_name = $name"
            " ORDER BY column_index", {"schema": schema, "name": table},
        ).fetchall())  # fmt: skip
    except duckdb.Error as error:
        raise translated(name, error) from error


def look(name: str, path: str) -> str | None:
    """Why the file cannot be read though it can be opened, if so: blocks that it lost, a table whose rows do not come."""
    opened = _open(name, path)
    try:
        (blocks, block_bytes) = opened.connection.execute(
            "SELECT total_blocks, block_size FROM pragma_database_size()"
        ).fetchall()[0]
        if blocks * block_bytes > opened.identity[2]:
            return f"{os.path.basename(path)} is shorter than it says: it was cut off"
        held = opened.connection.execute("SELECT schema_name, table_name FROM duckdb_tables() LIMIT 20").fetchall()
        for names in held:
            quoted = ".".join('"' + part.replace('"', '""') + '"' for part in names)
            opened.connection.execute(f"SELECT * FROM {quoted} LIMIT 1").fetchall()
    except duckdb.Error as error:
        return short(error)
    return None


def _open(name: str, path: str) -> _Opened:
    """The file that lies there now. A path that is still open in a process gives its old file again: that goes first."""
    shown = os.path.basename(path)
    try:
        identity = identity_of(path)
        known = _Last.opened
        if known is not None and (known.path, known.identity) == (path, identity):
            return known
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise BackendUnavailable(f"{name}: {shown} is not a file")
        if known is not None:
            known.connection.close()
            _Last.opened = None
        bound_memory(_ADDRESS_SPACE_BYTES)
        own = _named_apart(path)
        try:
            identity = identity_of(own or path)
            connection = duckdb.connect(own or path, read_only=True, config=CONFIG)
            connection.execute(THEN)
            if identity_of(own or path) != identity:
                connection.close()
                raise BackendUnavailable(f"{name}: {shown} was replaced while it was opened")
        finally:
            if own is not None:
                os.unlink(own)
    except OSError as error:
        raise BackendUnavailable(f"{name}: {shown} cannot be read: {error.strerror}") from error
    except duckdb.Error as error:
        raise BackendUnavailable(f"{name} cannot be opened: {_without_path(error, shown)}") from error
    _Last.opened = _Opened(path, identity, connection)
    return _Last.opened


def _named_apart(path: str) -> str | None:
    """Another name of the same file, to open it by; None where none can be made.

    What stands before the first point names DuckDB's catalog, and a schema of the same name could not be told from it.
    """
    folder, shown = os.path.split(path)
    own = os.path.join(folder, f".assay-{os.getpid()}-{time.monotonic_ns()}.{shown}")
    try:
        os.link(path, own)
    except OSError:
        return None
    return own


def clear_away(path: str, pid: int) -> None:
    """The other name of the file, where the process that made it was ended before it took it back."""
    folder, shown = os.path.split(path)
    for left in glob.glob(f".assay-{pid}-*.{glob.escape(shown)}", root_dir=folder or ".", include_hidden=True):
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(folder, left))


def _without_path(error: duckdb.Error, shown: str) -> str:
    return re.sub(r'[^\s"\']*' + re.escape(shown), shown, short(error))


def translated(name: str, error: duckdb.Error) -> BackendTimeout | BackendUnavailable | StatementFailed:
    if isinstance(error, duckdb.InterruptException):
        return BackendTimeout(f"{name} was interrupted.")
    if isinstance(error, duckdb.FatalException) and _Last.opened is not None:
        # DuckDB runs nothing more on a file it has given up: the next statement opens it anew.
        _Last.opened.connection.close()
        _Last.opened = None
    if isinstance(error, (duckdb.FatalException, duckdb.IOException, duckdb.ConnectionException)):
        return BackendUnavailable(f"{name} does not answer: {short(error)}")
    return StatementFailed(f"{name} refused the statement: {short(error)}")


def short(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
