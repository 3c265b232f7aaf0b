"""All that speaks to a Spark Connect server: one session, statements on it, and what its errors mean.

Every call blocks, and importing this module takes a second: both belong into a thread. What to do
about time, threads and lost sessions stands in `spark.py`.
"""

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import grpc  # pyright: ignore[reportMissingImports, reportMissingModuleSource]
import pyarrow as pa  # pyright: ignore[reportMissingImports]
from pyspark.errors import PySparkAssertionError, PySparkException  # pyright: ignore[reportMissingImports]
from pyspark.logger import PySparkLogger  # pyright: ignore[reportMissingImports]
from pyspark.sql.connect.client import DefaultChannelBuilder  # pyright: ignore[reportMissingImports]
from pyspark.sql.connect.column import Column  # pyright: ignore[reportMissingImports]
from pyspark.sql.connect.expressions import LiteralExpression  # pyright: ignore[reportMissingImports]
from pyspark.sql.connect.session import SparkSession  # pyright: ignore[reportMissingImports]
from pyspark.sql.types import (  # pyright: ignore[reportMissingImports]
    DecimalType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

from assay.backends.protocol import MAX_RESULT_BYTES
from assay.catalog.moments import day_number, day_of, moment_number, moment_of
from assay.errors import AssayError, BackendTimeout, BackendUnavailable, StatementFailed

_EPOCH = datetime(1970, 1, 1)
"""Arrow counts days and microseconds from here."""
_SETTINGS = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"}
# A channel of its own: a shared one would remember how long ago the server was last found dead, and wait.
_CHANNEL = [("grpc.use_local_subchannel_pool", 1)]
_SILENT = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED)
_SIGN_IN = (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED)
_FORGOTTEN = ("INVALID_HANDLE", "INVALID_CURSOR", "NO_ACTIVE_SESSION")
_NO_TABLE = ("TABLE_OR_VIEW_NOT_FOUND", "SCHEMA_NOT_FOUND")
_FAILURES = (PySparkException, grpc.RpcError, ValueError)
_MOST_DIGITS = 38
Result = tuple[tuple[str, ...], list[tuple[Any, ...]]]


class SessionLost(BackendUnavailable):
    """The server is gone or has forgotten the session: a new session may be answered."""


class Session:
    """One session on the server, in UTC and in ANSI mode. Calls may come from several threads."""

    def __init__(self, name: str, url: str) -> None:
        self._name = name
        self._looked: dict[str, str] = {}
        """Table -> for which version its files were last looked up."""
        # It would write every refused statement to the standard error, with its values.
        PySparkLogger.getLogger("SQLQueryContextLogger").disabled = True
        try:
            self._spark = SparkSession.builder.channelBuilder(DefaultChannelBuilder(url, _CHANNEL)).create()
        except ValueError:
            # The url may hold a token: it is not shown.
            raise BackendUnavailable(f"{name}: its url cannot be read.", mend="write sc://HOST:PORT/;token=TOKEN") from None
        # The client's own retries go on for ten minutes; here a new session is tried once instead.
        self._spark.client.set_retry_policies([])
        try:
            with self._translating():
                for key, value in _SETTINGS.items():
                    self._spark.conf.set(key, value)
        except AssayError:
            self.give_up()
            raise

    def rows(self, text: str, values: Mapping[str, Any], tag: str, *others: str) -> Result:
        """Run one statement; `tag` is what `interrupt` knows it by, the others are for who reads the server's history."""
        with self._translating():
            for each in (tag, *others):
                self._spark.addTag(each)  # to what this thread runs
            try:
                frame = self._spark.sql(text, {name: _literal(value) for name, value in values.items()})
                return self._collected(frame)
            finally:
                self._spark.clearTags()

    def _collected(self, frame: Any) -> Result:
        """What the client's `toArrow` does, but it ends as soon as the result is too large."""
        columns: tuple[str, ...] = ()
        rows: list[tuple[Any, ...]] = []
        size = 0
        client = self._spark.client
        with contextlib.closing(client.to_table_as_iterator(frame._plan.to_proto(client), {})) as parts:
            for part in parts:
                if isinstance(part, StructType):
                    columns = tuple(part.names)
                    continue
                size += part.nbytes
                if size > MAX_RESULT_BYTES:
                    raise StatementFailed(f"{self._name}: the result is larger than {MAX_RESULT_BYTES // 1_000_000} MB.")
                rows.extend(zip(*(_plain(column) for column in part.columns), strict=True))
        return columns, rows

    def look_again(self, tables: Iterable[str], version: str, tag: str) -> None:
        """Forget what is remembered of the tables' files, once for each version."""
        for table in tables:
            if self._looked.get(table) != version:
                self._looked[table] = version
                self.rows(f"REFRESH TABLE {quoted(table)}", {}, tag)

    def interrupt(self, tag: str) -> None:
        with self._translating():
            self._spark.interruptTag(tag)

    def columns(self, table: str) -> dict[str, str] | None:
        """Names and types of `schema.table`; None where there is none."""
        try:
            schema = self._spark.sql(f"SELECT * FROM {quoted(table)}").schema
        except _FAILURES as error:
            if _condition(error) in _NO_TABLE:
                return None
            raise translated(self._name, error) from error
        return {field.name: field.dataType.simpleString() for field in schema.fields}

    def server_version(self) -> str:
        with self._translating():
            self._spark.conf.get("spark.sql.session.timeZone")  # asked each time; the version is remembered by the client
            return self._spark.version

    def end(self) -> None:
        """Say goodbye, so that the server need not wait for the session to grow old."""
        with contextlib.suppress(AssayError), self._translating():
            self._spark.client.release_session()
        self.give_up()

    def give_up(self) -> None:
        """Close the channel; whoever waits on it gets SessionLost."""
        self._spark.client.close()

    @contextlib.contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            yield
        except _FAILURES as error:
            raise translated(self._name, error) from error


def quoted(table: str) -> str:
    """`schema.table` as Spark SQL names it."""
    schema, _, name = table.rpartition(".")
    return ".".join("`" + part.replace("`", "``") + "`" for part in (schema, name) if part)


def translated(name: str, error: Any) -> AssayError:
    """The client's error in our words; no address or token is in them."""
    condition = _condition(error)
    status = _status(error)
    if condition in ("OPERATION_CANCELED", "OPERATION_ABANDONED"):
        return BackendTimeout(f"{name} was interrupted.")
    if isinstance(error, PySparkAssertionError) or condition.startswith(_FORGOTTEN):
        return SessionLost(f"{name} has forgotten the session or the statement.")
    if status in _SILENT or "stopped SparkContext" in str(error) or "closed channel" in str(error):
        return SessionLost(f"{name} does not answer: {_reason(error)}")
    if not condition and status in _SIGN_IN:
        return BackendUnavailable(f"{name} refused the sign-in.", mend="look at the token in the backend's url")
    if not condition and status is grpc.StatusCode.UNIMPLEMENTED:
        return BackendUnavailable(f"{name}: what answers at its url is no Spark Connect server.")
    state = error.getSqlState() if isinstance(error, PySparkException) else None
    return StatementFailed(f"{name} refused the statement: {_short(error)}", condition=condition or None, sqlstate=state)


def _condition(error: Any) -> str:
    """Spark's name for what went wrong, as TABLE_OR_VIEW_NOT_FOUND."""
    return (error.getCondition() or "") if isinstance(error, PySparkException) else ""


def _status(error: Any) -> Any:
    if isinstance(error, grpc.RpcError):
        return error.code()
    return error.getGrpcStatusCode() if hasattr(error, "getGrpcStatusCode") else None


def _reason(error: Exception) -> str:
    """The last and plainest of what gRPC strings together, without the address."""
    details = re.search(r'details = "(.*)"', str(error))
    return details[1].rsplit(": ", 1)[-1][:100] if details else "the connection was closed"


def _short(error: Any) -> str:
    """The first line: the statement and the server's stack stand below it."""
    text = error.getMessage() if isinstance(error, PySparkException) else str(error)
    lines = [line for line in text.splitlines() if line.strip()]
    first = re.sub(r"^\([\w.$]+\) ", "", lines[0]) if lines else type(error).__name__
    return first[:300]


def _literal(value: Any) -> Any:
    """A parameter in exactly its type: the client takes any decimal for DECIMAL(10,0) and a wall time for an instant."""
    if isinstance(value, datetime):
        return Column(LiteralExpression(value, TimestampType() if value.tzinfo else TimestampNTZType()))
    if isinstance(value, Decimal):
        _, digits, exponent = value.as_tuple()
        scale = max(0, -int(exponent))
        precision = max(len(digits) + max(0, int(exponent)), scale, 1)
        if precision > _MOST_DIGITS:
            raise StatementFailed(f"{value:f} has more digits than Spark's decimals hold.")
        return Column(LiteralExpression(value, DecimalType(precision, scale)))
    return value


def _plain(column: "pa.ChunkedArray") -> list[Any]:
    """The values as Python has them; instants in UTC."""
    try:
        if pa.types.is_timestamp(column.type) and column.type.tz:
            return [each if each is None else each.astimezone(UTC) for each in column.to_pylist()]
        return column.to_pylist()
    except (ValueError, OverflowError):
        return _beyond(column)


def _beyond(column: "pa.ChunkedArray") -> list[Any]:
    """Days and moments of which Python's calendar does not hold all: those stand there as their text."""
    if pa.types.is_date32(column.type):
        days = column.cast(pa.int32()).to_pylist()
        return [each if each is None else day_of(each + day_number(_EPOCH)) for each in days]
    first, is_instant = moment_number(_EPOCH), bool(column.type.tz)
    moments = column.cast(pa.int64()).to_pylist()
    return [each if each is None else moment_of(each + first, is_instant=is_instant) for each in moments]
