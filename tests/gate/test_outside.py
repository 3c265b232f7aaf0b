"""Text from outside is judged in a process that can be ended."""

import asyncio
import os
import signal

import pytest

from assay.gate import Judge, Policy, judge, judge_outside

SQL = "SELECT region, COUNT(*) AS n FROM sales.ev_claim WHERE status = $1 GROUP BY 1"


async def test_the_verdict_is_the_same_as_inside(policy: Policy) -> None:
    outside = Judge()
    inside = judge(SQL, "postgres", policy)
    policy.seen.clear()
    verdict = await outside.judge(SQL, "postgres", policy)
    assert verdict == inside
    assert verdict.safe is not None
    assert verdict.safe.parameters == ("1",)
    refused = await outside.judge("DROP TABLE sales.ev_claim", "postgres", policy)
    assert [violation.code for violation in refused.violations] == ["not_a_select"]
    await outside.close()


async def test_what_takes_too_long_is_refused_and_the_next_is_judged(policy: Policy) -> None:
    policy.seen.clear()
    outside = Judge(deadline_seconds=1e-6)
    late = await outside.judge(SQL, "postgres", policy)
    assert [violation.code for violation in late.violations] == ["too_complex"]
    outside.deadline_seconds = 10
    assert (await outside.judge(SQL, "postgres", policy)).ok
    await outside.close()


async def test_a_worker_that_died_is_replaced(policy: Policy) -> None:
    policy.seen.clear()
    outside = Judge(deadline_seconds=10)
    assert (await outside.judge(SQL, "postgres", policy)).ok
    worker = outside._worker
    assert worker is not None
    os.kill(worker.process.pid, signal.SIGKILL)
    assert (await outside.judge(SQL + " LIMIT 7", "postgres", policy)).ok
    await outside.close()


async def test_many_at_once_all_get_their_own_verdict(policy: Policy) -> None:
    policy.seen.clear()
    outside = Judge(deadline_seconds=10)
    asked = [outside.judge(f"{SQL} LIMIT {number}", "postgres", policy) for number in range(1, 20)]
    given = await asyncio.gather(*asked)
    assert [verdict.safe.row_limit for verdict in given if verdict.safe is not None] == list(range(1, 20))
    await outside.close()


@pytest.mark.parametrize("sql", ["SELECT '\ud800'", "SELECT '" + "x" * 200_000 + "'", "\x00", ""])
async def test_text_that_is_no_text_does_no_harm(sql: str, policy: Policy) -> None:
    outside = Judge(deadline_seconds=10)
    assert not (await outside.judge(sql, "duckdb", policy)).ok
    await outside.close()


def test_one_text_from_a_script(policy: Policy) -> None:
    policy.seen.clear()
    assert judge_outside(SQL, "postgres", policy).ok
