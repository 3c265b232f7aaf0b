"""Instants, as they travel."""

from datetime import UTC, datetime


def instant(moment: datetime) -> str:
    """To the millisecond, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
