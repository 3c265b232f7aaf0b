"""What is done in a process of its own: one text judged under one policy. Only plain values go back."""

import sys
from typing import Any

from assay.engine import Dialect, taking_outside_sql
from assay.gate.judge import judge
from assay.gate.policy import Policy
from assay.gate.verdict import Verdict
from assay.work.worker import bound_memory

_MEMORY_BYTES = 2 << 30
"""Of address space; what was loaded before the fork counts too."""
_RECURSION_LIMIT = 2_500
"""Above Python's own, so that whatever `judge` accepts in a deep call stack is accepted here."""


def warm() -> None:
    """Load the parsers, so that the first text is judged as quickly as the others."""
    for dialect in taking_outside_sql():
        judge("SELECT 1 AS ready", dialect, Policy([], (), max_rows=1, default_rows=1))


def judge_apart(policy: Policy, sql: str, dialect: Dialect) -> dict[str, Any]:
    bound_memory(_MEMORY_BYTES)
    sys.setrecursionlimit(_RECURSION_LIMIT)
    return _plain(judge(sql, dialect, policy))


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
