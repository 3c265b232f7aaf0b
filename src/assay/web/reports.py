"""Reports over HTTP: which there are and who gets them, a dry run, wanting one or not, and the link that leaves one."""

import base64
import html
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Query
from fastapi.responses import HTMLResponse

from assay.errors import BadQuestion, Forbidden, NotAllowed, NotFound
from assay.live.running import Running
from assay.people.roles import may
from assay.people.scope import Scope
from assay.reports.files import Report
from assay.reports.mail import html_of, pictures_of, plain_of
from assay.reports.press import why_no_press
from assay.reports.rounds import Made, Rounds, readers_named
from assay.store.alerts import NewMessage
from assay.store.reports import (
    StoredReader,
    StoredReport,
    choose,
    list_stored_reports,
    readers_of,
    send_trial,
)
from assay.web.report_schemas import (
    ChoiceIn,
    ReaderOut,
    ReportFileOut,
    ReportOut,
    ReportSentOut,
    ReportsOut,
    TestReportIn,
    TriedReportOut,
)
from assay.web.room import Room
from assay.web.wiring import Me, Run, Sees
from assay.work.instants import instant
from assay.work.principal import Principal

router = Room("reports", "/v1/reports")
_Text = Annotated[str, Query(max_length=320)]
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{title}</title></head>
<body style="font-family:system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;line-height:1.5">
<h1 style="font-size:1.3rem">{title}</h1><p>{text}</p>{form}</body></html>"""
_FORM = '<form method="post"><button style="font:inherit;padding:.5rem 1rem">Get it no more</button></form>'
_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "cache-control": "no-store", "referrer-policy": "no-referrer",
}  # fmt: skip


@router.get("")
async def all_reports(running: Run, me: Me) -> ReportsOut:
    """All that there are. Who else gets one is told to those who manage."""
    stored, readers = await list_stored_reports(running.database), await readers_of(running.database)
    found = [_told(each, running, me, stored, readers) for each in running.rounds.reports.values()]
    return ReportsOut(reports=found, me=_address(me), why_not=why_no_press() or running.outbox.post.why_no_mail())


@router.post("/{report_id}/try")
async def try_report(report_id: str, running: Run, sees: Sees) -> TriedReportOut:
    """The mail as you would get it now, with what goes with it. Nothing is sent and nothing is kept."""
    report, rounds = _known(report_id, running), running.rounds
    made = await _made(report, rounds, sees, "you")
    document, pictures = rounds.document(report.entry, "", made), pictures_of(made.files)

    def source(name: str) -> str | None:
        return f"data:image/png;base64,{base64.b64encode(pictures[name]).decode()}" if name in pictures else None

    return TriedReportOut(
        title=document["title"], html=html_of(document, source), plain=plain_of(document), late=document["late"],
        files=[
            ReportFileOut(name=each.name, media_type=each.media_type, content=base64.b64encode(each.content).decode())
            for each in made.files if each.name not in pictures
        ],
    )  # fmt: skip


@router.post("/{report_id}/test")
async def test_report(report_id: str, given: TestReportIn, running: Run, sees: Sees, me: Me) -> ReportSentOut:
    """Send it now: to you by what you see, or to a channel that it names by what the channel sees."""
    report, rounds = _known(report_id, running), running.rounds
    reader, scope = given.channel or _address(me), sees
    if reader is None:
        raise BadQuestion("Nobody with an address is signed in.", mend="name a channel of the report", field="channel")
    if given.channel is not None:
        if given.channel not in report.entry.tell:
            raise NotFound(f"{report_id} tells no channel {given.channel!r}.", mend="name one of its tell:")
        scope = await rounds.scope_of(await rounds.reader(given.channel))
    made = await _made(report, rounds, scope, reader)
    document = rounds.document(report.entry, reader, made)
    message = NewMessage(
        "", reader, "report", scope.key, document | {"title": f"Test: {document['title']}", "is_test": True}
    )
    message_id = await send_trial(running.database, message, made.files, report_id, running.corridor.now(), me)
    return ReportSentOut(message_id=message_id, reader=reader)


@router.put("/{report_id}/mine")
async def choose_report(report_id: str, given: ChoiceIn, running: Run, me: Me) -> ReportOut:
    """Get it from now on, or no more."""
    report, reader = _known(report_id, running), _address(me)
    if reader is None:
        raise BadQuestion("Nobody with an address is signed in.", mend="sign in as a person")
    await choose(running.database, report_id, reader, given.wants, me)
    stored, readers = await list_stored_reports(running.database), await readers_of(running.database, report_id)
    return _told(report, running, me, stored, readers)


@router.get("/leave", response_class=HTMLResponse)
async def leave_page(report: _Text, reader: _Text, mark: _Text, running: Run) -> HTMLResponse:
    """Asks before anything is changed: programs that look at mail open every link."""
    _expect_mark(running, report, reader, mark)
    text = f"{html.escape(reader)} gets the report {html.escape(_label(running, report))}."
    return HTMLResponse(_PAGE.format(title="A report of Assay", text=text, form=_FORM), headers=_HEADERS)


@router.post("/leave", response_class=HTMLResponse)
async def leave_report(report: _Text, reader: _Text, mark: _Text, running: Run) -> HTMLResponse:
    """By the link of a mail, or by the reader's program of mail (RFC 8058)."""
    _expect_mark(running, report, reader, mark)
    await choose(running.database, report, reader, wants=False, who=None)
    text = f"{html.escape(reader)} does not get the report {html.escape(_label(running, report))} any more."
    return HTMLResponse(_PAGE.format(title="Done", text=text, form=""), headers=_HEADERS)


async def _made(report: Report, rounds: Rounds, scope: Scope, whom: str) -> Made:
    """Raises NotAllowed where nothing of it is for them, and what `Rounds.made` raises."""
    edition = await rounds.edition(report.entry, scope)
    if edition.is_refused:
        raise NotAllowed(f"Nothing of this report is for {whom}.", mend="ask an admin for it")
    return await rounds.made(report.entry, edition)


def _expect_mark(running: Running, report: str, reader: str, mark: str) -> None:
    if not running.rounds.may_leave(report, reader, mark):
        raise Forbidden("This link is not one that was sent.", mend="open the link of a mail, or the page of reports")


def _label(running: Running, report_id: str) -> str:
    found = running.rounds.reports.get(report_id)
    return _label_of(found, running) if found else report_id


def _label_of(report: Report, running: Running) -> str:
    dashboard = running.dashboards.entry(report.entry.dashboard)
    return report.entry.label or (dashboard.label if dashboard else report.entry.dashboard)


def _known(report_id: str, running: Running) -> Report:
    found = running.rounds.reports.get(report_id)
    if found is None:
        raise NotFound(f"There is no report {report_id!r}.")
    return found


def _address(me: Principal) -> str | None:
    return me.email.lower() if me.kind == "person" and me.email else None


def _told(
    report: Report, running: Running, me: Principal, stored: Mapping[str, StoredReport], readers: Sequence[StoredReader]
) -> ReportOut:  # fmt: skip
    entry, address = report.entry, _address(me)
    known = {each.reader: each for each in readers if each.report_id == entry.id}
    current = list(readers_named(entry, known))
    names = dict.fromkeys((*entry.to, *entry.tell, *current))  # who has left stands in the list, as having left
    found = [_reader(name, name in (*entry.to, *entry.tell), name in current, known.get(name), address) for name in names]
    seen = found if may(me, "manage") else [each for each in found if each.is_me]
    due = stored.get(entry.id)
    return ReportOut(
        report_id=entry.id, label=_label_of(report, running), dashboard=entry.dashboard,
        when=entry.told(running.catalog.workspace.zone), due_at=due and instant(due.due_at), late=entry.late,
        file=report.file, line=report.line, readers=seen, others=len(current) - sum(each.wants for each in seen),
        mine=address in current,
    )  # fmt: skip


def _reader(name: str, named: bool, wants: bool, known: StoredReader | None, address: str | None) -> ReaderOut:
    is_sent = known is not None and known.message_id is not None
    return ReaderOut(
        reader=name, is_me=name == address, named=named, wants=wants,
        sent_at=instant(known.done_at) if known and is_sent and known.done_at else None, state=known and known.state,
        why_not=known and (known.why_not or known.trouble),
    )  # fmt: skip
