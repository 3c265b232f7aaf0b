"""Each report sent when it is due, by one process of all: to each reader what that reader sees at that moment.

A reader is a person, by their address, or a channel of mail. What one is sent and that they had it are one transaction.
"""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson

from assay.alerts.checks import Checks, channel_principal
from assay.alerts.entry import ChannelEntry
from assay.answers.resolve import Corridor
from assay.catalog.findings import Finding
from assay.errors import AssayError, NotAllowed, NotFound, ReportNotMade, StoreUnavailable
from assay.formats.render import KINDS, render
from assay.people.roles import may
from assay.people.scope import Scope
from assay.reports.edition import Edition, Editor
from assay.reports.entry import ReportEntry
from assay.reports.files import Report, ReportFiles, read_reports
from assay.reports.mail import PICTURE, Document, as_mail
from assay.reports.press import Press
from assay.signing.ring import Ring
from assay.store.alerts import NewMessage, StoredMessage
from assay.store.database import Database
from assay.store.reports import (
    MessageFile,
    StoredReader,
    StoredReport,
    done_with,
    end_turn,
    files_of,
    list_stored_reports,
    note_reports,
    readers_of,
    take_report,
)
from assay.widgets.dashboard_files import DashboardFiles
from assay.widgets.dashboards import get_dashboard
from assay.work.instants import instant
from assay.work.principal import Principal

_log = logging.getLogger(__name__)
_EACH_SECONDS = 5
_AGAIN = timedelta(minutes=10)
"""After so long data that were late are looked at again, and what failed is tried again, until the next is due."""
_MOST_BYTES = 10_000_000
"""Of a mail: what is more many receivers refuse. The workbook is left out then, and the mail says so."""
_WORKBOOK_CPU_SECONDS = 20.0
Outcome = Literal["done", "again"]


@dataclass(frozen=True)
class Made:
    """What everybody in one scope is sent: what it says, and the files that go with its mail."""

    said: Document
    files: list[MessageFile]
    has_workbook: bool


@dataclass
class Rounds:
    """`scope_of`: what somebody sees now. `dashboards`: those of the files, as they are served just now."""

    database: Database
    corridor: Corridor
    checks: Checks
    ring: Ring
    scope_of: Callable[[Principal], Awaitable[Scope]]
    dashboards: Callable[[], DashboardFiles]
    is_held: Callable[[], bool]
    known_as: Callable[[str], Awaitable[Principal | None]] | None = None
    base_url: str = ""
    files: ReportFiles = field(default_factory=ReportFiles)
    press: Press = field(default_factory=Press)

    @property
    def reports(self) -> Mapping[str, Report]:
        return self.files.reports

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self.files.findings

    async def reload(self) -> None:
        workspace = self.corridor.catalog.workspace
        self.files = await asyncio.to_thread(read_reports, workspace, self.dashboards(), self.checks.channels)
        now = self.corridor.now()
        due = {
            name: (mark_of(each.entry, workspace.zone), each.entry.due_after(now, workspace.zone))
            for name, each in self.reports.items()
        }
        if due:
            await note_reports(self.database, due)

    # -- the round -----------------------------------------------------------------------------------

    async def go_on(self) -> None:
        while True:
            with contextlib.suppress(StoreUnavailable):
                await self.send_due()
            await asyncio.sleep(_EACH_SECONDS)

    async def send_due(self) -> None:
        """All that are due now, one after the other. A restored copy sends nothing: the original does."""
        if not self.reports or self.is_held():
            return
        now, stored = self.corridor.now(), await list_stored_reports(self.database)
        for name, report in self.reports.items():
            if name in stored and stored[name].next_at <= now:
                await self._send(report.entry, stored[name])

    async def _send(self, entry: ReportEntry, stored: StoredReport) -> None:
        taken = await take_report(self.database, entry.id, stored.mark, self.corridor.now())
        if taken is None:
            return
        lease, due_at = taken
        following = entry.due_after(self.corridor.now(), self.corridor.catalog.workspace.zone)
        is_last = self.corridor.now() + _AGAIN >= following
        outcomes, made = list[Outcome](), dict[str, Made]()
        for reader, found in await self._readers(entry, due_at):
            if isinstance(found, Scope) and found.key not in made:
                made.clear()  # those who see the same follow one another: one is held at a time
            outcomes.append(await self._send_to(entry, reader, found, made, lease, due_at, is_last=is_last))
        is_over = "again" not in outcomes
        next_at = following if is_over else self.corridor.now() + _AGAIN
        await end_turn(self.database, entry.id, lease, following if is_over else due_at, next_at)

    async def _readers(self, entry: ReportEntry, due_at: datetime) -> list[tuple[str, Scope | str]]:
        """Those who are not done with, each with what they see, or why nothing. Who see the same follow one another."""
        known = {each.reader: each for each in await readers_of(self.database, entry.id)}
        found: list[tuple[str, Scope | str]] = []
        for reader in readers_named(entry, known):
            if reader in known and known[reader].due_at == due_at:
                continue
            try:
                found.append((reader, await self.scope_of(await self.reader(reader))))
            except (NotFound, NotAllowed) as error:
                found.append((reader, error.detail))
        return sorted(found, key=lambda each: each[1].key if isinstance(each[1], Scope) else "")

    async def _send_to(
        self, entry: ReportEntry, reader: str, found: Scope | str, made: dict[str, Made], lease: str, due_at: datetime,
        *, is_last: bool,
    ) -> Outcome:  # fmt: skip
        message, files, why_not = None, list[MessageFile](), None
        try:
            if isinstance(found, str):
                why_not = found
            else:
                one = made.get(found.key) or await self._made_or_why(entry, found, is_last=is_last)
                if isinstance(one, Made):
                    made[found.key], files = one, one.files
                    message = NewMessage("", reader, "report", found.key, self.document(entry, reader, one))
                else:
                    why_not, is_final = one
                    if not (is_final or is_last):
                        return "again"
        except AssayError as error:
            _log.warning("report %s for %s: %s", entry.id, reader, error.detail)
            if not is_last:
                return "again"
            why_not = error.detail
        except Exception as error:  # noqa: BLE001  whatever it is, the others are sent theirs
            _log.exception("report %s for %s", entry.id, reader)
            if not is_last:
                return "again"
            why_not = f"It could not be made: {type(error).__name__}; the server's log says more."
        await done_with(
            self.database, entry.id, reader, lease, due_at, self.corridor.now(), message, files, why_not
        )  # fmt: skip
        return "done"

    async def _made_or_why(self, entry: ReportEntry, scope: Scope, *, is_last: bool) -> Made | tuple[str, bool]:
        """Or why it is not sent, and whether that will be so in ten minutes too.

        What failed is tried again before it is sent without.
        """
        edition = await self.edition(entry, scope)
        if edition.failed and (not is_last or not edition.answers):
            return edition.failed[0], False
        if edition.is_refused:
            return "Nothing of it is for them.", True
        if edition.late and entry.late == "wait":
            return "Data were late.", False  # which, and how far they have come, is told to nobody else
        return await self.made(entry, edition)

    # -- what is written -----------------------------------------------------------------------------

    async def edition(self, entry: ReportEntry, scope: Scope) -> Edition:
        """Raises NotFound, StoreUnavailable."""
        dashboard = await get_dashboard(self.dashboards(), self.database, entry.dashboard)
        return await Editor(self.corridor, self.database, scope, self.base_url).edition(dashboard)

    async def made(self, entry: ReportEntry, edition: Edition) -> Made:
        """Raises ReportNotMade, TooMuchWork, Busy or what a workbook raises."""
        if not edition.answers:
            raise ReportNotMade(f"Nothing of the report could be answered: {edition.failed[0]}")
        said = self._said(entry, edition)
        pressed = await self.press.print(edition.charts, said)
        files = [MessageFile(PICTURE.format(number=number), "image/png", each) for number, each in pressed.pictures.items()]
        files.append(MessageFile(f"{entry.id}.pdf", "application/pdf", pressed.pdf))
        sheets = [
            {"key": name, "answer": told.answer.body(cached=told.cached, stale_reason=told.stale_reason), "problem": None}
            for name, told in edition.answers
        ]
        _, _, workbook = await self.corridor.workers.run(
            render, orjson.dumps({"answers": sheets}), "xlsx", cpu_seconds=_WORKBOOK_CPU_SECONDS, what="The workbook"
        )
        has_workbook = sum(len(each.content) for each in files) + len(workbook) <= _MOST_BYTES
        if has_workbook:
            files.append(MessageFile(f"{entry.id}.xlsx", KINDS["xlsx"], workbook))
        return Made(said, files, has_workbook)

    def _said(self, entry: ReportEntry, edition: Edition) -> Document:
        """What is said to everybody who sees the same."""
        zone = entry.zone_or(self.corridor.catalog.workspace.zone)
        at = edition.as_of.astimezone(zone)
        synthetic = ", of synthetic data" if edition.is_synthetic else ""
        return {
            "report_id": entry.id, "title": " ".join((entry.label or edition.label).split()), "at": instant(edition.as_of),
            "at_told": f"{at:%A}, {at.day} {at:%B %Y, %H:%M} ({zone.key}){synthetic}",
            "late": edition.late, "parts": edition.parts, "url": f"{self.base_url}/d/{entry.dashboard}",
            "groups": [
                {"sentence": f"{each['label']}: {each['told']}", "receipt_id": each["receipt_id"]}
                for each in edition.parts if each["kind"] == "figure"
            ],
        }  # fmt: skip

    def document(self, entry: ReportEntry, reader: str, made: Made) -> Document:
        """What one reader's message says. `reader`: empty of a dry run."""
        report = self.reports.get(entry.id)
        is_person = "@" in reader
        is_named = reader in (*entry.to, *entry.tell)
        says = f"as {report.file} says" if report and is_named else "as they have chosen"
        sent = f"Sent to {reader}, {says}: {entry.told(self.corridor.catalog.workspace.zone)}." if reader else ""
        left_out = "" if made.has_workbook else "The workbook is too large for a mail: it is had on the page. "
        return made.said | {
            "why": f"{left_out}{sent} Each receipt says how its number was made.".strip(),
            "leave_url": self.leave_url(entry.id, reader) if is_person else None,
        }

    # -- readers -------------------------------------------------------------------------------------

    async def reader(self, name: str) -> Principal:
        """A person by their address, or a channel of mail. Raises NotFound, NotAllowed."""
        if "@" not in name:
            if name not in self.checks.channels:
                raise NotFound(f"There is no channel {name!r} any more.")
            return channel_principal(name)
        person = await self.known_as(name) if self.known_as is not None else None
        if person is None or person.kind != "person" or (person.email or "").lower() != name:
            raise NotFound(f"Nobody who may sign in has the address {name}, or several have.")
        if not may(person, "see"):
            raise NotAllowed(f"{name} may see nothing.")
        return person

    async def channel_of(self, message: StoredMessage) -> ChannelEntry:
        """Where a report goes. Raises NotFound or NotAllowed where it is for nobody any more, or they see something else."""
        reader = message.listener
        who = await self.reader(reader)
        if (await self.scope_of(who)).key != message.scope:
            raise NotAllowed("What they may see is something else since it was made.", mend="the next one holds that")
        known = {each.reader: each for each in await readers_of(self.database, message.document["report_id"])}
        if reader in known and known[reader].wants is False and not message.document.get("is_test"):
            raise NotAllowed("They have left it since.")
        if "@" not in reader:
            return self.checks.channels[reader]
        return ChannelEntry.model_construct(name=reader, kind="mail", to=(reader,))

    async def mail(self, message: StoredMessage, sender: str, to: tuple[str, ...]) -> EmailMessage:
        files = await files_of(self.database, message.message_id)
        return as_mail(message.document, files, message.message_id, sender, to, message.made_at)

    def leave_url(self, report_id: str, reader: str) -> str:
        mark = self.ring.mac(_leaving(report_id, reader))
        return f"{self.base_url}/v1/reports/leave?{urlencode({'report': report_id, 'reader': reader, 'mark': mark})}"

    def may_leave(self, report_id: str, reader: str, mark: str) -> bool:
        """Whether it is the mark of a link that was sent to this reader."""
        return self.ring.is_mac(_leaving(report_id, reader), mark)


def _leaving(report_id: str, reader: str) -> str:
    return orjson.dumps(["leave report", report_id, reader]).decode()


def readers_named(entry: ReportEntry, known: Mapping[str, StoredReader]) -> Iterator[str]:
    """Those whom the file names and who have not left, and those who have chosen it themselves."""
    for name in dict.fromkeys((*entry.to, *entry.tell, *(each.reader for each in known.values() if each.wants))):
        if name not in known or known[name].wants is not False:
            yield name


def mark_of(entry: ReportEntry, zone: ZoneInfo) -> str:
    """Of when it is sent: where that is another, it is due anew."""
    return hashlib.sha256(orjson.dumps([entry.cron, entry.zone_or(zone).key])).hexdigest()[:16]
