"""The process that judges text from outside. It reads questions from stdin, writes verdicts to stdout, no more."""

import json
import pickle
import resource
import struct
import sys
from typing import IO, Any

from assay.gate.judge import judge
from assay.gate.policy import Policy
from assay.gate.verdict import DIALECTS, Verdict

MEMORY_BYTES = 1 << 30
RECURSION_LIMIT = 2_500
"""Above Python's own, so that whatever `judge` accepts in a deep call stack is accepted here."""
_HEADER = struct.Struct(">I")


def main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, most))
    sys.setrecursionlimit(RECURSION_LIMIT)
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    for dialect in DIALECTS:
        judge("SELECT 1 AS ready", dialect, Policy([], (), max_rows=1, default_rows=1))
    policies: dict[int, Policy] = {}
    _write(answers, {"ready": True})
    while True:
        question = _read(questions)
        if question is None:
            return
        if len(question) == 2:
            policies[question[0]] = question[1]
            _write(answers, {"ready": True})
        else:
            number, sql, dialect = question
            _write(answers, _plain(judge(sql, dialect, policies[number])))


def _plain(verdict: Verdict) -> dict[str, Any]:
    safe = verdict.safe
    if safe is None:
        violations = [[each.code, each.message, each.line, each.column] for each in verdict.violations]
        return {"ok": False, "sql": verdict.sql, "violations": violations}
    return {
        "ok": True, "sql": safe.text, "tables": sorted(safe.tables), "columns": sorted(safe.columns),
        "parameters": list(safe.parameters), "row_limit": safe.row_limit, "checks": list(safe.checks),
        "keys": sorted(safe.keys),
    }  # fmt: skip


def _read(pipe: IO[bytes]) -> tuple[Any, ...] | None:
    header = pipe.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    (size,) = _HEADER.unpack(header)
    return pickle.loads(pipe.read(size))  # noqa: S301  from the process that started this one


def _write(pipe: IO[bytes], answer: dict[str, Any]) -> None:
    body = json.dumps(answer).encode()
    pipe.write(_HEADER.pack(len(body)) + body)
    pipe.flush()


if __name__ == "__main__":
    main()
