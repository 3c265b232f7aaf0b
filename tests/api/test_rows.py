"""The rows behind a number: the same rows as the number counts, nothing personal, newest first."""

from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from httpx import Response
from tests.api.steps import edit, served_by, to
from tests.conftest import House, eventually

CLAIMS = "claim_volume_l3_asurion"
HOUR = {"start": "2026-03-17T10:00:00Z", "end": "2026-03-17T11:00:00Z"}


async def ask(house: House, metric_id: str, **question: object) -> Response:
    return await house.client.post(f"/v1/metrics/{metric_id}/rows", json=question)


async def rows(house: House, metric_id: str, **question: object) -> dict[str, Any]:
    response = await ask(house, metric_id, **question)
    assert response.status_code == 200, response.text
    return response.json()


def values(found: dict[str, Any], name: str) -> list[Any]:
    at = [each["name"] for each in found["columns"]].index(name)
    return [row[at] for row in found["rows"]]


async def every_metric(house: House) -> list[dict[str, Any]]:
    return (await house.client.get("/v1/metrics")).json()["metrics"]


async def test_a_count_is_as_many_rows_as_it_says(shared_house: House) -> None:
    west = {"dimension": "region", "op": "eq", "values": ["West"]}
    for question in ({"window": HOUR}, {"window": "trailing_7d", "filters": [west]}, {"window": "month_to_date"}):
        number = await shared_house.ask(CLAIMS, **question)
        found = await rows(shared_house, CLAIMS, **question)
        assert found["total"] == number["rows"][0][0]
        assert len(found["rows"]) == min(found["total"], 200)
        assert found["question"]["window"] == number["question"]["window"]


async def test_the_rows_of_a_sum_add_up_to_it(shared_house: House) -> None:
    number = await shared_house.ask("cost_avoided_mtd", window=HOUR)
    found = await rows(shared_house, "cost_avoided_mtd", window=HOUR)
    assert 0 < found["total"] <= 200
    assert sum(Decimal(each) for each in values(found, "cost_avoided_usd") if each is not None) == Decimal(
        number["rows"][0][0]
    )


async def test_of_many_rows_the_newest_200_are_shown_and_all_are_counted(shared_house: House) -> None:
    found = await rows(shared_house, CLAIMS, window="trailing_90d")
    assert (len(found["rows"]), found["provenance"]["truncated"]) == (200, True)
    assert found["total"] == (await shared_house.ask(CLAIMS, window="trailing_90d"))["rows"][0][0]
    times = values(found, "claim_open_ts")
    assert times == sorted(times, reverse=True)
    assert found["sentence"].startswith(f"The newest 200 of {found['total']:,} rows of l3_asurion.ev_claim that count in")
    assert await rows(shared_house, CLAIMS, window="trailing_90d") | {"provenance": 0} == found | {"provenance": 0}


async def test_no_metric_shows_a_personal_column(shared_house: House) -> None:
    dictionary = (await shared_house.client.get("/v1/dictionary")).json()
    personal = {
        (f"{table['schema']}.{table['table']}", column["name"])
        for table in dictionary["tables"] for column in table["columns"] if column["pii"]
    }  # fmt: skip
    assert personal
    for metric in await every_metric(shared_house):
        found = await rows(shared_house, metric["metric_id"])
        assert not personal & {(each["table"], each["column"]) for each in found["columns"]}
        names = [each["name"] for each in found["columns"]]
        assert len(set(names)) == len(names)
        assert {each["name"] for each in metric["dimensions"]} <= {*names, *(each["column"] for each in found["columns"])}


async def test_a_ratio_shows_the_rows_of_its_numerator_and_says_so(shared_house: House) -> None:
    ratio = next(each for each in await every_metric(shared_house) if each["kind"] == "ratio")
    found = await rows(shared_house, ratio["metric_id"])
    assert f"that count in the numerator of {ratio['label']}: " in found["sentence"]


async def test_grain_order_and_dimensions_of_a_tile_do_not_change_its_rows(shared_house: House) -> None:
    tile = {"window": "today", "grain": "day", "dimensions": ["region"], "compare": "previous_period", "limit": 1,
            "order": [{"by": "value"}]}  # fmt: skip
    assert (await rows(shared_house, CLAIMS, **tile))["rows"] == (await rows(shared_house, CLAIMS, window="today"))["rows"]


async def test_values_travel_as_parameters(shared_house: House) -> None:
    hostile = "West' OR 1=1 --"
    found = await rows(shared_house, CLAIMS, filters=[{"dimension": "region", "op": "eq", "values": [hostile]}])
    known = found["provenance"]
    assert (found["rows"], found["total"], hostile in known["sql"]) == ([], 0, False)
    assert hostile in known["params"].values()
    assert "No rows of l3_asurion.ev_claim" in found["sentence"]
    assert known["sql"].rstrip().endswith("LIMIT 200")


@pytest.mark.exhaustive
async def test_the_route_s_backend_tells_the_rows_and_both_tell_the_same(house: House) -> None:
    before = await rows(house, CLAIMS, window="today")
    edit(house, to(CLAIMS, "postgres"))
    await eventually(served_by(house, CLAIMS, "postgres"))
    after = await rows(house, CLAIMS, window="today")
    assert (before["provenance"]["backend"], after["provenance"]["backend"]) == ("lakehouse", "postgres")
    assert after["total"] == before["total"] > 200
    assert (after["rows"], after["columns"]) == (before["rows"], before["columns"])


@pytest.mark.exhaustive
async def test_a_personal_key_is_left_out(house: House) -> None:
    file = house.root / "data-dictionary" / "column_dictionary.csv"
    lines = file.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("l3_asurion,ev_survey_response,survey_id,"))
    cells = lines[at].split(",")
    cells[8] = "customer"
    lines[at] = ",".join(cells)
    file.write_text("\n".join(lines) + "\n")

    async def hidden() -> bool:
        # The database refuses the column a moment before the catalog leaves it out.
        told = await ask(house, "csat")
        return told.is_success and "survey_id" not in [each["name"] for each in told.json()["columns"]]

    await eventually(hidden)


@pytest.mark.parametrize(
    ("metric_id", "question", "status", "field"),
    [
        ("no_such", {}, 404, None),
        (CLAIMS, {"filters": [{"dimension": "colour", "op": "eq", "values": ["red"]}]}, 422, "filters.0.dimension"),
        (CLAIMS, {"window": "for_ever"}, 422, "window"),
        (CLAIMS, {"sql": "SELECT 1"}, 422, "sql"),
    ],
)
async def test_what_no_number_could_be_asked_for_has_no_rows(
    shared_house: House, metric_id: str, question: dict[str, Any], status: int, field: str | None
) -> None:
    refused = await ask(shared_house, metric_id, **question)
    assert (refused.status_code, refused.json().get("field")) == (status, field)


async def test_rows_agree_with_the_table_itself(shared_house: House) -> None:
    found = await rows(shared_house, CLAIMS, window=HOUR)
    connection = await asyncpg.connect(shared_house.url)
    direct = await connection.fetch(
        "SELECT claim_id FROM l3_asurion.ev_claim"
        " WHERE claim_open_ts >= '2026-03-17 10:00Z' AND claim_open_ts < '2026-03-17 11:00Z'"
    )
    await connection.close()
    assert sorted(values(found, "claim_id")) == sorted(row[0] for row in direct) != []
