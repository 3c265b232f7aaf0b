"""Whatever the context: the decision is a function of it, and of nothing else."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from assay.loop.values import wire
from tests.unit.loop.files import rules


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


CONTEXTS = st.fixed_dictionaries({
    "device": st.fixed_dictionaries({"product_name": st.text(max_size=8), "battery_health_pct": _maybe(st.integers(0, 100)),
                                     "is_repairable": _maybe(st.booleans())}),
    "coverage": st.fixed_dictionaries({"coverage_status": st.sampled_from(["active", "lapsed", "cancelled"]),
                                       "plan_name": st.just("Phone Complete")}),
    "customer": _maybe(st.fixed_dictionaries({"state_code": _maybe(st.sampled_from(["TN", "ND"]))})),
    "claim": st.fixed_dictionaries({
        "claim_id": st.just("CLM-1"), "repair_type": _maybe(st.sampled_from(["screen", "battery"])),
        "fraud_score": st.decimals(0, 1, places=4),
    }),
    "history": _maybe(st.fixed_dictionaries({"claims_12m": st.integers(0, 9)})),
    "parts": _maybe(st.fixed_dictionaries({"free": st.integers(0, 9)})),
    "place": _maybe(st.fixed_dictionaries({"center_id": st.just("ctr_1"), "center_name": st.text(max_size=8),
                                           "parts_free": st.integers(1, 9), "places": st.integers(1, 9)})),
    "slot": _maybe(st.fixed_dictionaries({"slot_id": st.just("slot_1")})),
})  # fmt: skip


@given(CONTEXTS, st.randoms())
def test_a_decision_depends_on_the_context_alone(context: dict[str, Any], chance: Any) -> None:
    stored = wire(context)
    decision = rules().decide(stored)
    assert rules().decide(json.loads(json.dumps(stored))) == decision, "as it was stored and read again"
    names = list(stored)
    chance.shuffle(names)
    assert rules().decide({name: stored[name] for name in names}) == decision
    shuffled = list(rules().rules)
    chance.shuffle(shuffled)
    other = replace(rules(), rules=tuple(shuffled)).decide(stored)
    assert (other.action, other.score, other.scores) == (decision.action, decision.score, decision.scores)
    assert {reason.code for reason in other.reasons} == {reason.code for reason in decision.reasons}


@given(CONTEXTS)
def test_what_is_recommended_is_allowed_reached_and_explained(context: dict[str, Any]) -> None:
    decision = rules().decide(wire(context))
    assert set(decision.scores) == set(rules().actions)
    if decision.action is None:
        assert all(score is None or score < rules().least_score for score in decision.scores.values())
        return
    assert decision.scores[decision.action.action_id] == decision.score >= rules().least_score
    assert decision.score == max(score for score in decision.scores.values() if score is not None)
    assert decision.reasons
    assert min(Decimal(1), sum((reason.weight for reason in decision.reasons), Decimal(0))) == decision.score
    assert "{place" not in decision.rationale


@given(CONTEXTS)
def test_nothing_is_spent_on_a_suspected_fraud_or_without_cover(context: dict[str, Any]) -> None:
    decision = rules().decide(wire(context))
    is_suspected = context["claim"]["fraud_score"] >= Decimal("0.85")
    if is_suspected or context["coverage"]["coverage_status"] != "active":
        assert decision.action is None or decision.action.cost_usd == 0
