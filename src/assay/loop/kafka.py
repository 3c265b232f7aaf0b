"""Events from Kafka: a member of a consumer group that hands batches to the loop.

At least once: offsets are committed after the database has committed, and an event that comes again is known by its id.
What can never be taken goes to the dead-letter topic with the reason, so that it holds up nothing behind it.
"""

import asyncio
import importlib
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import orjson

from assay.errors import AssayError, BadEvent, LoopUnavailable, SetupFailed, StoreUnavailable
from assay.loop.bindings import Bindings
from assay.loop.events import MAX_BATCH, Event
from assay.loop.kafka_watch import EVERY_SECONDS, KafkaWatch, Trouble
from assay.loop.loop import Loop
from assay.settings import Settings

_log = logging.getLogger(__name__)
_WAIT_SECONDS = 0.2
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 5.0
_FLUSH_SECONDS = 10.0
_QUIET_SECONDS = 5.0
"""What failed a moment ago and has consumed for so long since does not fail any more."""
T = TypeVar("T")


class Message(Protocol):
    """What the client gives for a record."""

    def error(self) -> Any: ...
    def value(self) -> bytes | None: ...
    def key(self) -> bytes | None: ...
    def topic(self) -> str: ...
    def partition(self) -> int: ...
    def offset(self) -> int: ...


@dataclass(frozen=True)
class KafkaSettings:
    servers: str
    topic: str
    group: str
    properties: dict[str, str] = field(default_factory=dict)
    """Further settings of librdkafka, such as those of TLS and SASL. They may hold secrets."""
    session_seconds: int = 10

    def __repr__(self) -> str:
        return f"KafkaSettings({self.servers!r}, {self.topic!r}, {self.group!r})"

    @property
    def dead_letters(self) -> str:
        return f"{self.topic}.dead"

    @classmethod
    def of(cls, settings: Settings) -> "KafkaSettings | None":
        """None where no broker is named. Raises SetupFailed where the file of properties cannot be read."""
        if settings.kafka is None:
            return None
        properties = _properties(settings.kafka_config) if settings.kafka_config else {}
        return cls(settings.kafka, settings.kafka_topic, settings.kafka_group, properties)


def _properties(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupFailed(f"ASSAY_KAFKA_CONFIG: {path} cannot be read.", mend="name a file of lines name=value") from error
    pairs = [line.partition("=") for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return {name.strip(): value.strip() for name, _, value in pairs}


class KafkaSource:
    """One consumer. The client blocks, so it has a thread of its own, and everything is asked of it there."""

    def __init__(self, settings: KafkaSettings, loop: Loop) -> None:
        self.watch = KafkaWatch(settings.servers, settings.topic, settings.group)
        self._settings = settings
        self._loop = loop
        self._thread = ThreadPoolExecutor(1, "kafka")
        self._consumer: Any = None
        self._producer: Any = None

    async def run_forever(self) -> None:
        """One of the outermost loops: what goes wrong is logged, and consuming begins again where it was committed."""
        try:
            while True:
                try:
                    await self.run()
                except asyncio.CancelledError:
                    raise
                except SetupFailed as error:
                    _log.error("Kafka is not consumed: %s %s", error.detail, error.mend or "")
                    self.watch.holds(Trouble("stopped", f"Kafka is not consumed: {error.detail}", error.mend))
                    return
                except Exception as error:  # noqa: BLE001
                    _log.exception("consuming %s failed; beginning again", self._settings.topic)
                    reason = error.detail if isinstance(error, AssayError) else "the log says why"
                    detail = f"Consuming {self._settings.topic} failed: {reason.rstrip('.')}."
                    self.watch.holds(Trouble("away", detail, "it is tried again every second"))
                await asyncio.sleep(1)
        finally:
            self._thread.shutdown(wait=False)

    async def run(self) -> None:
        """Consume until cancelled."""
        await self._blocking(self._open)
        began = time.monotonic()
        try:
            while True:
                messages = await self._blocking(self._consumer.consume, MAX_BATCH, _WAIT_SECONDS)
                if messages:
                    await self.handle(messages)
                if messages or time.monotonic() - began > _QUIET_SECONDS:
                    self.watch.holds(None)
                self.watch.tell()
        finally:
            # Leaving the group lets the others take over at once. It waits for what the thread is still doing.
            await asyncio.shield(self._blocking(self._close))

    async def handle(self, messages: Sequence[Message]) -> None:
        """Take a batch: dead letters first, then the database, then the offsets."""
        bindings = await self._serving()
        events: list[Event] = []
        dead: list[tuple[Message, str]] = []
        for message in messages:
            if message.error() is not None:
                _log.warning("Kafka: %s", message.error())
                self.watch.on_error(message.error())
                continue
            try:
                events.append(self._loop.read_event(_raw(message), bindings))
            except BadEvent as error:
                dead.append((message, error.detail))
        if dead:
            await self._blocking(self._bury, dead)
            self._loop.came["kafka", "refused"] += len(dead)
            self.watch.dead_letters += len(dead)
        await self._take(events)
        await self.commit()

    async def commit(self) -> None:
        await self._blocking(self._commit)

    async def _serving(self) -> Bindings:
        """Until there are rules to go by, records wait in Kafka."""
        while True:
            try:
                return self._loop.serving().bindings
            except LoopUnavailable as error:
                _log.warning("events wait: %s", error.detail)
                self.watch.holds(Trouble("waiting", error.detail, error.mend, is_ours=True))
                await asyncio.sleep(_LONGEST_PAUSE_SECONDS)

    async def _take(self, events: list[Event]) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while events:
            try:
                await self._loop.take_events(events, "kafka")
                return
            except StoreUnavailable as error:
                _log.warning("events wait for the database: %s", error.detail)
                self.watch.holds(Trouble("waiting", error.detail, error.mend, is_ours=True))
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    # -- in the thread --------------------------------------------------------------------------

    async def _blocking(self, work: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)

    def _open(self) -> None:
        try:
            client = importlib.import_module("confluent_kafka")
        except ImportError as error:
            raise SetupFailed("The Kafka client is not installed.", mend="pip install 'assay[kafka]'") from error
        known = self._settings
        # Of a broker that is away the client would write twenty lines a second; what matters of it is watched.
        shared = {"bootstrap.servers": known.servers, "client.id": "assay", "logger": _log, "log_level": 2,
                  **known.properties}  # fmt: skip
        self._consumer = client.Consumer({
            **shared, "group.id": known.group, "enable.auto.commit": False, "auto.offset.reset": "earliest",
            "session.timeout.ms": known.session_seconds * 1_000, "statistics.interval.ms": EVERY_SECONDS * 1_000,
            "stats_cb": self.watch.on_statistics, "error_cb": self.watch.on_error,
        })  # fmt: skip
        self._producer = client.Producer({**shared, "enable.idempotence": True})
        self._consumer.subscribe([known.topic])

    def _bury(self, dead: Sequence[tuple[Message, str]]) -> None:
        """Returns once the broker has them: only then may the offsets go on."""
        failed: list[str] = []
        for message, reason in dead:
            where = {"topic": message.topic(), "partition": message.partition(), "offset": message.offset()}
            headers = [(name, str(value).encode()) for name, value in {"reason": reason, **where}.items()]
            self._producer.produce(
                self._settings.dead_letters, message.value(), message.key(), headers=headers,
                on_delivery=lambda error, _: failed.append(str(error)) if error is not None else None,
            )  # fmt: skip
        left = self._producer.flush(_FLUSH_SECONDS)
        if left or failed:
            raise StoreUnavailable(f"{self._settings.dead_letters} took not all dead letters: {failed or left}")

    def _commit(self) -> None:
        client = importlib.import_module("confluent_kafka")
        try:
            self._consumer.commit(asynchronous=False)
        except client.KafkaException as error:
            # Somebody else has these partitions by now and gets the records again: their ids are known.
            _log.warning("offsets were not committed: %s", error)

    def _close(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close()


def _raw(message: Message) -> Any:
    try:
        return orjson.loads(message.value() or b"")
    except orjson.JSONDecodeError as error:
        raise BadEvent(f"It is no JSON: {error}.") from error
