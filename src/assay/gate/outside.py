"""Text from outside, judged in a process of its own that is ended when it takes too long or dies.

The worker is trusted with nothing but its answer: text goes in, a plain verdict comes back as JSON, and the `SafeSql`
is made here. It starts at the first question and again after it was ended.
"""

import asyncio
import json
import os
import pickle
import select
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any
from weakref import WeakKeyDictionary

from assay.gate.judge import accepted, judge, remember
from assay.gate.policy import Policy
from assay.gate.text import MAX_BYTES
from assay.gate.verdict import Dialect, Verdict, Violation

DEADLINE_SECONDS = 2.0
START_SECONDS = 30.0
"""Python and the parser have to be loaded; on a busy machine that takes a while."""
MAX_ANSWER_BYTES = 1 << 20
_HEADER = struct.Struct(">I")


class _WorkerGone(Exception):
    """The worker died, or its answer was no answer."""


class _TooLate(Exception):
    """The deadline passed."""


class _Worker:
    """One process. Not shared between threads: `Judge` holds the lock."""

    def __init__(self) -> None:
        root = str(Path(__file__).parents[2])
        paths = [root, *(path for path in sys.path if path and path != root)]
        env = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(paths), "LANG": "C.UTF-8"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "assay.gate.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, start_new_session=True,
        )  # fmt: skip
        self.policies: WeakKeyDictionary[Policy, int] = WeakKeyDictionary()
        self.sent = 0
        self.receive(time.monotonic() + START_SECONDS)

    def ask(self, sql: str, dialect: Dialect, policy: Policy, deadline_seconds: float) -> dict[str, Any]:
        number = self.policies.get(policy)
        if number is None:
            number = self.sent = self.sent + 1
            self.send(pickle.dumps((number, policy)), time.monotonic() + START_SECONDS)
            self.receive(time.monotonic() + START_SECONDS)
            self.policies[policy] = number
        deadline = time.monotonic() + deadline_seconds
        self.send(pickle.dumps((number, sql, dialect)), deadline)
        return self.receive(deadline)

    def send(self, body: bytes, deadline: float) -> None:
        try:
            _pipe(self.process.stdin).write(_HEADER.pack(len(body)) + body)
            _pipe(self.process.stdin).flush()
        except (OSError, ValueError) as error:
            raise _WorkerGone from error
        if time.monotonic() > deadline:
            raise _TooLate

    def receive(self, deadline: float) -> dict[str, Any]:
        (size,) = _HEADER.unpack(self._read(_HEADER.size, deadline))
        if size > MAX_ANSWER_BYTES:
            raise _WorkerGone
        answer = json.loads(self._read(size, deadline))
        if not isinstance(answer, dict):
            raise _WorkerGone
        return answer

    def _read(self, size: int, deadline: float) -> bytes:
        descriptor = _pipe(self.process.stdout).fileno()
        parts = bytearray()
        while len(parts) < size:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise _TooLate
            part = os.read(descriptor, size - len(parts))
            if not part:
                raise _WorkerGone
            parts += part
        return bytes(parts)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                _pipe(pipe).close()
            except OSError:
                pass  # what was still buffered went to a process that is gone


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise _WorkerGone
    return pipe


class Judge:
    """Judges text from outside. One question at a time; a hostile one costs at most the deadline."""

    def __init__(self, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        self.deadline_seconds = deadline_seconds
        self._worker: _Worker | None = None
        self._lock = threading.Lock()

    async def judge(self, sql: str, dialect: Dialect, policy: Policy) -> Verdict:
        """As `judge.judge`; refuses with `too_complex` what is not judged within the deadline."""
        seen = policy.seen.get((sql, dialect))
        if seen is not None:
            return policy.counted(seen)
        return await asyncio.to_thread(self.judge_now, sql, dialect, policy)

    def judge_now(self, sql: str, dialect: Dialect, policy: Policy) -> Verdict:
        """The same for callers that are not asynchronous."""
        seen = policy.seen.get((sql, dialect))
        if seen is not None:
            return policy.counted(seen)
        if len(sql) > MAX_BYTES:
            return judge(sql, dialect, policy)
        with self._lock:
            verdict = self._ask(sql, dialect, policy)
        if verdict.ok:
            remember(sql, dialect, policy, verdict)
        return policy.counted(verdict)

    def _ask(self, sql: str, dialect: Dialect, policy: Policy) -> Verdict:
        for _ in range(2):  # a worker may have died since the last question; the text is to blame only the second time
            try:
                if self._worker is None:
                    self._worker = _Worker()
                return _verdict(self._worker.ask(sql, dialect, policy, self.deadline_seconds), dialect)
            except _TooLate:
                self._end()
                return _refused(f"the text could not be judged within {self.deadline_seconds:g} seconds")
            except (_WorkerGone, ValueError, KeyError, TypeError):
                self._end()
        return _refused("the text brought its judge down")

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    async def close(self) -> None:
        await asyncio.to_thread(self.close_now)

    def close_now(self) -> None:
        with self._lock:
            self._end()


def judge_outside(sql: str, dialect: Dialect, policy: Policy, *, deadline_seconds: float = DEADLINE_SECONDS) -> Verdict:
    """One text in a worker of its own. For many texts keep a `Judge`."""
    outside = Judge(deadline_seconds=deadline_seconds)
    try:
        return outside.judge_now(sql, dialect, policy)
    finally:
        outside.close_now()


def _refused(message: str) -> Verdict:
    return Verdict(False, "", (Violation("too_complex", message),), None)


def _verdict(answer: dict[str, Any], dialect: Dialect) -> Verdict:
    if not answer["ok"]:
        violations = tuple(Violation(*violation) for violation in answer["violations"])
        return Verdict(False, answer["sql"], violations, None)
    return accepted(
        answer["sql"], dialect, frozenset(answer["tables"]), frozenset(answer["columns"]), tuple(answer["parameters"]),
        answer["row_limit"], tuple(answer["checks"]),
        frozenset((table, tuple(columns)) for table, columns in answer["keys"]),
    )  # fmt: skip
