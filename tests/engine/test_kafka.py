"""Events from Kafka over a real socket, against librdkafka's own cluster: none lost, none doubled, whoever is killed."""

import asyncio
import json
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from confluent_kafka import Consumer, Producer
from tests.api.loop_steps import damage, event, telemetry
from tests.api.steps import database_away
from tests.conftest import ANCHOR, DEMO, House, eventually
from tests.engine.consume_child import SESSION_SECONDS

from assay.catalog.workspace import Workspace
from assay.errors import SetupFailed
from assay.loop.kafka import KafkaSettings, KafkaSource
from assay.loop.loop import Loop
from assay.settings import read_settings
from assay.signing.ring import Ring
from assay.store.database import Database

ROOT = Path(__file__).parents[2]
_PATIENCE = 300


@dataclass
class Broker:
    servers: str
    producer: Any

    def send(self, topic: str, *records: bytes | dict[str, Any]) -> None:
        for record in records:
            self.producer.produce(topic, record if isinstance(record, bytes) else json.dumps(record).encode(), key=b"k")
        assert self.producer.flush(20) == 0


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    boot = Producer({"bootstrap.servers": "ignored:1", "test.mock.num.brokers": 1, "log_level": 0})
    servers = ",".join(f"{each.host}:{each.port}" for each in boot.list_topics(timeout=120).brokers.values())
    yield Broker(servers, Producer({"bootstrap.servers": servers, "enable.idempotence": True}))
    del boot


@pytest.fixture
def topic() -> str:
    return f"events-{uuid.uuid4().hex[:8]}"


@asynccontextmanager
async def consuming(database_url: str, broker: Broker, topic: str, workspace: Workspace) -> AsyncIterator[Loop]:
    loop = Loop(Database(database_url), Ring(["key-of-the-tests"]), lambda: ANCHOR)
    await loop.reload(DEMO, workspace.dictionary, frozenset(workspace.dictionary.tables))
    settings = KafkaSettings(broker.servers, topic, "assay", session_seconds=SESSION_SECONDS)
    task = asyncio.create_task(KafkaSource(settings, loop).run_forever())
    try:
        yield loop
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await loop.close()


async def fetch(url: str, sql: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(sql)
    finally:
        await connection.close()


async def taken(url: str) -> list[str]:
    return [row[0] for row in await fetch(url, "SELECT event_id FROM assay.event ORDER BY 1")]


def all_there(url: str, count: int) -> Any:
    async def there() -> bool:
        return len(await taken(url)) == count

    return there


def read_dead(broker: Broker, topic: str, count: int) -> list[tuple[bytes, dict[str, str]]]:
    consumer = Consumer({"bootstrap.servers": broker.servers, "group.id": uuid.uuid4().hex, "auto.offset.reset": "earliest",
                         "session.timeout.ms": SESSION_SECONDS * 1_000})  # fmt: skip
    consumer.subscribe([f"{topic}.dead"])
    found: list[tuple[bytes, dict[str, str]]] = []
    for _ in range(_PATIENCE):
        found += [(m.value(), {name: value.decode() for name, value in m.headers()}) for m in consumer.consume(10, 1.0)
                  if m.error() is None]  # fmt: skip
        if len(found) >= count:
            break
    consumer.close()
    return found


async def test_events_from_kafka_take_the_way_of_those_over_http(
    database_url: str, broker: Broker, topic: str, workspace: Workspace
) -> None:  # fmt: skip
    broker.send(topic, damage(), *(telemetry(f"t-{number}") for number in range(50)), damage())
    async with consuming(database_url, broker, topic, workspace) as loop:
        await eventually(all_there(database_url, 51), _PATIENCE)
        (made, _), *others = await loop.recommendations("open", 10)
        assert (made.action, others) == ("book_same_day_repair", [])


@pytest.mark.exhaustive
async def test_poison_goes_to_the_dead_letters_with_the_reason_and_holds_up_nothing(
    database_url: str, broker: Broker, topic: str, workspace: Workspace
) -> None:  # fmt: skip
    old = {**telemetry("old"), "occurred_at": "2025-03-17T15:42:10Z"}
    poison = [b"no json", json.dumps(event("x", "device.exploded")).encode(), b"\xff\x00", b"", json.dumps(old).encode()]
    broker.send(topic, telemetry("before"), *poison, telemetry("after"))
    async with consuming(database_url, broker, topic, workspace):
        await eventually(all_there(database_url, 2), _PATIENCE)
    dead = dict(await asyncio.to_thread(read_dead, broker, topic, len(poison)))
    assert set(dead) == set(poison)
    assert dead[poison[1]]["reason"] == "There is no event type 'device.exploded'."
    assert "no JSON" in dead[b"no json"]["reason"]
    assert "more than 30 days ago" in dead[poison[4]]["reason"]
    assert dead[b"no json"]["topic"] == topic


@pytest.mark.exhaustive
async def test_a_consumer_killed_between_both_commits_loses_and_doubles_nothing(
    database_url: str, broker: Broker, topic: str, workspace: Workspace
) -> None:  # fmt: skip
    sent = [damage(), event("evt-battery", "device.battery_degraded", device_id="dev_demo_001", battery_health_pct=61)]
    sent += [telemetry(f"t-{number:03d}") for number in range(200)]
    broker.send(topic, *sent)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.engine.consume_child", database_url, broker.servers, topic, "hold", cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout
    async with asyncio.timeout(_PATIENCE):
        assert await child.stdout.readline() == b"held\n"
    before = await taken(database_url)
    assert before, "the database had committed when it was killed"
    child.send_signal(signal.SIGKILL)
    await child.wait()
    async with consuming(database_url, broker, topic, workspace):
        broker.send(topic, telemetry("t-last"))
        await eventually(all_there(database_url, len(sent) + 1), _PATIENCE)
    assert await taken(database_url) == sorted(each["event_id"] for each in [*sent, telemetry("t-last")])
    alerts = await fetch(
        database_url, "SELECT event_id, count(*) FROM l3_asurion.ops_alert WHERE event_id LIKE 'evt-%' GROUP BY 1"
    )
    assert {row[0]: row[1] for row in alerts} == {"evt-screen": 1, "evt-battery": 1}
    assert (await fetch(database_url, "SELECT count(*) FROM assay.recommendation"))[0][0] == 2


async def test_events_wait_in_kafka_while_the_database_is_away(
    database_url: str, broker: Broker, topic: str, workspace: Workspace
) -> None:  # fmt: skip
    async with consuming(database_url, broker, topic, workspace):
        broker.send(topic, telemetry("first"))
        await eventually(all_there(database_url, 1), _PATIENCE)
        async with database_away(database_url):
            broker.send(topic, *(telemetry(f"t-{number}") for number in range(20)))
        await eventually(all_there(database_url, 21), _PATIENCE)


@pytest.mark.exhaustive
async def test_a_broker_that_does_not_answer_is_told_to_the_pages_and_to_who_asks(house: House) -> None:
    source = KafkaSource(KafkaSettings("127.0.0.1:1", "nowhere", "assay"), house.running.loop)
    assert [each["name"] for each in (await house.client.get("/ready")).json()["checks"]].count("kafka") == 0
    house.running.watch_kafka(source.watch)
    before = house.running.hub.said["problems"]
    task = asyncio.create_task(source.run_forever())
    try:
        note = await eventually(lambda: _kafka_note(house), _PATIENCE)
        assert note["message"] == "No broker of Kafka answers at 127.0.0.1:1."
        await eventually(lambda: asyncio.sleep(0, house.running.hub.said["problems"] > before), _PATIENCE)
        ready = (await house.client.get("/ready")).json()
        (check,) = [each for each in ready["checks"] if each["name"] == "kafka"]
        assert (ready["ok"], check["ok"]) == (True, False), "pages are served without it"
        assert "assay_kafka_up 0.0" in (await house.client.get("/metrics")).text
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _kafka_note(house: House) -> dict[str, Any] | None:
    problems = (await house.client.get("/v1/workspace")).json()["problems"]
    return next((each for each in problems if each["kind"] == "kafka"), None)


def test_settings_come_from_the_environment_and_secrets_stay_out_of_sight(tmp_path: Path) -> None:
    assert KafkaSettings.of(read_settings({})) is None
    file = tmp_path / "kafka.properties"
    file.write_text("# to the broker\nsasl.username = assay\nsasl.password=s3cret=with-equals\n")
    found = KafkaSettings.of(read_settings({"ASSAY_KAFKA": "b:9092", "ASSAY_KAFKA_CONFIG": str(file)}))
    assert found
    assert (found.topic, found.group, found.dead_letters) == ("assay.events", "assay", "assay.events.dead")
    assert found.properties["sasl.password"] == "s3cret=with-equals"
    assert "s3cret" not in repr(found)
    with pytest.raises(SetupFailed, match="cannot be read"):
        KafkaSettings.of(read_settings({"ASSAY_KAFKA": "b:9092", "ASSAY_KAFKA_CONFIG": str(tmp_path / "none")}))
