"""Messages leave the store: at least once each, under one id; what cannot be sent is tried again, later and later."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from assay.alerts.channels import ChannelNotConfigured, NotSent, Post, Writing, make_client
from assay.alerts.entry import ChannelEntry
from assay.errors import NotAllowed, NotFound, StoreUnavailable
from assay.store.alerts import MessageKind, StoredMessage, end_message, prune_messages, take_message
from assay.store.database import Database

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 1
_AT_ONCE = 4
"""A receiver that is slow holds up no other."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
MOST_ATTEMPTS = 14
"""Some six hours; after that it is a dead letter, which a person may send again."""
KEEP = timedelta(days=90)
NOT_CONFIGURED_WAIT, NOT_CONFIGURED_LONGEST = timedelta(minutes=1), timedelta(days=1)
"""Where a channel is not configured no attempt is used up; what is older than a day is news no more."""


def wait_after(attempts: int) -> timedelta:
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempts - 1, 20))


@dataclass
class Outbox:
    database: Database
    now: Callable[[], datetime]
    channel_of: Callable[[StoredMessage], Awaitable[ChannelEntry]]
    """Raises NotFound or NotAllowed where nobody hears of it any more."""
    is_held: Callable[[], bool]
    post: Post = field(default_factory=Post)
    """Nothing can be sent before the environment has said where."""
    writing: dict[MessageKind, Writing] = field(default_factory=dict[MessageKind, Writing])
    """How mails are written of kinds that are no alert's."""

    async def go_on(self) -> None:
        async with make_client() as client:
            sending: set[asyncio.Task[None]] = set()
            try:
                while True:
                    with contextlib.suppress(StoreUnavailable):
                        while len(sending) < _AT_ONCE and (taken := await self._take()) is not None:
                            sending.add(asyncio.create_task(self._send(*taken, client)))
                    if sending:
                        done, sending = await asyncio.wait(
                            sending, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                        )
                        for each in done:
                            if (error := each.exception()) is not None:
                                _log.warning("a message waits for its lease to run out", exc_info=error)
                    else:
                        await asyncio.sleep(_LOOK_SECONDS)
            finally:
                for each in sending:
                    each.cancel()

    async def _take(self) -> tuple[StoredMessage, str] | None:
        return None if self.is_held() else await take_message(self.database, self.now())

    async def _send(self, message: StoredMessage, lease: str, client: httpx.AsyncClient) -> None:
        now, wait, is_attempt = self.now(), wait_after(message.attempts), True
        state, trouble = "delivered", None
        try:
            trouble = await self.post.send(await self.channel_of(message), message, client, self.writing.get(message.kind))
        except ChannelNotConfigured as error:
            is_old = now - message.made_at > NOT_CONFIGURED_LONGEST
            state, trouble, wait, is_attempt = "dead" if is_old else "waiting", str(error), NOT_CONFIGURED_WAIT, False
        except NotSent as error:
            state, trouble = ("dead" if message.attempts >= MOST_ATTEMPTS else "waiting"), str(error)
        except (NotAllowed, NotFound) as error:
            state, trouble = "dead", error.detail
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the others are sent
            # It counts as an attempt, so that what can never be sent ends as a dead letter.
            _log.exception("message %s to %s", message.message_id, message.listener)
            state = "dead" if message.attempts >= MOST_ATTEMPTS else "waiting"
            trouble = f"it could not be written: {type(error).__name__}; the server's log says more"
        if state != "delivered":
            _log.warning("message %s to %s: %s", message.message_id, message.listener, trouble)
        now = self.now()
        await end_message(self.database, message.message_id, lease, state, now, now + wait, trouble, is_attempt=is_attempt)

    async def prune(self) -> None:
        await prune_messages(self.database, self.now() - KEEP)
