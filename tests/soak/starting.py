"""Several processes on one database, each with a home of its own: started, killed, frozen and cut off in any order.

`python -m tests.soak.starting [--processes 5] [--seconds 600] [--dice 1]`. Nothing that was seeded, decided, saved or
answered is lost or doubled; prints what was done, and ends with 1 on a loss.
"""

import argparse
import asyncio
import contextlib
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx

from assay.demo.system import free_port
from assay.loop.scenarios import load_scenario
from assay.store.embedded import EmbeddedPostgres
from tests.process.assay import CHECKOUT, Up, environment

WIDGET = {"kind": "kpi", "title": "", "question": {"metrics": ["csat"]}}
_ROWS = """
SELECT (SELECT count(*) FROM l3_asurion.ev_claim), (SELECT sum(cost_avoided_usd) FROM l3_asurion.ev_claim),
    (SELECT count(*) FROM l3_asurion.ev_customer), (SELECT count(*) FROM l3_asurion.ev_issue_session),
    (SELECT count(*) FROM l3_asurion.ops_recommendation),
    (SELECT count(*) FROM assay.recommendation WHERE state = 'approved'),
    (SELECT count(*) FROM assay.seeding), (SELECT max(seeded_at) FROM assay.seeding), (SELECT count(*) FROM assay.event)"""

_CUT_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'assay%'"


@dataclass
class Soak:
    url: str
    folder: Path
    processes: int
    dice: random.Random
    widgets: list[str] = field(default_factory=list)
    """Titles of those that a process said it had saved."""
    receipts: set[str] = field(default_factory=set)
    """Those that an answer named, or that were seen in the database."""
    done: Counter[str] = field(default_factory=Counter)
    running: dict[int, Up] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def start(self, number: int) -> None:
        env = environment(self.folder / f"home-{number}", CHECKOUT / "demo", free_port(), DATABASE_URL=self.url)
        env["ASSAY_RECEIPT_KEY"] = "one key for all of this soak"
        self.done["started"] += 1
        self.running[number] = Up(env, self.folder / f"up-{number}-{self.done['started']}.log")

    def end(self, number: int, by: signal.Signals) -> None:
        up = self.running.pop(number)
        if up.process.poll() is None:
            self.done["killed" if by == signal.SIGKILL else "stopped"] += 1
            up.end(by)
        elif "Serving" not in up.said:
            self.refused.append(up.said)

    def freeze(self, number: int) -> None:
        """For some seconds it does nothing, wherever it was, while the others go on."""
        up = self.running.pop(number)
        self.done["frozen"] += 1
        up.process.send_signal(signal.SIGSTOP)
        until = time.monotonic() + 1 + self.dice.random() * 4
        while time.monotonic() < until:
            self.write()
            time.sleep(0.2)
        up.process.send_signal(signal.SIGCONT)
        self.running[number] = up

    def serving(self) -> list[Up]:
        return [up for up in self.running.values() if up.process.poll() is None and "Serving at" in up.said]

    def write(self) -> None:
        """One widget and one answer, by whoever serves; what fails because a process is gone is not counted."""
        for up in self.serving():
            title = f"w{self.done['writes']}"
            self.done["writes"] += 1
            with contextlib.suppress(httpx.TransportError):
                if up.http.post("/v1/widgets", json={"widget": {**WIDGET, "title": title}}).status_code == 201:
                    self.widgets.append(title)
                asked = {"grain": "day", "limit": 1 + self.done["writes"] % 200}
                answer = up.http.post("/v1/metrics/claim_volume_l3_asurion/data", json=asked)
                if answer.status_code == 200:
                    self.done["answers"] += 1
                    self.receipts.add(answer.json()["provenance"]["receipt_id"])

    def note_receipts(self) -> None:
        self.receipts |= {row[0] for row in fetch(self.url, "SELECT receipt_id FROM assay.receipt")}

    def until_serving(self, least: int) -> None:
        until = time.monotonic() + 400
        while len(self.serving()) < least:
            assert time.monotonic() < until, [up.said for up in self.running.values()]
            for up in self.running.values():
                assert up.process.poll() is None, up.said
            time.sleep(0.1)

    def decide(self) -> None:
        """An event that leads to a repair, approved by another process."""
        one, other = self.serving()[0], self.serving()[-1]
        events = load_scenario(CHECKOUT / "demo", "screen_damage").played_at(datetime.now(UTC))
        reply = one.http.post("/v1/events", json={"events": events}).json()
        name = reply["outcomes"][-1]["recommendation_id"]
        assert other.http.post(f"/v1/recommendations/{name}/approve").json()["state"] == "approved"

    def shake(self, seconds: float) -> None:
        """Start, stop, kill, freeze and cut off from the database in any order, writing all the while."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            number = self.dice.randrange(self.processes)
            kind = self.dice.random()
            if number not in self.running:
                self.start(number)
            elif kind < 0.5:
                self.end(number, self.dice.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
            elif kind < 0.65:
                self.freeze(number)
            elif kind < 0.75 and len(self.serving()) == len(self.running):
                self.done["cut off"] += 1
                fetch(self.url, _CUT_OFF)
            pause = time.monotonic() + self.dice.random() * 6
            while time.monotonic() < min(pause, until):
                self.write()
                self.note_receipts()
                time.sleep(0.2)

    def wrong(self, before: list[object]) -> list[str]:
        """What was lost or doubled, with every process started once more."""
        for number in range(self.processes):
            if number in self.running and self.running[number].process.poll() is not None:
                self.end(number, signal.SIGKILL)
            if number not in self.running:
                self.start(number)
        self.until_serving(self.processes)
        found = [f"a process ended instead of serving: {said}" for said in self.refused]
        after = list(fetch(self.url, _ROWS)[0])
        if after != before:
            found.append(f"rows were {before} and are {after}")
        for up in self.serving():
            kept = Counter(each["label"] for each in up.http.get("/v1/widgets").json()["widgets"])
            lost = [title for title in self.widgets if kept[title] != 1]
            if lost:
                found.append(f"of {len(self.widgets)} widgets {lost[:5]} are not there once")
        kept = Counter(row[0] for row in fetch(self.url, "SELECT receipt_id FROM assay.receipt"))
        if lost := [each for each in self.receipts if kept[each] != 1]:
            found.append(f"of {len(self.receipts)} receipts {lost[:5]} are not there once")
        return found


def fetch(url: str, sql: str) -> list[asyncpg.Record]:
    async def ask() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetch(sql)
        finally:
            await connection.close()

    return asyncio.run(ask())


@contextlib.contextmanager
def a_server() -> Iterator[tuple[str, Path]]:
    folder = Path(tempfile.mkdtemp(prefix="assay-soak-"))
    folder.chmod(0o755)
    postgres = EmbeddedPostgres(folder / "server")
    try:
        postgres.start()
        yield postgres.url, folder
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def soak(processes: int, seconds: float, dice: int, *, is_filling_killed: bool) -> tuple[list[str], dict[str, int]]:
    """What was wrong, and what was done."""
    with a_server() as (url, folder):
        run = Soak(url, folder, processes, random.Random(dice))
        try:
            # All at once on an empty database; one of them may be killed while they fill it.
            for number in range(processes):
                run.start(number)
            if is_filling_killed:
                time.sleep(8)
                run.end(0, signal.SIGKILL)
            run.until_serving(len(run.running))
            run.decide()
            before = list(fetch(url, _ROWS)[0])
            run.shake(seconds)
            return run.wrong(before), {**run.done, "widgets": len(run.widgets), "receipts": len(run.receipts)}
        finally:
            for number in list(run.running):
                run.end(number, signal.SIGKILL)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.soak.starting", description=__doc__)
    parser.add_argument("--processes", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--dice", type=int, default=1)
    given = parser.parse_args()
    wrong, done = soak(given.processes, given.seconds, given.dice, is_filling_killed=True)
    print(", ".join(f"{count} {what}" for what, count in sorted(done.items())))
    for each in wrong:
        print(f"LOST OR DOUBLED: {each}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
