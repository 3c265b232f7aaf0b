"""A report as a mail: plain text, and HTML with its pictures; what comes from data or people is written as text."""

import html
from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from assay.alerts.message import mail_begun
from assay.store.reports import MessageFile

Document = dict[str, Any]
PICTURE = "picture-{number}.png"
"""The name of the file that a part's picture is; what goes with the mail as its own has other names."""
_FIXED = "width:100%;border-collapse:collapse;table-layout:fixed"
_TONES = {"good": "#17703f", "bad": "#b92f26", "neutral": "#5d636c"}


def as_mail(
    document: Document, files: Sequence[MessageFile], message_id: str, sender: str, to: tuple[str, ...], made_at: datetime
) -> EmailMessage:  # fmt: skip
    """Text and HTML with its pictures, and the other files attached."""
    mail = mail_begun(document["title"], message_id, sender, to, made_at)
    if document["leave_url"]:
        # RFC 8058: a program of mail leaves by one POST, and by nothing that merely opens the link.
        mail["List-Unsubscribe"] = f"<{document['leave_url']}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    pictures = pictures_of(files)
    mail.set_content(plain_of(document))
    mail.add_alternative(
        html_of(document, lambda name: f"cid:{name}@{message_id}" if name in pictures else None), subtype="html"
    )
    page: Any = mail.get_payload()[1]  # type: ignore[index]  an alternative was just added
    for name, picture in pictures.items():
        page.add_related(picture, "image", "png", cid=f"<{name}@{message_id}>", filename=name, disposition="inline")
    for each in files:
        if each.name not in pictures:
            kind, _, ending = each.media_type.partition("/")
            mail.add_attachment(each.content, maintype=kind, subtype=ending, filename=each.name)
    return mail


def pictures_of(files: Sequence[MessageFile]) -> dict[str, bytes]:
    """Those that belong into the mail's text, by name."""
    return {each.name: each.content for each in files if each.name.startswith("picture-")}


# -- plain text --------------------------------------------------------------------------------------


def plain_of(document: Document) -> str:
    lines = [document["title"], document["at_told"], ""]
    if document["late"]:
        lines += ["DATA ARE LATE", *(f"  {each}" for each in document["late"]), ""]
    for part in document["parts"]:
        lines += [*_plain_part(part), ""]
    lines += [f"Open in Assay: {document['url']}", document["why"]]
    if document["leave_url"]:
        lines.append(f"Get it no more: {document['leave_url']}")
    return "\n".join(lines) + "\n"


def _plain_part(part: Document) -> list[str]:
    if part["kind"] == "text":
        return part["text"].splitlines()
    below = part.get("subtitle")
    head = f"{part['label']} ({below})" if below else part["label"]
    if part["kind"] == "refused":
        return [head, f"  {part['sentence']}"]
    if part["kind"] == "figure":
        body = [f"  {part['told']}, {part['change']}" if part["change"] else f"  {part['told']}"]
    else:
        named = [part["heads"]] if len(part["heads"]) > 2 else []
        body = [f"  {'  '.join(row)}" for row in (*named, *part["rows"])] if part["rows"] else ["  There are no rows."]
        if part["more"]:
            body.append(f"  {part['more']}")
    return [head, *body, *(f"  ({each})" for each in part["notes"]), f"  {part['receipt_url']}"]


# -- HTML --------------------------------------------------------------------------------------------


def html_of(document: Document, source_of: Callable[[str], str | None]) -> str:
    """`source_of`: where the picture of this name is, or None where there is none."""
    parts = document["parts"]
    body = _late(document["late"])
    number = 0
    while number < len(parts):
        # Figures that follow one another stand in two columns.
        run = number
        while run < len(parts) and parts[run]["kind"] == "figure":
            run += 1
        if run > number:
            body += _figures(parts[number:run])
            number = run
            continue
        body += _block(parts[number], source_of(PICTURE.format(number=number)))
        number += 1
    leave = document["leave_url"]
    last = f' <a href="{html.escape(leave)}" style="color:#5d636c">Get it no more</a>' if leave else ""
    return _PAGE.format(
        title=html.escape(document["title"]), at=html.escape(document["at_told"]), body=body,
        url=html.escape(document["url"]), why=html.escape(document["why"]), leave=last,
    )  # fmt: skip


def _late(late: Sequence[str]) -> str:
    if not late:
        return ""
    said = "".join(f"<br>{html.escape(each)}" for each in late)
    return f'<tr><td style="padding:10px 12px;background:#fff4df;font-size:13px;line-height:1.45"><b>Data are late.</b>{said}</td></tr>'  # noqa: E501


def _figures(parts: Sequence[Document]) -> str:
    rows = ""
    for pair in (parts[at : at + 2] for at in range(0, len(parts), 2)):
        cells = "".join(
            f'<td style="width:50%;vertical-align:top;padding:16px 12px 0 0">{_figure(each)}</td>' for each in pair
        )
        rows += f"<tr>{cells}{'<td></td>' if len(pair) == 1 else ''}</tr>"
    return f'<tr><td><table role="presentation" style="{_FIXED}">{rows}</table></td></tr>'


def _figure(part: Document) -> str:
    change = part["change"] and html.escape(part["change"])
    moved = f'<div style="font-size:13px;color:{_TONES[part["tone"]]}">{change}</div>' if change else ""
    return (
        f"{_head(part)}"
        f'<div style="font-size:22px;font-weight:600;line-height:1.25">{html.escape(part["told"])}</div>'
        f"{moved}{_notes(part)}{_receipt(part)}"
    )


def _block(part: Document, picture: str | None) -> str:
    match part["kind"]:
        case "text":
            said = "".join(map(_line, part["text"].splitlines()))
        case "refused":
            said = f'{_head(part)}<div style="font-size:13px;color:#5d636c">{html.escape(part["sentence"])}</div>'
        case "chart" if picture is not None:
            alt = html.escape(f"{part['label']}, {part['subtitle']}" if part["subtitle"] else part["label"])
            image = (
                f'<img src="{picture}" alt="{alt}" width="560" style="display:block;width:100%;height:auto;background:#fff">'
            )
            said = f"{_head(part)}{image}{_notes(part)}{_receipt(part)}"
        case _:
            said = f"{_head(part)}{_table(part)}{_notes(part)}{_receipt(part)}"
    return f'<tr><td style="padding-top:26px">{said}</td></tr>'


def _line(text: str) -> str:
    if text.startswith("#"):
        return f'<div style="font-size:16px;font-weight:600;padding-top:6px">{html.escape(text.lstrip("# "))}</div>'
    if text.startswith("-"):
        return f'<div style="font-size:14px;line-height:1.5">• {html.escape(text[1:].strip())}</div>'
    return f'<div style="font-size:14px;line-height:1.5">{html.escape(text)}</div>'


def _head(part: Document) -> str:
    below = part.get("subtitle")
    said = f'<div style="font-size:12px;color:#5d636c;padding-bottom:6px">{html.escape(below)}</div>' if below else ""
    return f'<div style="font-size:14px;font-weight:600;line-height:1.4">{html.escape(part["label"])}</div>{said}'


def _table(part: Document) -> str:
    if not part["rows"]:
        return '<div style="font-size:13px;color:#5d636c">There are no rows.</div>'

    def cells(texts: Sequence[str], tag: str, look: str) -> str:
        sides = ("right" if is_number else "left" for is_number in part["is_number"])
        found = (
            f'<{tag} align="{side}" style="padding:4px 8px 4px 0;{look}">{html.escape(text)}</{tag}>'
            for side, text in zip(sides, texts, strict=True)
        )
        return f"<tr>{''.join(found)}</tr>"

    head = cells(part["heads"], "th", "font-weight:normal;font-size:12px;color:#5d636c;border-bottom:1px solid #8884")
    rows = "".join(cells(row, "td", "font-size:13px;font-variant-numeric:tabular-nums") for row in part["rows"])
    return (
        f'<table style="width:100%;border-collapse:collapse">{head}{rows}</table>'
        f'<div style="font-size:12px;color:#5d636c">{html.escape(part["more"])}</div>'
    )


def _notes(part: Document) -> str:
    return "".join(f'<div style="font-size:12px;color:#955500">{html.escape(each)}</div>' for each in part["notes"])


def _receipt(part: Document) -> str:
    return f'<div style="font-size:12px"><a href="{html.escape(part["receipt_url"])}" style="color:#2563eb;text-decoration:none">receipt</a></div>'  # noqa: E501


_PAGE = """<!doctype html><html><head><meta charset="utf-8"><meta name="color-scheme" content="light">
<meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body style="margin:0;padding:24px 16px;background:#ffffff;color:#17191d;\
font-family:system-ui,-apple-system,Segoe UI,Roboto,sans-serif">
<table role="presentation" style="max-width:600px;width:100%;margin:0 auto;border-collapse:collapse">
<tr><td style="font-size:21px;font-weight:600;line-height:1.3">{title}</td></tr>
<tr><td style="padding-bottom:12px;font-size:13px;color:#5d636c">{at}</td></tr>
{body}
<tr><td style="padding-top:28px"><a href="{url}" style="display:inline-block;padding:9px 16px;border-radius:6px;\
background:#2563eb;color:#ffffff;text-decoration:none;font-size:14px">Open in Assay</a></td></tr>
<tr><td style="padding-top:18px;font-size:12px;color:#5d636c;line-height:1.5">{why}{leave}</td></tr>
</table></body></html>
"""
