"""A Spark server that dies, hangs and comes back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from assay.engines.spark.driver import SparkBackend
from assay.errors import BackendTimeout, BackendUnavailable
from tests.conftest import eventually
from tests.engine.test_bounds import unjudged
from tests.spark.server import ConnectServer

ONE = unjudged("SELECT 1 AS one", "spark")
ENDLESS = unjudged("SELECT count(*) AS n FROM range(0, 1000000000000, 1, 1) AS a WHERE a.id % 7 = sqrt(a.id)", "spark")


@pytest.fixture
async def backend(server: ConnectServer) -> AsyncIterator[SparkBackend]:
    opened = SparkBackend("spark", server.url)
    assert (await opened.run(ONE, {}, (), 60)).rows == [(1,)]
    yield opened
    await opened.close()


async def test_a_killed_server_is_noticed_and_used_when_it_is_back(server: ConnectServer, backend: SparkBackend) -> None:
    idle = SparkBackend("spark", server.url)
    assert (await idle.run(ONE, {}, (), 60)).rows == [(1,)]
    running = asyncio.ensure_future(backend.run(ENDLESS, {}, (), 120))
    await eventually(lambda: _under_way(server))
    server.process.kill()
    with pytest.raises(BackendUnavailable) as caught:  # by the broken connection: its timeout would be another error
        await running
    assert str(server.port) not in caught.value.detail
    with pytest.raises(BackendUnavailable, match="does not answer"):
        await backend.run(ONE, {}, (), 60)
    assert (await backend.health()).detail == "spark does not answer: Connection refused"
    await asyncio.to_thread(server.start)
    assert (await backend.run(ONE, {}, (), 60)).rows == [(1,)]
    assert (await backend.health()).ok
    # Who asked nothing meanwhile need not know of it.
    assert (await idle.run(ONE, {}, (), 60)).rows == [(1,)]
    await idle.close()


async def test_a_server_that_hangs_costs_no_more_than_the_time_allowed(server: ConnectServer, backend: SparkBackend) -> None:
    server.process.freeze()
    try:
        with pytest.raises(BackendTimeout):
            await backend.run(ONE, {}, (), 1)
    finally:
        server.process.thaw()

    async def answers() -> bool:
        return (await backend.run(ONE, {}, (), 60)).rows == [(1,)]

    await eventually(answers)


async def _under_way(server: ConnectServer) -> bool:
    return any(each["status"] == "RUNNING" for each in await asyncio.to_thread(server.tells, "jobs"))
