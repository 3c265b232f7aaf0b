"""The rules file proved: names that exist, conditions that can be read, and the tests that stand in it."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from assay.catalog.dictionary import content_of
from assay.catalog.findings import nearest
from assay.loop.conditions import BadCondition, Condition, read_condition
from assay.loop.proof import Fields, Proof
from assay.loop.rules import Action, Rule, Rules, RulesFile, content_version
from assay.loop.values import wire

LEAST_SCORE = "least_score"


def prove_rules(proof: Proof, root: Path, file: RulesFile, actions: Mapping[str, Action], fields: Fields) -> Rules:
    """The rules, whole only where nothing was found."""
    if file.replaces not in actions:
        proof.note(("replaces",), f"there is no action {file.replaces!r}", nearest(file.replaces, set(actions)))
    for name, action in file.actions.items():
        proof.template(action.says, fields, ("actions", name, "says"))
    rules = tuple(_rule(proof, index, file, actions, fields) for index in range(len(file.rules)))
    seen: set[str] = set()
    for index, rule in enumerate(rules):
        if rule.reason in seen:
            proof.note(("rules", index), f"the reason {rule.reason} stands twice", "give one of them another code")
        seen.add(rule.reason)
    if LEAST_SCORE not in file.thresholds:
        proof.note(("thresholds",), f"there is no threshold {LEAST_SCORE}", f"add {LEAST_SCORE}: 0.5")
    least = file.thresholds.get(LEAST_SCORE, Decimal(1))
    found = Rules(proof.file, content_version(content_of(root / proof.file)), least, actions, rules)
    if not proof.findings:
        _run_tests(proof, file, found)
    return found


def _rule(proof: Proof, index: int, file: RulesFile, actions: Mapping[str, Action], fields: Fields) -> Rule:
    entry, place = file.rules[index], ("rules", index)
    conditions: list[Condition] = []
    for number, raw in enumerate(entry.when):
        try:
            condition = read_condition(raw, file.thresholds)
        except BadCondition as error:
            proof.note((*place, "when", number), f"{entry.reason}: {error}")
            continue
        conditions.append(condition)
        for path in condition.paths:
            proof.path(path, fields, (*place, "when", number))
    for name in (*entry.gives, *entry.blocks):
        if name not in actions:
            proof.note(place, f"{entry.reason}: there is no action {name!r}", nearest(name, set(actions)))
    proof.template(entry.says, fields, (*place, "says"))
    line = proof.marked.line(place) or 1
    return Rule(entry.reason, tuple(conditions), entry.gives, tuple(entry.blocks), entry.says, line)


def _run_tests(proof: Proof, file: RulesFile, rules: Rules) -> None:
    for index, test in enumerate(file.tests):
        decision, wanted = rules.decide(wire(test.given)), test.expect
        found = decision.action.action_id if decision.action else None
        codes = [reason.code for reason in decision.reasons]
        said = f"test {test.name!r}: expected"
        if found != wanted.action:
            why = ", ".join(decision.held) or "no rule holds"
            proof.note(("tests", index), f"{said} {wanted.action or 'no action'}, found {found or 'no action'} ({why})")
        elif wanted.reasons is not None and codes != wanted.reasons:
            proof.note(("tests", index), f"{said} the reasons {', '.join(wanted.reasons)}, found {', '.join(codes)}")
        elif wanted.score is not None and decision.score != wanted.score:
            proof.note(("tests", index), f"{said} a score of {wanted.score}, found {decision.score}")
