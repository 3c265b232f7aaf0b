"""`assay consume`: events from Kafka into the database, beside the servers that show what comes of them.

What takes long to import is imported where it is used: every other command would wait for it too.
"""

from typing import TYPE_CHECKING

from assay.errors import SetupFailed
from assay.settings import Settings, read_settings

if TYPE_CHECKING:
    from assay.loop.kafka import KafkaSettings


def consume() -> None:
    """Consume events from Kafka until Ctrl-C: ASSAY_KAFKA, ASSAY_KAFKA_TOPIC, ASSAY_KAFKA_GROUP and DATABASE_URL."""
    import asyncio

    from assay.log import set_up_logging
    from assay.loop.kafka import KafkaSettings

    settings = read_settings()
    kafka = KafkaSettings.of(settings)
    if kafka is None:
        raise SetupFailed("No Kafka is named.", mend="set ASSAY_KAFKA to its bootstrap servers, such as broker:9092")
    if settings.database_url is None:
        raise SetupFailed(
            "DATABASE_URL is not set, and the embedded database belongs to assay up.",
            mend="set ASSAY_KAFKA for assay up, which then consumes by itself",
        )
    set_up_logging(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    print(f"Consuming {kafka.topic} from {kafka.servers} as {kafka.group}  (Ctrl-C stops)", flush=True)
    asyncio.run(_consume(settings, settings.database_url, kafka))


async def _consume(settings: Settings, url: str, kafka: "KafkaSettings") -> None:
    import asyncio
    import contextlib
    import signal

    from assay.catalog.workspace import load_workspace
    from assay.cli.up import consume_once_released, prepare_database, ring_of
    from assay.live.running import start_running
    from assay.loop.kafka import KafkaSource
    from assay.loop.rationale import Wording
    from assay.store.database import Database

    around = await prepare_database(settings, load_workspace(settings.workspace), url)
    ring = ring_of(settings)
    running = await start_running(settings.workspace, Database(url), around, ring, keep_events=settings.keep_events)
    running.audit_by(settings)
    running.loop.wording = Wording.of(settings)
    source = asyncio.create_task(consume_once_released(KafkaSource(kafka, running.loop), running))
    tasks = [source, *(asyncio.ensure_future(each) for each in running.tasks())]
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, source.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await source
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await running.close()
