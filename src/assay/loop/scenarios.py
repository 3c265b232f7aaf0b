"""Scenarios: events of the workspace that can be played, one file each."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from assay.catalog.findings import Finding, nearest
from assay.errors import BadEvent, NotFound, WorkspaceBroken
from assay.loop.content import LoopContent
from assay.loop.events import MAX_BATCH, read_event
from assay.loop.proof import Proof
from assay.loop.values import wire

_FOLDER = "scenarios"
_ANY_INSTANT = "2026-01-15T12:00:00Z"


class ScenarioEvent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: str
    source: str
    payload: dict[str, Any]


class ScenarioFile(BaseModel):
    """`scenarios/NAME.yaml`."""

    model_config = ConfigDict(extra="forbid")

    label: str
    expect: str | None
    """The action that the last event leads to; none where it leads to none."""
    events: list[ScenarioEvent] = Field(min_length=1, max_length=MAX_BATCH)


@dataclass(frozen=True)
class Scenario:
    name: str
    label: str
    expect: str | None
    events: tuple[ScenarioEvent, ...]

    def played_at(self, now: datetime) -> list[dict[str, Any]]:
        """The events as they are sent, each time under ids of their own."""
        run = uuid.uuid4().hex[:12]
        return [
            {"event_id": f"evt_{self.name}_{run}_{number}", "type": each.type, "source": each.source,
             "occurred_at": wire(now), "payload": each.payload}
            for number, each in enumerate(self.events, 1)
        ]  # fmt: skip


def load_scenario(root: Path, name: str) -> Scenario:
    """Raises NotFound with what there is, or WorkspaceBroken with file and line."""
    known = sorted(path.stem for path in (root / _FOLDER).glob("*.yaml"))
    if name not in known:
        mend = nearest(name, known) or (f"there are {', '.join(known)}" if known else "add scenarios/NAME.yaml")
        raise NotFound(f"There is no scenario {name!r}.", mend=mend)
    findings: list[Finding] = []
    file = Proof(f"{_FOLDER}/{name}.yaml", findings).read(root, ScenarioFile)
    if file is None:
        raise WorkspaceBroken(str(findings[0]))
    return Scenario(name, file.label, file.expect, tuple(file.events))


def scenario_findings(root: Path, content: LoopContent) -> list[Finding]:
    """What is wrong in the scenarios: events that would be refused, actions that nobody recommends."""
    findings: list[Finding] = []
    for path in sorted((root / _FOLDER).glob("*.yaml")):
        proof = Proof(f"{_FOLDER}/{path.name}", findings)
        file = proof.read(root, ScenarioFile)
        if file is None:
            continue
        for index, each in enumerate(file.events):
            try:
                read_event({**each.model_dump(), "event_id": "evt", "occurred_at": _ANY_INSTANT}, content.bindings)
            except BadEvent as error:
                proof.note(("events", index), error.detail, error.mend)
        if file.expect is not None and file.expect not in content.rules.actions:
            mend = nearest(file.expect, set(content.rules.actions))
            proof.note(("expect",), f"there is no action {file.expect!r}", mend)
    return findings
