"""What is known of the consumer: whether brokers answer, how far it is behind, what it had to put aside.

Read off the client's own statistics and errors, which come in the client's thread; whoever shows it only reads.
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["starting", "consuming", "waiting", "away", "stopped"]
EVERY_SECONDS = 2
_MISSED_AT_MOST = 2
"""Statistics in a row without a broker; one may fall into the moment of a new connection."""
_NOT_LET_IN = (
    "_AUTHENTICATION", "_SSL", "SASL_AUTHENTICATION_FAILED", "TOPIC_AUTHORIZATION_FAILED", "GROUP_AUTHORIZATION_FAILED",
)  # fmt: skip
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why no events come from Kafka. `is_ours`: not Kafka's fault, and told of elsewhere."""

    state: State
    detail: str
    mend: str | None
    is_ours: bool = False


class KafkaWatch:
    def __init__(self, servers: str, topic: str, group: str) -> None:
        self.servers = servers
        self.topic = topic
        self.group = group
        self.records_waiting: int | None = None
        """Of the partitions that this process reads; None while that is not known."""
        self.dead_letters = 0
        self.moved: Callable[[], None] = lambda: None
        """Told, in the event loop, when trouble comes, changes or is over."""
        self._here: Trouble | None = None
        self._refusal: Trouble | None = None
        self._is_up = False
        self._missed = 0
        self._told: tuple[State, Trouble | None] = ("starting", None)

    @property
    def trouble(self) -> Trouble | None:
        return self._here or self._refusal or (self._nobody() if self._missed >= _MISSED_AT_MOST else None)

    @property
    def state(self) -> State:
        return self.trouble.state if self.trouble else "consuming" if self._is_up else "starting"

    def described(self) -> str:
        """For who asks how it is: strangers may, so no address and nothing of a record is in it."""
        waiting = "an unknown number of" if self.records_waiting is None else f"{self.records_waiting:,}"
        return f"{self.state}; {waiting} records waiting, {self.dead_letters:,} dead letters"

    def tell(self) -> None:
        """In the event loop: say so where it stands otherwise than it did."""
        now = (self.state, self.trouble)
        if now != self._told:
            before, self._told = self._told, now
            if now[1] != before[1]:
                _log.warning("%s", now[1].detail if now[1] else "Events from Kafka are taken again.")
                self.moved()

    # -- what happens here ------------------------------------------------------------------------

    def holds(self, trouble: Trouble | None) -> None:
        """Something here keeps records from being taken; None: nothing does any more."""
        self._here = trouble
        self.tell()

    # -- what the client says, in its thread ------------------------------------------------------

    def on_statistics(self, text: str) -> None:
        found = json.loads(text)
        self._is_up = any(each.get("state") == "UP" for each in found.get("brokers", {}).values())
        self._missed = 0 if self._is_up else self._missed + 1
        partitions = found.get("topics", {}).get(self.topic, {}).get("partitions", {})
        lags = [each["consumer_lag"] for each in partitions.values() if each.get("consumer_lag", -1) >= 0]
        self.records_waiting = sum(lags) if lags else None
        if self._is_up and set(partitions) - {"-1"}:
            self._refusal = None

    def on_error(self, error: Any) -> None:
        """What the statistics do not say. That no broker answers comes here at every try, and is told by them."""
        if error.name() in _NOT_LET_IN:
            mend = "look at the file of ASSAY_KAFKA_CONFIG, and at what its user may read"
            self._refusal = Trouble("away", f"Kafka at {self.servers} does not let this consumer in.", mend)
        elif error.name() == "UNKNOWN_TOPIC_OR_PART":
            self._refusal = Trouble("away", f"Kafka has no topic {self.topic}.", "make it, or set ASSAY_KAFKA_TOPIC")

    def _nobody(self) -> Trouble:
        mend = "events that are sent meanwhile wait there; look at ASSAY_KAFKA and the broker"
        return Trouble("away", f"No broker of Kafka answers at {self.servers}.", mend)
