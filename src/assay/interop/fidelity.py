"""What became of each construct of an imported project: the fidelity report."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

Outcome = Literal["kept", "renamed", "approximated", "left out"]
OUTCOMES: tuple[Outcome, ...] = ("kept", "renamed", "approximated", "left out")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file; `line` is None where the file has no lines of use, such as JSON on one line."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Item:
    kind: str
    """What it is in the source, such as `metric` or `dimension`."""
    name: str
    outcome: Outcome
    source: Place
    told: str = ""
    """The new name; how it was approximated; why it was left out, and what to write instead."""
    target: Place | None = None
    may_differ: bool = False
    """Whether a number could differ from the source's, or whether a rule about who may see what was not carried."""

    def __str__(self) -> str:
        became = f" -> {self.target}" if self.target else ""
        told = f": {self.told}" if self.told else ""
        return f"{self.source}{became}: {self.kind} {self.name} {self.outcome}{told}"

    def body(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "name": self.name, "outcome": self.outcome, "told": self.told, "source": str(self.source),
            "target": str(self.target) if self.target else None, "may_differ": self.may_differ,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    items: tuple[Item, ...]

    @property
    def may_differ(self) -> bool:
        return any(each.may_differ for each in self.items)

    def counts(self) -> dict[str, dict[Outcome, int]]:
        """How many of each kind came out how."""
        kinds = dict.fromkeys(each.kind for each in self.items)
        counted = Counter((each.kind, each.outcome) for each in self.items)
        return {kind: {outcome: counted[kind, outcome] for outcome in OUTCOMES} for kind in kinds}

    def located(self, places: dict[tuple[str, str], Place]) -> "Report":
        """With the places that (kind, name) have in the workspace."""
        return Report(tuple(replace(each, target=places.get((each.kind, each.name), each.target)) for each in self.items))

    def body(self) -> dict[str, Any]:
        return {"may_differ": self.may_differ, "counts": self.counts(), "items": [each.body() for each in self.items]}

    def lines(self) -> list[str]:
        """The counts, and each construct that did not simply stay what it was, in the order of the source."""
        told = [
            f"{kind}: {', '.join(f'{number} {outcome}' for outcome, number in outcomes.items() if number)}"
            for kind, outcomes in self.counts().items()
        ]
        return [*told, *_listed(self.items)]


def _listed(items: Iterable[Item]) -> list[str]:
    return [f"{'! ' if each.may_differ else '  '}{each}" for each in items if each.outcome != "kept" or each.told]
