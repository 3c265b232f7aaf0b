"""`assay up`: everything that runs, started in order, and stopped in the other order whatever happens."""

import asyncio
import atexit
import contextlib
import errno
import fcntl
import functools
import gc
import json
import logging
import os
import resource
import secrets
import signal
import socket
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import uvloop
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.server.embed import Server
from starlette.types import ASGIApp

from assay.backends.registry import Surroundings
from assay.catalog.workspace import Workspace, load_workspace
from assay.cli.listener import Listener
from assay.errors import AssayError, SetupFailed
from assay.live.reload import own_tables
from assay.live.running import Running, start_running
from assay.log import set_up_logging
from assay.loop.kafka import KafkaSettings, KafkaSource
from assay.people.door import NOBODY_VOUCHES
from assay.people.providers import Identity, read_identity
from assay.settings import Settings
from assay.signing.ring import Ring
from assay.store.database import Database
from assay.store.embedded import EmbeddedPostgres
from assay.store.epoch import Epoch, settle_epoch
from assay.store.metrics import keep_setting
from assay.tracing import Tracing, set_up_tracing
from assay.web.app import create_app
from assay.work.files import kept_secret, write_file
from assay.work.nursery import Nursery
from assay.work.patience import FILES_SECONDS, Aside, in_time

_log = logging.getLogger(__name__)
_CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR)
_WARM_AFTER_SECONDS = 3
_END_SECONDS = 8.0
_FAREWELL_SECONDS = 1.0
AT_ONCE, _LEAST_AT_ONCE = 16_384, 32
"""Connections at a time: past this number the server accepts no more until one ends."""
_OWN_DESCRIPTORS = 256
"""Kept for the database, the engines and files, however many pages are open."""
_HEAD_SECONDS = 20
"""Whoever connects and does not send the head of a request within that time is cut off, also between two requests."""
Tell = Callable[[str], None]


@contextmanager
def locked_home(settings: Settings, *, is_restoring: bool = False) -> Iterator[None]:
    """The state folder belongs to one Assay at a time; the lock goes with the process, however it ends."""
    before = None
    try:
        _make_home(settings.home)
        # What is written from here on is for its owner's eyes only.
        before = os.umask(0o077)
        lock = (settings.home / "lock").open("a+")
    except OSError as error:
        if before is not None:
            os.umask(before)
        raise _not_written(settings, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.umask(before)
            raise SetupFailed(
                f"Another Assay is running on {settings.home}.",
                mend="stop it, or set ASSAY_HOME and ASSAY_PORT for a second one",
            ) from error
        try:
            if (settings.home / "restoring").exists() and not is_restoring:
                raise SetupFailed(
                    f"A restore into {settings.home} was broken off.", mend="remove that folder, and restore again"
                )
            yield
        except OSError as error:
            if error.errno not in _CANNOT_WRITE:
                raise
            raise _not_written(settings, error) from error
        finally:
            os.umask(before)


def _make_home(home: Path) -> None:
    """As root the folder may be entered, not read: the account that runs PostgreSQL has its own folder in it."""
    if not home.exists():
        home.mkdir(parents=True)
        home.chmod(0o711 if os.geteuid() == 0 else 0o700)
    for each in home.iterdir():
        if each.is_file() and not each.is_symlink() and each.stat().st_mode & 0o077:
            each.chmod(0o600)


def _not_written(settings: Settings, error: OSError) -> SetupFailed:
    return SetupFailed(
        f"{error.filename or settings.home} cannot be written: {error.strerror}.",
        mend="free some space, or set ASSAY_HOME to a folder that can be written",
    )


@contextmanager
def database_for(settings: Settings, tell: Tell, end: "End | None" = None) -> Iterator[tuple[str, EmbeddedPostgres | None]]:
    """The store's URL: DATABASE_URL's, or that of the embedded server, which runs as long as this is open."""
    if settings.database_url:
        yield settings.database_url, None
        return
    postgres = EmbeddedPostgres(settings.home)
    if end is not None:
        end.postgres = postgres
    try:
        postgres.start(tell)
        yield postgres.url, postgres
    finally:
        postgres.stop()


def receipt_key(settings: Settings) -> str:
    """What receipts are signed with: a secret a line, the one that signs first."""
    mend = "put it back from the keys/ of a backup; without it receipts of before cannot be verified"
    return settings.receipt_key or kept_secret(settings.secrets_file, mend)


def ring_of(settings: Settings) -> Ring:
    return Ring(receipt_key(settings).splitlines())


def check_port(settings: Settings) -> None:
    """Before anything is started: a port in use is found now, not after a minute."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SetupFailed(
                f"Port {settings.port} on {settings.host} cannot be used: {error.strerror}.",
                mend=f"stop what uses it, or choose another: ASSAY_PORT={settings.port + 1}",
            ) from error


def fill_if_due(settings: Settings, workspace: Workspace, url: str, tell: Tell) -> None:
    """Fill a workspace that is made of generated data, where its database does not hold it yet."""
    if workspace.seed is None:
        return
    # Loaded by workspaces of generated data alone.
    from assay.demo.settling import what_is_due

    due = asyncio.run(what_is_due(url, workspace, settings.home))
    if due.is_anything:
        tell("Filling the tables with generated data" if due.tables else "Loading the lakehouse from the tables")
        fill_apart(settings, url)
    if due.said:
        tell(due.said)


def fill_apart(settings: Settings, url: str, *more: str, is_quiet: bool = False) -> None:
    """In a process of its own: the memory that filling takes goes back when it ends. Raises SetupFailed."""
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "ASSAY_HOME": str(settings.home),
        "ASSAY_WORKSPACE": str(settings.workspace),
    }
    # And in a session of its own, so that Ctrl-C reaches this process alone, which then ends that one.
    done = subprocess.run(
        [sys.executable, "-m", "assay.demo", *more], env=environment, check=False, stderr=subprocess.PIPE,
        text=True, errors="replace", start_new_session=True, stdout=subprocess.DEVNULL if is_quiet else None,
    )  # fmt: skip
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise SetupFailed(f"The tables could not be filled: {reason}", mend="mend that, or free some space, and try again")


async def prepare_database(
    settings: Settings, workspace: Workspace, url: str, postgres: EmbeddedPostgres | None = None
) -> Surroundings:
    """Triggers and the read-only role, for the tables that lie in the store's own database; its epoch."""
    database, epoch = Database(url), Epoch()
    tables = own_tables(workspace, url)
    try:
        await database.migrate()
        await settle_epoch(database, epoch, postgres.data_id if postgres else None)
        await database.watch_tables(tables)
        # In the store and not in the folder, because every process on this database uses the one role.
        password = await keep_setting(database, "reader_password", secrets.token_urlsafe(32))
        reader = await database.grant_reader(tables, password, is_ours=settings.database_url is None)
    finally:
        await database.close()
    return Surroundings(url, reader, settings.home, postgres.folder if postgres else None, epoch)


def up(settings: Settings, tell: Tell, *, open_browser: bool) -> None:
    """Serve until a signal. Raises SetupFailed or WorkspaceBroken with the mend."""
    set_up_logging(settings)
    tracing = set_up_tracing()
    # Whatever ends it, what was started is stopped: SIGTERM takes the way of Ctrl-C until the server handles both.
    end = End()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, end.interrupt)
    check_port(settings)
    identity = read_identity(settings.identity) if settings.identity else NOBODY_VOUCHES
    workspace = load_workspace(settings.workspace)
    with locked_home(settings), database_for(settings, tell, end) as (url, postgres):
        tell("Preparing the database")
        asyncio.run(with_database(url, Database.migrate))
        fill_if_due(settings, workspace, url, tell)
        around = asyncio.run(prepare_database(settings, workspace, url, postgres))
        ring = ring_of(settings)
        tell("Loading the workspace")
        uvloop.run(_serve(settings, url, around, ring, postgres, tell, open_browser, tracing, end, identity))


def connections_at_once() -> int:
    """As many as there can be descriptors for: the system lets a process have more of them than it gives at first.

    Raises SetupFailed where there are too few to serve anybody.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = AT_ONCE + _OWN_DESCRIPTORS
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if wanted > soft != resource.RLIM_INFINITY:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    found = AT_ONCE if soft == resource.RLIM_INFINITY else min(AT_ONCE, soft - _OWN_DESCRIPTORS)
    if found < _LEAST_AT_ONCE:
        raise SetupFailed(
            f"The system gives this process {soft} descriptors, of which it needs {_OWN_DESCRIPTORS} for itself.",
            mend="ulimit -n 4096",
        )
    if found < AT_ONCE:
        _log.warning("the system gives this process %s descriptors (ulimit -n): %s connections at a time, %s of them pages "
                     "that listen", soft, found, _pages_of(found))  # fmt: skip
    return found


def _pages_of(connections: int) -> int:
    """A page holds one for its stream; a quarter is left for what they ask."""
    return connections * 3 // 4


async def with_database(url: str, work: Callable[[Database], Any]) -> Any:
    database = Database(url)
    try:
        return await work(database)
    finally:
        await database.close()


async def _serve(
    settings: Settings, url: str, around: Surroundings, ring: Ring, postgres: EmbeddedPostgres | None, tell: Tell,
    open_browser: bool, tracing: Tracing, end: "End", identity: Identity,
) -> None:  # fmt: skip
    kafka, at_once = KafkaSettings.of(settings), connections_at_once()
    running = await start_running(
        settings.workspace, Database(url), around, ring, keep_events=settings.keep_events,
        providers=identity.domains if settings.identity else None,
    )  # fmt: skip
    running.audit_by(settings)
    running.corridor.tracing = tracing
    running.hub.most_listening = _pages_of(at_once)
    app = create_app(settings, running, identity)
    server = Listener(lambda: make_server(app, settings, at_once), settings)
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    def stop_now() -> None:
        stopping.set()
        end.begin()

    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop_now)
    await asyncio.to_thread(Nursery.of_this_process().start)
    tasks = [asyncio.ensure_future(each) for each in running.tasks()]
    if postgres is not None:
        tasks.append(asyncio.create_task(_keep_alive(postgres)))
    if kafka is not None:
        source = KafkaSource(kafka, running.loop)
        running.watch_kafka(source.watch)
        tasks.append(asyncio.create_task(consume_once_released(source, running)))
    serving = asyncio.create_task(server.serve())
    address_file = settings.home / "server.json"
    said = {
        "url": settings.address, "pid": os.getpid(), "workspace": str(settings.workspace),
        "certificate": settings.tls_cert and str(settings.tls_cert),
    }  # fmt: skip
    try:
        try:
            await in_time(FILES_SECONDS, write_file, address_file, json.dumps(said))
        except TimeoutError:
            mend = "see that it is mounted and can be written"
            raise SetupFailed(f"The disk of {settings.home} does not answer.", mend=mend) from None
        stop = asyncio.create_task(stopping.wait())
        if await _listens(settings, serving, stop):
            _announce(settings, running, tell)
            tasks.append(asyncio.create_task(_warm(running)))
            if open_browser:
                await asyncio.to_thread(webbrowser.open, settings.address)
        await asyncio.wait([serving, stop], return_when=asyncio.FIRST_COMPLETED)
        if not stop.done():
            raise SetupFailed("The server ended by itself.", mend=f"see that port {settings.port} is free, then try again")
        tell("Stopping")
    finally:
        running.hub.close()
        for task in tasks:
            task.cancel()
        server.stop()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(5):
                await serving
        await running.close()
        with contextlib.suppress(OSError):
            await in_time(_FAREWELL_SECONDS, functools.partial(address_file.unlink, missing_ok=True))
        tracing.close()


def make_server(app: ASGIApp, settings: Settings, connections: int = AT_ONCE) -> Server:
    """For an app that is ready. What exists by now is left alone by the garbage collector from here on.

    Modules, routes and catalog live as long as the process, and looking through them all holds every request for 0.1 s.
    """
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # libraries that count what is left at the end would find all of it
    server = Server(
        app, address=settings.host, port=settings.port, interface=Interfaces.ASGINL, log_enabled=False, websockets=False,
        backlog=1_024, backpressure=connections,
        ssl_cert=settings.tls_cert, ssl_key=settings.tls_key, ssl_protocol_min=SSLProtocols.tls12,
        # Where the first byte tells whether it is HTTP/2, a connection that sends none would stay for ever.
        http=HTTPModes.http1, http1_settings=HTTP1Settings(header_read_timeout=_HEAD_SECONDS * 1_000),
    )  # fmt: skip
    server.workers_kill_timeout = 3
    return server


class End:
    """What hangs (a mount, a server that says nothing) does not hold up the end: what was accepted is written by then."""

    def __init__(self) -> None:
        self.postgres: EmbeddedPostgres | None = None
        self._timer: threading.Timer | None = None

    def interrupt(self, number: int, frame: FrameType | None) -> None:
        """As a handler of signals: the way of Ctrl-C, within the same time."""
        self.begin()
        signal.default_int_handler(number, frame)

    def begin(self) -> None:
        if self._timer is not None:
            return
        # Asked now: once it is being stopped, it is nobody's any more.
        postmaster = self.postgres.pid if self.postgres else None
        self._timer = threading.Timer(_END_SECONDS, _leave_behind, (postmaster,))
        self._timer.daemon = True
        self._timer.start()


def _leave_behind(postmaster: int | None) -> None:
    _log.warning("something did not end within %s s and was left behind", _END_SECONDS)
    for pid in _with_children(postmaster) if postmaster is not None else ():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)  # it recovers from its log at the next start
    os._exit(0)


def _with_children(pid: int) -> list[int]:
    """A frozen server's own processes do not hear that it is gone."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        children = []
    return [*map(int, children), pid]


async def consume_once_released(source: KafkaSource, running: Running) -> None:
    await running.notifications.until_released()
    await source.run_forever()


async def _warm(running: Running) -> None:
    """Once the first page has what it asks for."""
    await asyncio.sleep(_WARM_AFTER_SECONDS)
    for each in running.warming:
        with contextlib.suppress(AssayError):
            await each()


async def _listens(settings: Settings, *ends: "asyncio.Task[Any]") -> bool:
    """True once the port answers; False where one of `ends` came first."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    while not any(each.done() for each in ends):
        try:
            _, writer = await asyncio.open_connection(host, settings.port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        return True
    return False


def _announce(settings: Settings, running: Running, tell: Tell) -> None:
    known = running.catalog.workspace
    tell(f"{known.label}: {len(known.metrics)} metrics, {len(known.dictionary.tables)} tables")
    for problem in running.problems():
        place = f"{problem.file}:{problem.line}" if problem.line else problem.file
        tell(f"  {place}: {problem.message}" + (f" ({problem.mend})" if problem.mend else ""))
    tell(f"Serving at {settings.address}  (Ctrl-C stops)")


async def _keep_alive(postgres: EmbeddedPostgres) -> None:
    aside = Aside()
    while True:
        await asyncio.sleep(0.25)
        if not postgres.has_died:
            continue
        try:
            with await in_time(FILES_SECONDS, postgres.open_log, aside=aside) as log:
                postgres.revive(log)
            _log.warning("PostgreSQL had died and was started again")
        except OSError as error:
            _log.error("PostgreSQL cannot be started again: %s", error.strerror or "its disk does not answer")
