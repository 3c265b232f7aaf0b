"""Spark Connect: one session for all statements, a few threads that wait on it.

The client blocks, so each statement has a thread of its own; a statement that nobody waits for any more
is interrupted by its tag. A session that the server has forgotten, or a server that went away and came
back, costs a new session and nothing else: what runs here only reads, so it can be asked again.

A table's version is the format's own where it has one (Delta, Iceberg); else it changes every few seconds.
A session remembers the files of such a table for as long as it lives: with each new version it is told to look again.
"""

import asyncio
import contextlib
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from assay.backends.protocol import BESIDE, NO_TAGS, DataVersion, Health, Rows, VersionKind
from assay.engine import Dialect
from assay.errors import AssayError, BackendTimeout, BackendUnavailable, StatementFailed
from assay.gate import SafeSql
from assay.store.epoch import Epoch

if TYPE_CHECKING:
    from assay.engines.spark.client import Result, Session

_PLACES, _LOOKS = 8, 2
"""Threads for the statements of questions, and for columns, versions and health: a slow one never stands before these."""
_BUCKET_SECONDS = 15
_SHORT_SECONDS = 10
"""Opening the first session is among it, and a server that has just started takes its time."""
_GRACE_SECONDS = 5
"""How long an interrupted statement may take to end before its session is given up."""
_NO_VERSION = ""
T = TypeVar("T")


@dataclass
class _Call:
    """A statement under way, or the wait for one."""

    tag: str
    left: threading.Event = field(default_factory=threading.Event)
    """Set as soon as nobody waits for it any more."""
    session: "Session | None" = None
    is_fresh: bool = True
    """Whether the session was opened for it: one that is lost at once is not worth another try."""


class SparkBackend:
    driver = "spark"
    dialect: Dialect = "spark"
    version_kind: VersionKind = "time_bucket"
    places = _PLACES

    def __init__(
        self, name: str, url: str, bucket_seconds: float = _BUCKET_SECONDS, *, epoch: Epoch | None = None
    ) -> None:  # fmt: skip
        self.name = name
        self._epoch = epoch or Epoch()
        self._url = url
        self._bucket_seconds = bucket_seconds
        self._threads = ThreadPoolExecutor(_PLACES + BESIDE, thread_name_prefix=f"spark-{name}")
        self._looks = ThreadPoolExecutor(_LOOKS, thread_name_prefix=f"spark-{name}-look")
        # Whoever ends a statement must not queue behind those who wait for theirs.
        self._attendants = ThreadPoolExecutor(2, thread_name_prefix=f"spark-{name}-end")
        self._open_lock = threading.Lock()
        self._session: Session | None = None
        self._formats: dict[str, str] = {}
        """Table -> what keeps its versions, or _NO_VERSION."""
        self._ending: set[asyncio.Task[None]] = set()
        self._closed = False

    # -- one session ----------------------------------------------------------------------------

    def _opened(self) -> "tuple[Session, bool]":
        """The session, and whether it was opened just now."""
        from assay.engines.spark.client import Session

        with self._open_lock:
            if self._session is not None:
                return self._session, False
            session = Session(self.name, self._url)
            if self._closed:
                session.give_up()
                raise BackendUnavailable(f"{self.name} was closed.")
            self._session = session
            return session, True

    def _discard(self, session: "Session") -> None:
        with self._open_lock:
            if self._session is session:
                self._session = None
        session.give_up()

    def _on_a_session(self, work: "Callable[[Session, str], T]", call: "_Call") -> T:
        """Do `work`; where the session was lost since it was last used, once more on a new one."""
        from assay.engines.spark.client import SessionLost

        try:
            return self._tried(work, call)
        except SessionLost:
            if call.is_fresh or call.left.is_set():
                raise
        return self._tried(work, call)

    def _tried(self, work: "Callable[[Session, str], T]", call: "_Call") -> T:
        from assay.engines.spark.client import SessionLost

        call.session, call.is_fresh = self._opened()
        if call.left.is_set():
            raise BackendTimeout(f"{self.name} had no thread or no session free for the statement.")
        try:
            return work(call.session, call.tag)
        except SessionLost:
            self._discard(call.session)
            raise

    # -- waiting --------------------------------------------------------------------------------

    async def _look(self, work: "Callable[[Session, str], T]", seconds: float = _SHORT_SECONDS) -> T:
        return await self._in_thread(self._looks, work, seconds)

    async def _in_thread(self, threads: ThreadPoolExecutor, work: "Callable[[Session, str], T]", seconds: float) -> T:
        """Do `work` on the session under a tag. Whatever ends the waiting ends the statement too."""
        call = _Call(f"assay-{uuid.uuid4().hex}")
        try:
            future = asyncio.get_running_loop().run_in_executor(threads, self._on_a_session, work, call)
        except RuntimeError as error:  # closed meanwhile
            raise BackendUnavailable(f"{self.name} was closed.") from error
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.shield(future)
        except TimeoutError as error:
            raise BackendTimeout(f"{self.name} took longer than {seconds:g} s; the statement was cancelled.") from error
        finally:
            if not future.done():
                call.left.set()
                future.add_done_callback(lambda done: done.cancelled() or done.exception())
                task = asyncio.ensure_future(self._end(call, future))
                self._ending.add(task)
                task.add_done_callback(self._ending.discard)

    async def _end(self, call: "_Call", future: "asyncio.Future[Any]") -> None:
        """Interrupt again and again: what comes before the statement has begun is lost. Then give up the session."""
        loop, session = asyncio.get_running_loop(), call.session
        if session is None:  # it is being opened; the thread sees for itself that nobody waits
            return

        def interrupt() -> None:
            with contextlib.suppress(AssayError):
                session.interrupt(call.tag)

        until = loop.time() + _GRACE_SECONDS
        while not future.done() and loop.time() < until:
            asked = loop.run_in_executor(self._attendants, interrupt)
            await asyncio.wait((asked,), timeout=until - loop.time())
            await asyncio.wait((future,), timeout=0.2)
        if not future.done():
            await loop.run_in_executor(None, self._discard, session)

    # -- the protocol ---------------------------------------------------------------------------

    async def run(
        self, statement: SafeSql, parameters: Mapping[str, Any], tables: Iterable[str], timeout_seconds: float,
        tags: Mapping[str, str] = NO_TAGS,
    ) -> Rows:  # fmt: skip
        values = {name: parameters[name] for name in statement.parameters}
        # Read before the rows, a version is never newer than they are.
        version = await self._read_version(tables, timeout_seconds)
        bucketed = [name for name in tables if self._formats.get(name, _NO_VERSION) == _NO_VERSION]

        def work(session: "Session", tag: str) -> "Result":
            session.look_again(bucketed, self._epoch.bucket(self._bucket_seconds), tag)
            return session.rows(statement.text, values, tag, *(f"assay-{name}-{each}" for name, each in tags.items()))

        columns, rows = await self._in_thread(self._threads, work, timeout_seconds)
        return Rows(columns, rows, version)

    async def describe(self, table: str) -> dict[str, str] | None:
        return await self._look(lambda session, _: session.columns(table))

    async def data_version(self, tables: Iterable[str]) -> DataVersion:
        return await self._read_version(tables, _SHORT_SECONDS)

    async def _read_version(self, tables: Iterable[str], seconds: float) -> DataVersion:
        names = sorted(tables)
        known = self.known_version(names)
        if known is not None:
            return known
        versions = await self._look(
            lambda session, tag: {name: self._version_of(session, name, tag) for name in names}, seconds
        )
        return self._version(names, versions)

    def _version_of(self, session: "Session", table: str, tag: str) -> str | None:
        """The table's own version; None where it has none."""
        from assay.engines.spark.client import quoted

        try:
            if table not in self._formats:
                _, lines = session.rows(f"DESCRIBE TABLE EXTENDED {quoted(table)}", {}, tag)
                provider = next((str(line[1]).lower() for line in lines if line[0] == "Provider"), "")
                self._formats[table] = provider if provider in _OWN_VERSION else _NO_VERSION
            ask = _OWN_VERSION.get(self._formats[table])
            if ask is None:
                return None
            column, statement = ask
            names, rows = session.rows(statement.format(quoted(table)), {}, tag)
            self.version_kind = "table_version"
            return str(rows[0][names.index(column)]) if rows else "empty"
        except StatementFailed:
            # No such table, made anew in another format, or not for this reader to know.
            self._formats.pop(table, None)
            return None

    def known_version(self, tables: Iterable[str]) -> DataVersion | None:
        """Known without asking where no table keeps a version: then the time is all there is."""
        names = sorted(tables)
        if all(self._formats.get(name) == _NO_VERSION for name in names):
            return self._version(names, {})
        return None

    def _version(self, names: list[str], versions: Mapping[str, str | None]) -> DataVersion:
        known = {name: version for name, version in versions.items() if version is not None}
        bucket = self._epoch.bucket(self._bucket_seconds)
        text = " ".join(f"{name}:{known.get(name, bucket)}" for name in names)
        kind: VersionKind = "table_version" if len(known) == len(names) else "time_bucket"
        return DataVersion(text, kind, datetime.now(UTC))

    def version_token(self) -> object | None:
        return None

    async def health(self) -> Health:
        try:
            version = await self._look(lambda session, _: session.server_version())
        except AssayError as error:
            return Health(False, error.detail)
        return Health(True, f"Spark {version}")

    async def close(self) -> None:
        self._closed = True
        session, self._session = self._session, None
        if session is not None:
            ended = asyncio.get_running_loop().run_in_executor(self._attendants, session.end)
            if not (await asyncio.wait((ended,), timeout=_GRACE_SECONDS))[0]:
                await asyncio.to_thread(session.give_up)  # it does not even hear goodbye
        for each in (self._threads, self._looks):
            each.shutdown(wait=False, cancel_futures=True)
        if self._ending:
            await asyncio.wait(self._ending)
        self._attendants.shutdown(wait=False, cancel_futures=True)


_OWN_VERSION: Mapping[str, tuple[str, str]] = {
    "delta": ("version", "DESCRIBE HISTORY {} LIMIT 1"),
    "iceberg": ("snapshot_id", "SELECT snapshot_id FROM {}.refs WHERE name = 'main'"),
}
"""What keeps versions -> the column that tells the present one, and how to ask for it."""
