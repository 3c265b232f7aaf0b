"""A finding: what is wrong in a workspace, where, and how to mend it; and which of several is the cause of the others."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

_MOST_TOLD = 200
"""So many of those that follow from one are told; past that they help nobody."""


@dataclass(frozen=True, slots=True)
class Finding:
    file: str
    line: int | None
    message: str
    mend: str | None = None
    metric_id: str | None = None
    names: frozenset[str] = field(default=frozenset(), compare=False)
    """What is not there because of it, such as `metric sales`, `table shop.sale` or `dictionary`."""
    wants: frozenset[str] = field(default=frozenset(), compare=False)
    """What had to be there; where another finding names one of these, this one follows from it."""
    follows: tuple["Finding", ...] = field(default=(), compare=False)

    @property
    def follows_told(self) -> list[str]:
        """Those that follow from it, as far as they are told."""
        return [str(each) for each in self.follows[:_MOST_TOLD]]

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}" + (f" ({self.mend})" if self.mend else "")


BEGUN = frozenset({"begun"})
"""What files want that are missing or cannot be read: where a workspace holds nothing yet, each follows from that."""


def named(kind: str, *names: str) -> frozenset[str]:
    return frozenset(f"{kind} {name}" for name in names)


def fold(findings: Iterable[Finding]) -> list[Finding]:
    """The causes in their order, each with what follows from it."""
    listed = list(findings)
    owners: dict[str, int] = {}
    for index, each in enumerate(listed):
        for name in each.names:
            owners.setdefault(name, index)
    under: dict[int, list[Finding]] = {}
    for index, each in enumerate(listed):
        cause = _cause(index, listed, owners)
        if cause != index:
            under.setdefault(cause, []).append(each)
    caused = {id(each) for follows in under.values() for each in follows}
    return [_over(each, under.get(index, [])) for index, each in enumerate(listed) if id(each) not in caused]


def _over(cause: Finding, follows: list[Finding]) -> Finding:
    """With what else is not there because of it, so that more can be folded under it later."""
    names = cause.names.union(*(each.names for each in follows))
    return replace(cause, names=names, follows=(*cause.follows, *follows))


def _cause(index: int, listed: list[Finding], owners: dict[str, int]) -> int:
    seen = {index}
    while True:
        above = [owners[want] for want in sorted(listed[index].wants) if owners.get(want, index) != index]
        if not above:
            return index
        if above[0] in seen:
            # Each follows from the other: the first of them stands for all.
            return min(seen)
        index = above[0]
        seen.add(index)


def cannot_be_read(file: str, error: OSError, names: frozenset[str] = frozenset()) -> Finding:
    """`names`: what is not there because of it."""
    return Finding(file, None, f"the file cannot be read: {error.strerror}", "let Assay read it", names=names)


def nearest(word: str, known: "list[str] | set[str] | frozenset[str] | dict[str, object]") -> str | None:
    """``Did you mean ...?`` for a misspelt name, or None where nothing is near."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}?" if close else None
