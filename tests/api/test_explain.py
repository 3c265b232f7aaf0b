"""Why a figure changed: parts that add up to the change, each the same as the engine says when it is asked for it alone."""

import random
from collections.abc import AsyncIterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import asyncpg
import pytest
from tests.conftest import DEMO, House

WEST = {"dimension": "region", "op": "eq", "values": ["West"]}


async def explained(house: House, metric_id: str, **asked: object) -> dict[str, Any]:
    response = await house.client.post(f"/v1/metrics/{metric_id}/explain", json=asked)
    assert response.status_code == 200, response.text
    return response.json()


def total(amounts: list[Any]) -> Fraction:
    return sum((Fraction(each) for each in amounts), Fraction(0))


@pytest.mark.exhaustive
async def test_every_figure_of_the_demo_is_taken_apart_to_the_last_digit(shared_house: House) -> None:
    kinds: dict[str, set[str]] = {}
    for metric in (await shared_house.client.get("/v1/metrics")).json()["metrics"]:
        found = await explained(shared_house, metric["metric_id"])
        kinds.setdefault(found["kind"], set()).add(metric["metric_id"])
        own = await shared_house.ask(metric["metric_id"], compare="previous_period")
        assert [found["now"], found["before"]] == own["rows"][0], metric["metric_id"]
        if found["kind"] == "groups":
            assert not found["steps"]
            assert all(each["amount"] is None for division in found["divisions"] for each in division["groups"])
            continue
        change = Fraction(found["change"])
        assert abs(total([each["amount"] for each in found["steps"]]) - change) <= abs(change) / 10**9, metric["metric_id"]
        for division in found["divisions"]:
            parts = [*(each["amount"] for each in division["groups"]), division["others"]]
            assert abs(total(parts) - change) <= max(abs(change), Fraction(1)) / 10**9, (
                metric["metric_id"],
                division["dimensions"],
            )
    assert "cost_avoided_mtd" in kinds["sum"]
    assert {"claim_approval_rate", "csat", "saving_per_avoided_replacement"} <= kinds["rate"]
    assert {"claimants", "decision_hours_p90", "claims_per_claimant"} <= kinds["groups"]


async def test_a_sum_is_told_by_volume_mix_and_rate_to_the_cent(shared_house: House) -> None:
    found = await explained(shared_house, "cost_avoided_mtd", by=["product_line"])
    assert total([each["amount"] for each in found["steps"]]) == Fraction(found["change"])
    volume, mix, *rates = found["steps"]
    assert (volume["kind"], mix["kind"], {each["kind"] for each in rates} - {"others"}) == ("volume", "mix", {"rate"})
    rows = await shared_house.ask("cost_avoided_mtd:rows", window="month_to_date", compare="previous_period")
    assert [volume["now"], volume["before"]] == rows["rows"][0]
    # By the textbook: what the change of rows is worth at the mean of both prices.
    before, now = Fraction(found["before"]), Fraction(found["now"])
    price = (before / volume["before"] + now / volume["now"]) / 2
    assert Decimal(volume["amount"]) == round(Decimal(float((volume["now"] - volume["before"]) * price)), 2)


async def test_each_group_is_what_the_engine_says_of_it(shared_house: House) -> None:
    for metric_id in ("claim_denials", "claim_approval_rate"):
        found = await explained(shared_house, metric_id, window="trailing_7d", by=["region"])
        division = found["divisions"][0]
        assert division["dimensions"] == ["region"]
        for group in division["groups"]:
            (region,) = group["key"]
            alone = (
                {"dimension": "region", "op": "eq", "values": [region]}
                if region
                else {"dimension": "region", "op": "is_null"}
            )
            own = await shared_house.ask(metric_id, window="trailing_7d", compare="previous_period", filters=[alone])
            assert [group["now"], group["before"]] == own["rows"][0]
            receipt = (await shared_house.client.get(f"/v1/receipts/{division['receipt_id']}")).json()
            assert receipt["signature_valid"]


async def test_filters_and_windows_are_those_of_the_figure(shared_house: House) -> None:
    found = await explained(shared_house, "claim_denials", window="trailing_7d", filters=[WEST], compare="previous_year")
    own = await shared_house.ask("claim_denials", window="trailing_7d", filters=[WEST], compare="previous_year")
    assert [found["now"], found["before"]] == own["rows"][0]
    assert found["question"]["compare"] == "previous_year"
    assert ["region"] not in [each["dimensions"] for each in found["divisions"]]


async def test_sentences_name_the_largest_group_and_bear_receipts(shared_house: House) -> None:
    found = await explained(shared_house, "cost_avoided_mtd", by=["region", "product_line"])
    told = [each for sentence in found["sentences"] for each in sentence]
    numbers = [each for each in told if not isinstance(each, str)]
    assert all(each["receipt_id"] for each in numbers)
    text = "".join(each if isinstance(each, str) else str(each["value"]) for each in told)
    rates = [each for each in found["steps"] if each["kind"] == "rate"]
    assert f"most of all in {max(rates, key=lambda each: abs(float(each['amount'])))['key'][0]}" in text
    assert len(found["divisions"]) == 3  # both, and the two together
    assert found["divisions"][2]["dimensions"] == [each["dimensions"][0] for each in found["divisions"][:2]]


async def test_parts_of_the_time_divide_a_change_too(shared_house: House) -> None:
    found = await explained(shared_house, "cost_avoided_mtd", by=["time_weekday"])
    (division,) = found["divisions"]
    assert total([each["amount"] for each in division["groups"]]) == Fraction(found["change"])
    assert any("By time_weekday: " in each for each in found["text"])


@pytest.mark.parametrize(
    ("metric_id", "asked", "status", "field"),
    [
        ("no_such", {}, 404, None),
        ("csat", {"by": ["colour"]}, 200, None),
        ("csat", {"dimensions": ["region"]}, 422, "dimensions"),
        ("csat", {"window": "for_ever"}, 422, "window"),
        ("csat:first", {"window": "trailing_7d"}, 422, "metrics"),
    ],
)
async def test_what_has_no_change_is_refused(
    shared_house: House, metric_id: str, asked: dict[str, Any], status: int, field: str | None
) -> None:
    refused = await shared_house.client.post(f"/v1/metrics/{metric_id}/explain", json=asked)
    assert (refused.status_code, refused.json().get("field")) == (status, field)
    if status == 200:
        assert refused.json()["left_out"][0]["dimension"] == "colour"


DAY = {"start": "2020-01-02", "end": "2020-01-03"}
"""Of these days the demo has nothing: the second is made a copy of the first, and then something is changed in it."""
COLUMNS = [
    line.split(",")[2]
    for line in (DEMO / "data-dictionary" / "column_dictionary.csv").read_text().splitlines()
    if line.startswith("l3_asurion,ev_claim,")
]
CHANGES = {
    "more": "INSERT INTO l3_asurion.ev_claim SELECT {more} FROM l3_asurion.ev_claim WHERE {group}",
    "fewer": "DELETE FROM l3_asurion.ev_claim WHERE {group} AND hashtext(claim_id) % 3 <> 0",
    "dearer": "UPDATE l3_asurion.ev_claim SET cost_avoided_usd = cost_avoided_usd * 1.7 + 20 WHERE {group}",
    "denied": "UPDATE l3_asurion.ev_claim SET claim_status = 'denied' WHERE {group} AND hashtext(claim_id) % 3 <> 0",
}


def copied(claim_id: str, opened: str) -> str:
    new = {"claim_id": claim_id, "claim_open_ts": opened}
    return ", ".join(new.get(name, name) for name in COLUMNS)


@pytest.fixture(scope="module")
async def two_days(shared_house: House) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(shared_house.url)
    yield connection
    await connection.execute("DELETE FROM l3_asurion.ev_claim WHERE claim_open_ts < '2021-01-01'")
    await connection.close()


async def make_alike(connection: asyncpg.Connection) -> None:
    await connection.execute("DELETE FROM l3_asurion.ev_claim WHERE claim_open_ts < '2021-01-01'")
    for day in ("01", "02"):
        copy = copied(f"claim_id || '-{day}'", f"TIMESTAMPTZ '2020-01-{day} 18:00Z'")
        await connection.execute(
            f"INSERT INTO l3_asurion.ev_claim SELECT {copy} FROM l3_asurion.ev_claim"
            " WHERE claim_open_ts >= '2026-03-01' AND claim_open_ts < '2026-03-04' AND decision_ts IS NOT NULL"
        )


@pytest.mark.cases(2)
@pytest.mark.parametrize("seed", range(60))
async def test_what_was_changed_in_the_data_is_named(shared_house: House, two_days: asyncpg.Connection, seed: int) -> None:
    pick = random.Random(seed)
    await make_alike(two_days)
    dimension, kind = pick.choice(["region", "channel", "issue_type"]), pick.choice(list(CHANGES))
    metric_id = {"denied": "claim_approval_rate"}.get(kind, "cost_avoided_mtd")
    found = await two_days.fetch(
        f"SELECT {dimension} FROM l3_asurion.ev_claim WHERE claim_open_ts < '2021-01-01' AND {dimension} IS NOT NULL"
        " AND claim_status <> 'denied' AND cost_avoided_usd > 0 GROUP BY 1 HAVING COUNT(*) >= 40 ORDER BY 1"
    )
    value = pick.choice([row[0] for row in found])
    quoted = value.replace("'", "''")
    group = f"claim_open_ts >= '2020-01-02' AND claim_open_ts < '2020-01-03' AND {dimension} = '{quoted}'"
    await two_days.execute(CHANGES[kind].format(group=group, more=copied("claim_id || 'b'", "claim_open_ts")))
    told = await explained(
        shared_house, metric_id, window=DAY, by=["channel", "issue_type", "region", "plan_tier", "segment"]
    )
    own = await shared_house.ask(metric_id, window=DAY, compare="previous_period")
    assert [told["now"], told["before"]] == own["rows"][0]
    assert told["now"] != told["before"]
    first = told["divisions"][0]
    assert (first["dimensions"], first["groups"][0]["key"]) == ([dimension], [value]), (kind, told["text"])
    assert value in " ".join(told["text"])
    change = Fraction(told["change"])
    assert abs(total([each["amount"] for each in told["steps"]]) - change) <= (
        abs(change) / 10**9 if kind == "denied" else 0
    )


@pytest.mark.exhaustive
async def test_what_was_written_down_of_the_time_is_named_and_is_no_cause(house: House) -> None:
    found = await explained(house, "cost_avoided_mtd", by=["region"])
    day = found["question"]["window"]["start"][:10]
    before = found["question"]["previous"]["start"][:10]
    (house.root / "annotations").mkdir(exist_ok=True)
    (house.root / "annotations" / "claims.yaml").write_text(
        "annotations:\n"
        f'  - {{id: storm, label: Hail storm, at: "{day}"}}\n'
        f'  - {{id: offer, label: Spring offer, at: "{before}", metrics: [cost_avoided_mtd]}}\n'
        f'  - {{id: other, label: Of another, at: "{day}", metrics: [csat]}}\n'
    )
    await house.running.reload.workspace()
    listed = (await house.client.get("/v1/annotations")).json()["annotations"]
    assert {each["annotation_id"] for each in listed} == {"storm", "offer", "other"}
    again = await explained(house, "cost_avoided_mtd", by=["region"])
    assert [(each["annotation_id"], each["period"]) for each in again["noted"]] == [("storm", "now"), ("offer", "before")]
    now, then = again["text"][-2:]
    assert now.startswith("Noted for this time: Hail storm (")
    assert then.startswith("Noted for the time before: Spring offer (")
    assert again["steps"] == found["steps"], "no figure follows from it"
