"""The nursery: a small process that has loaded what workers need, and gives birth to them in milliseconds.

It has one thread and nothing of the server in it, so that forking is safe and a worker begins with warm modules. It alone
ends its children and hears how they ended, so that no process number is ever taken for another's. Where the server goes,
it goes with all of them.

    nursery  <- one control socket <- server: b"fork" with the worker's socket, or b"end!" with a process number
"""

import atexit
import functools
import importlib
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

from assay.work.worker import bound_memory, exactly, serve

_COMMAND = struct.Struct(">4sq")
_REPLY = struct.Struct(">q")
_START_SECONDS = 60.0
"""Python and the modules have to be loaded; on a busy machine that takes a while."""
_DYING_SECONDS = 1.0
_LEFT: set[int] = set()
"""Children that were killed and are not gone: whoever hangs in the kernel dies when it lets go."""
_MEMORY_BYTES = 4 << 30
"""Of address space, for each worker: a backstop behind the bounds that the work itself has."""
WARM = (
    "assay.gate.apart:warm",
    "assay.web.app",
    "assay.web.form",
    "assay.formats.render",
    "assay.widgets.dashboard_yaml",
    "assay.widgets.words.apart:warm",
    "assay.widgets.words.apart:warm_dictionaries",
    "assay.engines.duckdb.apart",
)


class NurseryGone(Exception):
    """It died, or never came up. The next one to ask starts another."""


class Nursery:
    """The server's side. Its methods wait for milliseconds and belong into threads."""

    def __init__(self, warm: tuple[str, ...] = WARM) -> None:
        self._warm = warm
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    @staticmethod
    @functools.cache
    def of_this_process() -> "Nursery":
        """One is enough: its children share what it has loaded."""
        nursery = Nursery()
        atexit.register(nursery.close)
        return nursery

    def start(self) -> None:
        """Ahead of the first worker, where somebody is there to serve."""
        with self._lock:
            self._started()

    def fork(self) -> tuple[int, socket.socket]:
        """A new worker: its process number, and the socket on which it takes work."""
        ours, theirs = socket.socketpair()
        with self._lock, theirs:
            try:
                return self._say(b"fork", 0, theirs), ours
            except NurseryGone:
                try:
                    return self._say(b"fork", 0, theirs), ours
                except NurseryGone:
                    ours.close()
                    raise

    def end(self, pid: int) -> int:
        """End a worker if it still lives, and say how it ended: an exit code, or a signal's number below zero."""
        with self._lock:
            if self._process is None:
                return -signal.SIGKILL
            try:
                return self._say(b"end!", pid)
            except NurseryGone:
                return -signal.SIGKILL

    def close(self) -> None:
        with self._lock:
            self._give_up()

    def _say(self, command: bytes, number: int, given: socket.socket | None = None) -> int:
        control = self._started()
        try:
            message = _COMMAND.pack(command, number)
            socket.send_fds(control, [message], [given.fileno()] if given else [])
            return _REPLY.unpack(exactly(control, _REPLY.size))[0]
        except (OSError, EOFError) as error:
            self._give_up()
            raise NurseryGone("the process that starts workers has died") from error

    def _started(self) -> socket.socket:
        if self._process is not None and self._process.poll() is not None:
            self._give_up()
        if self._control is None:
            ours, theirs = socket.socketpair()
            root = str(Path(__file__).parents[2])
            paths = [root, *(path for path in sys.path if path and path != root)]
            # Nothing of the server's environment goes there: no address of a database, no token, no key.
            env = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(paths), "LANG": "C.UTF-8"}
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "assay.work.nursery", str(theirs.fileno()), *self._warm],
                    pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=env,
                    start_new_session=True,
                )  # fmt: skip
            self._control = ours
            ours.settimeout(_START_SECONDS)
        return self._control

    def _give_up(self) -> None:
        control, process = self._control, self._process
        self._control = self._process = None
        if control is not None:
            control.close()
        if process is not None:
            process.kill()
            process.wait()


# -- in the nursery itself ---------------------------------------------------------------------------


def main() -> None:
    control = socket.socket(fileno=int(sys.argv[1]))
    for each in sys.argv[2:]:
        name, _, function = each.partition(":")
        module = importlib.import_module(name)
        if function:
            getattr(module, function)()
    bound_memory(_MEMORY_BYTES)
    children: set[int] = set()
    try:
        _obey(control, children)
    finally:
        for pid in children:
            os.kill(pid, signal.SIGKILL)


def _obey(control: socket.socket, children: set[int]) -> None:
    while True:
        message, given, _, _ = socket.recv_fds(control, _COMMAND.size, 1)
        if len(message) < _COMMAND.size:
            return
        command, number = _COMMAND.unpack(message)
        if command == b"fork":
            pid = os.fork()
            if pid == 0:
                control.close()
                _live(given[0])
            os.close(given[0])
            children.add(pid)
            control.sendall(_REPLY.pack(pid))
        else:
            control.sendall(_REPLY.pack(_ended(number, children)))


def _live(descriptor: int) -> None:
    """A child's whole life; whatever ends it, it never becomes a second nursery."""
    code = 1
    try:
        serve(socket.socket(fileno=descriptor))
        code = 0
    finally:
        os._exit(code)


def _ended(pid: int, children: set[int]) -> int:
    """How the child ended, which it is made to if need be. One that a disk holds fast is left to end when it can."""
    for other in _LEFT & children:
        if os.waitpid(other, os.WNOHANG)[0]:
            _LEFT.discard(other)
            children.discard(other)
    if pid not in children or pid in _LEFT:
        return -signal.SIGKILL
    found, status = os.waitpid(pid, os.WNOHANG)
    if not found:
        os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + _DYING_SECONDS
        while not found and time.monotonic() < until:
            time.sleep(0.001)
            found, status = os.waitpid(pid, os.WNOHANG)
        if not found:
            _LEFT.add(pid)
            return -signal.SIGKILL
    children.discard(pid)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main()
