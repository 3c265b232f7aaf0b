"""The loop's files: whole as they are bundled, and each fault in them named with its line."""

from pathlib import Path

import pytest

from assay.loop.content import load_loop
from assay.loop.events import event_schemas, read_event
from assay.loop.scenarios import load_scenario, scenario_findings
from tests.unit.loop.files import DEMO, DICTIONARY, changed, line_of


def test_the_bundled_loop_is_whole() -> None:
    content, findings = load_loop(DEMO, DICTIONARY, frozenset(DICTIONARY.tables))
    assert findings == []
    assert content
    assert scenario_findings(DEMO, content) == []
    assert {path.stem for path in (DEMO / "scenarios").glob("*.yaml")} == {"screen_damage", "battery", "no_parts", "fraud"}
    assert (content.rules.actions["book_same_day_repair"].cost_usd, content.rules.actions["ship_replacement"].cost_usd) == (
        40,
        250,
    )


def test_a_workspace_may_have_no_loop(tmp_path: Path) -> None:
    assert load_loop(tmp_path, DICTIONARY) == (None, [])


def test_one_file_without_the_other_is_a_finding(tmp_path: Path) -> None:
    changed(tmp_path, "rules.yaml")
    (tmp_path / "loop" / "bindings.yaml").unlink()
    content, findings = load_loop(tmp_path, DICTIONARY)
    assert content is None
    assert [(each.file, each.message) for each in findings] == [("loop/bindings.yaml", "the file is missing")]


RULES = [
    ("claim.fraud_score >= $fraud", "claim.fraud_skore >= $fraud", "claim has no field 'fraud_skore'",
     "Did you mean 'fraud_score'?"),
    ("claim.fraud_score >= $fraud", "clam.fraud_score >= $fraud", "there is no part 'clam'", "Did you mean 'claim'?"),
    ("claim.fraud_score >= $fraud", "claim.fraud_score >= $froud", "there is no threshold 'froud'", None),
    ("claim.fraud_score >= $fraud", "claim.fraud_score => 1", "there is no operator '=>'", None),
    ("gives: {review_for_fraud: 0.9}", "gives: {review_for_frod: 0.9}", "there is no action 'review_for_frod'",
     "Did you mean 'review_for_fraud'?"),
    ("{claim.fraud_score} for fraud", "{claim.fraud} for fraud", "claim has no field 'fraud'", "Did you mean"),
    ("reason: MANY_CLAIMS", "reason: FRAUD_SUSPECTED", "the reason FRAUD_SUSPECTED stands twice", "give one of them"),
    ("reason: MANY_CLAIMS", "reason: many", "is not of the form", None),
    ("replaces: ship_replacement", "replaces: ship_replacment", "there is no action 'ship_replacment'", "Did you mean"),
    ("cost_usd: 40.00", "cost_usd: -1", "has to be 0 or more", None),
    ("score: 1.0,", "score: 0.9,", "expected a score of 0.9, found 1.0000", None),
    ("reasons: [FRAUD_SUSPECTED]", "reasons: [COVERED]", "expected the reasons COVERED, found FRAUD_SUSPECTED", None),
    ("expect: {action: null}", "expect: {action: ship_replacement}", "expected ship_replacement, found no action (", None),
    ("thresholds:", "thresholds: {", "", None),
]  # fmt: skip
BINDINGS = [
    ("d.device_status,", "d.device_statas,", "device_statas", "the gate refuses it"),
    ("d.device_status,", "d.imei,", "d.imei is personal data", "the gate refuses it: personal_data"),
    ("AND k.claim_id <> :claim.claim_id", "AND k.claim_id <> :claim.clam_id", "claim has no field 'clam_id'", "Did"),
    ("WHERE d.device_id = :facts.device_id", "WHERE d.device_id = :claim.device_id", "claim is not read before device",
     "move device below claim"),
    ("soon: +24 hours from arrival", "soon: tomorrow", "'tomorrow' is no span", "+24 hours"),
    ("subject: claim.claim_id", "subject: claim.number", "claim has no field 'number'", None),
    ("device_id: payload.device_id", "device_id: payload.devise_id", "payload has no field 'devise_id'", "Did you mean"),
    ("needs: [device, coverage]", "needs: [devise]", "there is no part 'devise'", "Did you mean 'device'?"),
    ("steps: [open_claim, open_session, raise_damage_alert]", "steps: [open_clam]", "there are no steps 'open_clam'", "Did"),
    ("insert: l3_asurion.ops_alert", "insert: l3_asurion.ops_alerts", "there is no table", "Did you mean"),
    ("alert_type: device_damage", "alert_tipe: device_damage", "has no column 'alert_tipe'", "Did you mean 'alert_type'?"),
    ("        raised_ts: \"{now}\"\n", "", "l3_asurion.ops_alert needs raised_ts too", "give each a value"),
    ("set: {status: superseded}", "set: {recommendation_id: x}", "its key cannot be changed", None),
    ("only: booked < capacity", "only: booked < capasity", "compares no two columns", None),
    ("latest: last_seen_ts", "latest: seen_ts", "'seen_ts' is no column of l3_asurion.ev_device", "{now}"),
    ("add: {booked: 1}", "add: {slot_status: 1}", "ops_repair_slot.slot_status is no number", None),
    ("| hours_since", "| ours_since", "there is no filter 'ours_since'", "hours_since"),
    ("  review_for_fraud:          # the claim", "  review:   # the claim", "action review_for_fraud has no effect", "add"),
    ("a.raised_ts, a.cleared_ts\n", "a.raised_ts\n", "panel.alerts lacks cleared_ts", "select"),
    ("unless: claim.claim_id", "unless: claim.id", "claim has no field 'id'", None),
    ("      exactly: 1\n", "", "exactly and otherwise belong together", None),
    ("{actions.ship_replacement.cost_usd}", "{actions.ship.cost_usd}", "there is no part 'actions.ship'", "Did you mean"),
]  # fmt: skip


@pytest.mark.cases(12)
@pytest.mark.parametrize(
    ("file", "before", "after", "said", "mend"),
    [("rules.yaml", *case) for case in RULES] + [("bindings.yaml", *case) for case in BINDINGS],
    ids=lambda value: None,
)
def test_a_fault_is_named_with_its_line_and_nothing_takes_effect(
    tmp_path: Path, file: str, before: str, after: str, said: str, mend: str | None
) -> None:  # fmt: skip
    place = (DEMO / "loop" / file).read_text()
    expected = place[: place.index(before)].count("\n") + 1
    content, findings = changed(tmp_path, file, (before, after))
    assert content is None
    assert findings
    found = next(each for each in findings if said in each.message)
    assert found.file == f"loop/{file}"
    assert found.line is not None
    # A fault is shown where it stands, or at the head of the entry that it belongs to.
    assert found.line <= expected + 4
    assert expected - found.line < 100
    assert len(findings) <= 4, "one fault is not said about everything that it touches"
    if mend is not None:
        assert mend in (found.mend or "")


def test_a_line_is_exact_where_the_fault_is_a_value(tmp_path: Path) -> None:
    _, findings = changed(tmp_path, "rules.yaml", ("place.places >= 1", "place.spaces >= 1"))
    assert findings[0].line == line_of(tmp_path, "rules.yaml", "place.spaces")
    _, findings = changed(tmp_path, "rules.yaml")
    _, findings = changed(tmp_path, "bindings.yaml", ("insert: l3_asurion.ops_alert", "insert: ops_nothing"))
    assert findings[0].line == line_of(tmp_path, "bindings.yaml", "ops_nothing")


def test_the_loop_writes_only_where_it_may(tmp_path: Path) -> None:
    changed(tmp_path, "rules.yaml")
    _, findings = load_loop(tmp_path, DICTIONARY, frozenset(DICTIONARY.tables) - {"l3_asurion.ev_claim"})
    assert findings
    assert {each.message for each in findings} == {"l3_asurion.ev_claim does not lie in Assay's own database"}


def test_every_example_of_the_schema_is_an_event_that_is_taken() -> None:
    content, _ = load_loop(DEMO, DICTIONARY)
    assert content
    for name, schema in event_schemas(content.bindings)["$defs"].items():
        fields = schema["properties"]["payload"]["properties"]
        payload = {field: entry["examples"][0] for field, entry in fields.items()}
        raw = {"event_id": "e", "type": name, "source": "tests", "occurred_at": "2026-03-17T15:42:10Z", "payload": payload}
        assert read_event(raw, content.bindings).payload == payload


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("damage: screen", "damage: tooth", "one of screen, liquid, power"),
        ("expect: book_same_day_repair", "expect: book_repair", "there is no action"),
        ("device.damage_detected", "device.damaged", "There is no event type"),
        ("events:", "evants:", "is missing"),
    ],
)
def test_a_scenario_that_would_be_refused_is_found(tmp_path: Path, before: str, after: str, said: str) -> None:
    content, _ = load_loop(DEMO, DICTIONARY)
    assert content
    (tmp_path / "scenarios").mkdir()
    text = (DEMO / "scenarios" / "screen_damage.yaml").read_text()
    (tmp_path / "scenarios" / "screen_damage.yaml").write_text(text.replace(before, after))
    findings = scenario_findings(tmp_path, content)
    assert any(said in each.message for each in findings)
    assert all(each.file == "scenarios/screen_damage.yaml" for each in findings)


def test_each_playing_of_a_scenario_is_new() -> None:
    from datetime import UTC, datetime

    scenario, now = load_scenario(DEMO, "fraud"), datetime(2026, 3, 17, tzinfo=UTC)
    first, second = scenario.played_at(now), scenario.played_at(now)
    assert not {each["event_id"] for each in first} & {each["event_id"] for each in second}
    assert [each["type"] for each in first] == ["claim.filed", "claim.fraud_suspected"]
