"""The bodies of reports over HTTP."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from assay.store.alerts import MessageState


class ReaderOut(BaseModel):
    """Who gets it. `named`: by the file, else they have chosen it. `wants`: false where they have left it.

    `sent_at` and `state`: of the last one; `why_not`: why they were sent none, or what went wrong with it.
    """

    reader: str
    is_me: bool
    named: bool
    wants: bool
    sent_at: str | None
    state: MessageState | None
    why_not: str | None


class ReportOut(BaseModel):
    """`when`: in words. `readers`: all of them for those who manage, else oneself; `others`: how many more there are."""

    report_id: str
    label: str
    dashboard: str
    when: str
    due_at: str | None
    late: Literal["say", "wait"]
    file: str
    line: int
    readers: list[ReaderOut]
    others: int
    mine: bool


class ReportsOut(BaseModel):
    """`me`: the address that reports of one's own go to. `why_not`: what is missing before any can be sent."""

    reports: list[ReportOut]
    me: str | None
    why_not: str | None


class ReportFileOut(BaseModel):
    """`content`: in base64."""

    name: str
    media_type: str
    content: str


class TriedReportOut(BaseModel):
    """The mail as whoever asks would get it now. `html` holds its pictures; `late`: what would be said of late data."""

    title: str
    html: str
    plain: str
    late: list[str]
    files: list[ReportFileOut]


class ReportSentOut(BaseModel):
    message_id: str
    reader: str


class TestReportIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channel: str | None = None


class ChoiceIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    wants: bool
