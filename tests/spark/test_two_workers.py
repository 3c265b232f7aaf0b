"""The path that outgrows one machine: a standalone master with two workers, and a metric that both of them work for.

All on this machine, but over its sockets: three JVMs that share nothing, and the one that answers.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import duckdb
import pytest

from assay.catalog.workspace import Workspace
from assay.compiler.question import Asked, resolve_question
from assay.demo.seed import Plan, seed_duckdb
from assay.engines.duckdb.driver import DuckDBBackend
from assay.engines.spark.client import Session
from assay.engines.spark.driver import SparkBackend
from assay.gate import Policy
from assay.people.scope import EVERYTHING
from tests.conftest import ANCHOR, eventually
from tests.engine.pins import told
from tests.spark.server import ConnectServer, lay_table, start_master, start_worker

CLAIMS = 600_000
FILES = 8
"""One file would be one task."""


@pytest.fixture(scope="module")
def more_claims(workspace: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lakehouse with more claims than the other tests have."""
    file = tmp_path_factory.mktemp("more") / "lakehouse.duckdb"
    seed_duckdb(file, Plan(workspace.dictionary, ANCHOR, workspace.timezone, CLAIMS), "lakehouse", lambda *_: None)
    return file


@pytest.fixture(scope="module")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ConnectServer]:
    for each in ConnectServer.running:
        await asyncio.to_thread(each.stop)
    folder = tmp_path_factory.mktemp("cluster")
    with contextlib.ExitStack() as ends:
        master, address = await asyncio.to_thread(start_master, folder)
        ends.callback(master.stop)
        starting = [asyncio.to_thread(start_worker, folder, address, number) for number in (1, 2)]
        for worker in await asyncio.gather(*starting):
            ends.callback(worker.stop)
        settings = {"spark.executor.memory": "700m", "spark.executor.cores": "1", "spark.cores.max": "2"}
        server = await asyncio.to_thread(ConnectServer, folder, address, settings)
        ends.callback(server.stop)
        yield server


async def test_both_workers_work_for_one_metric(
    cluster: ConnectServer, more_claims: Path, workspace: Workspace, tmp_path: Path
) -> None:
    needed = workspace.metrics["cost_avoided_mtd"].needed_columns
    session = Session("setup", cluster.url)
    with duckdb.connect(str(more_claims), read_only=True) as opened:
        for name in needed:
            table = workspace.dictionary.tables[name]
            folder = tmp_path / table.name
            folder.mkdir()
            for part in range(FILES):
                opened.execute(f"COPY (SELECT * FROM {name} WHERE rowid % {FILES} = {part})"
                               f" TO '{folder}/{part}.parquet' (FORMAT parquet)")  # fmt: skip
            lay_table(session, table, folder)
    session.end()

    async def both_are_there() -> bool:
        return len(_workers(await asyncio.to_thread(cluster.tells, "allexecutors"))) == 2

    await eventually(both_are_there, 60)
    question = resolve_question(
        ("cost_avoided_mtd",),
        Asked(dimensions=("region",), window="trailing_90d", compare="previous_period"),
        workspace,
        ANCHOR,
        EVERYTHING,
    )
    policy = Policy.from_dictionary(workspace.dictionary)
    spark, lake = SparkBackend("spark", cluster.url), DuckDBBackend("lakehouse", more_claims)
    answers = [await told(question, policy, spark, "spark"), await told(question, policy, lake, "duckdb")]
    await spark.close()
    await lake.close()
    assert answers[0] == answers[1]
    assert len(answers[0]) > 3

    async def both_have_worked() -> bool:
        return all(each["completedTasks"] > 0 for each in _workers(await asyncio.to_thread(cluster.tells, "allexecutors")))

    await eventually(both_have_worked)
    workers = _workers(await asyncio.to_thread(cluster.tells, "allexecutors"))
    assert len({each["hostPort"] for each in workers}) == 2
    assert all(each["failedTasks"] == 0 for each in workers)


def _workers(executors: list[dict[str, object]]) -> list[dict[str, object]]:
    return [each for each in executors if each["id"] != "driver" and each["isActive"]]
