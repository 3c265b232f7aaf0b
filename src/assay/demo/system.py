"""An Assay of its own for a rehearsal: a copied workspace, its own state folder and port, started as a person starts it.

Nothing of the user's own Assay is touched. What is taken away here (a file renamed, a server killed) is this system's.
"""

import contextlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from assay.errors import SetupFailed
from assay.routing.file import write_routes
from assay.store.embedded import EmbeddedPostgres

CHECKOUT = Path(__file__).parents[3]
ASSAY = (str(Path(sys.executable).with_name("assay")),)
_NOT_PASSED_ON = ("ASSAY_", "DATABASE_URL", "MAKE", "MFLAGS")
"""What belongs to the user's own Assay, and to a make that this one runs under."""
_START_SECONDS = 300
_STOP_SECONDS = 60


def start_command() -> tuple[str, ...]:
    """`make up` in a checkout, `assay up` of an installed package."""
    if (CHECKOUT / "Makefile").is_file() and shutil.which("make"):
        return ("make", "--no-print-directory", "up")
    return (*ASSAY, "up")


class Rehearsal:
    """One system, from its first start to its removal."""

    def __init__(self, workspace: Path, folder: Path) -> None:
        self._folder = folder
        self.workspace = Path(shutil.copytree(workspace, folder / "workspace", ignore=shutil.ignore_patterns(".*")))
        self.home = folder / "home"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.url, timeout=60, trust_env=False)
        self.said = ""
        """What the last start printed, from the first line to the last."""
        self._process: subprocess.Popen[bytes] | None = None
        self._starts = 0
        self._routing = (self.workspace / "config" / "metric_routing.yaml").read_bytes()

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)}
        own = {"ASSAY_HOME": str(self.home), "ASSAY_WORKSPACE": str(self.workspace), "ASSAY_PORT": str(self.port)}
        return {**kept, **own, **more}

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, command: tuple[str, ...] | None = None, *, more: Mapping[str, str] | None = None) -> float:
        """Seconds until it serves. Raises SetupFailed with the last line that it printed."""
        self._starts += 1
        log = self._folder / f"start-{self._starts}.log"
        started = time.monotonic()
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                command or (*ASSAY, "up"), env=self.environment(**(more or {})), cwd=CHECKOUT if command else None,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        try:
            until(lambda: self._serves(log), _START_SECONDS, "it serves")
        except SetupFailed:
            self.stop()
            raise
        finally:
            self.said = log.read_text(errors="replace")
        return time.monotonic() - started

    def _serves(self, log: Path) -> bool:
        if not self.is_running:
            last = (log.read_text(errors="replace").strip().splitlines() or ["it printed nothing"])[-1]
            raise SetupFailed(f"The system ended instead of starting: {last}", mend="run assay up and see")
        with contextlib.suppress(httpx.TransportError):
            return self.http.get("/health", timeout=2).is_success
        return False

    def stop(self) -> None:
        """Ends all that was started. What does not end by itself within a minute is killed."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        # Under make the shell goes first: the folder is free once PostgreSQL has gone too.
        postgres = EmbeddedPostgres(self.home)
        until(lambda: postgres.url_of_another() is None, _STOP_SECONDS, "PostgreSQL has ended")

    def remove(self) -> None:
        self.stop()
        self.http.close()
        EmbeddedPostgres(self.home).remove()
        shutil.rmtree(self._folder, ignore_errors=True)

    # -- what a person does with it --------------------------------------------------------------------

    def command(self, line: str, *, timeout_seconds: float = 300) -> "subprocess.CompletedProcess[str]":
        """A line of the terminal that begins with `assay`."""
        words = shlex.split(line)
        return subprocess.run(
            [*ASSAY, *words[1:]], env=self.environment(COLUMNS="110"), capture_output=True, text=True, errors="replace",
            timeout=timeout_seconds, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def edit_route(self, metric_id: str, backend: str) -> tuple[str, str]:
        """Write the one line, as an editor would. The line before and after."""
        file = self.workspace / "config" / "metric_routing.yaml"
        before = _line_of(file, metric_id)
        write_routes(file, {metric_id: backend})
        return before, _line_of(file, metric_id)

    def put_back(self) -> None:
        """As it was before anything was shown: events, rows, routes, dashboards, saved widgets, the lakehouse."""
        (self.workspace / "config" / "metric_routing.yaml").write_bytes(self._routing)
        self.ask("POST", "/v1/demo/reset")
        for each in self.ask("GET", "/v1/dashboards")["dashboards"]:
            path = f"/v1/dashboards/{each['dashboard_id']}"
            self.ask(*(("DELETE", path) if each["origin"] == "screen" else ("POST", f"{path}/reset")))
        for each in self.ask("GET", "/v1/widgets")["widgets"]:
            self.ask("DELETE", f"/v1/widgets/{each['widget_id']}")
        done = self.command("assay demo publish")
        if done.returncode:
            raise SetupFailed(f"The lakehouse could not be put back: {done.stderr.strip()}")

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The decoded body of an answer. Raises SetupFailed with the server's own sentence."""
        response = self.http.request(method, path, json=body)
        if response.is_error:
            raise SetupFailed(f"{method} {path} was answered with {response.status_code}: {response.text[:300]}")
        return response.json()

    @property
    def lakehouse(self) -> Path:
        return self.home / "lakehouse.duckdb"

    def postgres_pid(self) -> int:
        """The server's process. Raises SetupFailed where none runs."""
        pid = EmbeddedPostgres(self.home).pid_of_another()
        if pid is None:
            raise SetupFailed("The embedded PostgreSQL does not run.")
        return pid


@contextmanager
def rehearsal(workspace: Path) -> Iterator[Rehearsal]:
    """A system that is gone afterwards, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="assay-demo-"))
    # PostgreSQL runs under another account where this one is root: it has to reach its data.
    folder.chmod(0o755)
    own = Rehearsal(workspace, folder)
    try:
        yield own
    finally:
        own.remove()


def until(holds: Callable[[], Any], seconds: float, what: str) -> Any:
    """Wait for a condition; what it gave. Raises SetupFailed."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        if time.monotonic() > end:
            raise SetupFailed(f"It did not come true within {seconds:g} s that {what}.")
        time.sleep(0.05)
    return found


def _line_of(file: Path, metric_id: str) -> str:
    return next((line.strip() for line in file.read_text().splitlines() if line.strip().startswith(f"{metric_id}:")), "")


def free_port() -> int:
    """Of this moment: whoever binds it next may be somebody else."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
