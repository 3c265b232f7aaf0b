"""What `reports/*.yaml` may say: which dashboard is sent when, and to whom."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from assay.alerts.entry import Id, expect_address, expect_zone
from assay.widgets.widget import Named

_MOMENT = datetime(2024, 1, 1, tzinfo=UTC)
_LOOKED_AT = 100
"""Due moments that are looked at: minutes are the same in every hour."""
_APART = timedelta(hours=1)
_WRITE = 'write minute, hour, day, month and weekday, such as "0 7 * * mon"'


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReportEntry(_Strict):
    """A dashboard as it is shown, sent by cron: to people, each what they see, and to channels of mail."""

    id: Id
    label: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\r\n]+$")] | None = Field(
        default=None, description="left out: the dashboard's"
    )
    dashboard: Named
    cron: str = Field(max_length=100, description='minute, hour, day, month, weekday: "0 7 * * mon"')
    zone: str | None = Field(default=None, description="such as America/Chicago; left out, the workspace's")
    to: tuple[str, ...] = Field(default=(), max_length=200, description="addresses of people who may sign in")
    tell: tuple[Id, ...] = Field(default=(), max_length=20, description="names of channels of mail, as alerts/ has them")
    late: Literal["say", "wait"] = Field(default="say", description="where data are late: sent with the word, or not before")

    @field_validator("cron")
    @classmethod
    def _is_a_time(cls, text: str) -> str:
        if len(text.split()) != 5:
            raise ValueError(f"cron is {text!r}; {_WRITE}")
        try:
            moments = list(islice(CronSim(text, _MOMENT), _LOOKED_AT))
        except CronSimError as error:
            raise ValueError(f"cron is {text!r}: {str(error).lower()}; {_WRITE}") from None
        if len(moments) < 2:
            raise ValueError(f"cron is {text!r}, which hardly ever comes; {_WRITE}")
        if any(later - earlier < _APART for earlier, later in pairwise(moments)):
            raise ValueError(f"cron is {text!r}, which comes more than once an hour; an alert tells of what moves")
        return text

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, name: str | None) -> str | None:
        return name if name is None else expect_zone(name)

    @field_validator("to")
    @classmethod
    def _are_addresses(cls, to: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(expect_address(each).lower() for each in to))

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        if len(set(self.tell)) < len(self.tell):
            raise ValueError("tell names a channel twice")
        return self

    def zone_or(self, zone: ZoneInfo) -> ZoneInfo:
        return ZoneInfo(self.zone) if self.zone else zone

    def due_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The next moment at which it is due, in UTC.

        A time that the clock skips comes when the clock has jumped, and one that it shows twice comes the first time.
        """
        return next(CronSim(self.cron, moment.astimezone(self.zone_or(zone)))).astimezone(UTC)

    def told(self, zone: ZoneInfo) -> str:
        """When it is sent, in words."""
        said = CronSim(self.cron, _MOMENT).explain()
        return f"{said[:1].lower()}{said[1:]} ({self.zone_or(zone).key})"


class ReportsFile(_Strict):
    reports: tuple[ReportEntry, ...] = Field(default=(), max_length=100)
