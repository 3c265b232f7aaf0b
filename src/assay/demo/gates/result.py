"""What a gate found: its status, a sentence, figures, and the evidence that was kept."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assay.demo.script import ScriptFile
from assay.demo.system import Rehearsal

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Status = Literal["passed", "failed", "not checked"]


class NotSo(Exception):
    """A gate found something that is not as it has to be; the text says what."""


class NotChecked(Exception):
    """A gate cannot be checked here; the text says why and what would let it."""


@dataclass
class Result:
    number: int
    title: str
    status: Status
    says: str
    figures: dict[str, Any] = field(default_factory=dict)
    evidence: list[str] = field(default_factory=list)
    """Files, named from the page that sums up."""
    seconds: float = 0.0


@dataclass
class Bench:
    """What the gates work with, and where they keep their evidence."""

    root: Path
    """The workspace as it lies in the checkout; the system runs on a copy."""
    script: ScriptFile
    system: Rehearsal
    folder: Path
    artifacts: Path
    open_browser: Callable[[], "Browser"]
    figures: dict[str, Any] = field(default_factory=dict)
    evidence: list[str] = field(default_factory=list)

    def running(self) -> Rehearsal:
        """The system, started where no gate has started it yet."""
        if not self.system.is_running:
            self.system.start()
        return self.system

    def path(self, name: str) -> Path:
        """A file of evidence, to be written by the caller."""
        self.evidence.append(name)
        return self.folder / name

    def keep(self, name: str, content: Any) -> None:
        text = content if isinstance(content, str) else json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        self.path(name).write_text(text)


def need(holds: object, says: str) -> None:
    """Raises NotSo with the sentence."""
    if not holds:
        raise NotSo(says)


def p95(milliseconds: list[float]) -> float:
    return sorted(milliseconds)[max(0, round(len(milliseconds) * 0.95) - 1)]
