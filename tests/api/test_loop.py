"""The closed loop by the API: event, recommendation, decision, and the figures that move by their ordinary definitions."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.api.loop_steps import AT_REST, damage, decide, event, figures, recommended, send, telemetry
from tests.api.steps import messages
from tests.conftest import DEMO, House, cloned_database, eventually, open_house

from assay.web.stream import _events

APPROVED = AT_REST | {
    "active_issues": 1285, "claims_in_progress": 641, "nba_taken_pct": 121 / 139, "cost_avoided_mtd": "1410210.00"
}  # fmt: skip
TABLES = (
    "ev_claim",
    "ev_issue_session",
    "ev_device",
    "ops_recommendation",
    "ops_alert",
    "ops_part_stock",
    "ops_repair_slot",
)
BATTERY = {"device_id": "dev_demo_001", "battery_health_pct": 61}


async def rows(house: House) -> dict[str, tuple[int, object]]:
    """Of every table that the loop writes: how many rows, and a digest of all that stands in them."""
    connection = await asyncpg.connect(house.url)
    try:
        return {
            table: tuple(await connection.fetchrow(
                f"SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM l3_asurion.{table} AS t"
            ))
            for table in TABLES
        }  # fmt: skip
    finally:
        await connection.close()


async def one(house: House, sql: str, *values: object) -> Any:
    connection = await asyncpg.connect(house.url)
    try:
        return await connection.fetchval(sql, *values)
    finally:
        await connection.close()


# -- the ninety seconds ---------------------------------------------------------------------------


async def test_approving_a_repair_moves_the_figures_by_their_own_definitions(house: House) -> None:
    assert await figures(house) == AT_REST
    name = await recommended(house, damage())
    found = (await house.client.get(f"/v1/recommendations/{name}")).json()
    assert found["action"] == "book_same_day_repair"
    assert [each["code"] for each in found["reasons"]] == ["PART_IN_STOCK", "PLACE_SOON", "COVERED", "SCREEN_DAMAGED"]
    assert (found["place"], found["claim_id"], found["session_id"]) == ("Nashville West End", "CLM-88122", "ses_demo_001")
    assert (found["cost_usd"], found["saving_usd"]) == ("40.00", "210.00")
    assert await figures(house) == AT_REST, "an event alone decides nothing"
    response = await decide(house, name, "approve")
    assert response.status_code == 200, response.text
    assert response.json()["state"] == "approved"
    assert await figures(house) == APPROVED


@pytest.mark.exhaustive
async def test_approving_twice_has_one_effect_and_one_answer(house: House) -> None:
    name = await recommended(house, damage())
    first, second = await decide(house, name, "approve"), await decide(house, name, "approve")
    assert first.json() == second.json()
    assert await figures(house) == APPROVED
    assert await one(house, "SELECT count(*) FROM assay.effect") == 1


@pytest.mark.exhaustive
async def test_dismissing_needs_a_reason_and_moves_next_best_actions_alone(house: House) -> None:
    name = await recommended(house, damage())
    assert (await decide(house, name, "dismiss", reason="")).status_code == 422
    dismissed = await decide(house, name, "dismiss", reason="customer prefers replacement")
    assert dismissed.json()["dismiss_reason"] == "customer prefers replacement"
    assert (await decide(house, name, "dismiss", reason="once more")).json() == dismissed.json()
    assert await figures(house) == AT_REST | {"nba_taken_pct": 120 / 139}
    refused = await decide(house, name, "approve")
    assert refused.status_code == 409
    assert refused.json()["kind"] == "decision_refused"


@pytest.mark.cases(1)
@pytest.mark.parametrize("what", [("approve", {}), ("dismiss", {"reason": "wrong device"})])
async def test_undoing_puts_every_row_back_and_can_be_asked_twice(house: House, what: tuple[str, dict[str, Any]]) -> None:
    name = await recommended(house, damage())
    before = await rows(house)
    done = await decide(house, name, what[0], **what[1])
    assert done.json()["undo_until"]
    assert await rows(house) != before
    house.clock[0] += timedelta(seconds=59)
    undone = await decide(house, name, "undo")
    assert undone.json()["state"] == "open"
    assert await rows(house) == before
    assert await figures(house) == AT_REST
    assert (await decide(house, name, "undo")).json() == undone.json()
    assert (await decide(house, name, "approve")).json()["state"] == "approved", "what was undone can be decided again"
    assert await figures(house) == APPROVED


@pytest.mark.exhaustive
async def test_a_decision_older_than_a_minute_stands(house: House) -> None:
    name = await recommended(house, damage())
    assert (await decide(house, name, "undo")).status_code == 409, "nothing was decided yet"
    await decide(house, name, "approve")
    house.clock[0] += timedelta(seconds=61)
    refused = await decide(house, name, "undo")
    assert refused.status_code == 409
    assert "older than 60 seconds" in refused.json()["detail"]
    assert await figures(house) == APPROVED


@pytest.mark.exhaustive
async def test_nothing_is_undone_over_what_somebody_else_has_written_since(house: House) -> None:
    name = await recommended(house, damage())
    await decide(house, name, "approve")
    await one(house, "UPDATE l3_asurion.ev_claim SET claim_status = 'closed' WHERE claim_id = 'CLM-88122' RETURNING 1")
    refused = await decide(house, name, "undo")
    assert refused.status_code == 409
    assert "ev_claim was changed by somebody else" in refused.json()["detail"]
    assert (await house.client.get(f"/v1/recommendations/{name}")).json()["state"] == "approved"


@pytest.mark.exhaustive
async def test_an_approval_that_comes_too_late_changes_nothing(house: House) -> None:
    name = await recommended(house, damage())
    await one(house, "UPDATE l3_asurion.ev_claim SET claim_status = 'denied' WHERE claim_id = 'CLM-88122' RETURNING 1")
    before = await rows(house)
    refused = await decide(house, name, "approve")
    assert refused.json()["detail"] == "The claim has been decided meanwhile."
    assert await rows(house) == before
    assert (await house.client.get(f"/v1/recommendations/{name}")).json()["state"] == "open"


@pytest.mark.exhaustive
async def test_the_last_part_is_promised_once(house: House) -> None:
    name = await recommended(house, damage())
    await one(
        house, "UPDATE l3_asurion.ops_part_stock SET quantity_reserved = quantity_on_hand"
        " WHERE center_id = 'ctr_demo_001' RETURNING 1",
    )  # fmt: skip
    refused = await decide(house, name, "approve")
    assert refused.json()["detail"] == "The last part has been promised to somebody else meanwhile."
    assert await figures(house) == AT_REST


# -- what a recommendation rests on ---------------------------------------------------------------


@pytest.mark.exhaustive
async def test_a_recommendation_keeps_its_inputs_signed(house: House) -> None:
    name = await recommended(house, damage())
    found = (await house.client.get(f"/v1/recommendations/{name}")).json()
    receipt = found["receipt"]
    assert receipt["signature_valid"]
    document = receipt["document"]
    assert document["event"]["payload"] == {"device_id": "dev_demo_001", "damage": "screen"}
    assert document["context"]["claim"]["claim_id"] == "CLM-88122"
    assert document["rules"]["version"]
    assert "l3_asurion.ops_part_stock:" in document["data_version"]
    # Whoever has the same rules comes to the same from what was kept.
    decision = house.running.loop.serving().rules.decide(document["context"])
    assert decision.action
    assert (decision.action.action_id, str(decision.score)) == (document["action"], document["score"])
    await one(
        house, "UPDATE assay.recommendation SET document = replace(document, '\"210.00\"', '\"999.00\"') RETURNING 1"
    )  # fmt: skip
    assert not (await house.client.get(f"/v1/recommendations/{name}")).json()["receipt"]["signature_valid"]


async def test_no_personal_data_is_read_or_shown(house: House) -> None:
    name = await recommended(house, damage())
    shown = [
        (await house.client.get(path)).text
        for path in (f"/v1/recommendations/{name}", "/v1/recommendations", "/v1/alerts", "/v1/customers/cust_demo_001")
    ]
    for text in shown:
        for secret in ("Doe", "john.doe@example.com", "356789012345678", "SNDEMO001", "1 Demo Street", "tok_demo_001"):
            assert secret not in text
    personal = {
        f"{table.qualified}.{column.name}"
        for table in house.running.catalog.workspace.dictionary.tables.values()
        for column in table.columns.values() if column.pii
    }  # fmt: skip
    bindings = house.running.loop.serving().bindings
    reads = [*bindings.context.values(), *(read for reads in bindings.panel.values() for read in reads)]
    assert not {column for read in reads for column in read.safe.columns} & personal


# -- events ---------------------------------------------------------------------------------------


async def test_an_event_is_taken_once_however_often_it_is_sent(house: House) -> None:
    first = await send(house, damage(), damage(), telemetry("t-1"))
    assert [each["is_known"] for each in first["outcomes"]] == [False, True, False]
    assert (first["taken"], first["known"]) == (2, 1)
    again = await send(house, telemetry("t-1"), damage())
    assert [each["is_known"] for each in again["outcomes"]] == [True, True]
    assert again["outcomes"][1]["recommendation_id"] == first["outcomes"][0]["recommendation_id"]
    assert await one(house, "SELECT count(*) FROM assay.event") == 2
    assert await one(house, "SELECT count(*) FROM l3_asurion.ops_alert WHERE event_id = 'evt-screen'") == 1


@pytest.mark.exhaustive
async def test_a_batch_keeps_its_order_and_refuses_only_what_is_wrong_in_it(house: House) -> None:
    wrong = event("evt-wrong", "device.damage_detected", device_id="dev_demo_001", damage="tooth")
    reply = await send(house, telemetry("a"), {"event_id": "b"}, wrong, telemetry("c"), event("d", "device.damage"))
    assert [each["outcome"] for each in reply["outcomes"]] == ["recorded", "refused", "refused", "recorded", "refused"]
    assert [each["event_id"] for each in reply["outcomes"]] == ["a", "b", "evt-wrong", "c", "d"]
    assert "one of screen, liquid, power" in reply["outcomes"][2]["detail"]
    assert (reply["taken"], reply["refused"]) == (2, 3)
    assert await one(house, "SELECT count(*) FROM assay.event") == 2


@pytest.mark.exhaustive
async def test_an_event_sent_alone_is_refused_with_what_there_is_instead(house: House) -> None:
    response = await house.client.post("/v1/events", json=event("x", "device.damage_detect"))
    assert response.status_code == 422
    problem = response.json()
    assert (problem["kind"], problem["mend"]) == ("bad_event", "Did you mean 'device.damage_detected'?")
    assert "claim.fraud_suspected" in problem["known"]
    single = await house.client.post("/v1/events", json=damage())
    assert single.json()["outcomes"][0]["outcome"] == "recommended"


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"events": []}', b'{"events": 3}', json.dumps({"events": [telemetry("x")] * 501}).encode(), b'"\xff"'],
)
async def test_a_body_that_holds_no_events_is_a_problem(shared_house: House, body: bytes) -> None:
    response = await shared_house.client.post("/v1/events", content=body)
    assert response.status_code in (400, 413, 422)
    assert response.json()["detail"]


@pytest.mark.exhaustive
async def test_what_cannot_be_kept_is_refused_alone(house: House) -> None:
    body = json.dumps({"events": [
        telemetry("nul\x00"), damage("evt-late", device_id="\x00"), telemetry("ok"),
        telemetry("high") | {"payload": {"device_id": "d", "temperature_c": 1e300}},
        telemetry("when") | {"occurred_at": "yesterday"}, telemetry("naive") | {"occurred_at": "2026-03-17T10:00:00"},
        telemetry("more") | {"colour": "red"},
    ]})  # fmt: skip
    reply = (await house.client.post("/v1/events", content=body)).json()
    assert [each["outcome"] for each in reply["outcomes"]] == ["refused", "refused", "recorded", *["refused"] * 4]


@pytest.mark.exhaustive
async def test_an_event_about_nothing_known_is_kept_and_leads_to_nothing(house: House) -> None:
    before = await rows(house)
    reply = await send(
        house, damage(device_id="dev_nobody"), event("f", "claim.fraud_suspected", claim_id="CLM-0", score=0.9)
    )
    assert [each["outcome"] for each in reply["outcomes"]] == ["unmatched", "unmatched"]
    assert await rows(house) == before


@pytest.mark.exhaustive
async def test_an_event_whose_rows_do_not_fit_holds_up_nobody(house: House) -> None:
    bindings = house.root / "loop" / "bindings.yaml"
    narrow = "battery_health_pct: {type: integer, least: 0, most: 100, example: 61}"
    assert narrow in bindings.read_text()
    bindings.write_text(bindings.read_text().replace(narrow, narrow.replace("100", "99999999999")))
    await house.running.reload.workspace()
    before = await rows(house)
    too_wide = event("wide", "device.battery_degraded", **BATTERY | {"battery_health_pct": 99999999999})
    reply = await send(house, telemetry("a"), too_wide, telemetry("b"))
    assert [each["outcome"] for each in reply["outcomes"]] == ["recorded", "unmatched", "recorded"]
    assert "cannot be written" in reply["outcomes"][1]["detail"]
    assert await rows(house) == before
    assert (await recommended(house, damage())).startswith("rec_")


async def test_the_types_are_published_as_json_schema(shared_house: House) -> None:
    schema = (await shared_house.client.get("/v1/events/schema")).json()
    found = schema["$defs"]["device.damage_detected"]["properties"]["payload"]
    assert found["required"] == ["device_id", "damage"]
    assert found["properties"]["damage"]["enum"] == ["screen", "liquid", "power"]


# -- other scenarios ------------------------------------------------------------------------------


@pytest.mark.exhaustive
async def test_a_failing_battery_opens_a_case_and_is_repaired(house: House) -> None:
    name = await recommended(house, event("evt-battery", "device.battery_degraded", **BATTERY))
    assert await figures(house) == AT_REST | {"active_issues": 1287, "claims_in_progress": 643}
    found = (await house.client.get(f"/v1/recommendations/{name}")).json()
    assert found["action"] == "book_same_day_repair"
    assert "BATTERY_WORN" in [each["code"] for each in found["reasons"]]
    await decide(house, name, "approve")
    assert await figures(house) == AT_REST | {"nba_taken_pct": 121 / 139, "cost_avoided_mtd": "1410210.00"}


@pytest.mark.exhaustive
async def test_without_parts_nearby_a_replacement_is_recommended(house: House) -> None:
    name = await recommended(house, damage(device_id="dev_10006577"))
    found = (await house.client.get(f"/v1/recommendations/{name}")).json()
    assert (found["action"], found["saving_usd"]) == ("ship_replacement", "0.00")
    assert [each["code"] for each in found["reasons"]] == ["NO_PARTS_NEARBY", "COVERED"]
    assert found["scores"]["book_same_day_repair"] is None
    await decide(house, name, "approve")
    assert await figures(house) == AT_REST | {"nba_taken_pct": 121 / 139}


@pytest.mark.exhaustive
async def test_suspected_fraud_takes_the_place_of_what_was_recommended(house: House) -> None:
    first = await recommended(house, damage())
    second = await recommended(house, event("f", "claim.fraud_suspected", claim_id="CLM-88122", score=0.93))
    assert (await house.client.get(f"/v1/recommendations/{first}")).json()["state"] == "superseded"
    assert (await decide(house, first, "approve")).status_code == 409
    found = (await house.client.get(f"/v1/recommendations/{second}")).json()
    assert (found["action"], found["state"]) == ("review_for_fraud", "open")
    await decide(house, second, "approve")
    assert await figures(house) == AT_REST | {"nba_taken_pct": 121 / 139}
    assert await one(house, "SELECT is_fraud_suspected FROM l3_asurion.ev_claim WHERE claim_id = 'CLM-88122'")


@pytest.mark.exhaustive
async def test_the_order_of_events_does_not_decide(house: House) -> None:
    """Damage and fraud in either order, whole or in pieces: the same is open in the end."""
    fraud = event("f", "claim.fraud_suspected", claim_id="CLM-88122", score=0.93)
    for order in ([damage(), fraud], [fraud, damage()], [fraud, damage("evt-2"), damage(), fraud]):
        await send(house, *order)
        listed = (await house.client.get("/v1/recommendations?state=open")).json()["recommendations"]
        assert [each["action"] for each in listed] == ["review_for_fraud"]
        assert (await house.client.post("/v1/demo/reset")).status_code == 200


@pytest.mark.exhaustive
async def test_the_same_again_joins_what_is_open(house: House) -> None:
    name = await recommended(house, damage())
    again = (await send(house, damage("evt-again")))["outcomes"][0]
    assert (again["outcome"], again["recommendation_id"]) == ("joined", name)
    listed = (await house.client.get("/v1/recommendations")).json()["recommendations"]
    assert [each["recommendation_id"] for each in listed] == [name]


# -- alerts and customers -------------------------------------------------------------------------


@pytest.mark.exhaustive
async def test_alerts_say_what_they_led_to_and_are_cleared_with_it(house: House) -> None:
    name = await recommended(house, damage())
    alert = (await house.client.get("/v1/alerts")).json()["alerts"][0]
    assert (alert["title"], alert["recommendation_id"]) == ("Device screen damage: iPhone 14 Pro", name)
    await decide(house, name, "approve")
    listed = (await house.client.get("/v1/alerts")).json()["alerts"]
    assert alert["alert_id"] not in [each["alert_id"] for each in listed]
    cleared = (await house.client.get("/v1/alerts?status=cleared")).json()["alerts"]
    assert alert["alert_id"] in [each["alert_id"] for each in cleared]


@pytest.mark.exhaustive
async def test_a_low_stock_raises_an_alert_and_nothing_else(house: House) -> None:
    low = event("s", "part.stock_low", center_id="ctr_demo_001", part_sku="SCR-1000", left=3)
    assert (await send(house, low))["outcomes"][0]["outcome"] == "alerted"
    assert (await house.client.get("/v1/alerts")).json()["alerts"][0]["title"] == "SCR-1000: 3 left"
    assert await figures(house) == AT_REST


@pytest.mark.exhaustive
async def test_a_customer_is_shown_with_devices_and_what_has_happened(house: House) -> None:
    name = await recommended(house, damage())
    found = (await house.client.get("/v1/customers/cust_demo_001")).json()
    assert found["customer"]["loyalty_tier"] == "gold"
    assert [each["device_id"] for each in found["devices"]] == ["dev_demo_001"]
    seen = {(each["kind"], each["reference"]) for each in found["timeline"]}
    assert {("event", "evt-screen"), ("recommendation", name), ("claim", "CLM-88122"), ("claim", "CLM-61207"),
            ("session", "ses_demo_001")} <= seen  # fmt: skip
    times = [each["at"] for each in found["timeline"]]
    assert times == sorted(times, reverse=True)
    assert (await house.client.get("/v1/customers/nobody")).status_code == 404


# -- reset ----------------------------------------------------------------------------------------


@pytest.mark.exhaustive
async def test_a_reset_puts_every_row_back_also_midway_and_twice(house: House) -> None:
    before = await rows(house)
    for decision in ("approve", None):
        name = await recommended(house, event("evt-battery", "device.battery_degraded", **BATTERY), damage())
        await send(house, telemetry("t"), event("f", "claim.fraud_suspected", claim_id="CLM-88122", score=0.9))
        fresh = await recommended(house, damage(device_id="dev_10006577") | {"event_id": "evt-onyx"})
        if decision:
            await decide(house, fresh, decision)
        assert (await decide(house, name, "approve")).status_code == 409
        assert await rows(house) != before
        for _ in range(2):
            assert (await house.client.post("/v1/demo/reset")).status_code == 200
            assert await rows(house) == before
            assert await figures(house) == AT_REST
    assert (await house.client.get("/v1/recommendations")).json()["recommendations"] == []


@pytest.mark.exhaustive
async def test_a_reset_passes_over_rows_that_are_gone(house: House) -> None:
    name = await recommended(house, damage())
    await decide(house, name, "approve")
    await one(house, "DELETE FROM l3_asurion.ev_issue_session WHERE session_id = 'ses_demo_001' RETURNING 1")
    assert (await decide(house, name, "undo")).status_code == 409
    assert (await house.client.post("/v1/demo/reset")).status_code == 200
    assert await figures(house) == AT_REST | {"active_issues": 1285}


@pytest.mark.exhaustive
async def test_data_that_was_not_generated_is_never_reset(house: House) -> None:
    file = house.root / "assay.yaml"
    file.write_text("\n".join(line for line in file.read_text().splitlines() if not line.startswith("seed")))
    await house.running.reload.workspace()
    await send(house, telemetry("t"))
    assert (await house.client.post("/v1/demo/reset")).status_code == 409
    assert await one(house, "SELECT count(*) FROM assay.event") == 1


# -- files ----------------------------------------------------------------------------------------


@pytest.mark.exhaustive
async def test_an_edited_rule_takes_effect_and_a_broken_one_does_not(house: House) -> None:
    rules = house.root / "loop" / "rules.yaml"
    text = rules.read_text()
    rules.write_text(text.replace("claim.fraud_score >= $fraud", "claim.fraud_skore >= $fraud"))

    async def shown() -> Any:
        return next((each for each in house.running.problems() if each.kind == "loop"), None)

    problem = await eventually(shown)
    assert (problem.file, problem.mend) == ("loop/rules.yaml", "Did you mean 'fraud_score'?")
    assert problem.line == 1 + next(n for n, line in enumerate(text.splitlines()) if "fraud_score >=" in line)
    assert (await send(house, damage()))["outcomes"][0]["outcome"] == "recommended", "the last good rules serve on"
    await house.client.post("/v1/demo/reset")
    # A test that does not hold keeps the file from taking effect, too.
    rules.write_text(text.replace("gives: {ship_replacement: 0.5}", "gives: {ship_replacement: 0.1}"))

    async def fails_its_test() -> bool:
        return any("no part nearby means a replacement" in each.message for each in house.running.problems())

    await eventually(fails_its_test)
    rules.write_text(text.replace("label: Book same-day repair", "label: Repair today"))

    async def is_clear() -> bool:
        return not house.running.problems()

    await eventually(is_clear)
    name = await recommended(house, damage())
    assert (await house.client.get(f"/v1/recommendations/{name}")).json()["label"] == "Repair today"


async def test_a_workspace_without_a_loop_says_so(workspace_copy: Path, lake: Path, tmp_path: Path) -> None:
    for file in (workspace_copy / "loop").iterdir():
        file.unlink()
    async with cloned_database() as url, open_house(url, workspace_copy, lake, tmp_path / "home") as house:
        assert house.running.problems() == []
        refused = await house.client.post("/v1/events", json=telemetry("t"))
        assert (refused.status_code, refused.json()["kind"]) == (409, "loop_unavailable")
        assert (await house.client.get("/v1/recommendations")).json() == {"recommendations": []}


# -- several processes ----------------------------------------------------------------------------


@pytest.mark.exhaustive
async def test_an_event_sent_to_one_server_moves_the_page_of_another(
    database_url: str, lake: Path, tmp_path: Path
) -> None:  # fmt: skip
    async with (
        open_house(database_url, DEMO, lake, tmp_path / "one") as one_house,
        open_house(database_url, DEMO, lake, tmp_path / "two") as other,
    ):
        events = messages(_events(other.running))
        heard: list[dict[str, Any]] = []

        async def until(kind: str, **wanted: object) -> None:
            async for message in events:
                heard.append(message)
                if heard[-1]["kind"] == kind and wanted.items() <= heard[-1].items():
                    return

        async def hears() -> bool:
            return other.running.hears and one_house.running.hears

        await until("hello")
        await eventually(hears)
        name = await recommended(one_house, damage())
        async with asyncio.timeout(120):
            await until("loop", recommendations=[name])
        assert (await figures(other)) == AT_REST
        await decide(one_house, name, "approve")
        async with asyncio.timeout(120):
            await until("data", tables=["l3_asurion.ev_claim"])

        async def has_moved() -> bool:
            return await figures(other) == APPROVED

        await eventually(has_moved)
        await events.aclose()


@pytest.mark.exhaustive
async def test_approving_in_two_servers_at_once_has_one_effect(database_url: str, lake: Path, tmp_path: Path) -> None:
    async with (
        open_house(database_url, DEMO, lake, tmp_path / "one") as one_house,
        open_house(database_url, DEMO, lake, tmp_path / "two") as other,
    ):
        name = await recommended(one_house, damage())
        replies = await asyncio.gather(*(decide(each, name, "approve") for each in (one_house, other) * 4))
        assert [reply.status_code for reply in replies] == [200] * 8
        assert len({reply.text for reply in replies}) == 1
        assert await figures(one_house) == APPROVED
        assert await one(one_house, "SELECT count(*) FROM assay.effect") == 1
        assert await one(one_house, "SELECT booked FROM l3_asurion.ops_repair_slot WHERE slot_id = 'slot_demo_1'") == 1


@pytest.mark.exhaustive
async def test_of_an_approval_and_a_dismissal_at_once_one_stands(database_url: str, lake: Path, tmp_path: Path) -> None:
    async with (
        open_house(database_url, DEMO, lake, tmp_path / "one") as one_house,
        open_house(database_url, DEMO, lake, tmp_path / "two") as other,
    ):
        name = await recommended(one_house, damage())
        replies = await asyncio.gather(
            decide(one_house, name, "approve"), decide(other, name, "dismiss", reason="wrong device")
        )
        assert sorted(reply.status_code for reply in replies) == [200, 409]
        standing = (await one_house.client.get(f"/v1/recommendations/{name}")).json()["state"]
        assert standing == ("approved" if replies[0].status_code == 200 else "dismissed")
        wanted = APPROVED if standing == "approved" else AT_REST | {"nba_taken_pct": 120 / 139}

        async def has_moved() -> bool:
            return await figures(other) == wanted

        await eventually(has_moved)
