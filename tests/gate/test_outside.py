"""Text from outside is judged in processes that can be ended, several at a time, by processor time and not by the clock."""

import asyncio
import os
import signal
import time

import pytest

from assay.gate import Judge, Policy, judge, judge_outside

SQL = "SELECT region, COUNT(*) AS n FROM sales.ev_claim WHERE status = $1 GROUP BY 1"
SLOW = "SELECT " + ", ".join(f"(({'cost_usd + ' * 40} 1)) AS c{number}" for number in range(100)) + " FROM sales.ev_claim"
"""Honest, and hundreds of milliseconds of work."""


async def test_the_verdict_is_the_same_as_inside(policy: Policy) -> None:
    outside = Judge()
    inside = judge(SQL, "postgres", policy)
    policy.seen.clear()
    verdict = await outside.judge(SQL, "postgres", policy)
    assert verdict == inside
    assert verdict.safe is not None
    assert verdict.safe.parameters == ("1",)
    joined = "SELECT p.brand FROM sales.ev_claim c JOIN ref.product p ON c.product_id = p.product_id"
    safe = (await outside.judge(joined, "postgres", policy)).safe
    assert safe is not None
    assert safe.keys == {("ref.product", ("product_id",))}
    refused = await outside.judge("DROP TABLE sales.ev_claim", "postgres", policy)
    assert [violation.code for violation in refused.violations] == ["not_a_select"]
    await outside.close()


async def test_what_takes_too_much_processor_time_is_refused_alone(policy: Policy) -> None:
    for _ in range(2):  # what is read once and kept is not counted
        policy.seen.clear()
        begun = time.process_time()
        assert judge(SLOW, "postgres", policy).safe is not None
    policy.seen.clear()
    outside = Judge(cpu_seconds=(time.process_time() - begun) / 3)
    late = asyncio.create_task(outside.judge(SLOW, "postgres", policy))
    assert (await outside.judge("SELECT 1 AS one", "postgres", policy)).ok
    assert [violation.code for violation in (await late).violations] == ["too_complex"]
    assert "processor time" in (await late).violations[0].message
    outside.cpu_seconds = 30
    assert (await outside.judge(SLOW, "postgres", policy)).ok
    await outside.close()


async def test_a_judge_that_stands_still_is_no_queue(policy: Policy) -> None:
    """One is stopped, as a machine under load would: its text waits, the others are judged beside it."""
    policy.seen.clear()
    outside = Judge()
    assert (await outside.judge(SQL, "postgres", policy)).ok
    worker = outside.workers._idle[-1]
    os.kill(worker.pid, signal.SIGSTOP)
    stopped = asyncio.create_task(outside.judge(f"{SQL} LIMIT 3", "postgres", policy))
    await asyncio.sleep(0)
    for number in range(4, 9):
        assert (await outside.judge(f"{SQL} LIMIT {number}", "postgres", policy)).ok
    os.kill(worker.pid, signal.SIGCONT)
    assert (await stopped).ok
    await outside.close()


async def test_a_worker_that_died_is_replaced(policy: Policy) -> None:
    policy.seen.clear()
    outside = Judge()
    assert (await outside.judge(SQL, "postgres", policy)).ok
    os.kill(outside.workers._idle[-1].pid, signal.SIGKILL)
    assert (await outside.judge(SQL + " LIMIT 7", "postgres", policy)).ok
    await outside.close()


async def test_many_at_once_all_get_their_own_verdict(policy: Policy) -> None:
    policy.seen.clear()
    outside = Judge()
    asked = [outside.judge(f"{SQL} LIMIT {number}", "postgres", policy) for number in range(1, 20)]
    given = await asyncio.gather(*asked)
    assert [verdict.safe.row_limit for verdict in given if verdict.safe is not None] == list(range(1, 20))
    await outside.close()


@pytest.mark.parametrize("sql", ["SELECT '\ud800'", "SELECT '" + "x" * 200_000 + "'", "\x00", ""])
async def test_text_that_is_no_text_does_no_harm(sql: str, policy: Policy) -> None:
    outside = Judge()
    assert not (await outside.judge(sql, "duckdb", policy)).ok
    await outside.close()


def test_one_text_from_a_script(policy: Policy) -> None:
    policy.seen.clear()
    assert judge_outside(SQL, "postgres", policy).ok
