"""Reports from the file to the mail: each due moment once, to each reader what they see, and no number but the page's."""

import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from assay.alerts.channels import Post
from assay.errors import ReportNotMade, StoreUnavailable
from assay.reports.edition import window_told
from assay.reports.entry import ReportEntry
from assay.reports.rounds import Rounds
from assay.store.reports import files_of, list_stored_reports, readers_of
from assay.work.principal import Principal
from tests.alerts.stand import Stand, open_stand
from tests.conftest import eventually
from tests.receivers import Mailbox, mailbox
from tests.unit.small import ask
from tests.unit.small import shop as small

DASHBOARD = """\
dashboard_id: shop
label: Shop & Co
tiles:
  - widget_id: revenue
    x: 0
    y: 0
    w: 6
    h: 2
    widget: {kind: kpi, question: {metrics: [revenue], compare: previous_period}}
  - {widget_id: sales, x: 6, y: 0, w: 6, h: 2, widget: {kind: table, question: {metrics: [sales], dimensions: [region]}}}
  - {widget_id: days, x: 0, y: 2, w: 12, h: 4, widget: {kind: trend, question: {metrics: [sales], grain: day}}}
"""
CHANNELS = "channels:\n  - {name: finance, kind: mail, to: [finance@example.com]}\nalerts: []\n"
ZONE = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 3, 16, 7, tzinfo=ZONE)
_PEOPLE = {
    name: Principal(f"person-{name}", f"{name}@x.example", "person", frozenset({"viewer"}), f"{name}@x.example")
    for name in ("ann", "bob")
}


@pytest.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stand]:
    async with open_stand(tmp_path_factory.mktemp("reports")) as stand:
        root: Path = stand.house.root
        for folder, text in (("dashboards", DASHBOARD), ("alerts", CHANNELS)):
            (root / folder).mkdir(exist_ok=True)
            (root / folder / "shop.yaml").write_text(text)
        (root / "reports").mkdir()
        await stand.house.running.reload.workspace()
        yield stand


@pytest.fixture
async def mails(shop: Stand) -> AsyncIterator[Mailbox]:
    rounds, running = shop.house.running.rounds, shop.house.running
    await shop.connection.execute(
        "TRUNCATE shop.sale, assay.report, assay.report_reader, assay.message_file, assay.alert_message"
    )

    async def known(name: str) -> Principal | None:
        return next((each for each in _PEOPLE.values() if name in (each.id, each.email)), None)

    rounds.known_as = known
    async with mailbox() as found:
        running.outbox.post = Post({}, found.url, "assay@example.com")
        yield found


async def write(shop: Stand, at: datetime, *reports: str) -> Rounds:
    """Reports as they are written, at this moment; the clock stands until it is told otherwise."""
    shop.house.clock[0] = at
    text = "reports:\n" + "".join(f"  - {{{each}}}\n" for each in reports)
    (shop.house.root / "reports" / "shop.yaml").write_text(text)
    rounds = shop.house.running.rounds
    await rounds.reload()
    assert not rounds.findings, rounds.findings
    return rounds


async def sent(mails: Mailbox, count: int) -> list[EmailMessage]:
    async def all_of_them() -> list[EmailMessage] | None:
        return mails.mails if len(mails.mails) >= count else None

    found = await eventually(all_of_them, seconds=60)
    assert found
    assert len(found) == count
    return found


async def sell_two_months(shop: Stand, until: datetime) -> tuple[Decimal, Decimal]:
    """What was sold from the first of the month until then, and as far in the month before: reckoned here."""
    now, then = Decimal(0), Decimal(0)
    start = until.replace(day=1, hour=0, minute=0)
    for day in range(until.day):
        for days_ago, amount in ((0, f"{100 + day}.10"), (28, f"{90 + day}.05")):
            at = start + timedelta(days=day, hours=1, minutes=30) - timedelta(days=days_ago)
            await shop.sell(at, 1, ("West", "East", "<i>North</i>")[day % 3], amount)
            if days_ago:
                then += Decimal(amount)
            else:
                now += Decimal(amount)
    return now, then


def parts_of(mail: EmailMessage) -> tuple[str, str, dict[str, bytes]]:
    """Plain text, HTML, and all files by name."""
    plain, page, files = "", "", dict[str, bytes]()
    for part in mail.walk():
        if part.get_filename():
            files[str(part.get_filename())] = part.get_payload(decode=True)  # type: ignore[assignment]
        elif part.get_content_type() == "text/plain":
            plain = part.get_content()
        elif part.get_content_type() == "text/html":
            page = part.get_content()
    return plain, page, files


@pytest.mark.exhaustive
async def test_a_report_is_sent_once_a_due_moment_with_the_pages_numbers(shop: Stand, mails: Mailbox) -> None:
    now, then = await sell_two_months(shop, MONDAY)
    rounds = await write(
        shop, MONDAY - timedelta(hours=1), 'id: weekly, dashboard: shop, cron: "0 7 * * mon", to: [ann@x.example]'
    )
    await rounds.send_due()
    assert mails.mails == [], "it is not due yet"
    shop.house.clock[0] = MONDAY + timedelta(seconds=1)
    await rounds.send_due()
    await rounds.send_due()
    (mail,) = await sent(mails, 1)
    plain, page, files = parts_of(mail)
    change = (now - then) / then * 100
    figure = f"${now:,.2f}, up {change:.1f}% from ${then:,.2f}, the period before"
    assert figure in plain
    assert f"${now:,.2f}" in page
    told = (await shop.house.client.post("/v1/metrics/revenue/data", json={"compare": "previous_period"})).json()
    assert [Decimal(each) for each in told["rows"][0]] == [now, then]
    assert (mail["To"], mail["Subject"], mail["Auto-Submitted"]) == ("ann@x.example", "Shop & Co", "auto-generated")
    assert "&lt;i&gt;North&lt;/i&gt;" in page
    assert "<i>North" not in page
    # Each number leads to its receipt, which holds it.
    for receipt in re.findall(r"/receipts/(\w+)", plain):
        assert (await shop.house.client.post(f"/v1/receipts/{receipt}/replay")).json()["same_value"]
    assert files.keys() == {"picture-2.png", "weekly.pdf", "weekly.xlsx"}
    assert files["picture-2.png"].startswith(b"\x89PNG")
    assert files["weekly.pdf"].startswith(b"%PDF")
    assert f"cid:picture-2.png@{mail['Message-ID'].strip('<>').partition('@')[0]}" in page
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(files["weekly.xlsx"]))
    assert Decimal(str(sheets.get_sheet_by_name("Revenue").to_python()[1][0])) == now
    stored = (await list_stored_reports(rounds.database))["weekly"]
    assert stored.due_at == datetime(2026, 3, 23, 7, tzinfo=ZONE).astimezone(UTC)

    async def is_arrived() -> bool:
        return (await readers_of(rounds.database, "weekly"))[0].state == "delivered"

    await eventually(is_arrived)
    (reader,) = await readers_of(rounds.database, "weekly")
    assert await files_of(rounds.database, reader.message_id or "") == [], "what has arrived is kept no longer"
    # Whoever follows the link is asked first; the one click of a program of mail does it.
    leave = mail["List-Unsubscribe"].strip("<>").partition("8400")[2]
    assert (await shop.house.client.get(leave)).status_code == 200
    assert (await readers_of(rounds.database))[0].wants is None
    assert (await shop.house.client.post(leave.replace("ann", "bob"))).status_code == 403
    done = await shop.house.client.post(leave, data={"List-Unsubscribe": "One-Click"})
    assert (done.status_code, (await readers_of(rounds.database))[0].wants) == (200, False)
    shop.house.clock[0] = MONDAY + timedelta(days=7, minutes=1)
    await rounds.send_due()
    assert len(mails.mails) == 1


@pytest.mark.exhaustive
async def test_late_data_are_waited_for_or_told_and_what_fails_is_tried_again(
    shop: Stand, mails: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sell_two_months(shop, MONDAY - timedelta(days=2))
    rounds = await write(
        shop,
        MONDAY - timedelta(hours=1),
        'id: says, dashboard: shop, cron: "0 7 * * *", tell: [finance]',
        'id: waits, dashboard: shop, cron: "0 7 * * *", tell: [finance], late: wait',
    )
    shop.house.clock[0] = MONDAY + timedelta(seconds=1)
    await rounds.send_due()
    (mail,) = await sent(mails, 1)
    plain, page, _ = parts_of(mail)
    assert "DATA ARE LATE" in plain
    assert "its data are late: they have come to 2026-03-14 05:30 UTC" in page
    assert mail["List-Unsubscribe"] is None, "a channel is left by taking it out of the file"
    # The other one is looked at again; once the data are there it is sent, once.
    stored = (await list_stored_reports(rounds.database))["waits"]
    assert (stored.due_at, stored.next_at) == (MONDAY, shop.house.clock[0] + timedelta(minutes=10))
    await shop.sell(MONDAY - timedelta(minutes=5), 1, "West", "1.00")
    shop.house.clock[0] = stored.next_at
    print_, tries = rounds.press.print, list[int]()

    async def fails_once(*given: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise ReportNotMade("It was not made.")
        return await print_(*given)

    monkeypatch.setattr(rounds.press, "print", fails_once)
    await rounds.send_due()
    assert len(mails.mails) == 1
    shop.house.clock[0] += timedelta(minutes=10)
    await rounds.send_due()
    second = (await sent(mails, 2))[1]
    assert "LATE" not in parts_of(second)[0]
    # Where they never come it is not sent, and the list says why.
    shop.house.clock[0] = MONDAY + timedelta(days=2, seconds=1)
    await rounds.send_due()
    await sent(mails, 3)
    shop.house.clock[0] = MONDAY + timedelta(days=3) - timedelta(minutes=5)
    await rounds.send_due()
    listed = (await shop.house.client.get("/v1/reports")).json()["reports"]
    assert [each["readers"][0]["why_not"] for each in listed] == [None, "Data were late."]
    assert len(mails.mails) == 3


@pytest.mark.exhaustive
async def test_who_is_gone_gets_none_and_a_person_chooses_on_the_page(
    shop: Stand, mails: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sell_two_months(shop, MONDAY)
    rounds = await write(
        shop, MONDAY - timedelta(hours=1), 'id: weekly, dashboard: shop, cron: "0 7 * * mon", to: [eve@x.example]'
    )
    asked = await shop.house.client.put("/v1/reports/weekly/mine", json={"wants": True})
    assert asked.json()["detail"] == "Nobody with an address is signed in."
    shop.house.clock[0] = MONDAY + timedelta(seconds=1)
    await rounds.send_due()
    (reader,) = (await shop.house.client.get("/v1/reports")).json()["reports"][0]["readers"]
    assert reader["why_not"] == "Nobody who may sign in has the address eve@x.example, or several have."
    assert mails.mails == []
    tried = (await shop.house.client.post("/v1/reports/weekly/try", json={})).json()
    assert tried["title"] == "Shop & Co"
    assert "data:image/png;base64," in tried["html"]
    assert [each["name"] for each in tried["files"]] == ["weekly.pdf", "weekly.xlsx"]
    assert mails.mails == [], "a dry run sends nothing"

    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("It is away.")

    monkeypatch.setattr(rounds.corridor, "ask", away)
    failed = await shop.house.client.post("/v1/reports/weekly/try", json={})
    assert (failed.status_code, failed.json()["detail"]) == (
        503, "Nothing of the report could be answered: Revenue: It is away."
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cron", "after", "due"),
    [
        # The clock skips 02:30, and shows 01:30 twice.
        ("30 2 * * *", "2026-03-07T12:00", ["2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00"]),
        ("30 1 * * *", "2026-10-31T12:00", ["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"]),
        ("0 7 1 * *", "2026-01-31T07:00", ["2026-02-01T07:00-05:00", "2026-03-01T07:00-05:00"]),
    ],
)
def test_a_clock_change_neither_skips_nor_repeats_a_report(cron: str, after: str, due: list[str]) -> None:
    entry = ReportEntry.model_validate({"id": "r", "dashboard": "d", "cron": cron, "zone": "America/New_York"})
    moment, found = datetime.fromisoformat(after).replace(tzinfo=ZONE), list[datetime]()
    for _ in due:
        moment = entry.due_after(moment, ZoneInfo("UTC"))
        found.append(moment)
    assert found == [datetime.fromisoformat(each) for each in due]


@pytest.mark.parametrize(
    ("window", "says"),
    [
        (("2026-03-01", "2026-03-31"), "1 Mar to 17 Mar 2026"),
        (("2025-12-31", "2026-01-02"), "31 Dec 2025 to 1 Jan 2026"),
        (("2026-12-01", "2026-12-25"), "1 Dec to 24 Dec 2026"),  # it has not begun
    ],
)
def test_the_days_of_a_window_are_told_as_far_as_it_has_come(tmp_path: Path, window: tuple[str, str], says: str) -> None:
    start, end = window
    assert window_told(ask(small(tmp_path), "sales", window={"start": start, "end": end})) == says


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"cron": "0 7 * *"}, "write minute, hour, day, month and weekday"),
        ({"cron": "0 7 31 2 *"}, "bad day-of-month"),
        ({"cron": "*/5 * * * *"}, "more than once an hour"),
        ({"cron": "0,30 7 * * *"}, "more than once an hour"),
        ({"zone": "Nowhere"}, "there is no zone 'Nowhere'"),
        ({"to": ["ann"]}, "'ann' is not an address"),
    ],
)
def test_what_no_report_can_be_is_refused_with_the_mend(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        ReportEntry.model_validate({"id": "r", "dashboard": "d", "cron": "0 7 * * mon"} | wrong)
