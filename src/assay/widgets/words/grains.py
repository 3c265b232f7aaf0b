"""The step of a line over time where nobody has said one."""

from collections.abc import Sequence
from datetime import datetime

from assay.catalog.buckets import Grain
from assay.catalog.metric import Metric
from assay.catalog.windows import grain_of, unit_of
from assay.widgets.words.outcome import DaysSpec, Spec
from assay.widgets.words.windows import UNIT_OF

_DAYS = {
    "day": 1, "week": 7, "month": 365 / 12, "quarter": 365 / 4, "year": 365,
    "fiscal_period": 365 / 12, "fiscal_quarter": 365 / 4, "fiscal_year": 365,
}  # fmt: skip
"""Twelve months are a year, and drawn by months as a year is."""


def default_grain(spec: Spec, metrics: Sequence[Metric]) -> Grain:
    """Hours within a day, days up to a quarter, weeks up to a year, then months."""
    window = spec.window or metrics[0].window or "trailing_30d"
    if isinstance(window, DaysSpec):
        days = (datetime.fromisoformat(window.end) - datetime.fromisoformat(window.start)).days
    elif window in ("year_to_date", "previous_year"):
        return "month"
    else:
        count, unit = unit_of(window) or (1, UNIT_OF.get(window) or grain_of(window))
        if unit not in _DAYS:
            return "month"  # all that there is, or periods of a length that the workspace alone knows
        days = round(count * _DAYS[unit])
    if days <= 1:
        return "hour"
    return "day" if days <= 92 else "week" if days < 365 else "month"
