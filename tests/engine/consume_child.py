"""A consumer in a process of its own, for tests that kill it: python -m tests.engine.consume_child URL SERVERS TOPIC HOLD

With HOLD `hold` it says so and stops for good between the database's commit and that of the offsets.
"""

import asyncio
import sys

from tests.conftest import ANCHOR, DEMO

from assay.catalog.workspace import load_workspace
from assay.loop.kafka import KafkaSettings, KafkaSource
from assay.loop.loop import Loop
from assay.signing.ring import Ring
from assay.store.database import Database

SESSION_SECONDS = 6
"""The shortest that the mock cluster allows: a killed member is missed after so long."""


class HeldSource(KafkaSource):
    async def commit(self) -> None:
        print("held", flush=True)
        await asyncio.Event().wait()


async def main(url: str, servers: str, topic: str, hold: bool) -> None:
    workspace = load_workspace(DEMO, {})
    loop = Loop(Database(url), Ring(["key-of-the-tests"]), lambda: ANCHOR)
    await loop.reload(DEMO, workspace.dictionary, frozenset(workspace.dictionary.tables))
    settings = KafkaSettings(servers, topic, "assay", session_seconds=SESSION_SECONDS)
    await (HeldSource if hold else KafkaSource)(settings, loop).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4] == "hold"))
