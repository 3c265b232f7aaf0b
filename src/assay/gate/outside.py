"""Placeholder until the worker stands."""

import asyncio

from assay.gate.judge import judge
from assay.gate.policy import Policy
from assay.gate.verdict import Dialect, Verdict


class Judge:
    async def judge(self, sql: str, dialect: Dialect, policy: Policy) -> Verdict:
        return await asyncio.to_thread(judge, sql, dialect, policy)

    async def close(self) -> None:
        pass


def judge_outside(sql: str, dialect: Dialect, policy: Policy) -> Verdict:
    return judge(sql, dialect, policy)
