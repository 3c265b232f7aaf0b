"""`assay up` as a process of its own, as a person starts it; and what the system says of its processes."""

import contextlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import httpx
import pytest

from assay.cli.main import main

T = TypeVar("T")
CHECKOUT = Path(__file__).parents[2]
ASSAY = Path(sys.executable).parent / "assay"


def eventually(holds: Callable[[], T], seconds: float = 180) -> T:
    until = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < until, f"not within {seconds} s; last {found!r}"
        time.sleep(0.05)
    return found


def environment(home: Path, workspace: Path, port: int, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ASSAY_", "DATABASE_URL"))}
    return {**kept, "ASSAY_HOME": str(home), "ASSAY_WORKSPACE": str(workspace), "ASSAY_PORT": str(port), **more}


Done = subprocess.CompletedProcess[str]


def run(*arguments: str, env: dict[str, str], stdin: str | bytes = "") -> Done:
    """One command to its end, in this process: what it imports is imported already. An accident fails the test."""
    given = io.TextIOWrapper(io.BytesIO(stdin.encode() if isinstance(stdin, str) else stdin), "utf-8")
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    handler, code = signal.getsignal(signal.SIGTERM), 0
    with (
        mock.patch.dict(os.environ, env, clear=True),
        mock.patch.object(sys, "argv", ["assay", *arguments]),
        mock.patch.object(sys, "stdin", given),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        finally:
            signal.signal(signal.SIGTERM, handler)
    said, cried = (each.buffer.getvalue().decode() for each in (out, err))  # pyright: ignore[reportAttributeAccessIssue]
    return Done(arguments, code if isinstance(code, int) else 0, said, cried)


def run_apart(*arguments: str, env: dict[str, str]) -> Done:
    """One command to its end, as a process of its own. No traceback is ever shown to a person."""
    done = subprocess.run([str(ASSAY), *arguments], env=env, capture_output=True, text=True, timeout=600, check=False)
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


class Up:
    """A running `assay up`."""

    def __init__(self, env: dict[str, str], log: Path, *before: str) -> None:
        """`before`: what runs the command, such as a shell that takes something from it."""
        self.env, self.port, self._log = env, int(env["ASSAY_PORT"]), log
        self.home = Path(env["ASSAY_HOME"])
        with log.open("wb") as output:
            self.process = subprocess.Popen([*before, str(ASSAY), "up"], env=env, stdout=output, stderr=output, cwd=CHECKOUT)
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=120, trust_env=False)

    @property
    def said(self) -> str:
        return self._log.read_text(errors="replace")

    def until_serving(self) -> "Up":
        def serving() -> bool:
            assert self.process.poll() is None, self.said
            return "Serving at" in self.said

        eventually(serving, 600)
        assert self.http.get("/health").json() == {"ok": True}
        return self

    def answer(self, metric_id: str, **question: object) -> dict[str, Any]:
        response = self.http.post(f"/v1/metrics/{metric_id}/data", json=question)
        assert response.status_code == 200, response.text
        return response.json()

    def cli(self, *arguments: str) -> Done:
        return run(*arguments, env=self.env)

    def postmaster(self) -> int:
        return eventually(lambda: next(iter(children_of(self.process.pid, "postgres")), 0))

    def end(self, by: signal.Signals) -> int:
        """The exit code, once the process and its whole PostgreSQL are gone."""
        servers = children_of(self.process.pid, "postgres")
        self.process.send_signal(by)
        code = self.process.wait(300)
        self.http.close()
        for pid in servers:
            eventually(lambda pid=pid: not is_alive(pid))
        assert "Traceback" not in self.said, self.said
        return code


@contextlib.contextmanager
def assay_up(env: dict[str, str], log: Path, *before: str) -> Iterator[Up]:
    up = Up(env, log, *before)
    try:
        yield up.until_serving()
    finally:
        if up.process.poll() is None:
            up.end(signal.SIGTERM)


def children_of(pid: int, name: str) -> list[int]:
    """Processes that `pid` started, whose program has that name."""
    found: list[int] = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            known = re.match(r"(\d+) \((.*)\) \S (\d+)", each.read_text())
            if known and int(known[3]) == pid and name in known[2]:
                found.append(int(known[1]))
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def forget(home: Path) -> None:
    """Where root's folders are closed to the server's account, its data lies elsewhere."""
    from assay.store.embedded import EmbeddedPostgres

    EmbeddedPostgres(home).remove()
    shutil.rmtree(home, ignore_errors=True)


needs_root_to_mount = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("mount") is None, reason="only root can mount a small file system"
)


@contextlib.contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
