"""The loop's files read and proved together: against each other, the dictionary and the gate."""

from dataclasses import dataclass, replace
from pathlib import Path

from assay.catalog.dictionary import DICTIONARY, Dictionary
from assay.catalog.findings import Finding
from assay.gate import Policy
from assay.loop.bindings import Bindings, BindingsFile
from assay.loop.bindings_proof import BindingsProof, columns_of
from assay.loop.proof import Proof
from assay.loop.rules import Rules, RulesFile, build_actions
from assay.loop.rules_proof import prove_rules

RULES, BINDINGS = "loop/rules.yaml", "loop/bindings.yaml"


@dataclass(frozen=True)
class LoopContent:
    """What serves: rules and bindings that were proved together."""

    rules: Rules
    bindings: Bindings


def load_loop(
    root: Path, dictionary: Dictionary, writable: frozenset[str] | None = None
) -> tuple[LoopContent | None, list[Finding]]:
    """Both files of `root`/loop; no content and no findings where there is neither of them.

    `writable` names the tables that lie in the store's own database, where the loop writes; None leaves that unchecked.
    With any finding there is no content: half a loop could decide one thing and write another.
    """
    if not (root / RULES).exists() and not (root / BINDINGS).exists():
        return None, []
    findings: list[Finding] = []
    rules_proof, bindings_proof = Proof(RULES, findings), Proof(BINDINGS, findings)
    rules_file, bindings_file = rules_proof.read(root, RulesFile), bindings_proof.read(root, BindingsFile)
    if rules_file is None or bindings_file is None:
        return None, findings
    well_formed = len(findings)
    actions = build_actions(rules_file)
    policy = Policy.from_dictionary(dictionary)
    bindings = BindingsProof(bindings_proof, root, dictionary, policy, writable, actions).prove(bindings_file)
    rules = prove_rules(rules_proof, root, rules_file, actions, columns_of(bindings_file, bindings.context))
    # Where a file of the dictionary cannot be read, all of this follows from it.
    findings[well_formed:] = [replace(each, wants=each.wants | {DICTIONARY}) for each in findings[well_formed:]]
    # Steps are shared by events: what is wrong in one is found as often, and said once.
    return (None if findings else LoopContent(rules, bindings)), list(dict.fromkeys(findings))
