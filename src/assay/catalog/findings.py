"""A finding: what is wrong in a workspace, where, and how to mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    file: str
    line: int | None
    message: str
    mend: str | None = None
    metric_id: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}" + (f" ({self.mend})" if self.mend else "")


def nearest(word: str, known: "list[str] | set[str] | dict[str, object]") -> str | None:
    """``Did you mean ...?`` for a misspelt name, or None where nothing is near."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}?" if close else None
