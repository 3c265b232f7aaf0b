"""What a listener is told, as a document and in each form that a channel takes. Each number stands with its receipt.

What comes from data or from people is written as text, in each form by its own rules: no name of a region is a link.
"""

import html
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from email.message import EmailMessage
from email.utils import format_datetime
from fractions import Fraction
from typing import Any

from assay.alerts.entry import AlertEntry, When
from assay.alerts.judgement import number
from assay.alerts.state import Step
from assay.catalog.amounts import value_amount
from assay.catalog.metric import Metric
from assay.store.alerts import GroupState
from assay.work.instants import instant, instant_told

_MOST_SHOWN = 20
_COMPARED = {"previous_period": "the period before, as far as it had come", "previous_year": "a year before"}
_PARITY = {
    "differs": "served by an engine whose numbers differ from another's",
    "stale": "served by an engine that was not compared again since something moved",
}
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!~|<>])")
Document = dict[str, Any]
Metrics = Mapping[str, Metric]


# -- the document ------------------------------------------------------------------------------------


def news(entry: AlertEntry, metrics: Metrics, found: Step, now: datetime, base_url: str, *, is_escalated: bool) -> Document:
    """All that fired and recovered at one check, as one message; of many groups the first, and how many more there are."""
    groups = [*(("fired", each) for each in found.fired), *(("recovered", each) for each in found.recovered)]
    lines = [
        {
            "state": state, "group": list(each.key), "value": each.value, "before": each.before, "bucket": each.bucket,
            "sentence": sentence(entry, metrics, each, is_over=state == "recovered"), "receipt_id": each.receipt_id,
            "receipt_url": each.receipt_id and f"{base_url}/receipts/{each.receipt_id}",
        }
        for state, each in groups[:_MOST_SHOWN]
    ]  # fmt: skip
    return {
        "alert_id": entry.id, "metric_id": entry.metric_id,
        "title": _title(entry, metrics, found, is_escalated=is_escalated),
        "condition": condition(entry, metrics), "at": instant(now), "fired": len(found.fired),
        "recovered": len(found.recovered), "groups": lines, "more": max(0, len(groups) - _MOST_SHOWN),
        "url": f"{base_url}/alerts?alert={entry.id}",
    }  # fmt: skip


def trial(channel: str, now: datetime, base_url: str) -> Document:
    """What a channel is sent to try it: nothing of any data."""
    return {
        "alert_id": "", "title": "A message from Assay, to try this channel", "metric_id": None, "at": instant(now),
        "condition": f"Somebody has asked for it on the page of alerts. The channel is called {channel}.", "fired": 0,
        "recovered": 0, "groups": [], "more": 0, "url": f"{base_url}/alerts",
    }  # fmt: skip


def _title(entry: AlertEntry, metrics: Metrics, found: Step, *, is_escalated: bool) -> str:
    name = " ".join((entry.label or f"{subject(entry, metrics)} {condition(entry, metrics)}").split())
    of = len(found.fired) or len(found.recovered)
    groups = f" ({of} groups)" if entry.has_groups and of > 1 else ""
    if not found.fired:
        return f"Over: {name}{groups}"
    return f"Nobody has acknowledged it: {name}{groups}" if is_escalated else f"{name}{groups}"


def subject(entry: AlertEntry, metrics: Metrics) -> str:
    """Of what it is, as it is called where it has no label."""
    if entry.metric_id is not None:
        return metrics[entry.metric_id].label
    return "Messages" if entry.when.kind == "undelivered" else "Metrics"


def unit_of(entry: AlertEntry, metrics: Metrics) -> str:
    """Of what it watches; of Assay itself there is none."""
    return metrics[entry.metric_id].unit if entry.metric_id else ""


def condition(entry: AlertEntry, metrics: Metrics) -> str:
    """When it speaks, as a part of a sentence."""
    when, unit = entry.when, unit_of(entry, metrics)
    match when.kind:
        case "above" | "below":
            bar = f"{when.above or when.below}" if when.is_share else value_told(when.above or when.below, unit)
            if when.change is None:
                return f"{when.kind} {bar}"
            if when.change == "target":
                return _off_target(when, unit)
            return f"{_by_more(when, unit)} against {_COMPARED[when.change]}"
        case "outside":
            assert when.outside
            return f"outside of what is usual, by more than {when.outside.usual:g} times"
        case "missing":
            return "without any row"
        case "stale":
            return f"with no row newer than {when.stale}"
        case "parity":
            return _PARITY[when.parity or "differs"]
        case "undelivered":
            return f"that have waited for more than {when.undelivered}, or were given up"


def _by_more(when: When, unit: str) -> str:
    """down by more than 10%; what is no fall below nothing, and no rise above it, is told by its number."""
    size = abs(when.bar)
    told = f"{float(size * 100):g}%" if when.is_share else value_told(str(float(size)), unit)
    if (when.kind == "below") == (when.bar < 0) and size:
        return f"{'down' if when.kind == 'below' else 'up'} by more than {told}"
    return f"changed by {'more' if when.kind == 'above' else 'less'} than {'-' if when.bar < 0 else ''}{told}"


def _off_target(when: When, unit: str) -> str:
    """more than 10% below its target; less than 5% above its target; below its target."""
    size = abs(when.bar)
    if not size:
        return f"{when.kind} its target"
    told = f"{float(size * 100):g}%" if when.is_share else value_told(str(float(size)), unit)
    if (when.kind == "below") == (when.bar < 0):
        return f"more than {told} {when.kind} its target"
    return f"less than {told} {'below' if when.bar < 0 else 'above'} its target"


def sentence(entry: AlertEntry, metrics: Metrics, state: GroupState, *, is_over: bool) -> str:
    """One group's, with its numbers as they are written in its unit."""
    if entry.when.kind == "undelivered":
        return _undelivered(entry, state, is_over=is_over)
    # Of Assay itself a group is a metric; one that is gone is told by its id.
    metric = metrics.get(entry.metric_id or state.key[0])
    label, unit = (metric.label, metric.unit) if metric else (str(state.key[0]), "")
    names = ", ".join("(none)" if each is None else str(each) for each in state.key) if entry.question else ""
    what = f"{label}, {names}" if names else label
    value, before = (value_told(each, unit) for each in (state.value, state.before))
    at = f" for {state.bucket}" if state.bucket else ""
    now, then = number(state.value), number(state.before)
    match entry.when.kind:
        case "stale":
            newest = f"The newest row of {what} is of {state.value}"
            return f"{newest}: data come in again." if is_over else f"{newest}, which is older than {entry.when.stale}."
        case "parity":
            told = f"{what} is {_PARITY[entry.when.parity or 'differs']}"
            return f"{told}: no longer, it is {str(state.value).replace('_', ' ')}." if is_over else f"{told}."
        case "missing":
            return f"{what} has rows again{at}: {value}." if is_over else f"{what} has no rows{at}."
        case _ if now is None:
            return f"{what} has no value any more."
        case "outside":
            return f"{what} is as usual again{at}: {value}." if is_over else f"{what} is {value}{at}; usual is {before}."
        case _ if entry.when.change == "target" and then is not None:
            over = f", no longer {condition(entry, metrics)}" if is_over else ""
            return f"{what} comes to {value}{at}: {_held_against(now, then)} its target of {before}{over}."
        case _ if entry.when.change is not None and entry.when.change != "target" and then is not None:
            moved = f"{_moved(now, then)}{'' if now == then else f' to {value}'} from {before}"
            over = f", no longer {condition(entry, metrics)}" if is_over else f", {_COMPARED[entry.when.change]}"
            return f"{what} {moved}{over}."
        case _:
            return f"{what} is {value}{at}, {'no longer ' if is_over else ''}{condition(entry, metrics)}."


def _undelivered(entry: AlertEntry, state: GroupState, *, is_over: bool) -> str:
    """`value` messages wait, the oldest since `bucket`, and `before` were given up."""
    (listener,) = state.key
    if is_over:
        return f"No message to {listener} has waited that long any more, and none was given up within a day."
    parts = list[str]()
    if state.value:
        parts.append(
            f"{state.value:,} {'messages wait' if state.value > 1 else 'message waits'} since {_moment(str(state.bucket))}"
        )
    if state.before:
        parts.append(f"{state.before:,} {'were' if state.before > 1 else 'was'} given up within a day")
    return f"To {listener} {', and '.join(parts)}."


def _moment(travelling: str) -> str:
    """An instant as it travels, as people read it."""
    return instant_told(datetime.fromisoformat(travelling))


def _moved(now: Fraction, then: Fraction) -> str:
    if now == then:
        return "did not move"
    share = "" if then == 0 else f" {float(abs((now - then) / then) * 100):.1f}%"
    return f"{'rose' if now > then else 'fell'}{share}"


def _held_against(now: Fraction, then: Fraction) -> str:
    if now == then:
        return "exactly"
    share = "" if then == 0 else f"{float(abs((now - then) / then) * 100):.1f}% "
    return f"{share}{'above' if now > then else 'below'}"


def value_told(value: Any, unit: str) -> str:
    """A value as a sentence says it; the exact one stands beside it in the document."""
    exact = number(value)
    if exact is None:
        return "unknown" if value is None else str(value)
    return value_amount(Decimal(str(value)), unit)


# -- its forms ---------------------------------------------------------------------------------------


def _lines(document: Document) -> list[tuple[str, str | None]]:
    """(sentence, link) of each group, or what the message says without any."""
    lines = [(each["sentence"], each["receipt_url"]) for each in document["groups"]]
    if document["more"]:
        lines.append((f"and {document['more']} more groups", document["url"]))
    return lines or [(document["condition"], document["url"])]


def as_slack(document: Document) -> dict[str, Any]:
    """https://docs.slack.dev/reference/block-kit/blocks/section-block: text of at most 3,000 characters a block."""

    def escaped(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    lines = [f"{escaped(said)}{f' <{link}|receipt>' if link else ''}"[:2_900] for said, link in _lines(document)]
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": text}} for text in (f"*{escaped(document['title'])}*", *lines)
    ]
    last = {"type": "context", "elements": [{"type": "mrkdwn", "text": f"<{document['url']}|Open in Assay>"}]}
    return {"text": escaped(document["title"]), "unfurl_links": False, "blocks": [*blocks, last]}


def as_teams(document: Document) -> dict[str, Any]:
    """An adaptive card, as workflows of Teams take it; its texts are Markdown."""

    def escaped(text: str) -> str:
        return _MARKDOWN.sub(r"\\\1", text)

    texts = [f"{escaped(said)}{f' [receipt]({link})' if link else ''}" for said, link in _lines(document)]
    body = [{"type": "TextBlock", "text": escaped(document["title"]), "weight": "Bolder", "size": "Medium", "wrap": True},
            *({"type": "TextBlock", "text": each, "wrap": True} for each in texts)]  # fmt: skip
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
        "body": body,
        "actions": [{"type": "Action.OpenUrl", "title": "Open in Assay", "url": document["url"]}],
    }  # fmt: skip
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def mail_begun(title: str, message_id: str, sender: str, to: tuple[str, ...], made_at: datetime) -> EmailMessage:
    """Without content. Its Message-ID is the message's own, so that a mail that comes twice is known to be one."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, ", ".join(to), title[:200]
    mail["Date"], mail["Message-ID"] = format_datetime(made_at), f"<{message_id}@{sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"
    return mail


def as_mail(document: Document, message_id: str, sender: str, to: tuple[str, ...], made_at: datetime) -> EmailMessage:
    """Text and HTML."""
    mail = mail_begun(document["title"], message_id, sender, to, made_at)
    lines = _lines(document)
    plain = [document["title"], "", *(f"{said}\n  {link}" if link else said for said, link in lines), "", document["url"]]
    mail.set_content("\n".join(plain) + "\n")
    mail.add_alternative(_HTML.format(
        title=html.escape(document["title"]), url=html.escape(document["url"]),
        lines="".join(_LINE.format(said=html.escape(said), link=_LINK.format(url=html.escape(link)) if link else "")
                      for said, link in lines),
        at=html.escape(_moment(document["at"])), condition=html.escape(document["condition"]),
    ), subtype="html")  # fmt: skip
    return mail


_LINK = ' <a href="{url}" style="color:#2563eb;text-decoration:none;white-space:nowrap">receipt</a>'
_LINE = '<tr><td style="padding:10px 0;border-top:1px solid #8884;font-size:15px;line-height:1.45">{said}{link}</td></tr>'
_HTML = """<!doctype html><html><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width"></head>
<body style="margin:0;padding:24px 16px;font-family:system-ui,-apple-system,Segoe UI,sans-serif">
<table role="presentation" style="max-width:560px;width:100%;margin:0 auto;border-collapse:collapse">
<tr><td style="padding-bottom:14px;font-size:19px;font-weight:600;line-height:1.3">{title}</td></tr>
{lines}
<tr><td style="padding-top:18px"><a href="{url}" style="display:inline-block;padding:9px 16px;border-radius:6px;\
background:#2563eb;color:#ffffff;text-decoration:none;font-size:14px">Open in Assay</a></td></tr>
<tr><td style="padding-top:18px;font-size:12px;opacity:.7">{condition}, at {at}. \
Each receipt says how its number was made.</td></tr>
</table></body></html>
"""
