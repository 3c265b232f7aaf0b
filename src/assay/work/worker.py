"""A worker: one process that does one piece of work after the other, and can be ended with all that it holds.

What goes there and back is pickled; both ends are this program, and nothing else can write to the socket. A worker's
processor time is bounded by the kernel for each piece of work, so that no loop in C code outlives it.

    work:   (function as "module:name", key of the thing kept or None, that thing pickled or None, arguments, CPU seconds)
    reply:  (True, value) or (False, exception)
"""

import importlib
import pickle
import resource
import signal
import socket
import struct
from typing import Any

_HEADER = struct.Struct(">Q")
MOST_BYTES = 200_000_000
"""Of one message; whoever makes larger ones is ended."""


def bound_memory(most_bytes: int) -> None:
    """From now on this process, and whatever it forks, has no more address space: a backstop behind other bounds."""
    _, hardest = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, hardest))


def send(end: socket.socket, message: Any) -> None:
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    end.sendall(_HEADER.pack(len(body)))
    end.sendall(body)


def receive(end: socket.socket) -> Any:
    """Raises EOFError where the other end is gone, or sends what is too large."""
    (size,) = _HEADER.unpack(exactly(end, _HEADER.size))
    if size > MOST_BYTES:
        raise EOFError("the message is too large")
    return pickle.loads(exactly(end, size))  # noqa: S301  from this program's own other half


def exactly(end: socket.socket, size: int) -> bytearray:
    """So many bytes. Raises EOFError where the other end is gone."""
    body = bytearray(size)
    view, filled = memoryview(body), 0
    while filled < size:
        count = end.recv_into(view[filled:])
        if not count:
            raise EOFError("the other end is gone")
        filled += count
    return body


def serve(end: socket.socket) -> None:
    """Work until the other end goes."""
    kept: tuple[str | None, Any] = (None, None)
    while True:
        try:
            name, key, thing, arguments, cpu_seconds = receive(end)
        except (EOFError, OSError):
            return
        # The default answer to this signal is to die; it counts processor time, not the clock's.
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        try:
            if thing is not None:
                kept = key, pickle.loads(thing)  # noqa: S301  as above
            module, _, function = name.partition(":")
            work = getattr(importlib.import_module(module), function)
            reply = (True, work(*([kept[1]] if key is not None else []), *arguments))
        except Exception as error:  # noqa: BLE001  it is raised on the other side
            reply = (False, error)
        signal.setitimer(signal.ITIMER_PROF, 0)
        send(end, reply)
