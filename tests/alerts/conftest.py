"""One stand for all tests of a file, emptied for each."""

from collections.abc import AsyncIterator

import pytest

from tests.alerts.stand import Stand, open_stand
from tests.receivers import Mailbox, Receiver, mailbox, receiver


@pytest.fixture(scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stand]:
    async with open_stand(tmp_path_factory.mktemp("stand")) as found:
        yield found


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as found:
        yield found


@pytest.fixture
async def mails() -> AsyncIterator[Mailbox]:
    async with mailbox() as found:
        yield found


@pytest.fixture
async def stand(standing: Stand, hook: Receiver, mails: Mailbox) -> Stand:
    await standing.empty()
    standing.configure(hook, mails)
    return standing
