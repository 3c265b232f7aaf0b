"""What one process serves at the moment, and what is wrong with it: read by all that keeps it current."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from assay.alerts.checks import Checks
from assay.answers.receipts import ReceiptBook
from assay.answers.resolve import Corridor
from assay.backends.protocol import Health
from assay.backends.registry import Surroundings
from assay.catalog.findings import Finding, fold
from assay.catalog.folder import Files
from assay.engines.postgres.driver import PostgresBackend
from assay.live.access import Access
from assay.live.condition import Condition, Look
from assay.live.hub import DataMoved, Hub, ProblemNote, ProblemsMoved
from assay.live.validation import driver_findings
from assay.loop.kafka_watch import KafkaWatch
from assay.loop.loop import Loop
from assay.reports.rounds import Rounds
from assay.routing.serving import Catalog
from assay.routing.table import Routes
from assay.signing.ring import Ring
from assay.store.database import Database
from assay.store.last_good import Kept
from assay.widgets.annotations import Annotations
from assay.widgets.dashboard_files import DashboardFiles


@dataclass
class State:
    """`corridor.catalog` is replaced at a reload; the rest stays for life."""

    root: Path
    database: Database
    around: Surroundings
    corridor: Corridor
    routes: Routes
    receipts: ReceiptBook
    hub: Hub
    loop: Loop
    findings: list[Finding]
    """Of what could not be taken over at the last load."""
    kept: Kept
    """What the store holds as last good."""
    files: Files
    """What was taken over last."""
    ring: Ring
    install: str
    """The name of the install that this process is one of."""
    hears: bool = False
    """Whether the store's notifications are heard, so that what is known of its tables can be trusted."""
    store_trouble: str | None = None
    kafka: KafkaWatch | None = None
    """Of the consumer in this process; None where none is configured."""
    dashboards: DashboardFiles = field(default_factory=DashboardFiles)
    annotations: Annotations = field(default_factory=Annotations)
    screen_findings: list[Finding] = field(default_factory=list[Finding])
    """Of dashboards and widgets as they were saved on the screen."""
    access_moved: list[Callable[[], None]] = field(default_factory=list)
    """Called when the store says that somebody may do less."""
    condition: Condition = field(init=False)
    access: Access = field(init=False)
    checks: Checks = field(init=False)
    """Of alerts."""
    rounds: Rounds = field(init=False)
    """Of reports."""
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One edit after the other: what is read later is applied later."""

    def __post_init__(self) -> None:
        disks = {"state": (self.around.home, 64), "database": (self.around.data, 64), "workspace": (self.root, 1)}
        self.access = Access(self.root, self.database, lambda: self.catalog.workspace, self.say_problems)
        self.access_moved.append(self.access.moved)
        self.checks = Checks(
            self.database, self.corridor, self.access.scope, lambda: self.around.epoch.is_held, self.say_problems
        )
        self.rounds = Rounds(
            self.database, self.corridor, self.checks, self.ring, self.access.scope, lambda: self.dashboards,
            lambda: self.around.epoch.is_held,
        )  # fmt: skip
        self.condition = Condition(self.database, disks, lambda: self.receipts.trouble)

    @property
    def catalog(self) -> Catalog:
        return self.corridor.catalog

    # -- what moved -----------------------------------------------------------------------------

    def counted(self) -> list[PostgresBackend]:
        """The backends whose tables tell of themselves."""
        return [
            each for each in self.catalog.backends.values()
            if isinstance(each, PostgresBackend) and each.version_kind == "counter"
        ]  # fmt: skip

    def ask_anew(self, backend: str, spread: float = 0) -> None:
        """All that the backend serves may be another now, or out of reach."""
        tables = [table.qualified for table in self.catalog.workspace.dictionary.tables.values() if table.lies_in(backend)]
        self.hub.say(DataMoved(backend=backend, tables=tables), spread=spread)

    def table_written(self, table: str) -> None:
        """This process wrote it: whoever asks next is answered from it, even before the notification arrives."""
        for backend in self.counted():
            backend.table_moved(table)

    def key_moved(self, backend: str, table: str) -> None:
        """A key of the table is unique now or no longer: what was answered over joins to it is another answer."""
        self.routes.proofs.generation += 1
        self.hub.say(DataMoved(backend=backend, tables=[table]))

    def pages(self) -> Look:
        """Whether one more page may listen."""
        hub = self.hub
        most = "" if hub.most_listening is None else f" of at most {hub.most_listening:,}"
        refused = f"; {hub.refused:,} were refused" if hub.refused else ""
        mend = ": let the system give this process more descriptors (ulimit -n)" if hub.is_full else ""
        return Look(Health(not hub.is_full, f"{hub.listening:,}{most} listen{refused}{mend}"), 0.0)

    # -- what is wrong --------------------------------------------------------------------------

    def say_problems(self) -> None:
        self.hub.say(ProblemsMoved(problems=self.problems()))

    def problems(self) -> list[ProblemNote]:
        kinds: dict[Finding, Literal["routing", "catalog", "dashboard", "loop"]] = {
            **dict.fromkeys(self.loop.findings, "loop"),
            **dict.fromkeys([*self.dashboards.findings, *self.screen_findings], "dashboard"),
            **dict.fromkeys(self.routes.findings, "routing"),
            **dict.fromkeys(
                catalog := [
                    *self.access.findings,
                    *self.findings,
                    *driver_findings(self.catalog.workspace),
                    *self.checks.findings,
                    *self.rounds.findings,
                    *self.annotations.findings,
                ],
                "catalog",
            ),
        }
        listed = [*catalog, *self.routes.findings, *self.dashboards.findings, *self.screen_findings]

        def note(each: Finding) -> ProblemNote:
            message, follows = each.message, each.follows_told
            if kinds[each] == "routing" and not self.access.is_open:
                # Why a route stays may be by how much two backends differ: a figure of all rows, which everybody would hear.
                message, follows = f"{each.metric_id or 'a line'} does not take effect; a steward can see why", []
            return ProblemNote(kind=kinds[each], file=each.file, line=each.line, message=message, mend=each.mend,
                               metric_id=each.metric_id, follows=follows)  # fmt: skip

        return [
            *self._store_problem(),
            *self._held(),
            *self._kafka_problem(),
            *(note(each) for each in fold([*listed, *self.loop.findings])),
        ]

    def _store_problem(self) -> list[ProblemNote]:
        message, mend = self.store_trouble, "what needs no database goes on; receipts wait in memory until it answers"
        if message is None:
            message, mend = self.receipts.trouble, "answers go on, and their receipts wait in memory; nothing can be saved"
        if message is None:
            return []
        message = message.rstrip(".")
        return [ProblemNote(kind="store", file=None, line=None, message=message, metric_id=None, follows=[], mend=mend)]

    def _held(self) -> list[ProblemNote]:
        if not self.around.epoch.is_held:
            return []
        return [ProblemNote(kind="store", file=None, line=None, metric_id=None,
                            message="This is a restored copy: it sends nothing and takes nothing from Kafka", follows=[],
                            mend="once the original is switched off, run: assay release")]  # fmt: skip

    def _kafka_problem(self) -> list[ProblemNote]:
        trouble = self.kafka.trouble if self.kafka else None
        if trouble is None or trouble.is_ours:
            return []
        return [ProblemNote(kind="kafka", file=None, line=None, message=trouble.detail, mend=trouble.mend, metric_id=None,
                            follows=[])]  # fmt: skip
