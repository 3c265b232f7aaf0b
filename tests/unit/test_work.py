"""Places, pulses and workers: who waits for whom, who is told at once, and what is ended."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from assay.errors import BadRequest, Busy, SetupFailed, TooMuchWork
from assay.log import JsonLines, TextLines
from assay.settings import read_settings
from assay.widgets.dashboard_yaml import read_dashboard
from assay.work import pulse as pulses
from assay.work.nursery import Nursery
from assay.work.places import Places
from assay.work.pool import Workers
from assay.work.pulse import Pulse, Silent
from assay.work.request import Request, begin_request, seconds_left
from tests.conftest import eventually


class Crowd:
    """Askers that hold their places until they are let go."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.inside: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []
        self._may_go = asyncio.Event()

    def ask(self, name: str, asker: str = "ann", *keys: tuple[str, str], until: float | None = None) -> asyncio.Task[None]:
        async def hold() -> None:
            begin_request(Request(asker, until=until))
            async with self.places.place(keys):
                self.inside.append(name)
                await self._may_go.wait()

        self.tasks.append(asyncio.create_task(hold()))
        return self.tasks[-1]

    async def settle(self) -> list[str]:
        for _ in range(5):
            await asyncio.sleep(0)
        return self.inside

    async def end(self) -> None:
        self._may_go.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.fixture
async def crowd() -> AsyncIterator[Crowd]:
    crowd = Crowd(Places("lake", 8, waiting=20))
    yield crowd
    await crowd.end()
    assert (crowd.places.taken, crowd.places.waiting) == (0, 0)


async def test_ten_slow_questions_of_one_table_leave_room_for_another(crowd: Crowd) -> None:
    for number in range(10):
        crowd.ask(f"slow {number}", f"asker {number}", ("table", "claims"))
    crowd.ask("other", "bob", ("table", "orders"))
    assert (await crowd.settle()).count("other") == 1
    assert len(crowd.inside) == 7


async def test_one_asker_and_one_shape_of_question_hold_no_more_than_their_share(crowd: Crowd) -> None:
    for number in range(10):
        crowd.ask(f"slow {number}", "ann", ("statement", "SELECT 1"))
    crowd.ask("another metric of the same asker", "ann", ("statement", "SELECT 2"))
    crowd.ask("of bob", "bob", ("statement", "SELECT 2"))
    inside = await crowd.settle()
    assert sum(each.startswith("slow") for each in inside) == 4
    assert {"another metric of the same asker", "of bob"} <= set(inside)


async def test_beyond_the_queue_the_refusal_comes_at_once_and_says_when_to_come_again(crowd: Crowd) -> None:
    for number in range(28):
        crowd.ask(str(number), f"asker {number}")
    await crowd.settle()
    with pytest.raises(Busy) as refusal:
        await crowd.ask("too much", "carol")
    assert int(refusal.value.headers()["retry-after"]) >= 1
    assert refusal.value.problem()["kind"] == "busy"


async def test_one_asker_cannot_fill_the_queue(crowd: Crowd) -> None:
    for number in range(8 + 15):
        crowd.ask(str(number), "ann")
    await crowd.settle()
    with pytest.raises(Busy):
        await crowd.ask("one more of ann", "ann")
    assert not crowd.ask("bob", "bob").done()


async def test_who_waits_past_the_deadline_is_told_that_it_is_busy(crowd: Crowd) -> None:
    for number in range(8):
        crowd.ask(str(number), f"asker {number}")
    with pytest.raises(Busy, match="no turn came in time"):
        await crowd.ask("late", "bob", until=asyncio.get_running_loop().time())


async def test_who_leaves_the_queue_leaves_no_hole(crowd: Crowd) -> None:
    for number in range(8):
        crowd.ask(str(number), f"asker {number}")
    leaving = crowd.ask("leaving", "bob")
    crowd.ask("staying", "carol")
    await crowd.settle()
    leaving.cancel()
    await crowd.settle()
    crowd.tasks[0].cancel()
    assert "staying" in await crowd.settle()


async def test_a_requests_time_is_one_for_all_that_it_does() -> None:
    begin_request(Request("ann", until=asyncio.get_running_loop().time() + 3))
    assert 2 < seconds_left(30) <= 3
    assert seconds_left(1) == 1


# -- the pulse --------------------------------------------------------------------------------------


async def test_a_silent_server_is_told_from_a_slow_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulses, "AFTER_SECONDS", 0.01)
    monkeypatch.setattr(pulses, "PATIENCE_SECONDS", 0.01)
    beats = asyncio.Event()

    async def beat() -> None:
        await beats.wait()

    pulse = Pulse(beat)
    beats.set()
    async with pulse.watched():
        await asyncio.sleep(0.1)  # slow: several beats long
    beats.clear()
    with pytest.raises(Silent):
        async with pulse.watched():
            await asyncio.Event().wait()
    with pytest.raises(Silent):  # at once, for whoever comes next
        async with pulse.watched():
            pytest.fail("nobody is let in")
    beats.set()
    await eventually(lambda: asyncio.sleep(0, not pulse.is_silent))
    async with pulse.watched():
        pass
    pulse.close()


# -- workers ----------------------------------------------------------------------------------------


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    workers = Workers("Reading", 2)
    yield workers
    await workers.close()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _environment() -> dict[str, str]:
    return dict(os.environ)


async def test_work_is_refused_beyond_its_processor_time_and_the_next_is_done(workers: Workers) -> None:
    with pytest.raises(TooMuchWork, match=r"more than 0.2 s of processor time"):
        await workers.run(read_dashboard, "dashboard_id: x\ntiles:\n" + "- {a: 1}\n" * 25_000, cpu_seconds=0.2)
    found = await workers.run(read_dashboard, "dashboard_id: x\nlabel: y\ntiles: []", cpu_seconds=1)
    assert found.dashboard_id == "x"
    with pytest.raises(BadRequest, match="Line 1"):
        await workers.run(read_dashboard, "{", cpu_seconds=1)


async def test_whoever_leaves_takes_the_work_along(workers: Workers) -> None:
    working = asyncio.create_task(
        workers.run(read_dashboard, "dashboard_id: x\ntiles:\n" + "- {a: 1}\n" * 25_000, cpu_seconds=9)
    )
    await eventually(lambda: asyncio.sleep(0, workers.running))
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working
    assert (workers.running, workers.places.taken) == (0, 0)


async def test_a_worker_knows_nothing_of_the_servers_environment(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@host/db")
    assert "secret" not in str(await workers.run(_environment, cpu_seconds=20))


async def test_a_worker_that_starts_while_all_is_closed_is_ended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether whoever it was for has left or still waits for it."""
    workers, begun, may_go, born = Workers("Reading", 4), threading.Semaphore(0), threading.Event(), list[int]()
    fork = Nursery.fork

    def slowly(nursery: Nursery) -> tuple[int, socket.socket]:
        begun.release()
        may_go.wait()
        pid, end = fork(nursery)
        born.append(pid)
        return pid, end

    monkeypatch.setattr(Nursery, "fork", slowly)
    asked = [asyncio.create_task(workers.run(_environment, cpu_seconds=20)) for _ in range(2)]
    for _ in asked:
        await asyncio.to_thread(begun.acquire)
    asked[0].cancel()
    closing = asyncio.create_task(workers.close())
    await asyncio.sleep(0)
    may_go.set()
    await closing
    left, refused = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(left, asyncio.CancelledError)
    assert isinstance(refused, TooMuchWork)
    assert len(born) == 2
    for pid in born:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_work_that_kills_its_worker_twice_is_refused(workers: Workers) -> None:
    with pytest.raises(TooMuchWork):
        await workers.run(_die, cpu_seconds=20)


# -- the log ----------------------------------------------------------------------------------------


def test_a_line_of_the_log_is_one_event_with_what_is_known_of_its_request() -> None:
    record = logging.makeLogRecord({"name": "assay.answers", "levelname": "INFO", "msg": "statement", "receipt": "01k"})

    async def told() -> dict[str, object]:
        begin_request(Request("10.0.0.7", "abc"))
        return json.loads(JsonLines().format(record))

    found = asyncio.run(told())
    assert found["time"].endswith("Z")  # pyright: ignore[reportAttributeAccessIssue]
    wanted = {"level": "info", "message": "statement", "request_id": "abc", "asker": "10.0.0.7", "receipt": "01k"}
    assert wanted.items() <= found.items()


def test_a_traceback_in_the_log_says_where_and_not_with_which_values() -> None:
    try:
        raise ValueError("secret value")
    except ValueError as error:
        told = (type(error), error, error.__traceback__)
    record = logging.makeLogRecord({"name": "assay", "levelname": "ERROR", "msg": "an accident", "exc_info": told})
    for form in (JsonLines(), TextLines()):
        assert "secret value" not in form.format(record)
        assert Path(__file__).name in form.format(record)


@pytest.mark.parametrize("wrong", [{"ASSAY_LOG": "xml"}, {"ASSAY_LOG_LEVEL": "loud"}])
def test_a_wrong_setting_of_the_log_is_named(wrong: dict[str, str]) -> None:
    with pytest.raises(SetupFailed, match=next(iter(wrong))):
        read_settings(wrong)
