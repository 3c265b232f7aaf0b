"""Text from outside, judged in three or four processes of their own, each ended alone when a text takes too much.

How long a text may take is counted in processor time by the kernel, so that a verdict does not depend on what else the
machine does. A worker is trusted with nothing but its answer: text goes in, plain values come back, and the `SafeSql`
is made here.
"""

import asyncio
import itertools
import pickle
from typing import Any
from weakref import WeakKeyDictionary

from assay.engine import Dialect, engine_of, taking_outside_sql
from assay.errors import TooMuchWork
from assay.gate.apart import judge_apart
from assay.gate.judge import accepted, judge, remember
from assay.gate.policy import Policy
from assay.gate.text import MAX_BYTES
from assay.gate.verdict import Verdict, Violation
from assay.work.nursery import Nursery
from assay.work.pool import Kept, Workers

CPU_SECONDS = 2.0
_numbers = itertools.count(1)


class Judge:
    """Judges text from outside, several at a time. A hostile one costs its own worker, and nobody else anything."""

    def __init__(self, *, cpu_seconds: float = CPU_SECONDS, nursery: Nursery | None = None) -> None:
        self.cpu_seconds = cpu_seconds
        self.workers = Workers("The judge of SQL", nursery=nursery)
        self._kept: WeakKeyDictionary[Policy, Kept] = WeakKeyDictionary()

    async def judge(self, sql: str, dialect: Dialect, policy: Policy) -> Verdict:
        """As `judge.judge`; refuses with `too_complex` what takes more processor time. Raises Busy where all workers are."""
        seen = policy.seen.get((sql, dialect, ()))
        if seen is not None:
            return policy.counted(seen)
        why_not = not_judged(dialect)
        if why_not is not None:
            return policy.counted(Verdict(False, "", (Violation("dialect_not_judged", why_not),), None))
        if len(sql) > MAX_BYTES:
            return judge(sql, dialect, policy)
        verdict = await self._ask(sql, dialect, policy)
        if verdict.ok:
            remember(sql, dialect, policy, verdict)
        return policy.counted(verdict)

    async def _ask(self, sql: str, dialect: Dialect, policy: Policy) -> Verdict:
        kept = self._kept.get(policy)
        if kept is None:
            kept = self._kept[policy] = Kept(f"policy {next(_numbers)}", pickle.dumps(policy))
        try:
            answer = await self.workers.run(judge_apart, sql, dialect, cpu_seconds=self.cpu_seconds, kept=kept)
        except TooMuchWork:
            told = f"the text takes more than {self.cpu_seconds:g} s of processor time, or too much memory, to judge"
            return Verdict(False, "", (Violation("too_complex", told),), None)
        return _verdict(answer, dialect)

    async def close(self) -> None:
        await self.workers.close()


def not_judged(dialect: Dialect) -> str | None:
    """Why SQL from outside is not judged for the engine: what the compiler writes is another matter."""
    if engine_of(dialect).reading.takes_outside_sql:
        return None
    return (
        f"SQL from outside is not judged for {dialect}, whose package has no full list of functions."
        f" Write it for {' or '.join(taking_outside_sql())}, or ask for a metric"
    )


class JudgeHere:
    """The same for a command: texts one after the other, in a process that ends with it."""

    def __init__(self, *, cpu_seconds: float = CPU_SECONDS) -> None:
        self._nursery = Nursery(("assay.gate.apart:warm",))
        self._judge = Judge(cpu_seconds=cpu_seconds, nursery=self._nursery)
        self._runner = asyncio.Runner()

    def judge(self, sql: str, dialect: Dialect, policy: Policy) -> Verdict:
        return self._runner.run(self._judge.judge(sql, dialect, policy))

    def close(self) -> None:
        self._runner.run(self._judge.close())
        self._runner.close()
        self._nursery.close()


def judge_outside(sql: str, dialect: Dialect, policy: Policy, *, cpu_seconds: float = CPU_SECONDS) -> Verdict:
    """One text. For many keep a `Judge`."""
    here = JudgeHere(cpu_seconds=cpu_seconds)
    try:
        return here.judge(sql, dialect, policy)
    finally:
        here.close()


def _verdict(answer: dict[str, Any], dialect: Dialect) -> Verdict:
    if not answer["ok"]:
        violations = tuple(Violation(*violation) for violation in answer["violations"])
        return Verdict(False, answer["sql"], violations, None)
    return accepted(
        answer["sql"], dialect, frozenset(answer["tables"]), frozenset(answer["columns"]), tuple(answer["parameters"]),
        answer["row_limit"], tuple(answer["checks"]),
        frozenset((table, tuple(columns)) for table, columns in answer["keys"]),
    )  # fmt: skip
