"""What every draft from words is made of: conditions as SQL, a window that moves on with time, texts of a fitting length."""

from dataclasses import dataclass
from datetime import datetime

from assay.catalog.entry import MetricEntry
from assay.catalog.windows import WINDOW_NAMES
from assay.errors import DraftDeclined
from assay.widgets.words.cover import Span
from assay.widgets.words.windows import NoWindow, window_of

OWNER = "not yet named"


@dataclass(frozen=True, slots=True)
class FromWords:
    """`divided_by`, `grain`: how the preview was asked for; no part of the definition."""

    entry: MetricEntry
    divided_by: tuple[str, ...]
    grain: str | None


def named_window(span: Span, wall: datetime) -> str:
    """Raises DraftDeclined for days that stand still."""
    window = window_of(span, wall)
    if isinstance(window, NoWindow):
        raise DraftDeclined(window.sentence)
    if not isinstance(window, str) or window not in WINDOW_NAMES:
        raise DraftDeclined(
            f"“{span.words}” stands still; the window of a metric moves on with time.",
            mend="say one such as last 30 days or this month, and ask for other days afterwards",
        )
    return window


def among(column: str, values: list[str], is_not: bool) -> str:
    """A column without values is a flag."""
    if not values:
        return f"({column} = FALSE OR {column} IS NULL)" if is_not else column
    listed = [f"'{value.replace(chr(39), chr(39) * 2)}'" for value in dict.fromkeys(values)]
    if is_not:
        # A row without a value is none of them either.
        condition = f"{column} <> {listed[0]}" if len(listed) == 1 else f"{column} NOT IN ({', '.join(listed)})"
        return f"({condition} OR {column} IS NULL)"
    return f"{column} = {listed[0]}" if len(listed) == 1 else f"{column} IN ({', '.join(listed)})"


def short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
