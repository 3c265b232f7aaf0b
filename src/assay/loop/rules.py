"""The rules: read from `loop/rules.yaml`, proved by the tests in the file, and the decision they come to.

A decision is a pure function of the context and the rules. Nothing here reads a clock, a database or a model.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from assay.loop.conditions import Condition
from assay.loop.values import Known, fill

_CENT, _TEN_THOUSANDTH = Decimal("0.01"), Decimal("0.0001")
Weight = Decimal


class ActionEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    label: str = Field(min_length=1, max_length=80)
    cost_usd: Decimal = Field(ge=0, max_digits=10, decimal_places=2)
    saves: bool
    """Whether taking it saves the cost of what it replaces."""
    words: list[str] = Field(min_length=1)
    """Beginnings of words by which a text speaks of this action."""
    says: str = Field(min_length=1, max_length=300)


class RuleEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str = Field(pattern=r"^[A-Z][A-Z0-9_]{1,40}$")
    when: list[Any] = Field(min_length=1)
    gives: dict[str, Decimal] = Field(default_factory=dict)
    blocks: list[str] = Field(default_factory=list)
    says: str = Field(min_length=1, max_length=300)


class Expected(BaseModel):
    model_config = ConfigDict(extra="forbid")

    action: str | None
    score: Decimal | None = None
    reasons: list[str] | None = None


class TestEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    given: dict[str, dict[str, Any]]
    expect: Expected


class RulesFile(BaseModel):
    """`loop/rules.yaml`."""

    model_config = ConfigDict(extra="forbid")

    thresholds: dict[str, Decimal]
    replaces: str
    actions: dict[str, ActionEntry] = Field(min_length=1)
    rules: list[RuleEntry] = Field(min_length=1)
    tests: list[TestEntry] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Action:
    action_id: str
    label: str
    cost_usd: Decimal
    saving_usd: Decimal
    words: tuple[str, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Rule:
    reason: str
    when: tuple[Condition, ...]
    gives: Mapping[str, Weight]
    blocks: tuple[str, ...]
    says: str
    line: int


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    text: str
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Decision:
    """`action` is None where none reaches the threshold. `scores` has every action, blocked ones as None."""

    action: Action | None
    score: Decimal
    reasons: tuple[Reason, ...]
    scores: Mapping[str, Decimal | None]
    held: tuple[str, ...]
    """The reasons of all rules that held, in order of the file."""
    rationale: str


@dataclass(frozen=True)
class Rules:
    file: str
    version: str
    least_score: Decimal
    actions: Mapping[str, Action]
    rules: tuple[Rule, ...]

    def decide(self, context: Known) -> Decision:
        """What to do about `context`, as it is stored (decimals and instants as text)."""
        held = [rule for rule in self.rules if all(condition.holds(context) for condition in rule.when)]
        blocked = {name for rule in held for name in rule.blocks}
        scores = {name: None if name in blocked else _score(held, name) for name in self.actions}
        reached = [
            (-score, self.actions[name].cost_usd, name)
            for name, score in scores.items()
            if score is not None and score >= self.least_score
        ]
        names = tuple(rule.reason for rule in held)
        if not reached:
            return Decision(None, Decimal(0), (), scores, names, "")
        # Where scores are equal the cheaper action wins, then the name: never the order of anything.
        score, _, name = min(reached)
        action = self.actions[name]
        given = sorted((rule for rule in held if rule.gives.get(name, 0) > 0), key=lambda rule: -rule.gives[name])
        reasons = tuple(Reason(rule.reason, str(fill(rule.says, context)), rule.gives[name]) for rule in given)
        rationale = " ".join([str(fill(action.says, context)), *(reason.text for reason in reasons)])
        return Decision(action, -score, reasons, scores, names, rationale)


def _score(held: list[Rule], action: str) -> Decimal:
    total = sum((rule.gives.get(action, Decimal(0)) for rule in held), Decimal(0))
    return min(Decimal(1), max(Decimal(0), total)).quantize(_TEN_THOUSANDTH)


def build_actions(file: RulesFile) -> dict[str, Action]:
    against = file.actions[file.replaces].cost_usd if file.replaces in file.actions else Decimal(0)
    return {
        name: Action(
            name, each.label, each.cost_usd.quantize(_CENT),
            (max(against - each.cost_usd, Decimal(0)) if each.saves else Decimal(0)).quantize(_CENT),
            tuple(word.lower() for word in each.words), each.says,
        )
        for name, each in file.actions.items()
    }  # fmt: skip


def content_version(content: bytes) -> str:
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()[:16]
