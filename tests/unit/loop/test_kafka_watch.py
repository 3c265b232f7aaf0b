"""What is made of the Kafka client's statistics and errors: when there is trouble, which, and when it is over."""

import json
from dataclasses import dataclass

from assay.loop.kafka_watch import KafkaWatch, Trouble


@dataclass
class Said:
    """An error as the client gives it."""

    code: str

    def name(self) -> str:
        return self.code


def statistics(broker: str = "UP", lags: dict[str, int] | None = None) -> str:
    partitions = {name: {"consumer_lag": lag} for name, lag in ({"-1": -1} | (lags or {})).items()}
    return json.dumps({"brokers": {"b:9092/1": {"state": broker}}, "topics": {"events": {"partitions": partitions}}})


def watching() -> tuple[KafkaWatch, list[Trouble | None]]:
    watch, told = KafkaWatch("b:9092", "events", "assay"), list[Trouble | None]()
    watch.moved = lambda: told.append(watch.trouble)
    return watch, told


def test_it_is_no_trouble_to_start() -> None:
    watch, told = watching()
    watch.tell()
    watch.on_statistics(statistics("INIT"))
    watch.tell()
    assert (watch.state, watch.trouble, told) == ("starting", None, [])


def test_a_broker_that_goes_is_told_once_and_so_is_its_return() -> None:
    watch, told = watching()
    watch.on_statistics(statistics(lags={"0": 3, "1": 4}))
    assert (watch.state, watch.records_waiting) == ("consuming", 7)
    for _ in range(4):
        watch.on_statistics(statistics("DOWN"))
        watch.tell()
    assert watch.state == "away"
    assert [each.detail for each in told if each] == ["No broker of Kafka answers at b:9092."]
    watch.on_statistics(statistics(lags={"0": 0}))
    watch.tell()
    assert (watch.state, watch.trouble, told[1:]) == ("consuming", None, [None])


def test_one_connection_made_anew_is_no_trouble() -> None:
    watch, told = watching()
    for state in ("UP", "CONNECT", "UP", "INIT", "UP"):
        watch.on_statistics(statistics(state))
        watch.tell()
    assert told == []


def test_a_topic_that_is_missing_is_named_until_it_has_partitions() -> None:
    watch, _ = watching()
    watch.on_error(Said("UNKNOWN_TOPIC_OR_PART"))
    watch.on_statistics(statistics())
    assert watch.trouble is not None
    assert watch.trouble.detail == "Kafka has no topic events."
    watch.on_statistics(statistics(lags={"0": 0}))
    assert watch.trouble is None


def test_a_refused_sign_in_is_told_as_such_though_no_broker_counts_as_there() -> None:
    watch, _ = watching()
    watch.on_error(Said("_AUTHENTICATION"))
    watch.on_error(Said("_ALL_BROKERS_DOWN"))
    for _ in range(3):
        watch.on_statistics(statistics("AUTH_LEGACY"))
    assert watch.trouble is not None
    assert "does not let this consumer in" in watch.trouble.detail


def test_what_holds_records_up_here_comes_first_and_strangers_are_told_no_more_than_how_many() -> None:
    watch, told = watching()
    ours = Trouble("waiting", "The database is away.", None, is_ours=True)
    watch.holds(ours)
    watch.dead_letters += 2
    assert (watch.state, told) == ("waiting", [ours])
    assert watch.described() == "waiting; an unknown number of records waiting, 2 dead letters"
    watch.holds(None)
    assert told == [ours, None]
