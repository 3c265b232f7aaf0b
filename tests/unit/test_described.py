"""What a backend calls the types of its columns: asked once for all who wait, and for nobody in vain."""

import asyncio
from typing import Any, cast

import pytest

from assay.backends.protocol import Backend
from assay.errors import BackendUnavailable
from assay.routing.described import Described
from tests.conftest import collected


class Away:
    """A backend whose server ends the connection while it is asked for columns."""

    name, dialect = "away", "postgres"

    def __init__(self) -> None:
        self.ends = asyncio.Event()

    async def describe(self, _: str) -> None:
        await self.ends.wait()
        raise BackendUnavailable("away does not answer")


async def test_a_failure_that_nobody_waits_for_any_more_is_no_accident() -> None:
    accidents = list[dict[str, Any]]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: accidents.append(context))
    with collected():
        backend, described = Away(), Described()
        waiting = asyncio.create_task(described.ready(cast(Backend, backend), ["a.b", "a.c"]))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        backend.ends.set()
        for _ in range(10):
            await asyncio.sleep(0)
        assert not described._looking
    await asyncio.sleep(0)
    assert accidents == []
