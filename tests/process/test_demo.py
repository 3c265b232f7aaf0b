"""`assay demo` against a running server: each scenario leads where it says, and a reset brings the figures back.

What the loop says without one."""

import json

import pytest
from tests.process.assay import Up, run

SCENARIOS = {
    "screen_damage": "book_same_day_repair", "battery": "book_same_day_repair", "no_parts": "ship_replacement",
    "fraud": "review_for_fraud",
}  # fmt: skip


@pytest.mark.exhaustive
def test_scenarios_lead_to_their_actions_and_a_reset_brings_the_figures_back(demo: Up) -> None:
    for name, action in SCENARIOS.items():
        played = demo.cli("demo", "scenario", name, "--json")
        assert played.returncode == 0, played.stdout + played.stderr
        found = json.loads(played.stdout)["recommendation"]
        assert found["action"] == action
        approved = demo.http.post(f"/v1/recommendations/{found['recommendation_id']}/approve")
        assert approved.json()["state"] == "approved", approved.text
    for _ in range(2):
        reset = demo.cli("demo", "reset", "--json")
        body = json.loads(reset.stdout)
        assert reset.returncode == 0, body
        assert body["at_rest"] is True
        assert body["figures"]["cost_avoided_mtd"] == "1410000.00"
    said = demo.cli("demo", "scenario", "screen_damage").stdout
    assert "Book same-day repair" in said
    assert "PART_IN_STOCK" in said
    assert "at rest" not in demo.cli("demo", "reset").stdout


@pytest.mark.parametrize("what", ["events", "rules", "bindings"])
def test_schemas_are_printed_for_editors(bare: dict[str, str], what: str) -> None:
    done = run("schema", what, env=bare)
    assert done.returncode == 0
    assert json.loads(done.stdout)["$defs"]


def test_consuming_without_kafka_says_what_is_missing(bare: dict[str, str]) -> None:
    done = run("consume", env=bare)
    assert done.returncode == 2
    assert "ASSAY_KAFKA" in done.stderr
